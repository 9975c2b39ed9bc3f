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
	write func(m *Ledger, ctx context.Context, in files.Input, opt *files.Options) (*Result, error)
	// compare says what an import changed, whatever happened since; nil for kinds without a ledger.
	compare func(m *Ledger, ctx context.Context, made *Entry) (Change, error)
	// restore decides what an undo gives back, and prepares its write.
	restore func(m *Ledger, ctx context.Context, u *undoing) error
}

// kinds are all kinds. The first of those that share a journal kind names it.
func kinds() []kind {
	return []kind{
		{files.Roster, schemas.JournalRoster, "agents", (*Ledger).roster, (*Ledger).rosterDiff, (*Ledger).undoRoster},
		{files.Activities, schemas.JournalActivities, "codes", (*Ledger).activities, (*Ledger).codesDiff,
			(*Ledger).undoCodes},
		{files.Statuses, schemas.JournalActivities, "statuses", (*Ledger).statuses, (*Ledger).codesDiff, (*Ledger).undoCodes},
		{files.Schedule, schemas.JournalSchedule, "agent-days", (*Ledger).schedule, nil, nil},
		{files.Status, schemas.JournalChanges, "status changes", (*Ledger).status, nil, nil},
		{files.Gaps, schemas.JournalGaps, "gaps", (*Ledger).gaps, nil, nil},
		{files.Requirements, schemas.JournalRequirement, "intervals", (*Ledger).requirements, (*Ledger).requirementsDiff,
			(*Ledger).undoRequirements},
	}
}

// kindOf is the kind of that name; the zero kind where there is none.
func kindOf(name files.Kind) kind {
	for _, k := range kinds() {
		if k.name == name {
			return k
		}
	}
	return kind{}
}

// kindIn is the kind that the journal calls so.
func kindIn(journal schemas.JournalKind) kind {
	for _, k := range kinds() {
		if k.journal == journal {
			return k
		}
	}
	return kind{}
}

// listed says whether the imports of the kind are in the ledger.
func (k kind) listed() bool { return k.compare != nil || k.name == files.Schedule }

// JournalOf is how the journal calls the imports of a kind; empty for no kind.
func JournalOf(name files.Kind) schemas.JournalKind { return kindOf(name).journal }

// Noun names what an import of the kind counts, in the plural.
func Noun(name files.Kind) string { return kindOf(name).noun }
