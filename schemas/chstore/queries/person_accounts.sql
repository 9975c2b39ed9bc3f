-- The accounts and tokens of the agent.
SELECT DISTINCT id AS line
FROM credentials_store
WHERE agent_id = unhex({agent:String})
