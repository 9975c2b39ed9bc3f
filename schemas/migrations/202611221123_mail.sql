-- Mail subscriptions (interfaces.md, "Tables"): the row of an id with the latest recorded_at counts.
CREATE TABLE IF NOT EXISTS subscriptions_store
(
    id           String,
    kind         LowCardinality(String),
    owner_id     String,
    owner        String,
    recipients   Array(String),
    teams        Array(String),
    sites        Array(String),
    at_minute    UInt64,
    until_minute UInt64,
    every        UInt64,
    time_zone    LowCardinality(String),
    skip_empty   Bool,
    no_workbook  Bool,
    ended        Bool,
    created_at   DateTime64(3, 'UTC'),
    recorded_at  DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY id;

CREATE VIEW IF NOT EXISTS subscriptions AS
SELECT id, kind, owner_id, owner, recipients, teams, sites, at_minute, until_minute, every, time_zone, skip_empty, no_workbook,
       created_at, recorded_at
FROM subscriptions_store FINAL
WHERE NOT ended;

-- Mails on their way to one recipient each: the row of an id with the highest version counts. due_at is part of an id's
-- meaning and never changes. They are forgotten after 400 days; readers look back less far.
CREATE TABLE IF NOT EXISTS deliveries_store
(
    due_at       DateTime64(3, 'UTC'),
    id           String,
    kind         LowCardinality(String),
    subscription String,
    day          Date32,
    recipient    String,
    subject      String,
    message_id   String,
    hash         String,
    size         UInt64,
    state        LowCardinality(String),
    attempts     UInt64,
    next_at      DateTime64(3, 'UTC'),
    last_error   String,
    told         String CODEC(ZSTD),
    created_at   DateTime64(3, 'UTC'),
    updated_at   DateTime64(3, 'UTC'),
    version      UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(due_at)
ORDER BY (due_at, id)
TTL toDateTime(due_at, 'UTC') + INTERVAL 400 DAY;

CREATE VIEW IF NOT EXISTS deliveries AS
SELECT id, kind, subscription, day, due_at, recipient, subject, message_id, hash, size, state, attempts, next_at, last_error,
       created_at, updated_at
FROM deliveries_store FINAL;
