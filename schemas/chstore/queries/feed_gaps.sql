-- The newest version of each gap, unless it takes the gap back.
SELECT id, recorded_at, source, agent_id, start_at, end_at, fields, retracted
FROM
(
    SELECT id, recorded_at, source, agent_id, start_at, end_at, fields, retracted
    FROM feed_gaps_store
    WHERE ({known_at:Int64} = 0 OR recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'))
      AND journal_id IN (SELECT id FROM journal_store WHERE kind = 'feed_gaps')
    ORDER BY id, recorded_at DESC, journal_id DESC
    LIMIT 1 BY id
)
WHERE NOT retracted
  AND toUnixTimestamp64Milli(start_at) < {end:Int64}
  AND toUnixTimestamp64Milli(end_at) > {start:Int64}
ORDER BY start_at, id
