-- An import counts once its journal row is there.
SELECT id, kind, recorded_at, actor, origin, undoes, file_hash, start_at, end_at, row_count, added, changed, removed, unchanged
FROM imports_store FINAL
WHERE ({known_at:Int64} = 0 OR recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'))
  AND id IN (SELECT id FROM journal_store)
ORDER BY recorded_at, id
