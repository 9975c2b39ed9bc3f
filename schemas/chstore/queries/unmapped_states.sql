-- The state texts that meant nothing, since an instant, as the facts keep them, the most frequent first.
SELECT raw, toUInt64(count()) AS times, max(at) AS last, arrayStringConcat(arraySort(groupUniqArray(5)(source)), ', ') AS sources
FROM status_changes_store
WHERE raw != '' AND at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
GROUP BY raw
ORDER BY times DESC, raw
LIMIT {limit:UInt32}
