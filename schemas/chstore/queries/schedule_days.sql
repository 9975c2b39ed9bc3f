-- Every revision of the days in the order of the key, so that the newest comes last; the reader knows which are visible.
SELECT
    agent_id, day, recorded_at, revision, removed,
    activities.start_at, activities.end_at, activities.category, activities.shift, activities.paid, activities.description,
    activities.line, activities.code
FROM schedule_days_store
-- where --
ORDER BY agent_id, day, recorded_at, revision
SETTINGS optimize_read_in_order = 1
