// Package reports turns judged agent-days into reports: what people download, print and are sent.
//
// The nouns: a [Query] says what a report is about; a [Reader] yields the judged days that answer it, stored ones or
// ones judged for the purpose, and only results, never raw facts; a [Day] is one agent-day as a report shows it; a
// [Group] holds the sums of a team or of everybody; a [Head] is what is known before the first row, an [Adherence] what
// is known after the last; a [Writer] writes the report in a shape: [NewCSV] and [NewJSON] here, a workbook in
// reports/xlsx. [WriteAdherence] joins them.
//
// It stores nothing but the file that it is asked for ([Save]), which appears whole or not at all. Lengths of time are
// milliseconds inside and exact seconds in rows; percentages are quotients of sums, rounded to two decimals when shown
// and not before; a group's percentage is never a mean of percentages, and members without one are left out and
// counted. Rows stream: memory grows with agents and teams, not with days and exceptions. The [hasher] makes of what a
// report says a fingerprint that anyone can check (RULES.md section 10); every file carries it with the question that
// it answers, so that it can be read back ([ReportFile]), made again and compared, with the reasons for what has
// changed ([Verify]).
//
// # Why
//
// Page, workbook, mail and command line must show the same figures for the same question. So one walk over the rows
// makes the sums and the hash, and every shape is written from that walk.
package reports
