-- The same as agent_sources from the facts themselves, because the store keeps it only for now.
SELECT
    agent_id,
    CAST(f.source AS String) AS source,
    minIf(at, presence != '') AS presence_since,
    minIf(at, status != '') AS status_since,
    minIf(at, routing != '') AS routing_since,
    max(at) AS last_at
FROM status_changes_store AS f
WHERE received_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC')
GROUP BY agent_id, f.source
ORDER BY agent_id, source
