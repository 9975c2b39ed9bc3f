-- What is done to the rows of a table that name one agent, on the disk too. The words in comments are put in by the program.
ALTER TABLE -- table --
    -- replaced --
SETTINGS mutations_sync = 2
