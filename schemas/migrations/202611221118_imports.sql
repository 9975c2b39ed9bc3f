-- Requirements (domain.md section 8), the ledger of imports, and rows that take back what an import added.

-- One row per team, interval and revision, whose id is that of its journal row; the newest (recorded_at, revision) of a team
-- and start counts. removed is a tombstone. Heads and shrinkage are millionths.
CREATE TABLE IF NOT EXISTS requirements_store
(
    team        String,
    start_at    DateTime64(3, 'UTC'),
    recorded_at DateTime64(3, 'UTC'),
    revision    UUID,
    length_ms   Int64,
    required    Int64,
    shrinkage   Int64,
    removed     Bool
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(start_at)
ORDER BY (team, start_at, recorded_at, revision);

CREATE VIEW IF NOT EXISTS requirements AS
SELECT team, start_at AS start, start_at + toIntervalMillisecond(length_ms) AS `end`, length_ms / 1000 AS interval_s,
    toDecimal64(required, 6) / 1000000 AS required, toDecimal64(shrinkage, 6) / 1000000 AS shrinkage, recorded_at
FROM
(
    SELECT team, start_at, length_ms, required, shrinkage, removed, recorded_at
    FROM requirements_store
    WHERE revision IN (SELECT id FROM journal_store WHERE kind = 'requirements')
    ORDER BY team, start_at, recorded_at DESC, revision DESC
    LIMIT 1 BY team, start_at
)
WHERE NOT removed;

-- What every import of a roster, of requirements or of activity codes did, and every undo of one. The id is that of the
-- journal row. (Schedules have schedule_imports.)
CREATE TABLE IF NOT EXISTS imports_store
(
    id          UUID,
    kind        LowCardinality(String),
    recorded_at DateTime64(3, 'UTC'),
    actor       String,
    origin      String,
    undoes      String,
    file_hash   String,
    start_at    DateTime64(3, 'UTC'),
    end_at      DateTime64(3, 'UTC'),
    row_count   UInt64,
    added       UInt64,
    changed     UInt64,
    removed     UInt64,
    unchanged   UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (recorded_at, id);

CREATE VIEW IF NOT EXISTS imports AS
SELECT id, kind, recorded_at, actor, origin, undoes, start_at AS `from`, end_at AS `to`, row_count AS `rows`, added, changed,
    removed, unchanged, file_hash
FROM imports_store FINAL
WHERE id IN (SELECT id FROM journal_store);

-- A roster row that says only that the agent is in no roster any more, a code or status that is none any more: what an undo
-- leaves of something that had not been there before.
ALTER TABLE memberships_store ADD COLUMN IF NOT EXISTS removed Bool AFTER supervisor;
ALTER TABLE activity_codes_store ADD COLUMN IF NOT EXISTS removed Bool AFTER counts_as_shrinkage;
ALTER TABLE statuses_store ADD COLUMN IF NOT EXISTS removed Bool AFTER status;

CREATE OR REPLACE VIEW memberships AS
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
WHERE (agent_id, (recorded_at, journal_id)) IN newest AND NOT removed;

CREATE OR REPLACE VIEW activity_codes AS
SELECT code, category, paid, counts_as_shrinkage, recorded_at
FROM
(
    SELECT code, category, paid, counts_as_shrinkage, recorded_at, removed
    FROM activity_codes_store
    WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'activities')
    ORDER BY code, recorded_at DESC, journal_id DESC
    LIMIT 1 BY code
)
WHERE NOT removed;

CREATE OR REPLACE VIEW statuses AS
SELECT secondary, status, recorded_at
FROM
(
    SELECT secondary, status, recorded_at, removed
    FROM statuses_store
    WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'activities')
    ORDER BY secondary, recorded_at DESC, journal_id DESC
    LIMIT 1 BY secondary
)
WHERE NOT removed;
