-- Journal rows written after an instant whose range overlaps another, oldest first: why results may have changed.
SELECT id, recorded_at, actor, origin, kind, agents, range_starts, range_ends, range_start, range_end, detail
FROM journal_store FINAL
WHERE written_at > fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND range_start < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
  AND range_end > fromUnixTimestamp64Milli({from:Int64}, 'UTC')
ORDER BY recorded_at, id
LIMIT {limit:UInt32}
