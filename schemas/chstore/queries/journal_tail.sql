SELECT written_at, id, recorded_at, actor, origin, kind, agents, range_starts, range_ends, range_start, range_end, detail
FROM journal_store
WHERE written_at > fromUnixTimestamp64Milli({after:Int64}, 'UTC')
ORDER BY written_at, id
