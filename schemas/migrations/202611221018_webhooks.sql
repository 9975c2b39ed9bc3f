-- Webhook deliveries (interfaces.md, "Tables"): the row of an id with the highest version counts. They are forgotten after
-- 30 days by created_at, which all rows of an id share; readers look back less far, so that of an id either every row is
-- there to be read or none is.
CREATE TABLE IF NOT EXISTS webhook_deliveries_store
(
    created_at DateTime64(3, 'UTC'),
    id         String,
    hook       LowCardinality(String),
    event      LowCardinality(String),
    body       String,
    attempts   UInt64,
    state      LowCardinality(String),
    last_error String,
    updated_at DateTime64(3, 'UTC'),
    version    UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(created_at)
ORDER BY (created_at, id)
TTL toDateTime(created_at, 'UTC') + INTERVAL 30 DAY;

CREATE VIEW IF NOT EXISTS webhook_deliveries AS
SELECT id, hook, event, body, attempts, state, last_error, created_at, updated_at
FROM webhook_deliveries_store FINAL;
