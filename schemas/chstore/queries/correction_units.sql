-- The newest version of each correction, whatever its status, of one unit or of all.
SELECT id, recorded_at, agent_id, start_at, end_at, effect, reason, recorded_by, group_id, status, requested_by, requested_at, note
FROM
(
    SELECT *
    FROM corrections_store
    WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'correction')
      AND (unhex({unit:String}) = '' OR unhex({unit:String}) = if(group_id = '', id, group_id))
    ORDER BY id, recorded_at DESC, journal_id DESC
    LIMIT 1 BY id
)
WHERE effect != ''
  AND toUnixTimestamp64Milli(start_at) < {end:Int64}
  AND toUnixTimestamp64Milli(end_at) > {start:Int64}
ORDER BY start_at, agent_id, id
