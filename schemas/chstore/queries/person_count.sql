-- How many rows of a table are of one agent.
SELECT count() AS rows
FROM -- table --
WHERE -- whose --
