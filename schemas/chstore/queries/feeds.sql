-- A statement that says nothing of completeness or of fields leaves what an earlier one said.
SELECT
    source,
    max(f.recorded_at) AS recorded_at,
    argMaxIf(f.complete_up_to, f.recorded_at, toUnixTimestamp64Milli(f.complete_up_to) != 0) AS complete_up_to,
    max(f.last_seen) AS last_seen,
    argMaxIf(f.fields, f.recorded_at, f.fields != 0) AS fields
FROM feeds_store AS f
WHERE {known_at:Int64} = 0 OR f.recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC')
GROUP BY source
ORDER BY source
