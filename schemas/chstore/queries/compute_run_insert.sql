-- The low water lies before the oldest row that is still pending, and ten minutes in the past, because a row's written_at is
-- set when its insert begins and it becomes visible when the insert ends.
INSERT INTO compute_runs_store (id, started_at, ended_at, known_at, as_of, days, detail, low_water)
WITH (SELECT max(low_water) FROM compute_runs_store) AS before
SELECT
    unhex({id:String}),
    fromUnixTimestamp64Milli({started_at:Int64}, 'UTC'),
    fromUnixTimestamp64Milli({ended_at:Int64}, 'UTC'),
    fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'),
    fromUnixTimestamp64Milli({as_of:Int64}, 'UTC'),
    {days:UInt64},
    unhex({detail:String}),
    greatest(before, least(now64(3, 'UTC') - INTERVAL 10 MINUTE, pending.oldest - INTERVAL 1 MILLISECOND))
FROM
(
    SELECT if(count() = 0, now64(3, 'UTC'), min(written_at)) AS oldest
    FROM journal_store
    WHERE written_at > before
      AND range_end > range_start
      AND id NOT IN (SELECT journal_id FROM journal_consumption_store WHERE written_at > before)
) AS pending
