-- An absent day that counts (absent_counts) has an adherence of 0, also where none of it could be judged; the view had NULL
-- there (RULES.md section 6).
CREATE OR REPLACE VIEW adherence_days AS
WITH
    in_ms + tolerated_ms + out_ms + outside_ms AS counted_ms,
    scheduled_ms - ignored_ms AS covered_of_ms
SELECT
    agent_id, agent_name, team, site, time_zone, day, against, state, policy,
    if(adherence_reason != '' OR counted_ms <= 0 AND NOT absent, NULL,
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
