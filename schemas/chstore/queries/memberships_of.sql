-- One agent's rows of the newest roster import that names the agent and whose journal row is there.
WITH newest AS
(
    SELECT max((recorded_at, journal_id)) AS of
    FROM memberships_store
    WHERE agent_id = unhex({agent:String})
      AND journal_id IN (SELECT id FROM journal_store WHERE kind = 'roster')
)
SELECT agent_id, recorded_at, from_day, to_day, name, email, team, site, time_zone, supervisor, removed
FROM memberships_store FINAL
WHERE agent_id = unhex({agent:String}) AND (recorded_at, journal_id) IN newest AND NOT removed
ORDER BY from_day
