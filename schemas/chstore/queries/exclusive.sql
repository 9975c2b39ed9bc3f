-- A query that runs until whoever asked lets go: its id is what is held.
SELECT sleepEachRow(0.05) AS held
FROM system.numbers
SETTINGS max_block_size = 1, max_threads = 1, max_execution_time = 0, max_rows_to_read = 0, max_result_rows = 0
