-- A month of a table goes. The words in comments are put in by the program.
ALTER TABLE -- table -- DROP PARTITION -- which --
