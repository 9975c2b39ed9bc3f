SELECT
    agent_id,
    source,
    min(a.presence_since) AS presence_since,
    min(a.status_since) AS status_since,
    min(a.routing_since) AS routing_since,
    max(a.last_at) AS last_at
FROM agent_sources_store AS a
GROUP BY agent_id, source
ORDER BY agent_id, source
