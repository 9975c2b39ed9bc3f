-- Of some facts, those that are for their agent and source the newest to name a field, and the others of those instants.
WITH some AS
(
    SELECT agent_id, at, id, source, presence, status, routing, secondary, note, raw, received_at
    FROM status_changes_store
    -- where --
)
SELECT agent_id, at, id, source, presence, status, routing, secondary, note, raw, received_at
FROM some
WHERE (agent_id, at) IN
(
    SELECT agent_id, arrayJoin([maxIf(at, presence != ''), maxIf(at, status != ''), maxIf(at, routing != '')])
    FROM some
    GROUP BY agent_id, source
)
ORDER BY agent_id, at, received_at, id, source
