-- One row per agent and feed, however many parts the store has them in.
WITH toDateTime64('2299-12-31 00:00:00', 3, 'UTC') AS never
SELECT
    agent_id,
    source,
    CAST(minIf(a.presence_since, a.presence_since != never), 'DateTime64(3, \'UTC\')') AS presence_since,
    CAST(minIf(a.status_since, a.status_since != never), 'DateTime64(3, \'UTC\')') AS status_since,
    CAST(minIf(a.routing_since, a.routing_since != never), 'DateTime64(3, \'UTC\')') AS routing_since,
    CAST(max(a.last_at), 'DateTime64(3, \'UTC\')') AS last_at
FROM agent_sources_store AS a
GROUP BY agent_id, source
ORDER BY agent_id, source
