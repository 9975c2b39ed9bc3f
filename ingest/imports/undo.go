package imports

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// ErrNothingToUndo says that nothing of an import is in force any more, so that there is nothing to take back.
var ErrNothingToUndo = errors.New("nothing of it is in force any more")

// Listed is an import with what became of it.
type Listed struct {
	schemas.Import
	// UndoneBy is the newest import that undoes it, "" when none does.
	UndoneBy string `json:"undone_by"`
}

// Imports lists the imports of a kind ("" = of all that are in the ledger), newest first, at most limit (0 = all).
func (m *Importer) Imports(ctx context.Context, kind schemas.JournalKind, limit int) ([]Listed, error) {
	all, err := m.store.Imports(ctx, 0)
	if err != nil {
		return nil, err
	}
	undone := map[string]string{}
	for i := range all {
		if all[i].Undoes != "" {
			undone[all[i].Undoes] = all[i].ID
		}
	}
	out := []Listed{}
	for _, made := range slices.Backward(all) {
		if kind == "" || made.Kind == kind {
			out = append(out, Listed{made, undone[made.ID]})
		}
		if limit > 0 && len(out) == limit {
			break
		}
	}
	return out, nil
}

// FindImport gives an import of a kind ("" = of any) by its id, or an UnknownImportError.
func (m *Importer) FindImport(ctx context.Context, kind schemas.JournalKind, id string) (*Listed, error) {
	list, err := m.Imports(ctx, kind, 0)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].ID == id {
			return &list[i], nil
		}
	}
	return nil, &UnknownImportError{Kind: kind, ID: id}
}

// ImportDiff is what an import changed: one of the three, by its kind.
type ImportDiff struct {
	Import       Listed             `json:"import"`
	Requirements *RequirementChange `json:"requirements,omitempty"`
	Roster       *RosterChange      `json:"roster,omitempty"`
	Codes        *CodesChange       `json:"codes,omitempty"`
}

// DiffImport tells what an import changed, whatever happened since.
func (m *Importer) DiffImport(ctx context.Context, kind schemas.JournalKind, id string) (*ImportDiff, error) {
	made, err := m.FindImport(ctx, kind, id)
	if err != nil {
		return nil, err
	}
	d := &ImportDiff{Import: *made}
	switch made.Kind { //nolint:exhaustive // the ledger has no others
	case schemas.JournalRoster:
		var was, is []schemas.Membership
		if was, is, err = bothSides(ctx, made, m.store.Memberships); err == nil {
			d.Roster = CompareRosters(was, is, nil)
		}
	case schemas.JournalRequirement:
		var u *requirementUndo
		if u, err = m.requirementVersions(ctx, made); err == nil {
			d.Requirements = u.made()
		}
	default:
		d.Codes, err = m.codesDiff(ctx, made)
	}
	return d, err
}

// bothSides reads what was known before an import and what is known since it, before anything later.
func bothSides[T any](ctx context.Context, made *Listed, read func(context.Context, schemas.Instant) (T, error)) (was, is T, err error) {
	if was, err = read(ctx, made.RecordedAt-1); err == nil {
		is, err = read(ctx, made.RecordedAt)
	}
	return was, is, err
}

func (m *Importer) codesDiff(ctx context.Context, made *Listed) (*CodesChange, error) {
	codesWas, codesAre, err := bothSides(ctx, made, m.store.ActivityCodes)
	if err != nil {
		return nil, err
	}
	was, are, err := bothSides(ctx, made, m.store.Statuses)
	if err != nil {
		return nil, err
	}
	c, more := codesBetween(codesWas, codesAre), statusesBetween(was, are)
	t := &c.Totals
	t.Added, t.Changed, t.Removed = t.Added+more.Totals.Added, t.Changed+more.Totals.Changed, t.Removed+more.Totals.Removed
	t.Unchanged = made.Unchanged
	c.Codes = append(c.Codes, more.Codes...)
	return c, nil
}

// UndoOrder asks to take an import back.
type UndoOrder struct {
	// Kind is the import's; empty for any.
	Kind   schemas.JournalKind
	Import string
	// IfRevision is the newest import of the kind that a preview of the undo took into account; empty does not check.
	IfRevision string
	Actor      string
	DryRun     bool
	Waiting    func()
}

// NotRestored is something that an undo leaves as it is.
type NotRestored struct {
	// Subject is an agent, a team or a code; Start is the interval of a team.
	Subject string           `json:"subject"`
	Start   *schemas.Instant `json:"start,omitempty"`
	Reason  string           `json:"reason"`
}

// Undone is what an undo did or, in a dry run, would do.
type Undone struct {
	// Import is the undo's own entry in the ledger; null in a dry run.
	Import       *schemas.Import `json:"import"`
	Undoes       string          `json:"undoes"`
	DryRun       bool            `json:"dry_run"`
	BaseRevision string          `json:"base_revision"`
	// Restored counts agents, intervals or codes that are again what they were before the import.
	Restored    int                `json:"restored"`
	NotRestored []NotRestored      `json:"not_restored"`
	Roster      *RosterChange      `json:"roster,omitempty"`
	Requirement *RequirementChange `json:"requirements,omitempty"`
	Codes       *CodesChange       `json:"codes,omitempty"`
	Journal     []string           `json:"journal,omitempty"`
}

// undoing is an undo at work.
type undoing struct {
	*Undone
	made *Listed
	led  *ledger
	row  schemas.JournalRow
	// entry is the undo's own, write what makes it so.
	entry schemas.Import
	write func() error
	// by names what changed things since.
	by map[schemas.Instant]string
}

// UndoImport takes an import back, as an import of its own: of what it changed, everything that still comes from it
// is again what it was before; what was changed since is listed and stays. It can be undone like any import.
func (m *Importer) UndoImport(ctx context.Context, o UndoOrder) (*Undone, error) {
	made, err := m.FindImport(ctx, o.Kind, o.Import)
	if err != nil {
		return nil, err
	}
	opt := &files.Options{Actor: o.Actor, IfRevision: o.IfRevision, DryRun: o.DryRun, Waiting: o.Waiting}
	u := &undoing{made: made, Undone: &Undone{Undoes: made.ID, DryRun: o.DryRun, NotRestored: []NotRestored{}}}
	err = m.alone(ctx, made.Kind, opt, func(ctx context.Context) error { return m.undoAlone(ctx, u, opt) })
	if err != nil {
		return nil, fmt.Errorf("undo import %s of %s: %w", made.ID, made.Kind, err)
	}
	return u.Undone, nil
}

func (m *Importer) undoAlone(ctx context.Context, u *undoing, opt *files.Options) error {
	var err error
	if u.led, err = m.ledger(ctx, u.made.Kind, opt); err != nil {
		return err
	}
	u.BaseRevision = u.led.base
	u.row = m.journal(u.made.Kind, files.Input{Name: u.made.ID}, opt, u.led.at, "")
	u.entry = schemas.Import{ID: u.row.ID, Kind: u.made.Kind, RecordedAt: u.led.at, Actor: opt.Actor, Origin: u.made.ID, Undoes: u.made.ID,
		Range: u.made.Range}
	if err := m.nameLater(ctx, u); err != nil {
		return err
	}
	switch u.made.Kind { //nolint:exhaustive // the ledger has no others
	case schemas.JournalRoster:
		err = m.undoRoster(ctx, u)
	case schemas.JournalRequirement:
		err = m.undoRequirements(ctx, u)
	default:
		err = m.undoCodes(ctx, u)
	}
	switch {
	case err != nil || opt.DryRun:
		return err
	case u.Restored == 0:
		return ErrNothingToUndo
	}
	u.row.Detail = fmt.Sprintf("undo of import %s: %d restored, %d not", u.made.ID, u.Restored, len(u.NotRestored))
	u.entry.Rows = u.Restored
	if err := u.write(); err != nil {
		return err
	}
	u.Import, u.Journal = &u.entry, []string{u.row.ID}
	return nil
}

// nameLater notes who imported what after the import.
func (m *Importer) nameLater(ctx context.Context, u *undoing) error {
	u.by = map[schemas.Instant]string{}
	all, err := m.store.Imports(ctx, 0)
	for i := range all {
		if all[i].Kind == u.made.Kind && all[i].RecordedAt > u.made.RecordedAt {
			u.by[all[i].RecordedAt] = fmt.Sprintf("changed since by import %s (%s, by %s at %s)", all[i].ID, all[i].Origin, all[i].Actor, all[i].RecordedAt)
		}
	}
	return err
}

// keep lists what stays as it is, with who changed it.
func (u *undoing) keep(subject string, start *schemas.Instant, since schemas.Instant) {
	reason := u.by[since]
	if reason == "" {
		reason = "changed since"
	}
	u.NotRestored = append(u.NotRestored, NotRestored{subject, start, reason})
}

func (m *Importer) undoRoster(ctx context.Context, u *undoing) error {
	wasRows, madeRows, err := bothSides(ctx, u.made, m.store.Memberships)
	if err != nil {
		return err
	}
	nowRows, err := m.store.Memberships(ctx, 0)
	if err != nil {
		return err
	}
	was, made, now := schemas.MembershipsByAgent(wasRows), schemas.MembershipsByAgent(madeRows), schemas.MembershipsByAgent(nowRows)
	u.Roster = &RosterChange{Agents: []AgentChange{}, NotInFile: []string{}}
	var out []schemas.Membership
	for _, agent := range idsOf(was, made) {
		if change(agent, was[agent], made[agent]) == nil {
			continue
		}
		if since := recordedAt(now[agent]); since != recordedAt(made[agent]) {
			u.keep(agent, nil, since)
			continue
		}
		u.Restored++
		if a := change(agent, now[agent], was[agent]); a != nil {
			u.Roster.add(a)
		}
		out = append(out, restoredRows(agent, was[agent], u.led.at)...)
	}
	t := &u.Roster.Totals
	u.entry.Added, u.entry.Changed, u.entry.Removed = t.Added, t.Changed, t.Removed
	u.Roster.spans(&u.row)
	u.write = func() error {
		if err := m.store.WriteImport(ctx, u.entry); err != nil {
			return err
		}
		return m.store.WriteRoster(ctx, u.row, out)
	}
	return m.judgedAgain(ctx, u.Roster)
}

// recordedAt gives when an agent's rows became known, 0 when there are none.
func recordedAt(rows []schemas.Membership) schemas.Instant {
	if len(rows) == 0 {
		return 0
	}
	return rows[0].RecordedAt
}

// restoredRows are an agent's earlier rows as they are written again; a tombstone where there were none.
func restoredRows(agent string, rows []schemas.Membership, at schemas.Instant) []schemas.Membership {
	if len(rows) == 0 {
		return []schemas.Membership{{AgentID: agent, RecordedAt: at, Removed: true}}
	}
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].RecordedAt = at
	}
	return rows
}

func (m *Importer) undoCodes(ctx context.Context, u *undoing) error {
	codes, err := restored(ctx, u, m.store.ActivityCodes, func(c *schemas.ActivityCode) (*string, *schemas.Instant, *bool) {
		return &c.Code, &c.RecordedAt, &c.Removed
	})
	if err != nil {
		return err
	}
	labels, err := restored(ctx, u, m.store.Statuses, func(s *schemas.SecondaryStatus) (*string, *schemas.Instant, *bool) {
		return &s.Secondary, &s.RecordedAt, &s.Removed
	})
	if err != nil {
		return err
	}
	u.Codes = &CodesChange{Codes: []CodeChange{}}
	for i := range codes {
		u.tell(codes[i].Code, codes[i].Removed, codesOf(codes[i : i+1])[0].fields)
	}
	for i := range labels {
		u.tell(labels[i].Secondary, labels[i].Removed, labelsOf(labels[i : i+1])[0].fields)
	}
	u.entry.Changed, u.entry.Removed = u.Codes.Totals.Changed, u.Codes.Totals.Removed
	u.write = func() error {
		if err := m.store.WriteImport(ctx, u.entry); err != nil {
			return err
		}
		if len(codes) > 0 {
			if err := m.store.WriteActivityCodes(ctx, u.row, codes); err != nil {
				return err
			}
		}
		if len(labels) == 0 {
			return nil
		}
		return m.store.WriteStatuses(ctx, u.row, labels)
	}
	return nil
}

// tell notes a code that gets its earlier fields back, or is none any more.
func (u *undoing) tell(name string, removed bool, fields []FieldChange) {
	c := CodeChange{Code: name, Change: Changed, Fields: fields}
	if removed {
		c.Change, c.Fields = Removed, []FieldChange{}
		u.Codes.Totals.Removed++
	} else {
		u.Codes.Totals.Changed++
	}
	u.Codes.Codes = append(u.Codes.Codes, c)
}

// restored gives the codes or labels that an undo writes.
func restored[T comparable](ctx context.Context, u *undoing, read func(context.Context, schemas.Instant) ([]T, error),
	parts func(*T) (name *string, at *schemas.Instant, removed *bool)) ([]T, error) {
	was, made, err := bothSides(ctx, u.made, read)
	if err != nil {
		return nil, err
	}
	now, err := read(ctx, 0)
	if err != nil {
		return nil, err
	}
	byName := func(list []T) map[string]T {
		out := map[string]T{}
		for _, v := range list {
			name, _, _ := parts(&v)
			out[*name] = v
		}
		return out
	}
	old, current := byName(was), byName(now)
	var out []T
	for _, v := range made {
		name, at, _ := parts(&v)
		if *at != u.made.RecordedAt {
			continue // another import's
		}
		cur := current[*name]
		if cur != v {
			_, since, _ := parts(&cur)
			u.keep(*name, nil, *since)
			continue
		}
		back, there := old[*name]
		if !there {
			back = v
		}
		_, at, removed := parts(&back)
		*at, *removed = u.led.at, !there
		u.Restored++
		out = append(out, back)
	}
	return out, nil
}
