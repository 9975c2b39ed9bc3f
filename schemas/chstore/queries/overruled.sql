-- The changes that did not count, by source, over days from one on.
SELECT s AS source, sum(c) AS changes, uniqExact(agent_id) AS agents
FROM adherence_days_store FINAL
ARRAY JOIN overruled.source AS s, overruled.changes AS c
WHERE NOT deleted AND against = 'current' AND day >= toDate32({from:Int32})
GROUP BY s
ORDER BY s
