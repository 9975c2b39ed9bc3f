-- Rows that may change judged days and that no run has consumed. Rows written up to the last low water were all consumed, so
-- that only what came later is looked at, however long the journal is. A row that was written twice may come twice.
WITH (SELECT max(low_water) FROM compute_runs_store) AS low_water
SELECT id, recorded_at, actor, origin, kind, agents, range_starts, range_ends, range_start, range_end, detail
FROM journal_store
WHERE written_at > low_water
  AND range_end > range_start
  AND id NOT IN (SELECT journal_id FROM journal_consumption_store WHERE written_at > low_water)
ORDER BY written_at, id
