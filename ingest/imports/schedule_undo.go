package imports

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// undoSchedule takes a revision back: each day that it changed and whose content still comes from it is restored to
// what was there before it, as one new revision; the others are named with the reason. It returns ErrNothingToUndo,
// beside the Undone, when no day can be restored.
func (m *Ledger) undoSchedule(ctx context.Context, out *Undone, o *UndoOrder) error {
	u, err := m.decide(ctx, out, o)
	if err != nil {
		return err
	}
	if o.DryRun {
		out.Effect, err = m.effect(ctx, u.who, u.begun(ctx, m), o.Judged)
		return err
	}
	u.row.Detail = fmt.Sprintf("undo of %s: %d agent-days restored, %d left alone", u.of.ID, out.Restored,
		len(out.NotRestored))
	if err := m.store.WriteSchedule(ctx, u.row, u.rev, u.written(ctx, m)); err != nil {
		return fmt.Errorf("undo revision %s: %w", u.of.ID, err)
	}
	made := revisionEntry(u.rev)
	out.Made, out.Journal = &made, []string{u.row.ID}
	return nil
}

// scheduleUndoing is an undo at work.
type scheduleUndoing struct {
	*history
	of       *Entry
	place    int
	now      schemas.Instant
	from, to schemas.Date // of what is read: the days of the revision and their neighbours
	agents   []string
	out      *Undone
	tally    schemas.ScheduleTally
	who      []supposed
	row      schemas.JournalRow
	rev      schemas.Revision
	changes  []schemas.ActivityChange
}

// neighbours is how many dates before and after a day may hold a shift that reaches into it.
const neighbours = 3

// decide finds out which days can be restored.
func (m *Ledger) decide(ctx context.Context, out *Undone, o *UndoOrder) (*scheduleUndoing, error) {
	h, err := m.history(ctx)
	if err != nil {
		return nil, err
	}
	u := &scheduleUndoing{history: h, now: m.now(), out: out}
	if u.place, err = h.find(o.Import); err != nil {
		return nil, err
	}
	u.of = &h.revisions[u.place]
	from, to := u.of.Revision.From, u.of.Revision.To
	u.from, u.to = from-neighbours, to+neighbours
	out.BaseRevision = newestOf(h.revisions)
	if u.agents, err = m.store.RevisionAgents(ctx, []string{u.of.ID}, from, to); err != nil {
		return u, err
	}
	if len(u.agents) > 0 {
		q := chstore.ScheduleQuery{Selection: selected(u.agents), From: from, To: to}
		if err := m.checkDays(ctx, o.IfRevision, h.revisions, q); err != nil {
			return u, err
		}
	}
	u.begin(o.Actor)
	err = m.readAll(ctx, h, u.agents, u.from, u.to, func(agent string, rows []schemas.ScheduleDay) error {
		u.note(agent, u.plan(rows))
		return nil
	})
	out.Totals, out.Restored = u.tally.JSON(), len(out.Days)
	if err == nil && out.Restored == 0 {
		err = u.nothing()
	}
	return u, err
}

// nothing says why no day can be restored.
func (u *scheduleUndoing) nothing() error {
	if len(u.out.NotRestored) == 0 {
		return fmt.Errorf("revision %s: %w: it changed no day", u.of.ID, ErrNothingToUndo)
	}
	return fmt.Errorf("revision %s: %w: all %d days hold something else by now; that of %s on %s: %s", u.of.ID,
		ErrNothingToUndo,
		len(u.out.NotRestored), u.out.NotRestored[0].Subject, u.out.NotRestored[0].Day, u.out.NotRestored[0].Reason)
}

// begin makes the revision and its journal row.
func (u *scheduleUndoing) begin(actor string) {
	at := max(u.now, u.revisions[len(u.revisions)-1].RecordedAt+1)
	id := uuid.Must(uuid.NewV7()).String()
	u.rev = schemas.Revision{ID: id, RecordedAt: at, Actor: actor, Origin: u.of.ID, Undoes: u.of.ID}
	u.row = schemas.JournalRow{ID: id, RecordedAt: at, Actor: actor, Origin: u.of.ID, Kind: schemas.JournalSchedule}
}

// plannedDay is an agent-day as it would be after the undo.
type plannedDay struct {
	day schemas.Date
	// now is what is scheduled, then what was before the revision; restored says that then is to take the place of now.
	now, then []schemas.Activity
	touched   bool // the revision wrote the day
	restored  bool
	reason    string
	newest    string // revision
}

// final is what the day holds after the undo.
func (p *plannedDay) final() []schemas.Activity {
	if p.restored {
		return p.then
	}
	return p.now
}

// plan works out an agent's days, the neighbours of restored ones included.
func (u *scheduleUndoing) plan(rows []schemas.ScheduleDay) []plannedDay {
	var days []plannedDay
	eachDay(rows, func(day schemas.Date, v versions) {
		newest := &v[len(v)-1]
		p := plannedDay{day: day, now: v.scheduled(len(v) - 1), newest: newest.Revision}
		if n := v.by(u.of.ID); n >= 0 {
			p.touched, p.then, p.restored = true, v.scheduled(n-1), v.comesFrom(u.history, u.of.ID)
			if !p.restored {
				p.reason = u.replaced(newest.Revision)
			}
		}
		days = append(days, p)
	})
	for u.keepApart(days) {
	}
	return days
}

// replaced says by what the content of a day was replaced.
func (u *scheduleUndoing) replaced(by string) string {
	r := &u.revisions[u.at[by]]
	if r.Undoes == u.of.ID {
		return "it was taken back already by revision " + named(r)
	}
	return "it was changed since by revision " + named(r)
}

// keepApart leaves one restored day alone that would overlap another day, and says whether there was one.
func (u *scheduleUndoing) keepApart(days []plannedDay) bool {
	for i := range days {
		p := &days[i]
		if !p.restored {
			continue
		}
		for k := range days {
			if k == i || abs(days[k].day-p.day) > neighbours {
				continue
			}
			if x, y := overlapping(p.then, days[k].final()); x != nil {
				p.restored = false
				p.reason = fmt.Sprintf("%q from %s to %s would overlap %q of %s, which revision %s holds there", x.Code, x.Start,
					x.End,
					y.Code, days[k].day, named(&u.revisions[u.at[days[k].newest]]))
				return true
			}
		}
	}
	return false
}

// overlapping returns the first two activities that overlap.
func overlapping(a, b []schemas.Activity) (x, y *schemas.Activity) {
	for i := range a {
		for k := range b {
			if a[i].Interval().Overlaps(b[k].Interval()) {
				return &a[i], &b[k]
			}
		}
	}
	return nil, nil
}

// note counts an agent's days.
func (u *scheduleUndoing) note(agent string, days []plannedDay) {
	s := supposed{agent: agent}
	var touched schemas.Interval
	before := len(u.out.Days)
	for i := range days {
		p := &days[i]
		if p.touched && !p.restored {
			u.out.NotRestored = append(u.out.NotRestored, NotRestored{Subject: agent, Day: p.day, Reason: p.reason})
			u.rev.DaysUnchanged++
		}
		if !p.restored {
			continue
		}
		u.restore(agent, p)
		if u.hasBegun(p) {
			if s.from == 0 {
				s.from = p.day
			}
			s.to = p.day
		}
		touched = touched.Hull(covered(p.now)).Hull(covered(p.then))
	}
	if s.from != 0 {
		u.who = append(u.who, s)
	}
	if len(u.out.Days) > before {
		u.rev.Agents++
	}
	if !touched.Empty() {
		u.row.Agents, u.row.Ranges = append(u.row.Agents, agent), append(u.row.Ranges, touched)
		u.row.Range = u.row.Range.Hull(touched)
	}
}

// restore counts a day that is restored.
func (u *scheduleUndoing) restore(agent string, p *plannedDay) {
	u.out.Days = append(u.out.Days, RestoredDay{agent, p.day, len(p.then) == 0})
	if u.rev.From == 0 || p.day < u.rev.From {
		u.rev.From = p.day
	}
	u.rev.To = max(u.rev.To, p.day)
	u.rev.Activities += len(p.then)
	if len(p.then) == 0 {
		u.rev.DaysRemoved++
	} else {
		u.rev.DaysChanged++
	}
	u.changes = schemas.CompareActivities(p.now, p.then, u.changes[:0])
	for _, c := range u.changes {
		u.tally.Count(c)
	}
}

// hasBegun says whether something of the restored day changes that has begun.
func (u *scheduleUndoing) hasBegun(p *plannedDay) bool {
	return p.restored && slices.ContainsFunc(schemas.CompareActivities(p.now, p.then, nil),
		func(c schemas.ActivityChange) bool {
			return c.Begun(u.now)
		})
}

// restoredDays reads the days once more and gives the restored ones, each good until the next.
func (u *scheduleUndoing) restoredDays(ctx context.Context, m *Ledger, agents []string,
	yield func(p *plannedDay, day *schemas.ScheduleDay) error) error {
	return m.readAll(ctx, u.history, agents, u.from, u.to, func(agent string, rows []schemas.ScheduleDay) error {
		days := u.plan(rows)
		for i := range days {
			p := &days[i]
			if !p.restored {
				continue
			}
			if err := yield(p, &schemas.ScheduleDay{AgentID: agent, Day: p.day, Removed: len(p.then) == 0, Activities: p.then}); err != nil {
				return err
			}
		}
		return nil
	})
}

// written returns the days to write.
func (u *scheduleUndoing) written(ctx context.Context, m *Ledger) iter.Seq2[*schemas.ScheduleDay, error] {
	return func(yield func(*schemas.ScheduleDay, error) bool) {
		err := u.restoredDays(ctx, m, u.agents, func(_ *plannedDay, day *schemas.ScheduleDay) error {
			if !yield(day, nil) {
				return chstore.ErrStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, chstore.ErrStop) {
			yield(nil, err)
		}
	}
}

// begun returns what reads the restored days that have begun.
func (u *scheduleUndoing) begun(ctx context.Context, m *Ledger) func([]supposed) ([]schemas.ScheduleDay, error) {
	return func(part []supposed) (out []schemas.ScheduleDay, err error) {
		agents := make([]string, len(part))
		for i := range part {
			agents[i] = part[i].agent
		}
		err = u.restoredDays(ctx, m, agents, func(p *plannedDay, day *schemas.ScheduleDay) error {
			if u.hasBegun(p) {
				one := *day
				one.Activities = slices.Clone(day.Activities)
				out = append(out, one)
			}
			return nil
		})
		return out, err
	}
}

func abs(d schemas.Date) schemas.Date { return max(d, -d) }
