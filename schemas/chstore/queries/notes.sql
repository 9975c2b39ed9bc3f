-- Each agent's latest note to colleagues: what the latest fact says that has a note, or by which people set presence
-- or status (their own sources, schemas.OwnSource), which without a note clears it.
SELECT agent_id, argMax(said, (stated_at, received_at, id)) AS note, max(stated_at) AS at
FROM
(
    SELECT agent_id, at AS stated_at, received_at, id, note AS said
    FROM status_changes_store
    -- where --
)
GROUP BY agent_id
HAVING note != ''
ORDER BY agent_id
