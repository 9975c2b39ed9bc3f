-- Whole facts, copies included; of rows with one key the first is the one that counts.
SELECT agent_id, at, id, source, presence, status, routing, secondary, note, raw, received_at
FROM status_changes_store
-- where --
ORDER BY agent_id, at, received_at, id, source
