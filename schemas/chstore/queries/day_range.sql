-- The first and the last local date with a judged day, in one row; no row when there is none.
SELECT min(day) AS first, max(day) AS last
FROM adherence_days_store FINAL
WHERE against = unhex({against:String}) AND NOT deleted
HAVING count() > 0
