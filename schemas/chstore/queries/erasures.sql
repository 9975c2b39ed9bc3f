-- The pseudonym of an erasure that is under way: the first that was given.
SELECT pseudonym AS line
FROM erasures_store
WHERE agent_id = unhex({agent:String})
ORDER BY started_at, pseudonym
LIMIT 1
