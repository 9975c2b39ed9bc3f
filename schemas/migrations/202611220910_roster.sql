-- Roster, activity codes and secondary statuses. Nothing is overwritten: the newest recorded rows count.

-- A roster import replaces all rows of each agent that it names: the rows of the newest (recorded_at, journal_id) count.
CREATE TABLE IF NOT EXISTS memberships_store
(
    agent_id    String,
    recorded_at DateTime64(3, 'UTC'),
    journal_id  UUID,
    from_day    Date32,
    to_day      Date32,
    name        String,
    email       String,
    team        String,
    site        String,
    time_zone   String,
    supervisor  String
)
ENGINE = ReplacingMergeTree
ORDER BY (agent_id, recorded_at, journal_id, from_day);

CREATE VIEW IF NOT EXISTS memberships AS
WITH
    written AS (SELECT id FROM journal_store WHERE kind = 'roster'),
    newest AS
    (
        SELECT agent_id, max((recorded_at, journal_id)) AS of
        FROM memberships_store WHERE journal_id IN written GROUP BY agent_id
    )
SELECT agent_id, name, email, team, site, time_zone, supervisor, from_day AS `from`,
    if(toInt32(to_day) = 0, NULL, to_day) AS `to`, recorded_at
FROM memberships_store FINAL
WHERE (agent_id, (recorded_at, journal_id)) IN newest;

-- Everybody that a roster or a fact names, with the roster row that is in force today.
CREATE VIEW IF NOT EXISTS agents AS
SELECT agent_id,
    anyLast(m.name) AS name, anyLast(m.email) AS email, anyLast(m.team) AS team, anyLast(m.site) AS site,
    anyLast(m.time_zone) AS time_zone, anyLast(m.supervisor) AS supervisor
FROM (SELECT DISTINCT agent_id FROM agent_sources_store UNION DISTINCT SELECT DISTINCT agent_id FROM memberships) AS a
LEFT JOIN
(
    SELECT * FROM memberships
    WHERE `from` <= toDate32(now('UTC')) AND (`to` IS NULL OR `to` > toDate32(now('UTC')))
) AS m USING (agent_id)
GROUP BY agent_id;

CREATE TABLE IF NOT EXISTS activity_codes_store
(
    code                String,
    recorded_at         DateTime64(3, 'UTC'),
    journal_id          UUID,
    category            Enum8('' = 0, 'on_queue_work' = 1, 'off_queue_work' = 2, 'break' = 3, 'meal' = 4, 'meeting' = 5, 'training' = 6, 'time_off' = 7, 'unavailable' = 8, 'unscheduled' = 9),
    paid                Bool,
    counts_as_shrinkage Bool
)
ENGINE = ReplacingMergeTree
ORDER BY (code, recorded_at, journal_id);

CREATE VIEW IF NOT EXISTS activity_codes AS
SELECT code, category, paid, counts_as_shrinkage, recorded_at
FROM activity_codes_store
WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'activities')
ORDER BY code, activity_codes_store.recorded_at DESC, journal_id DESC
LIMIT 1 BY code;

CREATE TABLE IF NOT EXISTS statuses_store
(
    secondary   String,
    recorded_at DateTime64(3, 'UTC'),
    journal_id  UUID,
    status      Enum8('' = 0, 'unknown' = 1, 'available' = 2, 'break' = 3, 'meal' = 4, 'meeting' = 5, 'training' = 6, 'off_queue' = 7)
)
ENGINE = ReplacingMergeTree
ORDER BY (secondary, recorded_at, journal_id);

CREATE VIEW IF NOT EXISTS statuses AS
SELECT secondary, status, recorded_at
FROM statuses_store
WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'activities')
ORDER BY secondary, statuses_store.recorded_at DESC, journal_id DESC
LIMIT 1 BY secondary;
