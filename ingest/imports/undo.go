package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// ErrNothingToUndo says that nothing of an import is in force any more, so that there is nothing to take back.
var ErrNothingToUndo = errors.New("nothing is left to undo")

// bothSides reads what was known before an import and what is known since it, before anything later.
func bothSides[T any](ctx context.Context, made *Entry, read func(context.Context, schemas.Instant) (T, error)) (was,
	is T, err error) {
	if was, err = read(ctx, made.RecordedAt-1); err == nil {
		is, err = read(ctx, made.RecordedAt)
	}
	return was, is, err
}

func (m *Ledger) rosterDiff(ctx context.Context, made *Entry) (Change, error) {
	was, is, err := bothSides(ctx, made, m.store.Memberships)
	if err != nil {
		return Change{}, err
	}
	return Change{Roster: CompareRosters(was, is, nil)}, nil
}

func (m *Ledger) requirementsDiff(ctx context.Context, made *Entry) (Change, error) {
	u, err := m.requirementVersions(ctx, made)
	if err != nil {
		return Change{}, err
	}
	return Change{Requirements: u.made()}, nil
}

func (m *Ledger) codesDiff(ctx context.Context, made *Entry) (Change, error) {
	c, err := m.activityCodes().between(ctx, made)
	if err != nil {
		return Change{}, err
	}
	more, err := m.secondaryStatuses().between(ctx, made)
	if err != nil {
		return Change{}, err
	}
	t := &c.Totals
	t.Added, t.Changed, t.Removed = t.Added+more.Totals.Added, t.Changed+more.Totals.Changed, t.Removed+more.Totals.Removed
	t.Unchanged = made.Unchanged
	c.Codes = append(c.Codes, more.Codes...)
	return Change{Codes: c}, nil
}

// between compares what was known before an import with what is known since it.
func (c codeStore[T]) between(ctx context.Context, made *Entry) (*CodesChange, error) {
	was, are, err := bothSides(ctx, made, c.held)
	return compareCodes(c.fields(was), c.fields(are), true), err
}

// UndoOrder asks to take an import back.
type UndoOrder struct {
	// Kind is the import's; empty for any.
	Kind   files.Kind
	Import string
	// IfRevision is the newest import of the kind that a preview of the undo took into account; empty does not check.
	IfRevision string
	Actor      string
	// DryRun does everything but write and, of a schedule, works out the effect on adherence.
	DryRun bool
	// Waiting is called once when another import or undo has to end first, Judged with the agents judged so far. Both
	// may be nil.
	Waiting func()
	Judged  func(agents, of int)
}

// RestoredDay is an agent-day that is again as it was before the import; Removed says that nothing was scheduled then.
type RestoredDay struct {
	AgentID string       `json:"agent_id"`
	Day     schemas.Date `json:"day"`
	Removed bool         `json:"removed"`
}

// NotRestored is something that an undo leaves as it is.
type NotRestored struct {
	// Subject is an agent, a team or a code; Start is the interval of a team, Day the date of an agent's schedule.
	Subject string           `json:"subject"`
	Start   *schemas.Instant `json:"start,omitempty"`
	Day     schemas.Date     `json:"-"`
	Reason  string           `json:"reason"`
}

// Undone is what an undo did or, in a dry run, would do.
type Undone struct {
	// Undoes is the import that is taken back, Made the undo's own entry in the ledger; nil in a dry run.
	Undoes       Entry
	Made         *Entry
	DryRun       bool
	BaseRevision string
	// Restored counts agents, intervals, codes or agent-days that are again what they were before the import; Days
	// are the agent-days.
	Restored    int
	Days        []RestoredDay
	NotRestored []NotRestored
	Change
	// Totals say what becomes of the activities of the restored agent-days, Effect what the undo of a schedule does
	// to the adherence of days that have begun; only a dry run works it out.
	Totals  schemas.TallyJSON
	Effect  *Effect
	Journal []string
}

// MarshalJSON writes what the kind has.
func (u *Undone) MarshalJSON() ([]byte, error) {
	if u.Undoes.Revision != nil {
		return u.marshalSchedule()
	}
	out := struct {
		Import       *schemas.Import    `json:"import"`
		Undoes       string             `json:"undoes"`
		DryRun       bool               `json:"dry_run"`
		BaseRevision string             `json:"base_revision"`
		Restored     int                `json:"restored"`
		NotRestored  []NotRestored      `json:"not_restored"`
		Roster       *RosterChange      `json:"roster,omitempty"`
		Requirements *RequirementChange `json:"requirements,omitempty"`
		Codes        *CodesChange       `json:"codes,omitempty"`
		Journal      []string           `json:"journal,omitempty"`
	}{nil, u.Undoes.ID, u.DryRun, u.BaseRevision, u.Restored, u.NotRestored, u.Roster, u.Requirements, u.Codes, u.Journal}
	if u.Made != nil {
		out.Import = &u.Made.Import
	}
	return json.Marshal(out)
}

func (u *Undone) marshalSchedule() ([]byte, error) {
	type leftDay struct {
		AgentID string       `json:"agent_id"`
		Day     schemas.Date `json:"day"`
		Reason  string       `json:"reason"`
	}
	left := make([]leftDay, len(u.NotRestored))
	for i, n := range u.NotRestored {
		left[i] = leftDay{n.Subject, n.Day, n.Reason}
	}
	out := struct {
		Undoes       *schemas.Revision `json:"undoes"`
		Revision     *schemas.Revision `json:"revision"`
		DryRun       bool              `json:"dry_run"`
		BaseRevision string            `json:"base_revision"`
		Restored     []RestoredDay     `json:"restored"`
		NotRestored  []leftDay         `json:"not_restored"`
		Totals       schemas.TallyJSON `json:"totals"`
		Effect       *Effect           `json:"effect"`
	}{u.Undoes.Revision, nil, u.DryRun, u.BaseRevision, u.Days, left, u.Totals, u.Effect}
	if u.Made != nil {
		out.Revision = u.Made.Revision
	}
	return json.Marshal(out)
}

// undoing is an undo at work, of any kind but a schedule.
type undoing struct {
	*Undone
	made *Entry
	led  *turn
	row  schemas.JournalRow
	// entry is the undo's own, write what makes it so.
	entry schemas.Import
	write func() error
	// by names what changed things since.
	by map[schemas.Instant]string
}

// Undo takes an import back, as an import of its own: of what it changed, everything that still comes from it is
// again what it was before; what was changed since is listed and stays. It can be undone like any import. An undo
// that would restore nothing is ErrNothingToUndo.
func (m *Ledger) Undo(ctx context.Context, o UndoOrder) (*Undone, error) {
	made, err := m.Find(ctx, o.Kind, o.Import)
	if err != nil {
		return nil, err
	}
	out := &Undone{Undoes: *made, DryRun: o.DryRun, Days: []RestoredDay{}, NotRestored: []NotRestored{}}
	err = m.alone(ctx, made.Kind, o.DryRun, o.Waiting, func(ctx context.Context) error {
		if made.Revision != nil {
			return m.undoSchedule(ctx, out, &o)
		}
		return m.undoRecorded(ctx, &undoing{made: made, Undone: out}, &o)
	})
	if err != nil && made.Revision == nil {
		return nil, fmt.Errorf("undo import %s of %s: %w", made.ID, made.Kind, err)
	}
	return out, err
}

// undoRecorded undoes an import of any kind but a schedule.
func (m *Ledger) undoRecorded(ctx context.Context, u *undoing, o *UndoOrder) error {
	opt := &files.Options{Actor: o.Actor, IfRevision: o.IfRevision}
	var err error
	if u.led, err = m.turn(ctx, u.made.Kind, opt); err != nil {
		return err
	}
	u.BaseRevision = u.led.base
	u.row = m.journal(u.made.Kind, files.Input{Name: u.made.ID}, opt, u.led.at, "")
	u.entry = u.led.entry(&u.row, &Result{Report: &files.Report{}})
	u.entry.Undoes, u.entry.Range = u.made.ID, u.made.Range
	if err := m.nameLater(ctx, u); err != nil {
		return err
	}
	switch err := kindIn(u.made.Kind).restore(m, ctx, u); {
	case err != nil || o.DryRun:
		return err
	case u.Restored == 0:
		return ErrNothingToUndo
	}
	u.row.Detail = fmt.Sprintf("undo of import %s: %d restored, %d not", u.made.ID, u.Restored, len(u.NotRestored))
	u.entry.Rows = u.Restored
	if err := u.write(); err != nil {
		return err
	}
	u.Made, u.Journal = &Entry{Import: u.entry}, []string{u.row.ID}
	return nil
}

// nameLater notes who imported what after the import.
func (m *Ledger) nameLater(ctx context.Context, u *undoing) error {
	u.by = map[schemas.Instant]string{}
	all, err := m.entries(ctx, u.made.Kind)
	for i := range all {
		if e := &all[i]; e.RecordedAt > u.made.RecordedAt {
			u.by[e.RecordedAt] = fmt.Sprintf("changed since by import %s (%s, by %s at %s)", e.ID, e.Origin, e.Actor,
				e.RecordedAt)
		}
	}
	return err
}

// leave lists what stays as it is, with who changed it.
func (u *undoing) leave(subject string, start *schemas.Instant, since schemas.Instant) {
	reason := u.by[since]
	if reason == "" {
		reason = "changed since"
	}
	u.NotRestored = append(u.NotRestored, NotRestored{Subject: subject, Start: start, Reason: reason})
}

func (m *Ledger) undoRoster(ctx context.Context, u *undoing) error {
	wasRows, madeRows, err := bothSides(ctx, u.made, m.store.Memberships)
	if err != nil {
		return err
	}
	nowRows, err := m.store.Memberships(ctx, 0)
	if err != nil {
		return err
	}
	was, made, now := schemas.MembershipsByAgent(wasRows), schemas.MembershipsByAgent(madeRows),
		schemas.MembershipsByAgent(nowRows)
	u.Roster = &RosterChange{Agents: []AgentChange{}, NotInFile: []string{}}
	var out []schemas.Membership
	for _, agent := range idsOf(was, made) {
		if change(agent, was[agent], made[agent]) == nil {
			continue
		}
		if since := recordedAt(now[agent]); since != recordedAt(made[agent]) {
			u.leave(agent, nil, since)
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

// recordedAt returns when an agent's rows became known, 0 when there are none.
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

func (m *Ledger) undoCodes(ctx context.Context, u *undoing) error {
	u.Codes = &CodesChange{Codes: []CodeChange{}}
	writeCodes, err := restoreCodes(ctx, u, m.activityCodes())
	if err != nil {
		return err
	}
	writeStatuses, err := restoreCodes(ctx, u, m.secondaryStatuses())
	if err != nil {
		return err
	}
	u.entry.Changed, u.entry.Removed = u.Codes.Totals.Changed, u.Codes.Totals.Removed
	u.write = func() error {
		if err := m.store.WriteImport(ctx, u.entry); err != nil {
			return err
		}
		if err := writeCodes(); err != nil {
			return err
		}
		return writeStatuses()
	}
	return nil
}

// code notes a code that gets its earlier fields back, or is none any more.
func (u *undoing) code(name string, removed bool, fields []FieldChange) {
	c := CodeChange{Code: name, Change: Changed, Fields: fields}
	if removed {
		c.Change, c.Fields = Removed, []FieldChange{}
		u.Codes.Totals.Removed++
	} else {
		u.Codes.Totals.Changed++
	}
	u.Codes.Codes = append(u.Codes.Codes, c)
}

// restoreCodes finds the codes or statuses that an undo writes, and returns what writes them.
func restoreCodes[T comparable](ctx context.Context, u *undoing, c codeStore[T]) (write func() error, err error) {
	was, made, err := bothSides(ctx, u.made, c.held)
	if err != nil {
		return nil, err
	}
	now, err := c.held(ctx, 0)
	if err != nil {
		return nil, err
	}
	byName := func(list []T) map[string]T {
		out := map[string]T{}
		for _, v := range list {
			name, _, _ := c.parts(&v)
			out[*name] = v
		}
		return out
	}
	old, current := byName(was), byName(now)
	var out []T
	for _, v := range made {
		name, at, _ := c.parts(&v)
		if *at != u.made.RecordedAt {
			continue // another import's
		}
		if cur := current[*name]; cur != v {
			_, since, _ := c.parts(&cur)
			u.leave(*name, nil, *since)
			continue
		}
		back, there := old[*name]
		if !there {
			back = v
		}
		_, at, removed := c.parts(&back)
		*at, *removed = u.led.at, !there
		u.Restored++
		u.code(*name, !there, c.fields([]T{back})[0].fields)
		out = append(out, back)
	}
	return func() error {
		if len(out) == 0 {
			return nil
		}
		return c.write(ctx, u.row, out)
	}, nil
}
