-- How many rows of a table are old, by month. The words in comments are put in by the program.
SELECT toUInt64(-- month --) AS month, count() AS old_rows
FROM -- table --
WHERE -- old --
GROUP BY month
ORDER BY month
