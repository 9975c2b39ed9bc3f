-- One row per agent and feed, however many parts the store has them in.
SELECT
    agent_id,
    source,
    CAST(min(a.presence_since), 'DateTime64(3, \'UTC\')') AS presence_since,
    CAST(min(a.status_since), 'DateTime64(3, \'UTC\')') AS status_since,
    CAST(min(a.routing_since), 'DateTime64(3, \'UTC\')') AS routing_since,
    CAST(max(a.last_at), 'DateTime64(3, \'UTC\')') AS last_at
FROM agent_sources_store AS a
GROUP BY agent_id, source
ORDER BY agent_id, source
