// Package genesys reads the JSON files of Genesys Cloud as rows: published schedules (the result of a search, or the
// body of an import), user details (the history of presence and routing), and activity codes with their secondary
// presences.
//
// [Find] says from the beginning of a text whether it is such a file, and of which [Kind]. A [File] is a [rows.Source]
// whose records name their fields by JSON path; [File.Times] are the times of the present row of a schedule,
// [File.Published] the weeks that the file says are published.
//
// It stores nothing. Instants are milliseconds since the Unix epoch, UTC; lengths and offsets are minutes, as in the
// files. One agent or code at a time is held, however large the file; a file of any bytes is read or refused with a
// *[rows.Problem] that has its place.
//
// # Why
//
// The decoder of encoding/json knows no lines and columns and would hold a document whole. A document is one long list,
// so it is read twice: once to check that it is complete and what stands beside the list, then item by item.
package genesys
