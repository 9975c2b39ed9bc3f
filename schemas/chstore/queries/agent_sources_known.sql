-- The same as agent_sources from the facts themselves, because the store keeps it only for now.
WITH toDateTime64('2299-12-31 00:00:00', 3, 'UTC') AS never
SELECT
    agent_id,
    CAST(f.source AS String) AS source,
    min(if(presence = '', never, at)) AS presence_since,
    min(if(status = '', never, at)) AS status_since,
    min(if(routing = '', never, at)) AS routing_since,
    max(at) AS last_at
FROM status_changes_store AS f
WHERE received_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC')
GROUP BY agent_id, f.source
ORDER BY agent_id, source
