-- The feeds of one agent; and, under no agent, every feed that has reported on anybody else.
WITH toDateTime64('2299-12-31 00:00:00', 3, 'UTC') AS never
SELECT
    agent_id,
    source,
    CAST(minIf(first_presence, first_presence != never), 'DateTime64(3, \'UTC\')') AS presence_since,
    CAST(minIf(first_status, first_status != never), 'DateTime64(3, \'UTC\')') AS status_since,
    CAST(minIf(first_routing, first_routing != never), 'DateTime64(3, \'UTC\')') AS routing_since,
    CAST(max(last), 'DateTime64(3, \'UTC\')') AS last_at
FROM
(
    SELECT if(a.agent_id = unhex({agent:String}), a.agent_id, '') AS agent_id, source, presence_since AS first_presence,
        status_since AS first_status, routing_since AS first_routing, last_at AS last
    FROM agent_sources_store AS a
)
GROUP BY agent_id, source
ORDER BY agent_id, source
