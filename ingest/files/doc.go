// Package files reads rosters, activity codes, statuses, schedules, status changes, feed gaps and requirements from
// files.
//
// The nouns: an [Input] is a file that can be opened again; a [Kind] is what it holds, with its columns ([LayoutOf])
// and a template to begin with ([TemplateOf]); a [Report] is what reading it found. [ReadRoster], [ReadActivityCodes],
// [ReadStatuses], [ReadSchedule], [CheckStatus], [ReadGaps] and [ReadRequirements] read one file each and
// check every row; [Excerpts] shows what stands around a problem. What is read is compared and written by package
// imports.
//
// It stores nothing. Instants are milliseconds since the Unix epoch, UTC; columns are counted in characters from 1,
// those of a workbook in cells.
//
// Guarantees: every problem is found and counted in one run, the first 1,000 are listed; memory does not grow with the
// number of status changes; a file of any bytes yields a report, never a crash.
//
// # Why
//
// Planners import what their tool exports, every day, and correct what is wrong in the file. So everything that is
// wrong is said at once, with its place and with what would be right.
//
// A source of rows is an interface ([rows.Source]), so that all formats share all checks: tables of text and NDJSON are
// read here, workbooks by package sheet, the documents of Genesys Cloud, which are recognised by what they hold, by
// package genesys. Any of them may be packed with gzip. A profile is a source over a source: it changes texts and
// leaves places alone, so that every check speaks of the user's file. The three packages do not know each other.
package files
