-- Every name and address that any roster row of the agent has, and the names of their accounts.
SELECT DISTINCT arrayJoin([name, email]) AS line
FROM memberships_store
WHERE agent_id = unhex({agent:String}) AND line != ''
UNION DISTINCT
SELECT DISTINCT name AS line
FROM credentials_store
WHERE agent_id = unhex({agent:String}) AND line != ''
