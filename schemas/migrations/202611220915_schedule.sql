-- Schedules (domain.md section 4): one row per revision, agent and day on which shifts start, with the whole shifts.
-- A revision counts once its row in schedule_imports_store and that row's journal row are there.

CREATE TABLE IF NOT EXISTS schedule_imports_store
(
    id             String,
    recorded_at    DateTime64(3, 'UTC'),
    journal_id     UUID,
    actor          String,
    origin         String,
    undoes         String,
    from_day       Date32,
    to_day         Date32,
    agents         UInt64,
    activities     UInt64,
    days_changed   UInt64,
    days_removed   UInt64,
    days_unchanged UInt64,
    file_hash      String
)
ENGINE = ReplacingMergeTree
ORDER BY (recorded_at, id);

CREATE VIEW IF NOT EXISTS schedule_imports AS
SELECT id, recorded_at, actor, origin, undoes, from_day AS `from`, to_day AS `to`, agents, activities, days_changed,
    days_removed, days_unchanged, file_hash
FROM schedule_imports_store FINAL
WHERE journal_id IN (SELECT id FROM journal_store WHERE kind = 'schedule');

-- removed is a tombstone: the revision has nothing on the day.
CREATE TABLE IF NOT EXISTS schedule_days_store
(
    agent_id    String,
    day         Date32,
    recorded_at DateTime64(3, 'UTC'),
    revision    LowCardinality(String),
    removed     Bool,
    activities  Nested
    (
        start_at    DateTime64(3, 'UTC'),
        end_at      DateTime64(3, 'UTC'),
        code        LowCardinality(String),
        category    Enum8('' = 0, 'on_queue_work' = 1, 'off_queue_work' = 2, 'break' = 3, 'meal' = 4, 'meeting' = 5, 'training' = 6, 'time_off' = 7, 'unavailable' = 8, 'unscheduled' = 9),
        shift       String,
        paid        Bool,
        description String,
        line        UInt32
    )
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (agent_id, day, recorded_at, revision);

CREATE VIEW IF NOT EXISTS schedule_days AS
SELECT agent_id, day, revision, recorded_at, activities
FROM
(
    SELECT agent_id, day, revision, recorded_at, removed,
        arrayMap((a, b, c, d, e, f, g) -> CAST((a, b, c, d, e, f, g), 'Tuple(start DateTime64(3, \'UTC\'), end DateTime64(3, \'UTC\'), code String, category String, shift String, paid Bool, description String)'),
            activities.start_at, activities.end_at, activities.code, activities.category, activities.shift, activities.paid,
            activities.description) AS activities
    FROM schedule_days_store
    WHERE revision IN (SELECT id FROM schedule_imports)
    ORDER BY agent_id, day, recorded_at DESC, revision DESC
    LIMIT 1 BY agent_id, day
)
WHERE NOT removed;
