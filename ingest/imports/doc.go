// Package imports compares what files say with what the store holds, writes what differs, and lists, shows and takes
// back what was imported: rosters, activity codes, statuses, schedules, status changes, feed gaps and requirements.
//
// The nouns: an [Importer] imports a file, read by package files, and returns a [Result]; a change ([ScheduleChange],
// [RosterChange], [RequirementChange], [CodesChange]) is what an import, or the undo of one, does; the ledger is the
// imports of rosters, requirements and codes ([schemas.Import]) and the revisions of the schedule
// ([schemas.Revision]); a [Preview] is what an import of a schedule would do, with its [Effect] on the adherence of
// days that have begun.
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
