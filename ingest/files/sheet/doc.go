// Package sheet reads a sheet of an Excel workbook (XLSX) row by row.
//
// [Open] finds the sheet; the [Sheet] is a [rows.Source]: the first row that is not empty is the header, empty rows are
// passed over, and a column is that of a cell. Dates and times come in our own form (2026-03-02, 09:00:00), whatever
// the language of the workbook. [OldOffice] says what a file is that looks like a workbook and is none; [CellName]
// names a cell as Excel does.
//
// It stores nothing. Memory does not grow with the rows, only with the texts that cells share, up to 128 MiB. A file of
// any bytes is read or refused with a *[rows.Unusable]; a part that would unpack to more than a table can hold is
// refused before.
//
// # Why
//
// A general reader of workbooks holds the whole sheet and returns what cells show. Here the type and number format of a
// cell decide what is a date and what is a number, which formula has no result, and where; and a planner's million rows
// are read in the memory of one.
package sheet
