// Package rows is what the readers of files share: the rows that a [Source] yields, with the place of every field, and
// what is wrong with them.
//
// The nouns: a [Record] is one row, whatever the format; a [Field] is one value of it; a [Flaw] is what is wrong with a
// field, which only matters where the field is used; a [Problem] is what is wrong in one place of a file, and what to
// do about it; a [Layout] is what the rows of a kind of file have, a [Template] a file of it to begin with.
// [ParseWallTime], [ParseDate] and [ParseTimeOfDay] read instants and local times without using memory.
//
// It stores nothing. Lines and columns count from 1, columns in characters of the text or in cells of a workbook; times
// of day are milliseconds since midnight on the wall clock, dates are days as [schemas.Date] counts them.
//
// # Why
//
// Workbooks, profiles of other programs and files of Genesys Cloud are read by packages that do not know each other.
// What they agree on is here, so that a profile reads a workbook as it reads text, and every check speaks of the user's
// file.
package rows
