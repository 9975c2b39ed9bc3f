SELECT id, recorded_at, actor, origin, kind, agents, range_starts, range_ends, range_start, range_end, detail
FROM journal_store FINAL
ORDER BY recorded_at DESC, id DESC
LIMIT {limit:UInt32}
