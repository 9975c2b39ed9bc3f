-- Judged days in the order of reports, copies included: of rows with one key the first counts. What does not fit into
-- memory is sorted on disk.
SELECT
    -- columns --
FROM adherence_days_store
-- where --
ORDER BY day, agent_id, known_at DESC
SETTINGS max_bytes_before_external_sort = 200000000
