-- Whose days these revisions wrote; revisions is an external table of ids.
SELECT DISTINCT agent_id
FROM schedule_days_store
WHERE day BETWEEN toDate32({from:Int32}) AND toDate32({to:Int32})
  AND revision IN revisions
ORDER BY agent_id
