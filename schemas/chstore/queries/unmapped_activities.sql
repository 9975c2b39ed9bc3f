-- The codes of scheduled activities, from a date on, that the table of activity codes does not hold, the most frequent first.
SELECT activity.code AS code, any(toString(activity.category)) AS category, toUInt64(count()) AS times, max(activity.start) AS last
FROM schedule_days ARRAY JOIN activities AS activity
WHERE day >= toDate32({from:Int32}) AND code != '' AND code NOT IN (SELECT code FROM activity_codes)
GROUP BY code
ORDER BY times DESC, code
LIMIT {limit:UInt32}
