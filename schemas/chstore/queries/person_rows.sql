-- What a table or view holds of one agent, a row of JSON each. The words in comments are put in by the program.
SELECT formatRowNoNewline('JSONEachRow', *) AS line
FROM -- table --
WHERE -- whose --
