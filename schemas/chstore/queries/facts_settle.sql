-- Everything that decides between the rows of some instants; doubtful is an external table.
SELECT agent_id, at, id, source, presence, status, routing, secondary, note, raw, received_at
FROM status_changes_store
-- where --
ORDER BY agent_id, at, received_at, id, source
