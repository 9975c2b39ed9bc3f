-- Journal rows written in the last time whose range overlaps another, oldest first: why results may have changed. How long
-- ago an instant of our clock is holds by the server's clock too, which dates what is written.
SELECT id, recorded_at, actor, origin, kind, agents, range_starts, range_ends, range_start, range_end, detail
FROM journal_store FINAL
WHERE written_at > now64(3, 'UTC') - INTERVAL {ago_ms:Int64} MILLISECOND
  AND range_start < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
  AND range_end > fromUnixTimestamp64Milli({from:Int64}, 'UTC')
ORDER BY recorded_at, id
LIMIT {limit:UInt32}
