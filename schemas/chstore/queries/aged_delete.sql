-- The old rows of a table go, from the disk too. The words in comments are put in by the program.
ALTER TABLE -- table -- DELETE WHERE -- old -- SETTINGS mutations_sync = 2
