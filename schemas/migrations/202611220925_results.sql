-- Results: one row per agent, day and what it was judged against. The row with the latest known_at counts, so that a slow
-- older run never beats a newer one; deleted marks a day that ceased to exist. Lengths are milliseconds.

CREATE TABLE IF NOT EXISTS adherence_days_store
(
    agent_id                      String,
    day                           Date32,
    against                       LowCardinality(String) DEFAULT 'current',
    known_at                      DateTime64(3, 'UTC'),
    deleted                       Bool,
    computed_at                   DateTime64(3, 'UTC'),
    as_of                         DateTime64(3, 'UTC'),
    state                         Enum8('' = 0, 'provisional' = 1, 'final' = 2, 'restated' = 3),
    policy                        LowCardinality(String),
    agent_name                    String,
    team                          LowCardinality(String),
    site                          LowCardinality(String),
    time_zone                     LowCardinality(String),
    scheduled_ms                  Int64,
    in_ms                         Int64,
    tolerated_ms                  Int64,
    out_ms                        Int64,
    neutral_ms                    Int64,
    ignored_ms                    Int64,
    unknown_ms                    Int64,
    outside_ms                    Int64,
    unscheduled_on_queue_ms       Int64,
    conformance_scheduled_ms      Int64,
    conformance_actual_ms         Int64,
    absent                        Bool,
    adherence_reason              Enum8('' = 0, 'no_schedule' = 1, 'not_published' = 2, 'absent' = 3, 'nothing_judged' = 4, 'no_data' = 5, 'nothing_scheduled_on_queue' = 6),
    conformance_reason            Enum8('' = 0, 'no_schedule' = 1, 'not_published' = 2, 'absent' = 3, 'nothing_judged' = 4, 'no_data' = 5, 'nothing_scheduled_on_queue' = 6),
    fingerprint                   UInt64,
    -- what a final day said before it was restated; before_known_at is 1970 where there is nothing
    before_known_at               DateTime64(3, 'UTC'),
    before_ms                     Array(Int64) COMMENT 'the eleven lengths in the order of the columns scheduled_ms to conformance_actual_ms',
    before_absent                 Bool,
    before_adherence_reason       Enum8('' = 0, 'no_schedule' = 1, 'not_published' = 2, 'absent' = 3, 'nothing_judged' = 4, 'no_data' = 5, 'nothing_scheduled_on_queue' = 6),
    activities Nested
    (
        start_at    DateTime64(3, 'UTC'),
        end_at      DateTime64(3, 'UTC'),
        code        LowCardinality(String),
        category    Enum8('' = 0, 'on_queue_work' = 1, 'off_queue_work' = 2, 'break' = 3, 'meal' = 4, 'meeting' = 5, 'training' = 6, 'time_off' = 7, 'unavailable' = 8, 'unscheduled' = 9),
        shift       String,
        paid        Bool,
        description String,
        line        UInt32
    ),
    -- activity counts from 0 into activities, -1 outside the schedule
    intervals Nested
    (
        start_at  DateTime64(3, 'UTC'),
        end_at    DateTime64(3, 'UTC'),
        activity  Int32,
        presence  Enum8('' = 0, 'unknown' = 1, 'available' = 2, 'busy' = 3, 'away' = 4, 'offline' = 5),
        status    Enum8('' = 0, 'unknown' = 1, 'available' = 2, 'break' = 3, 'meal' = 4, 'meeting' = 5, 'training' = 6, 'off_queue' = 7),
        routing   Enum8('' = 0, 'unknown' = 1, 'off_queue' = 2, 'idle' = 3, 'interacting' = 4, 'communicating' = 5, 'not_responding' = 6),
        secondary LowCardinality(String),
        verdict   Enum8('' = 0, 'in' = 1, 'tolerated' = 2, 'out' = 3, 'neutral' = 4, 'ignored' = 5, 'unknown' = 6, 'outside' = 7),
        on_queue  Bool
    ),
    -- part_count parts of parts belong to each exception, in order
    exceptions Nested
    (
        start_at   DateTime64(3, 'UTC'),
        end_at     DateTime64(3, 'UTC'),
        category   Enum8('' = 0, 'on_queue_work' = 1, 'off_queue_work' = 2, 'break' = 3, 'meal' = 4, 'meeting' = 5, 'training' = 6, 'time_off' = 7, 'unavailable' = 8, 'unscheduled' = 9),
        code       LowCardinality(String),
        kind       Enum8('' = 0, 'outside_shift' = 1, 'absent' = 2, 'not_responding' = 3, 'late_change' = 4, 'early_change' = 5, 'late_start' = 6, 'early_end' = 7, 'wrong_status' = 8),
        ms         Int64,
        part_count UInt32
    ),
    parts Nested
    (
        start_at  DateTime64(3, 'UTC'),
        end_at    DateTime64(3, 'UTC'),
        presence  Enum8('' = 0, 'unknown' = 1, 'available' = 2, 'busy' = 3, 'away' = 4, 'offline' = 5),
        status    Enum8('' = 0, 'unknown' = 1, 'available' = 2, 'break' = 3, 'meal' = 4, 'meeting' = 5, 'training' = 6, 'off_queue' = 7),
        routing   Enum8('' = 0, 'unknown' = 1, 'off_queue' = 2, 'idle' = 3, 'interacting' = 4, 'communicating' = 5, 'not_responding' = 6),
        secondary LowCardinality(String),
        impact    Enum8('' = 0, 'negative' = 1, 'positive' = 2, 'neutral' = 3)
    )
)
ENGINE = ReplacingMergeTree(known_at)
PARTITION BY toYYYYMM(day)
ORDER BY (agent_id, day, against);

-- One row per judged agent-day. Seconds carry decimals only for milliseconds. Percentages are rounded half away from zero to
-- two decimals on integers, and NULL, with a reason, where they do not exist (domain.md section 6).
CREATE VIEW IF NOT EXISTS adherence_days AS
WITH
    in_ms + tolerated_ms + out_ms + outside_ms AS counted_ms,
    scheduled_ms - ignored_ms AS covered_of_ms
SELECT
    agent_id, agent_name, team, site, time_zone, day, against, state, policy,
    if(adherence_reason != '' OR counted_ms <= 0, NULL,
        intDiv(if(absent, 0, in_ms + tolerated_ms) * 20000 + counted_ms, 2 * greatest(counted_ms, 1)) / 100) AS adherence_percent,
    nullIf(toString(adherence_days_store.adherence_reason), '') AS adherence_reason,
    if(conformance_reason != '' OR conformance_scheduled_ms <= 0, NULL,
        intDiv(if(absent, 0, conformance_actual_ms) * 20000 + conformance_scheduled_ms,
            2 * greatest(conformance_scheduled_ms, 1)) / 100) AS conformance_percent,
    nullIf(toString(adherence_days_store.conformance_reason), '') AS conformance_reason,
    if(covered_of_ms <= 0, NULL,
        intDiv((covered_of_ms - unknown_ms) * 20000 + covered_of_ms, 2 * greatest(covered_of_ms, 1)) / 100) AS coverage_percent,
    absent,
    scheduled_ms / 1000 AS scheduled_s,
    in_ms / 1000 AS in_s,
    tolerated_ms / 1000 AS tolerated_s,
    out_ms / 1000 AS out_s,
    neutral_ms / 1000 AS neutral_s,
    ignored_ms / 1000 AS ignored_s,
    unknown_ms / 1000 AS unknown_s,
    outside_ms / 1000 AS outside_s,
    unscheduled_on_queue_ms / 1000 AS unscheduled_on_queue_s,
    conformance_scheduled_ms / 1000 AS conformance_scheduled_s,
    conformance_actual_ms / 1000 AS conformance_actual_s,
    length(exceptions.start_at) AS exception_count,
    known_at, computed_at, as_of
FROM adherence_days_store FINAL
WHERE NOT deleted;

-- One row per stretch of a day in which schedule, actual state and verdict are constant.
CREATE VIEW IF NOT EXISTS adherence_intervals AS
SELECT
    agent_id, agent_name, team, site, day, against,
    s AS start, e AS `end`, (toUnixTimestamp64Milli(e) - toUnixTimestamp64Milli(s)) / 1000 AS seconds,
    if(a < 0, 'unscheduled', toString(activities.category[a + 1])) AS scheduled_category,
    if(a < 0, '', toString(activities.code[a + 1])) AS scheduled_code,
    p AS presence, u AS status, r AS routing, y AS secondary, v AS verdict, q AS on_queue
FROM adherence_days_store FINAL
ARRAY JOIN
    intervals.start_at AS s, intervals.end_at AS e, intervals.activity AS a, intervals.presence AS p, intervals.status AS u,
    intervals.routing AS r, intervals.secondary AS y, intervals.verdict AS v, intervals.on_queue AS q
WHERE NOT deleted;

-- One row per exception, with its parts.
CREATE VIEW IF NOT EXISTS adherence_exceptions AS
SELECT
    agent_id, agent_name, team, site, day, against, state, policy, known_at, computed_at,
    s AS start, e AS `end`, c AS scheduled_category, o AS scheduled_code, k AS kind, m / 1000 AS seconds,
    arraySlice(
        arrayMap((a, b, x, y, z, w, i) -> CAST((a, b, x, y, z, w, i), 'Tuple(start DateTime64(3, \'UTC\'), end DateTime64(3, \'UTC\'), presence String, status String, routing String, secondary String, impact String)'),
            parts.start_at, parts.end_at, parts.presence, parts.status, parts.routing, parts.secondary, parts.impact),
        last_part - part_count + 1, part_count) AS parts
FROM adherence_days_store FINAL
ARRAY JOIN
    exceptions.start_at AS s, exceptions.end_at AS e, exceptions.category AS c, exceptions.code AS o, exceptions.kind AS k,
    exceptions.ms AS m, exceptions.part_count AS part_count, arrayCumSum(exceptions.part_count) AS last_part
WHERE NOT deleted;
