-- How many rows of a table are of one agent.
SELECT toString(count()) AS line
FROM -- table --
WHERE -- whose --
