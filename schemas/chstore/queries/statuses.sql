-- The newest version of each secondary status as known at an instant, unless it takes it back.
SELECT secondary, recorded_at, status, removed
FROM
(
    SELECT secondary, recorded_at, status, removed
    FROM statuses_store
    WHERE ({known_at:Int64} = 0 OR recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'))
      AND journal_id IN (SELECT id FROM journal_store WHERE kind = 'activities')
    ORDER BY secondary, recorded_at DESC, journal_id DESC
    LIMIT 1 BY secondary
)
WHERE NOT removed
ORDER BY secondary
