// Package migrations holds the schema of the store as SQL text: one file per step, named by the UTC minute in which it
// was written and a few words (202611220900_facts.sql), applied in the order of the names by package chstore.
//
// It stores nothing and runs nothing. A file that was released is never changed: its checksum is kept in the store and
// a difference is refused. Every statement may be run twice (CREATE ... IF NOT EXISTS), because a process can die
// between a statement and its record, and because two processes may migrate at the same time.
//
// # Why
//
// SQL in files can be read, diffed and run by hand, and travels inside the program.
package migrations

import "embed"

// Files are the steps; every name ends in .sql.
//
//go:embed *.sql
var Files embed.FS
