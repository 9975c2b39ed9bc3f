package imports

import (
	"context"
	"encoding/json"
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

// MarshalJSON writes the record of the kind, with undone_by: a list for a schedule, the newest import for others.
func (e Entry) MarshalJSON() ([]byte, error) {
	if e.Revision != nil {
		return json.Marshal(struct {
			*schemas.Revision
			UndoneBy []string `json:"undone_by"`
		}{e.Revision, append([]string{}, e.UndoneBy...)})
	}
	newest := ""
	if n := len(e.UndoneBy); n > 0 {
		newest = e.UndoneBy[n-1]
	}
	return json.Marshal(struct {
		schemas.Import
		UndoneBy string `json:"undone_by"`
	}{e.Import, newest})
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
		for i := range revisions {
			out = append(out, revisionEntry(revisions[i]))
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
	slices.SortStableFunc(out, func(a, b Entry) int { return int(a.RecordedAt.Sub(b.RecordedAt)) })
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
	// From and To, both included, leave out revisions of the schedule about other dates; 0 leaves out none.
	From, To schemas.Date
	// Limit bounds the number; 0 does not.
	Limit int
}

// List returns imports, the newest first.
func (m *Ledger) List(ctx context.Context, q ListQuery) ([]Entry, error) {
	all, err := m.entries(ctx, JournalOf(q.Kind))
	out := []Entry{}
	for _, e := range slices.Backward(all) {
		if r := e.Revision; r != nil && (q.From != 0 && r.To < q.From || q.To != 0 && r.From > q.To) {
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
	if !kindOf(kind).listed() {
		return false, nil
	}
	all, err := m.entries(ctx, JournalOf(kind))
	return slices.ContainsFunc(all, func(e Entry) bool {
		return e.Actor == actor && e.FileHash == fileHash && e.RecordedAt >= since
	}), err
}

// turn is where an import stands among those of its kind.
type turn struct {
	// base is the newest import of the kind, NoRevision when there is none.
	base string
	// at is when the one at work becomes known: later than all of them, whatever the clock says.
	at schemas.Instant
}

// turn reads what was imported before, and returns a Conflict when that is more than the preview knew of.
func (m *Ledger) turn(ctx context.Context, kind schemas.JournalKind, opt *files.Options) (*turn, error) {
	all, err := m.store.Imports(ctx, 0)
	if err != nil {
		return nil, err
	}
	t := &turn{at: m.now()}
	var same []Entry
	for i := range all {
		t.at = max(t.at, all[i].RecordedAt+1)
		if all[i].Kind == kind {
			same = append(same, Entry{Import: all[i]})
		}
	}
	t.base = newestOf(same)
	later, err := since(same, kind, opt.IfRevision)
	if err == nil && len(later) > 0 {
		err = &Conflict{Kind: kind, IfRevision: opt.IfRevision, Newest: t.base, Since: later}
	}
	return t, err
}

// entry begins the ledger's entry for an import.
func (t *turn) entry(row *schemas.JournalRow, report *Result) schemas.Import {
	return schemas.Import{
		ID:         row.ID,
		Kind:       row.Kind,
		RecordedAt: t.at,
		Actor:      row.Actor,
		Origin:     row.Origin,
		FileHash:   report.FileHash,
		Rows:       report.Accepted,
		Unchanged:  report.Unchanged,
	}
}

// alone runs an import while no other of the kind is at work, in this process or another. A dry run need not wait.
func (m *Ledger) alone(ctx context.Context, kind schemas.JournalKind, dry bool, waiting func(),
	do func(ctx context.Context) error) error {
	if dry {
		return do(ctx)
	}
	lock := string(kind)
	if kind == schemas.JournalSchedule {
		lock = schedules
	}
	return m.store.Exclusive(ctx, lock, waiting, do)
}
