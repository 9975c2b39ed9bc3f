-- A revision is visible once its journal row is there.
SELECT id, recorded_at, actor, origin, undoes, from_day, to_day, agents, activities, days_changed, days_removed, days_unchanged, file_hash
FROM schedule_imports_store FINAL
WHERE ({known_at:Int64} = 0 OR recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'))
  AND journal_id IN (SELECT id FROM journal_store WHERE kind = 'schedule')
ORDER BY recorded_at, id
