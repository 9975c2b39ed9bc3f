-- Judged days in the order of the key, copies included: of rows with one key the first counts.
SELECT
    -- columns --
FROM adherence_days_store
-- where --
ORDER BY agent_id, day, known_at DESC
SETTINGS optimize_read_in_order = 1
