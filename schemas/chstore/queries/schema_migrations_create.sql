-- The steps of the schema that were applied. Two processes may record one step; the copies collapse.
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    String,
    name       String,
    checksum   String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (version, checksum)
