-- An agent's rows are those of the newest roster import that names the agent and whose journal row is there.
WITH newest AS
(
    SELECT agent_id, max((recorded_at, journal_id)) AS of
    FROM memberships_store
    WHERE ({known_at:Int64} = 0 OR recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'))
      AND journal_id IN (SELECT id FROM journal_store WHERE kind = 'roster')
    GROUP BY agent_id
)
SELECT agent_id, recorded_at, from_day, to_day, name, email, team, site, time_zone, supervisor, removed
FROM memberships_store FINAL
WHERE (agent_id, (recorded_at, journal_id)) IN newest AND NOT removed
ORDER BY agent_id, from_day
