-- consumed is an external table of ids as texts.
INSERT INTO journal_consumption_store (journal_id, written_at, run_id)
SELECT id, written_at, unhex({run:String})
FROM journal_store
WHERE id IN (SELECT toUUID(id) FROM consumed)
  AND written_at > (SELECT max(low_water) FROM compute_runs_store)
