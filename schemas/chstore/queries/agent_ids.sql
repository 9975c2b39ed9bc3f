-- Everybody that a fact or a roster that counts names.
SELECT agent_id
FROM
(
    SELECT agent_id FROM agent_sources_store
    UNION DISTINCT
    SELECT agent_id FROM memberships_store WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'roster')
)
ORDER BY agent_id
