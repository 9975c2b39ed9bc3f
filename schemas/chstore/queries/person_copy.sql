-- The rows of one agent once more, under the pseudonym. Run twice it gives the same keys, of which one row stays. The words in
-- comments are put in by the program.
INSERT INTO -- table --
SELECT * REPLACE (unhex({pseudonym:String}) AS agent_id-- replaced --)
FROM (SELECT * FROM -- table -- WHERE -- whose --)
SETTINGS max_partitions_per_insert_block = 0
