-- Of whom a source said before an interval that they are offline, and named no presence in it, but something else since it
-- began.
SELECT agent_id, CAST(source AS String) AS source, at
FROM status_changes_store FINAL
WHERE presence = 'offline' AND (agent_id, source, at) IN
(
    SELECT agent_id, source, maxIf(n.presence_at, n.presence_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS presence
    FROM newest_facts_store AS n
    GROUP BY agent_id, source
    HAVING presence < fromUnixTimestamp64Milli({start:Int64}, 'UTC')
       AND max(greatest(n.status_at, n.routing_at)) >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
)
ORDER BY at, agent_id, source
