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
var ErrNothingToUndo = errors.New("nothing is left to undo")

// bothSides reads what was known before an import and what is known since it, before anything later.
func bothSides[T any](ctx context.Context, made *Entry, read func(context.Context, schemas.Instant) (T, error)) (was,
	is T, err error) {
	if was, err = read(ctx, made.RecordedAt-1); err == nil {
		is, err = read(ctx, made.RecordedAt)
	}
	return was, is, err
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
	// are the agent-days, nil for other kinds.
	Restored    int
	Days        []RestoredDay
	NotRestored []NotRestored
	Change
	// Totals say what becomes of the activities of the restored agent-days, Effect what the undo of a schedule does
	// to the adherence of days that have begun; only a dry run works it out.
	Totals schemas.TallyJSON
	Effect *Effect
	// Removals are the agent-days of a schedule that are left with nothing; nil for other kinds.
	Removals *Removals
	Journal  []string
}

// undoing is an undo at work.
type undoing struct {
	*writing
	*Undone
	order *UndoOrder
}

// Undo takes an import back, as an import of its own: of what it changed, everything that still comes from it is
// again what it was before; what was changed since is listed and stays. It can be undone like any import. An undo
// that would restore nothing is ErrNothingToUndo.
func (m *Ledger) Undo(ctx context.Context, o UndoOrder) (*Undone, error) {
	made, err := m.Find(ctx, o.Kind, o.Import)
	if err != nil {
		return nil, err
	}
	out := &Undone{Undoes: *made, DryRun: o.DryRun, NotRestored: []NotRestored{}}
	err = m.alone(ctx, made.Kind, o.DryRun, o.Waiting, func(ctx context.Context, t *turn) error {
		return m.undo(ctx, &undoing{t.begin(made.ID, o.Actor), out, &o})
	})
	if err != nil && made.Kind != schemas.JournalSchedule { // whose errors name the revision
		err = fmt.Errorf("undo import %s of %s: %w", made.ID, made.Kind, err)
	}
	return out, err
}

func (m *Ledger) undo(ctx context.Context, u *undoing) error {
	u.BaseRevision = u.base
	u.entry.Undoes, u.entry.Range = u.Undoes.ID, u.Undoes.Range
	k := kindIn(u.kind)
	switch err := k.undo(m, ctx, u); {
	case err != nil || u.DryRun:
		return err
	case u.Restored == 0:
		return ErrNothingToUndo
	}
	u.entry.Rows = u.Restored
	u.row.Detail = fmt.Sprintf("undo of %s: %d %s restored, %d left alone", u.Undoes.ID, u.Restored, k.noun,
		len(u.NotRestored))
	if u.Removals != nil {
		u.row.Detail += u.Removals.noted()
	}
	if err := u.write(); err != nil {
		return err
	}
	u.Made, u.Journal = &u.entry, []string{u.row.ID}
	return nil
}

// checked is an undo of a kind that is refused when anything of the kind was imported since its preview.
func checked(undo undoer) undoer {
	return func(m *Ledger, ctx context.Context, u *undoing) error {
		if err := u.check(u.order.IfRevision); err != nil {
			return err
		}
		return undo(m, ctx, u)
	}
}

// leave lists what stays as it is, with who changed it at the instant.
func (u *undoing) leave(subject string, start *schemas.Instant, since schemas.Instant) {
	reason := "changed since"
	if n := slices.IndexFunc(u.before, func(e Entry) bool { return e.RecordedAt == since }); n >= 0 {
		reason += " by import " + u.before[n].source()
	}
	u.NotRestored = append(u.NotRestored, NotRestored{Subject: subject, Start: start, Reason: reason})
}
