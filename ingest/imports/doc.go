// Package imports compares what files say with what the store holds, writes what differs, and lists, shows and takes
// back what was imported: rosters, activity codes, statuses, schedules, status changes, feed gaps and requirements.
//
// The nouns: the [Ledger] is all imports that were written, with what does them; an [Entry] is one of them, stored as a
// [schemas.Import] or, of the schedule, as a [schemas.Revision]; a [Result] is what an import of a file, read by
// package files, did or would do, and a [Change] what that is in rosters, codes, requirements or the schedule; an
// [Undone] is what an undo did; an [Effect] is what a supposed schedule does to the adherence of days that have begun.
// A preview is an import or undo that is a dry run.
//
// It stores nothing of its own; what it writes goes through [Store], each import with one journal row (status
// changes: one per batch). Instants are milliseconds since the Unix epoch, UTC; dates are local dates of each agent.
//
// Guarantees: unless rejected rows are allowed nothing is written when a file has a problem; the same file imported
// twice changes nothing; memory does not grow with the number of status changes. Imports of one kind with a ledger
// are compared and written one after the other, over all processes, and become known in that order, whatever the
// clock says. A preview writes nothing and says what an import of the same file then does, unless somebody changes
// the same things in between, which the import can be made to notice. An undo restores what still comes from the
// import exactly as it was before it, names everything else with the reason, and can itself be undone.
//
// # Why
//
// A planner who cannot see what an import will do, and cannot take it back, does not dare to import. Nothing is ever
// overwritten in the store, so most of this is only reading: what was there before an import is still there. Status
// files are too large to hold, so they are read twice: once to find every problem, once to write.
package imports
