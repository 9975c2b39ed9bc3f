package imports

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// scheduleUndo is the undo of a revision at work.
type scheduleUndo struct {
	*undoing
	*history
	now      schemas.Instant
	from, to schemas.Date // of what is read: the days of the revision and their neighbours
	agents   []string
	tally    schemas.ScheduleTally
	who      []supposed
	rev      schemas.Revision
	removes  *removing
}

// neighbours is how many dates before and after a day may hold a shift that reaches into it.
const neighbours = 3

// undoSchedule restores each day that the revision changed, and whose content still comes from it, to what was there
// before; the others are listed with the reason. It returns ErrNothingToUndo when no day can be restored.
func (m *Ledger) undoSchedule(ctx context.Context, of *undoing) (err error) {
	of.Days = []RestoredDay{}
	removes, err := m.removing(ctx)
	if err != nil {
		return err
	}
	from, to := of.Undoes.Revision.From, of.Undoes.Revision.To
	u := &scheduleUndo{
		undoing: of,
		history: historyOf(of.before),
		now:     m.now(),
		from:    from - neighbours,
		to:      to + neighbours,
		removes: removes,
	}
	u.rev = schemas.Revision{ID: u.row.ID, RecordedAt: u.row.RecordedAt, Actor: u.row.Actor, Origin: u.row.Origin,
		Undoes: u.Undoes.ID}
	if u.agents, err = m.store.RevisionAgents(ctx, []string{u.Undoes.ID}, from, to); err != nil {
		return err
	}
	if len(u.agents) > 0 {
		q := chstore.ScheduleQuery{Selection: selected(u.agents), From: from, To: to}
		if err := u.checkDays(ctx, m, u.order.IfRevision, q); err != nil {
			return err
		}
	}
	err = m.readAll(ctx, u.history, u.agents, u.from, u.to, func(agent string, rows []schemas.ScheduleDay) error {
		u.note(agent, u.plan(rows))
		return nil
	})
	u.Totals, u.Restored, u.Removals = u.tally.JSON(), len(u.Days), &u.removes.Removals
	switch {
	case err != nil:
	case u.Restored == 0:
		err = u.nothing()
	case u.DryRun:
		u.Effect, err = m.effect(ctx, u.who, u.reader(m), u.order.Judged)
	}
	u.write = func() error {
		u.entry = revisionEntry(u.rev)
		if err := m.store.WriteSchedule(ctx, u.row, u.rev, u.written(ctx, m)); err != nil {
			return fmt.Errorf("undo revision %s: %w", u.Undoes.ID, err)
		}
		return nil
	}
	return err
}

// nothing says why no day can be restored.
func (u *scheduleUndo) nothing() error {
	if len(u.NotRestored) == 0 {
		return fmt.Errorf("revision %s: %w: it changed no day", u.Undoes.ID, ErrNothingToUndo)
	}
	first := &u.NotRestored[0]
	return fmt.Errorf("revision %s: %w: all %d days hold something else by now; that of %s on %s: %s", u.Undoes.ID,
		ErrNothingToUndo, len(u.NotRestored), first.Subject, first.Day, first.Reason)
}

// plannedDay is an agent-day as it would be after the undo.
type plannedDay struct {
	day schemas.Date
	// now is what is scheduled, then what was before the revision; restored says that then is to take the place of now.
	now, then []schemas.Activity
	restored  bool
	// reason says why a day that the revision wrote is not restored.
	reason string
	newest string // revision
}

// final is what the day holds after the undo.
func (p *plannedDay) final() []schemas.Activity {
	if p.restored {
		return p.then
	}
	return p.now
}

// plan works out an agent's days, the neighbours of restored ones included.
func (u *scheduleUndo) plan(rows []schemas.ScheduleDay) []plannedDay {
	var days []plannedDay
	for v := range eachDay(rows) {
		p := plannedDay{day: v[0].Day, now: v.scheduled(len(v) - 1), newest: v[len(v)-1].Revision}
		if n := v.by(u.Undoes.ID); n >= 0 {
			p.then, p.restored = v.scheduled(n-1), v.comesFrom(u.history, u.Undoes.ID)
			if !p.restored {
				p.reason = u.replaced(p.newest)
			}
		}
		days = append(days, p)
	}
	for u.keepApart(days) {
	}
	return days
}

// replaced says by what the content of a day was replaced.
func (u *scheduleUndo) replaced(by string) string {
	e := &u.revisions[u.at[by]]
	if e.Undoes == u.Undoes.ID {
		return "it was taken back already by revision " + e.source()
	}
	return "it was changed since by revision " + e.source()
}

// keepApart leaves one restored day alone that would overlap another day, and says whether there was one.
func (u *scheduleUndo) keepApart(days []plannedDay) bool {
	for i := range days {
		p := &days[i]
		for k := range days {
			other := &days[k]
			if k == i || !p.restored || other.day < p.day-neighbours || other.day > p.day+neighbours {
				continue
			}
			if x, y := overlapping(p.then, other.final()); x != nil {
				p.restored = false
				p.reason = fmt.Sprintf("%q from %s to %s would overlap %q of %s, which revision %s holds there", x.Code, x.Start,
					x.End, y.Code, other.day, u.revisions[u.history.at[other.newest]].source())
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
func (u *scheduleUndo) note(agent string, days []plannedDay) {
	var t dayTally
	before := len(u.Days)
	for i := range days {
		switch p := &days[i]; {
		case p.restored:
			u.restore(agent, p)
			t.add(p.day, p.now, p.then, u.now)
			u.removes.day(agent, p.day, p.now, p.then)
		case p.reason != "":
			u.NotRestored = append(u.NotRestored, NotRestored{Subject: agent, Day: p.day, Reason: p.reason})
			u.rev.DaysUnchanged++
		}
	}
	u.removes.end()
	u.tally.Add(t.tally)
	u.who = t.supposed(u.who, agent, 0)
	if len(u.Days) > before {
		u.rev.Agents++
	}
	if !t.touched.Empty() {
		u.row.Touch(agent, t.touched)
	}
}

// restore counts a day that is restored.
func (u *scheduleUndo) restore(agent string, p *plannedDay) {
	gone := len(p.then) == 0
	u.Days = append(u.Days, RestoredDay{agent, p.day, gone})
	if u.rev.From == 0 || p.day < u.rev.From {
		u.rev.From = p.day
	}
	u.rev.To = max(u.rev.To, p.day)
	u.rev.Activities += len(p.then)
	if gone {
		u.rev.DaysRemoved++
	} else {
		u.rev.DaysChanged++
	}
}

// restoredDays reads the days of the agents once more and yields the restored ones, each good until the next.
func (u *scheduleUndo) restoredDays(ctx context.Context, m *Ledger, agents []string,
	yield func(p *plannedDay, day *schemas.ScheduleDay) error) error {
	return m.readAll(ctx, u.history, agents, u.from, u.to, func(agent string, rows []schemas.ScheduleDay) error {
		days := u.plan(rows)
		for i := range days {
			p := &days[i]
			if !p.restored {
				continue
			}
			day := schemas.ScheduleDay{AgentID: agent, Day: p.day, Removed: len(p.then) == 0, Activities: p.then}
			if err := yield(p, &day); err != nil {
				return err
			}
		}
		return nil
	})
}

// written returns the days to write.
func (u *scheduleUndo) written(ctx context.Context, m *Ledger) iter.Seq2[*schemas.ScheduleDay, error] {
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

// reader returns what reads the restored days of agents.
func (u *scheduleUndo) reader(
	m *Ledger,
) func(context.Context, []supposed, func(*schemas.ScheduleDay, bool) error) error {
	return func(ctx context.Context, part []supposed, yield func(*schemas.ScheduleDay, bool) error) error {
		agents := make([]string, len(part))
		for i := range part {
			agents[i] = part[i].agent
		}
		return u.restoredDays(ctx, m, agents, func(p *plannedDay, day *schemas.ScheduleDay) error {
			var t dayTally
			return yield(day, t.add(p.day, p.now, p.then, u.now))
		})
	}
}
