-- Status changes (domain.md section 3) and what feeds say about themselves.

-- One row per received copy of a fact. Of copies with one key (source, agent_id, at, id) a merge keeps the one with the
-- earliest received_at, because the version counts down from it. Agent first, so that it shards by agent.
CREATE TABLE IF NOT EXISTS status_changes_store
(
    agent_id    String,
    at          DateTime64(3, 'UTC') CODEC(Delta, LZ4),
    id          String CODEC(ZSTD(1)),
    source      LowCardinality(String),
    presence    Enum8('' = 0, 'unknown' = 1, 'available' = 2, 'busy' = 3, 'away' = 4, 'offline' = 5),
    status      Enum8('' = 0, 'unknown' = 1, 'available' = 2, 'break' = 3, 'meal' = 4, 'meeting' = 5, 'training' = 6, 'off_queue' = 7),
    routing     Enum8('' = 0, 'unknown' = 1, 'off_queue' = 2, 'idle' = 3, 'interacting' = 4, 'communicating' = 5, 'not_responding' = 6),
    secondary   LowCardinality(String),
    note        String,
    raw         String,
    received_at DateTime64(3, 'UTC') CODEC(Delta, LZ4),
    journal_id  UUID,
    first_wins  UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(received_at))
)
ENGINE = ReplacingMergeTree(first_wins)
PARTITION BY toYYYYMM(at)
ORDER BY (agent_id, at, id, source);

CREATE VIEW IF NOT EXISTS status_changes AS
SELECT agent_id, at, source, id, presence, status, routing, secondary, note, raw, received_at, journal_id
FROM status_changes_store FINAL;

-- Since when an agent has facts of a source, and since when the source names each field; never is 2299-12-31.
CREATE TABLE IF NOT EXISTS agent_sources_store
(
    agent_id       String,
    source         String,
    presence_since SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    status_since   SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    routing_since  SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_at        SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (agent_id, source);

CREATE MATERIALIZED VIEW IF NOT EXISTS agent_sources_fill TO agent_sources_store AS
WITH toDateTime64('2299-12-31 00:00:00', 3, 'UTC') AS never
SELECT
    agent_id,
    source,
    min(if(presence = '', never, at)) AS presence_since,
    min(if(status = '', never, at)) AS status_since,
    min(if(routing = '', never, at)) AS routing_since,
    max(at) AS last_at
FROM status_changes_store
GROUP BY agent_id, source;

-- Every statement of a feed about itself. A row that says nothing of complete_up_to (1970) or fields (0) leaves them.
CREATE TABLE IF NOT EXISTS feeds_store
(
    source         String,
    recorded_at    DateTime64(3, 'UTC'),
    complete_up_to DateTime64(3, 'UTC'),
    last_seen      DateTime64(3, 'UTC'),
    fields         UInt8
)
ENGINE = ReplacingMergeTree
ORDER BY (source, recorded_at, complete_up_to, last_seen, fields);

CREATE VIEW IF NOT EXISTS feeds AS
SELECT source, complete_up_to, last_seen,
    arrayFilter(name -> bitTest(fields_set, indexOf(['presence', 'status', 'routing'], name) - 1),
        ['presence', 'status', 'routing']) AS fields,
    recorded_at
FROM
(
    SELECT source,
        argMaxIf(f.complete_up_to, f.recorded_at, toUnixTimestamp64Milli(f.complete_up_to) != 0) AS complete_up_to,
        max(f.last_seen) AS last_seen,
        argMaxIf(f.fields, f.recorded_at, f.fields != 0) AS fields_set,
        max(f.recorded_at) AS recorded_at
    FROM feeds_store AS f
    GROUP BY source
);
