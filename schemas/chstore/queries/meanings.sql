-- The newest meaning of each state text as known at an instant.
SELECT field, text, recorded_at, presence, status, routing
FROM meanings_store
WHERE ({known_at:Int64} = 0 OR recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'))
  AND journal_id IN (SELECT id FROM journal_store WHERE kind = 'activities')
ORDER BY field, text, recorded_at DESC, journal_id DESC
LIMIT 1 BY field, text
