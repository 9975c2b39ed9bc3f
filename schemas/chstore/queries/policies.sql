SELECT id, recorded_at, team, site, from_day, rules, actor
FROM policies_store FINAL
WHERE ({known_at:Int64} = 0 OR recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC'))
  AND journal_id IN (SELECT id FROM journal_store WHERE kind = 'policy')
ORDER BY recorded_at, id
