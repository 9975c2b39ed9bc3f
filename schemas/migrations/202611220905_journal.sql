-- The journal (architecture.md section 1): one row per write, inserted last. Rows of roster, schedule, gaps, corrections,
-- policies and codes count only once their journal row is there.

-- agents[i] goes with range_starts[i] and range_ends[i]; an instant of 1970 means none. written_at is the server's clock:
-- recorded_at may lie hours before it when the spool had to wait.
CREATE TABLE IF NOT EXISTS journal_store
(
    id           UUID,
    recorded_at  DateTime64(3, 'UTC'),
    written_at   DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    actor        String,
    origin       String,
    kind         LowCardinality(String),
    agents       Array(String),
    range_starts Array(DateTime64(3, 'UTC')),
    range_ends   Array(DateTime64(3, 'UTC')),
    range_start  DateTime64(3, 'UTC'),
    range_end    DateTime64(3, 'UTC'),
    detail       String,
    INDEX written written_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(recorded_at)
ORDER BY (recorded_at, id);

CREATE VIEW IF NOT EXISTS journal AS
SELECT id, recorded_at, written_at, actor, origin, kind, agents, range_start, range_end, detail
FROM journal_store FINAL;

-- Runs of compute. Every journal row written up to low_water was consumed by this run or an earlier one.
CREATE TABLE IF NOT EXISTS compute_runs_store
(
    id         String,
    started_at DateTime64(3, 'UTC'),
    ended_at   DateTime64(3, 'UTC'),
    known_at   DateTime64(3, 'UTC'),
    as_of      DateTime64(3, 'UTC'),
    days       UInt64,
    detail     String,
    low_water  DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (ended_at, id);

CREATE TABLE IF NOT EXISTS journal_consumption_store
(
    journal_id UUID,
    written_at DateTime64(3, 'UTC'),
    run_id     String
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(written_at)
ORDER BY (written_at, journal_id);

-- What cannot be right or was not understood, for people to see.
CREATE TABLE IF NOT EXISTS findings_store
(
    id          String,
    recorded_at DateTime64(3, 'UTC'),
    kind        LowCardinality(String),
    source      String,
    agent_id    String,
    at          DateTime64(3, 'UTC'),
    detail      String
)
ENGINE = ReplacingMergeTree
ORDER BY (recorded_at, id);

CREATE VIEW IF NOT EXISTS findings AS
SELECT id, recorded_at, kind, source, agent_id, at, detail FROM findings_store FINAL;

-- The scheduler's ledger; the latest row of a run counts.
CREATE TABLE IF NOT EXISTS job_runs_store
(
    job        String,
    due_at     DateTime64(3, 'UTC'),
    id         String,
    started_at DateTime64(3, 'UTC'),
    ended_at   DateTime64(3, 'UTC'),
    updated_at DateTime64(3, 'UTC'),
    state      LowCardinality(String),
    trigger    LowCardinality(String),
    detail     String
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (job, due_at, id);

CREATE VIEW IF NOT EXISTS job_runs AS
SELECT job, due_at, id, started_at, ended_at, updated_at, state, trigger, detail FROM job_runs_store FINAL;
