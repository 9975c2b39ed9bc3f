-- The subscriptions as they are; ended ones are left out.
SELECT id, kind, owner_id, owner, recipients, teams, sites, at_minute, until_minute, every, time_zone, skip_empty, no_workbook,
       ended, created_at, recorded_at
FROM subscriptions_store FINAL
WHERE NOT ended
ORDER BY created_at, id
