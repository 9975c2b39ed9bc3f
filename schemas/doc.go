// Package schemas holds the nouns of Rollcall: the Go types of everything that crosses a boundary between two parts
// (a status change, an activity, a policy, a correction, an agent-day), with the words, units and rules that
// adherence/RULES.md gives them, and the pure functions that belong to a noun alone (reading a zone, resolving a local
// time, forming shifts).
//
// It stores nothing and does no I/O. Instants are milliseconds since the Unix epoch, UTC ([Instant]); lengths of time
// are int64 milliseconds in names that end in MS; every interval is half-open, [start, end). The zero value of a state
// field ([Presence], [Status], [Routing]) means "not named", which a change reads as "unchanged" and a timeline as
// "absent".
//
// # Why
//
// The parts of the pipeline may import only downwards. What two of them must agree on therefore lives below both, once,
// so that a word means one thing in a file row, in the store, in the judge and in a workbook cell.
package schemas
