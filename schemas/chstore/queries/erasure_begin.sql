-- An erasure begins.
INSERT INTO erasures_store (agent_id, pseudonym, started_at)
SELECT unhex({agent:String}), unhex({pseudonym:String}), now64(3, 'UTC')
