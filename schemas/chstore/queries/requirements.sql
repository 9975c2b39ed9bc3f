-- Every revision of the intervals in the order of the key, so that the newest comes last.
SELECT team, start_at, recorded_at, revision, length_ms, required, shrinkage, removed
FROM requirements_store
-- where --
ORDER BY team, start_at, recorded_at, revision
SETTINGS optimize_read_in_order = 1
