-- The newest version of each code as known at an instant, unless it takes the code back.
SELECT code, recorded_at, category, paid, counts_as_shrinkage, removed
FROM
(
    SELECT code, recorded_at, category, paid, counts_as_shrinkage, removed
    FROM activity_codes_store
    WHERE ({known_at:Int64} = 0 OR recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'))
      AND journal_id IN (SELECT id FROM journal_store WHERE kind = 'activities')
    ORDER BY code, recorded_at DESC, journal_id DESC
    LIMIT 1 BY code
)
WHERE NOT removed
ORDER BY code
