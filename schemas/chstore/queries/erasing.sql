-- Whether somebody is being erased. What was begun long ago was cut short, and holds nobody up.
SELECT agent_id AS line
FROM erasures_store
WHERE started_at > now64(3, 'UTC') - INTERVAL 15 MINUTE
LIMIT 1
