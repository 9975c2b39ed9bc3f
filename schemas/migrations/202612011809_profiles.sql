-- Profiles of files that somebody has saved by a name: how files of other programs are read. The row of a name with the
-- latest recorded_at counts; an ended one is none.
CREATE TABLE IF NOT EXISTS profiles_store
(
    name        String,
    kind        LowCardinality(String),
    text        String CODEC(ZSTD),
    actor       String,
    ended       Bool,
    recorded_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY name;

CREATE VIEW IF NOT EXISTS profiles AS
SELECT name, kind, text, actor, recorded_at
FROM profiles_store FINAL
WHERE NOT ended;
