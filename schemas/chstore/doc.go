// Package chstore stores everything that Rollcall knows in ClickHouse: it connects, brings the schema up to date, and
// offers typed writes and reads of the nouns of package schemas. It is the only importer of the ClickHouse clients.
//
// Tables whose names end in _store are its own; the views without the suffix (status_changes, adherence_days, ...) are
// the contract for BI tools and hold every row once. Instants are DateTime64(3) in UTC, lengths are milliseconds in the
// tables and seconds in the views, enumerations are Enum8 with the names of package schemas.
//
// Guarantees. A write inserts its rows and then its journal row; what a journal row must announce (roster, schedule,
// gaps, corrections, policies, codes) counts only once that row is there, so that nothing takes effect unannounced. A
// nil error means that the server has confirmed the rows; whether they are then on disk is decided by the server's
// fsync_after_insert, which package engine sets. Writing the same again changes nothing. Of copies of a fact the first
// receipt counts, before and after a merge. Reads of facts, schedules and results stream in order, hold one block and
// one agent at a time, and return every row once. KnownAt = 0 means everything known now; another instant leaves out
// what was recorded after it.
//
// A callback named yield runs while the connection waits; what it receives is valid only during the call, and an error
// that it returns ends the read and comes back as it is ([ErrStop] ends it without an error).
//
// # Why
//
// ClickHouse merges copies when it likes, so a read that wants each row once must say which copy counts. FINAL says it
// at the price of comparing every key on the server; here big reads are ordered by agent anyway, equal keys lie beside
// each other, and leaving copies out while streaming costs nothing that can be measured. Views use FINAL, because there
// a reader wants SQL that is right more than the last third of speed.
//
// Two clients, made from one description of the server ([Endpoint]). Everything small goes through clickhouse-go: it
// has the pool, the failover and the rows that map to structs, and tables of a few thousand rows never show its price.
// Facts, schedule days and judged days go through the columns of ch-go below it: the same 5.6 million facts took three
// times as long row by row (four times the processor time), schedules with their nested activities fourteen times, and
// computing 20,000 agents over a week 1.55 times at best. clickhouse-go has no way to read whole columns.
package chstore
