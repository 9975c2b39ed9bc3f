-- New default rules: leave is not judged and has a reason of its own, and a run shorter than a second is no exception.
--
-- A store that has been written to keeps what the defaults meant until now as the version of the rules without an id, known
-- from the beginning, and takes the new ones as a version of the organisation that is recorded now: what was known before
-- is judged as it was. `rollcall policy set` with the old values leaves a centre as it was.

ALTER TABLE adherence_days_store
    MODIFY COLUMN adherence_reason Enum8('' = 0, 'no_schedule' = 1, 'not_published' = 2, 'absent' = 3, 'nothing_judged' = 4, 'no_data' = 5, 'nothing_scheduled_on_queue' = 6, 'time_off' = 7),
    MODIFY COLUMN conformance_reason Enum8('' = 0, 'no_schedule' = 1, 'not_published' = 2, 'absent' = 3, 'nothing_judged' = 4, 'no_data' = 5, 'nothing_scheduled_on_queue' = 6, 'time_off' = 7),
    MODIFY COLUMN before_adherence_reason Enum8('' = 0, 'no_schedule' = 1, 'not_published' = 2, 'absent' = 3, 'nothing_judged' = 4, 'no_data' = 5, 'nothing_scheduled_on_queue' = 6, 'time_off' = 7);

-- The journal row stands for both versions; all days are judged again. The rules go before it, because they count only once
-- it is there.
INSERT INTO policies_store (id, recorded_at, journal_id, team, site, from_day, rules, actor)
SELECT '', toDateTime64('1970-01-01 00:00:01', 3, 'UTC'), toUUID('2e5c3f6a-7d0e-4a53-9f0b-202612011230'), '', '',
    toDate32('1970-01-02'),
    '{"on_queue_rule":"both","off_queue_equivalent":false,"exception_threshold":"0s","tolerance":{},"tolerance_mode":"forgive_short","outside_shift":"ignore","ignored_categories":[],"ignored_codes":[],"absent_counts":false,"credit_contact":false,"day":"shift_start","shift_gap":"2h","carry_forward":"168h","severe_after":"5m","target_percent":90,"mapping":{}}',
    'upgrade'
WHERE (SELECT count() FROM journal_store) > 0
  AND (SELECT count() FROM policies_store WHERE id IN ('', 'defaults-2026-12')) = 0;

INSERT INTO policies_store (id, recorded_at, journal_id, team, site, from_day, rules, actor)
SELECT 'defaults-2026-12', now64(3, 'UTC'), toUUID('2e5c3f6a-7d0e-4a53-9f0b-202612011230'), '', '',
    toDate32('1970-01-02'),
    '{"on_queue_rule":"both","off_queue_equivalent":false,"exception_threshold":"1s","tolerance":{},"tolerance_mode":"forgive_short","outside_shift":"ignore","ignored_categories":["time_off","unavailable"],"ignored_codes":[],"absent_counts":false,"credit_contact":false,"day":"shift_start","shift_gap":"2h","carry_forward":"168h","severe_after":"5m","target_percent":90,"mapping":{}}',
    'upgrade'
WHERE (SELECT count() FROM policies_store WHERE id = '') > 0
  AND (SELECT count() FROM policies_store WHERE id = 'defaults-2026-12') = 0;

INSERT INTO journal_store (id, recorded_at, actor, origin, kind, range_start, range_end, detail)
SELECT journal_id, recorded_at, 'upgrade', 'upgrade', 'policy', toDateTime64('1970-01-02 00:00:00', 3, 'UTC'),
    toDateTime64('2200-01-01 00:00:00', 3, 'UTC'),
    'new default rules: leave is not judged, and a run shorter than a second is no exception'
FROM policies_store
WHERE id = 'defaults-2026-12'
  AND (SELECT count() FROM journal_store WHERE id = toUUID('2e5c3f6a-7d0e-4a53-9f0b-202612011230')) = 0;
