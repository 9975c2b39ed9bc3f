-- A query that goes on for half a day, or until whoever asked lets go: its id is what is held. It names no table, so that it
-- needs no grant.
SELECT sleepEachRow(0.05) AS held
FROM (SELECT arrayJoin(range(1000000)))
SETTINGS max_block_size = 1, max_threads = 1, max_execution_time = 0, max_result_rows = 0
