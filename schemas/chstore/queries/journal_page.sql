-- One page of the journal, newest first: of one kind (empty = all), older than the row of the key (empty id = no key).
SELECT id, recorded_at, actor, origin, kind, agents, range_starts, range_ends, range_start, range_end, detail
FROM journal_store FINAL
WHERE (unhex({kind:String}) = '' OR kind = unhex({kind:String}))
  AND (unhex({before_id:String}) = ''
    OR (recorded_at, id) < (fromUnixTimestamp64Milli({before_at:Int64}, 'UTC'), toUUIDOrZero(unhex({before_id:String}))))
ORDER BY recorded_at DESC, id DESC
LIMIT {limit:UInt32}
