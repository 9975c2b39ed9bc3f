-- Staffing per quarter of an hour, team and site (domain.md section 8), written by the job staffing for programs that read the
-- store: sums over heads in milliseconds. The row with the latest known_at counts; one that has nothing any more has zeros.
-- What is required is in the table requirements.
CREATE TABLE IF NOT EXISTS staffing_intervals_store
(
    team              LowCardinality(String),
    site              LowCardinality(String),
    start_at          DateTime64(3, 'UTC'),
    known_at          DateTime64(3, 'UTC'),
    length_ms         Int64,
    scheduled_ms      Int64,
    actual_ms         Int64,
    contact_ms        Int64,
    planned_ms        Int64,
    planned_shrink_ms Int64,
    past_ms           Int64,
    lost_ms           Int64,
    unknown_ms        Int64,
    adhered_ms        Int64,
    counted_ms        Int64,
    late_ms           Int64,
    absent_ms         Int64
)
ENGINE = ReplacingMergeTree(known_at)
PARTITION BY toYYYYMM(start_at)
ORDER BY (team, site, start_at);

CREATE VIEW IF NOT EXISTS staffing_intervals AS
SELECT team, site, start_at AS start, start_at + toIntervalMillisecond(length_ms) AS `end`, length_ms / 1000 AS interval_s,
    scheduled_ms / length_ms AS scheduled, if(past_ms > 0 OR actual_ms > 0, actual_ms / length_ms, NULL) AS actual,
    if(actual_ms > 0, contact_ms * 100 / actual_ms, NULL) AS occupancy_percent,
    if(planned_ms > 0, planned_shrink_ms * 100 / planned_ms, NULL) AS shrinkage_scheduled_percent,
    if(past_ms > 0, lost_ms * 100 / past_ms, NULL) AS shrinkage_actual_percent,
    if(counted_ms > 0, adhered_ms * 100 / counted_ms, NULL) AS adherence_percent,
    late_ms / length_ms AS late, absent_ms / length_ms AS absent, unknown_ms / length_ms AS unknown,
    scheduled_ms, actual_ms, contact_ms, planned_ms, planned_shrink_ms, past_ms, lost_ms, unknown_ms, adhered_ms, counted_ms, known_at
FROM staffing_intervals_store FINAL
WHERE planned_ms > 0 OR actual_ms > 0 OR past_ms > 0;
