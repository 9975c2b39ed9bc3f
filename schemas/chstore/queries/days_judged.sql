-- The days from one on of which a result was written after an instant, with when the last was.
SELECT day AS judged_day, max(computed_at) AS judged_at
FROM adherence_days_store
WHERE day >= toDate32({from:Int32})
  AND against = 'current'
  AND computed_at > fromUnixTimestamp64Milli({after:Int64}, 'UTC')
GROUP BY judged_day
