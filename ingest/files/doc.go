// Package files reads rosters, activity codes, statuses, schedules, status changes, feed gaps and requirements from files and
// writes them to the store.
//
// The nouns: an [Input] is a file that can be opened again; a record is one row of it, whatever the format, with the place
// of every field; a [Problem] is what is wrong in one place; a [Report] is what an import found and did. An [Importer]
// does an import: it reads, checks every row, compares with what the store holds, and writes what differs. A [Profile] says
// how a file of another program is read as one of ours; a [Template] is a file to begin with. [ReadRoster],
// [ReadActivityCodes], [ReadStatuses], [ReadSchedule], [ReadStatus], [ReadGaps] and [ReadRequirements] read without a store.
// Imports of rosters, requirements and codes are in a ledger ([schemas.Import]): they are listed, shown and undone by
// [Importer.Imports], [Importer.DiffImport] and [Importer.UndoImport]. (Package revisions does so for schedules.)
//
// It keeps nothing of its own; what it writes goes through [Store], each import with one journal row (status changes:
// one per batch). Instants are milliseconds since the Unix epoch, UTC; columns are counted in characters from 1,
// those of a workbook in cells.
//
// Guarantees: every problem is found and counted in one run, the first 1,000 are listed; unless rejected rows are allowed
// nothing is written when there is a problem; the same file imported twice changes nothing; memory does not grow with the
// number of status changes; a file of any bytes gives a report, never a crash. Imports of one kind with a ledger are compared
// and written one after the other, over all processes, and become known in that order, whatever the clock says.
//
// # Why
//
// Planners import what their tool exports, every day, and fix what is wrong in the file. So everything that is wrong is
// said at once, with its place and with what would be right, and a half-imported file is never left behind. Status files
// are too large to hold, so they are read twice: once to find every problem, once to write.
//
// A source of records is an interface, so that other formats bring their own and share all checks: tables of text, workbooks,
// NDJSON, and the documents of Genesys Cloud, which are found out by what they hold. Any of them may be packed with gzip. A
// profile is a source over a source: it changes texts and leaves places alone, so that every check speaks of the user's file.
//
// Workbooks are read by a reader of our own: the cell's type and number format tell what is a date and what a number, which
// formula has no result, and where; it holds one row at a time, and unpacks no more than a table can be large.
package files
