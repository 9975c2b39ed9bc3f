// Package profile reads the files of other programs as ours.
//
// A [Profile] is a YAML document: what the columns are called, how dates and times are written, what activities mean,
// which rows are passed over, how a week grid is laid out. [Parse] reads one; [Ready], [Find] and [Load] return those
// that come with the program, which users copy and change. [Profile.Over] is a source of rows over a source of rows: it
// changes texts and leaves places alone. [Profile.Renaming] only replaces the names of agents and activities.
//
// It stores nothing and knows no kind of file: [Layouts] says what the columns of a kind are. Every problem of a
// profile is found in one run, with its line; a profile of any text is read or refused with an *[Error].
//
// # Why
//
// Every planning tool exports something of its own. What differs from tool to tool is text that a user can correct; the
// checks that follow see only our columns, so that they speak of the user's file and are written once.
package profile
