// Package xlsx writes reports as workbooks for Excel, LibreOffice and whatever reads Office Open XML. It is the only
// importer of excelize.
//
// The nouns: a [Workbook] is a [reports.Writer] that turns an adherence report into the sheets Summary, Agents, Days,
// Exceptions, Timeline, Trend and About; a sheet is a table under a row of totals, some with a chart below; a column
// has a kind, which decides how its values are written; the timeline has two rows for each agent-day, what was
// scheduled over what was done, as coloured quarter hours. [Read] reads a workbook back for [reports.Verify].
//
// It stores nothing. Lengths of time are day fractions under the format [h]:mm:ss, percentages are fractions under
// 0.00%, dates and local times are serial numbers of the 1900 system: all are numbers that a program can add up. The
// totals above a header are formulas that follow the filter, with their values beside them, so that a viewer which does
// not calculate shows them too. Texts are inline strings in cells of the text format and can never become formulas;
// what a cell cannot hold (control characters, more than 32,767 UTF-16 units) is taken out or cut with an ellipsis, and
// About says so. A sheet that is full, at 1,048,576 rows, is followed by another ("Exceptions 2"). Rows stream to
// temporary files past 16 MiB a sheet, and from there into the zip: memory is bounded.
//
// # Why
//
// Supervisors keep these files, add columns, print them and mail them on. excelize writes rows from top to bottom and
// makes the zip in memory; totals stand above rows that are not known yet, so their values are put in while the zip is
// written, by a zip writer of our own that goes straight to the file.
package xlsx
