-- What is visible now of the last minute, and the server's clock in a row without an id.
SELECT toUUID('00000000-0000-0000-0000-000000000000') AS id, now64(3, 'UTC') AS written_at
UNION ALL
SELECT id, written_at
FROM journal_store
WHERE written_at > now64(3, 'UTC') - INTERVAL {overlap_ms:Int64} MILLISECOND
