-- What people decide and feeds admit: gaps, corrections, policies; and who may do what.

-- The newest row of an id counts; retracted takes the gap back. fields is a set of bits (1 presence, 2 status, 4 routing),
-- 0 = all three.
CREATE TABLE IF NOT EXISTS feed_gaps_store
(
    id          String,
    recorded_at DateTime64(3, 'UTC'),
    journal_id  UUID,
    source      String,
    agent_id    String,
    start_at    DateTime64(3, 'UTC'),
    end_at      DateTime64(3, 'UTC'),
    fields      UInt8,
    retracted   Bool
)
ENGINE = ReplacingMergeTree
ORDER BY (id, recorded_at, journal_id);

CREATE VIEW IF NOT EXISTS feed_gaps AS
SELECT id, source, agent_id, start_at AS `from`, end_at AS `to`,
    arrayFilter(name -> fields_set = 0 OR bitTest(fields_set, indexOf(['presence', 'status', 'routing'], name) - 1),
        ['presence', 'status', 'routing']) AS fields, recorded_at
FROM
(
    SELECT id, source, agent_id, start_at, end_at, fields AS fields_set, recorded_at, retracted
    FROM feed_gaps_store
    WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'feed_gaps')
    ORDER BY id, recorded_at DESC, journal_id DESC
    LIMIT 1 BY id
)
WHERE NOT retracted;

-- The newest row of an id counts; an empty effect takes the correction back.
CREATE TABLE IF NOT EXISTS corrections_store
(
    id          String,
    recorded_at DateTime64(3, 'UTC'),
    journal_id  UUID,
    agent_id    String,
    start_at    DateTime64(3, 'UTC'),
    end_at      DateTime64(3, 'UTC'),
    effect      Enum8('' = 0, 'neutral' = 1, 'in' = 2),
    reason      String,
    recorded_by String
)
ENGINE = ReplacingMergeTree
ORDER BY (id, recorded_at, journal_id);

CREATE VIEW IF NOT EXISTS corrections AS
SELECT id, agent_id, start_at AS start, end_at AS `end`, effect, reason, recorded_at, recorded_by
FROM
(
    SELECT id, agent_id, start_at, end_at, effect, reason, recorded_at, recorded_by
    FROM corrections_store
    WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'correction')
    ORDER BY id, recorded_at DESC, journal_id DESC
    LIMIT 1 BY id
)
WHERE effect != '';

CREATE TABLE IF NOT EXISTS policies_store
(
    id          String,
    recorded_at DateTime64(3, 'UTC'),
    journal_id  UUID,
    team        String,
    site        String,
    from_day    Date32,
    rules       String,
    actor       String
)
ENGINE = ReplacingMergeTree
ORDER BY (recorded_at, id, journal_id);

CREATE VIEW IF NOT EXISTS policies AS
SELECT id, team, site, from_day AS `from`, rules, recorded_at, actor
FROM policies_store FINAL
WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'policy');

-- Tokens and users with the hash of their secret; the newest row of an id counts.
CREATE TABLE IF NOT EXISTS credentials_store
(
    id          String,
    recorded_at DateTime64(3, 'UTC'),
    user        Bool,
    name        String,
    role        LowCardinality(String),
    source      String,
    agent_id    String,
    teams       Array(String),
    sites       Array(String),
    hash        String,
    expires_at  DateTime64(3, 'UTC'),
    revoked     Bool,
    created_by  String
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY id;

CREATE VIEW IF NOT EXISTS users AS
SELECT id, name, role, agent_id, teams, sites, revoked AS disabled, recorded_at, created_by
FROM credentials_store FINAL WHERE user;

CREATE VIEW IF NOT EXISTS tokens AS
SELECT id, name, role, source, agent_id, teams, sites,
    if(toUnixTimestamp64Milli(expires_at) = 0, NULL, expires_at) AS expires_at, revoked, recorded_at, created_by
FROM credentials_store FINAL WHERE NOT user;
