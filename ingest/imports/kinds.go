package imports

import (
	"context"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// kind is how the imports of one kind of file are written, shown and taken back.
type kind struct {
	name    files.Kind
	journal schemas.JournalKind
	// noun names what an import counts.
	noun string
	// write reads a file, compares it with the store, and writes what differs unless it is a dry run.
	write func(m *Ledger, ctx context.Context, in files.Input, opt *Options) (*Result, error)
	// diff says what an import changed, whatever happened since; undo decides what can be restored, and prepares its
	// write. Both are nil for kinds without a ledger.
	diff  func(m *Ledger, ctx context.Context, d *Diff) error
	undo  undoer
	shape shape
}

type undoer func(m *Ledger, ctx context.Context, u *undoing) error

// kinds are all kinds. The first of those that share a journal kind names it.
func kinds() []kind {
	plain := plainShape()
	return []kind{
		{files.Roster, schemas.JournalRoster, "agents",
			(*Ledger).roster, (*Ledger).diffRoster, checked((*Ledger).undoRoster), plain},
		{files.Activities, schemas.JournalActivities, "codes",
			(*Ledger).activities, (*Ledger).diffCodes, checked((*Ledger).undoCodes), plain},
		{files.Statuses, schemas.JournalActivities, "statuses",
			(*Ledger).statuses, (*Ledger).diffCodes, checked((*Ledger).undoCodes), plain},
		{files.Schedule, schemas.JournalSchedule, "agent-days",
			(*Ledger).schedule, (*Ledger).diffRevision, (*Ledger).undoSchedule, scheduleShape()},
		{files.Requirements, schemas.JournalRequirement, "intervals",
			(*Ledger).requirements, (*Ledger).diffRequirements, checked((*Ledger).undoRequirements), plain},
		{files.Status, schemas.JournalChanges, "status changes", (*Ledger).status, nil, nil, plain},
		{files.Gaps, schemas.JournalGaps, "gaps", (*Ledger).gaps, nil, nil, plain},
	}
}

// kindOf returns the first kind that is so; one without a name where there is none.
func kindOf(is func(k *kind) bool) kind {
	for _, k := range kinds() {
		if is(&k) {
			return k
		}
	}
	return kind{shape: plainShape()}
}

// kindNamed returns the kind of that name.
func kindNamed(name files.Kind) kind { return kindOf(func(k *kind) bool { return k.name == name }) }

// kindIn returns the kind that the journal calls so.
func kindIn(as schemas.JournalKind) kind {
	return kindOf(func(k *kind) bool { return k.journal == as })
}

// JournalOf is how the journal calls the imports of a kind; empty for no kind.
func JournalOf(name files.Kind) schemas.JournalKind { return kindNamed(name).journal }

// Noun names what an import of the kind counts, in the plural.
func Noun(name files.Kind) string { return kindNamed(name).noun }
