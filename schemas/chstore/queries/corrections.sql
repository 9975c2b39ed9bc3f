-- The newest version of each correction, if it is granted and does not take the correction back.
SELECT id, recorded_at, agent_id, start_at, end_at, effect, reason, recorded_by, group_id, status, requested_by, requested_at, note
FROM
(
    SELECT *
    FROM corrections_store
    WHERE ({known_at:Int64} = 0 OR recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'))
      AND journal_id IN (SELECT id FROM journal_store WHERE kind = 'correction')
    ORDER BY id, recorded_at DESC, journal_id DESC
    LIMIT 1 BY id
)
WHERE effect != '' AND status = 'granted'
  AND toUnixTimestamp64Milli(start_at) < {end:Int64}
  AND toUnixTimestamp64Milli(end_at) > {start:Int64}
ORDER BY recorded_at, id
