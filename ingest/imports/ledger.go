package imports

import (
	"cmp"
	"context"
	"slices"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// Entry is an import in the ledger, with what became of it.
type Entry struct {
	// Import is the record. Of a schedule, Rows counts activities; Changed, Removed and Unchanged count agent-days.
	schemas.Import
	// Revision is the record of a schedule as the store holds it; nil for other kinds.
	Revision *schemas.Revision
	// UndoneBy are the imports that took it back, as far as that was possible, oldest first.
	UndoneBy []string
}

// Undone returns the newest import that took it back; empty where none did.
func (e *Entry) Undone() string {
	if n := len(e.UndoneBy); n > 0 {
		return e.UndoneBy[n-1]
	}
	return ""
}

// revisionEntry is the entry of a revision of the schedule.
func revisionEntry(r schemas.Revision) Entry {
	return Entry{Revision: &r, Import: schemas.Import{
		ID:         r.ID,
		Kind:       schemas.JournalSchedule,
		RecordedAt: r.RecordedAt,
		Actor:      r.Actor,
		Origin:     r.Origin,
		Undoes:     r.Undoes,
		FileHash:   r.FileHash,
		Range:      schemas.Interval{Start: schemas.UTC.DayStart(r.From), End: schemas.UTC.DayStart(r.To + 1)},
		Rows:       r.Activities,
		Changed:    r.DaysChanged,
		Removed:    r.DaysRemoved,
		Unchanged:  r.DaysUnchanged,
	}}
}

// entries reads the imports of a kind ("" = of all), oldest first.
func (m *Ledger) entries(ctx context.Context, kind schemas.JournalKind) ([]Entry, error) {
	var out []Entry
	if kind == "" || kind == schemas.JournalSchedule {
		revisions, err := m.store.Revisions(ctx, 0)
		if err != nil {
			return nil, err
		}
		for _, r := range revisions {
			out = append(out, revisionEntry(r))
		}
	}
	if kind != schemas.JournalSchedule {
		all, err := m.store.Imports(ctx, 0)
		if err != nil {
			return nil, err
		}
		for i := range all {
			if kind == "" || all[i].Kind == kind {
				out = append(out, Entry{Import: all[i]})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return cmp.Compare(a.RecordedAt, b.RecordedAt) })
	at := map[string]*Entry{}
	for i := range out {
		at[out[i].ID] = &out[i]
		if undone := at[out[i].Undoes]; undone != nil {
			undone.UndoneBy = append(undone.UndoneBy, out[i].ID)
		}
	}
	return out, nil
}

// ListQuery says which imports to list.
type ListQuery struct {
	// Kind is empty for all.
	Kind files.Kind
	// From and To, both included, leave out imports about other dates; 0 leaves out none.
	From, To schemas.Date
	// Limit bounds the number; 0 does not.
	Limit int
}

// List returns imports, the newest first.
func (m *Ledger) List(ctx context.Context, q ListQuery) ([]Entry, error) {
	all, err := m.entries(ctx, JournalOf(q.Kind))
	out := []Entry{}
	for _, e := range slices.Backward(all) {
		if !e.Range.Empty() && (q.From != 0 && e.Range.End <= schemas.UTC.DayStart(q.From) ||
			q.To != 0 && e.Range.Start >= schemas.UTC.DayStart(q.To+1)) {
			continue
		}
		if out = append(out, e); len(out) == q.Limit {
			break
		}
	}
	return out, err
}

// Find returns an import of a kind ("" = of any) by its id, or an UnknownError.
func (m *Ledger) Find(ctx context.Context, kind files.Kind, id string) (*Entry, error) {
	journal := JournalOf(kind)
	all, err := m.entries(ctx, journal)
	if err != nil {
		return nil, err
	}
	n, err := find(all, journal, id)
	if err != nil {
		return nil, err
	}
	return &all[n], nil
}

// Holds says whether the ledger has an import by the actor, since an instant, of a file with the hash. Status changes
// and gaps are in no ledger; importing them again changes nothing.
func (m *Ledger) Holds(ctx context.Context, kind files.Kind, actor, fileHash string, since schemas.Instant) (bool,
	error) {
	k := kindNamed(kind)
	if k.diff == nil {
		return false, nil
	}
	all, err := m.entries(ctx, k.journal)
	return slices.ContainsFunc(all, func(e Entry) bool {
		return e.Actor == actor && e.FileHash == fileHash && e.RecordedAt >= since
	}), err
}

// turn is where an import at work stands among those of its kind.
type turn struct {
	kind schemas.JournalKind
	// before are the imports of the kind so far, oldest first; base is the newest, noRevision when there is none.
	before []Entry
	base   string
	// at is when the one at work becomes known: later than all of them, whatever the clock says.
	at schemas.Instant
}

// alone does an import of a kind while no other of it is at work, in this process or another, so that two never
// interleave and the second sees the first. A dry run need not wait.
func (m *Ledger) alone(ctx context.Context, kind schemas.JournalKind, dry bool, waiting func(),
	do func(ctx context.Context, t *turn) error) error {
	read := func(ctx context.Context) error {
		before, err := m.entries(ctx, kind)
		if err != nil {
			return err
		}
		t := &turn{kind: kind, before: before, base: noRevision, at: m.now()}
		if n := len(before); n > 0 {
			t.base, t.at = before[n-1].ID, max(t.at, before[n-1].RecordedAt+1)
		}
		return do(ctx, t)
	}
	if dry {
		return read(ctx)
	}
	return m.store.Exclusive(ctx, string(kind), waiting, read)
}

// writing is an import of a kind with entries, or an undo, that is compared with the store and not written yet.
type writing struct {
	*turn
	row   schemas.JournalRow
	entry Entry
	write func() error
}

// check returns a Conflict when more was imported than the preview knew of that named seen as the newest.
func (t *turn) check(seen string) error {
	later, err := since(t.before, t.kind, seen)
	if err == nil && len(later) > 0 {
		err = &Conflict{Kind: t.kind, IfRevision: seen, Newest: t.base, Since: later}
	}
	return err
}

// begin begins the journal row and the entry of an import.
func (t *turn) begin(origin, actor string) *writing {
	row := journalRow(t.kind, origin, actor, t.at)
	return &writing{turn: t, row: row, entry: Entry{Import: schemas.Import{
		ID:         row.ID,
		Kind:       row.Kind,
		RecordedAt: row.RecordedAt,
		Actor:      row.Actor,
		Origin:     row.Origin,
	}}}
}

// counts notes what the import changes.
func (w *writing) counts(t *Tally) {
	w.entry.Added, w.entry.Changed, w.entry.Removed = t.Added, t.Changed, t.Removed
}

// recorded has the entry written first, and then what the import changes: the journal row, which makes both visible, is
// part of the latter.
func (m *Ledger) recorded(ctx context.Context, w *writing, write func() error) {
	w.write = func() error {
		if err := m.store.WriteImport(ctx, w.entry.Import); err != nil {
			return err
		}
		return write()
	}
}

// compared compares what was read of a file, and writes what differs as an entry of the ledger.
func (m *Ledger) compared(ctx context.Context, kind schemas.JournalKind, in files.Input, opt *Options, r *Result,
	compare func(ctx context.Context, w *writing) error) error {
	return m.alone(ctx, kind, opt.DryRun, opt.Waiting, func(ctx context.Context, t *turn) error {
		if err := t.check(opt.IfRevision); err != nil {
			return err
		}
		w := t.begin(in.Name, opt.Actor)
		if err := compare(ctx, w); err != nil {
			return err
		}
		w.entry.FileHash, w.entry.Rows, w.entry.Unchanged = r.FileHash, r.Accepted, r.Unchanged
		r.BaseRevision = t.base
		err := r.write(opt, w.row, w.write)
		if err == nil && len(r.Journal) > 0 {
			r.Import = &w.entry.Import
		}
		return err
	})
}
