package imports

import (
	"context"
	"iter"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// scheduleDraft is a schedule file compared with what the store holds: what an import of it would write. Its size
// grows with the rows of the file, 48 bytes each.
type scheduleDraft struct {
	report *Result
	plan   *files.SchedulePlan
	// members are the roster's rows of each agent.
	members map[string][]schemas.Membership
	turn    *turn
	// agents are those of the file, in byte order, with what would become of their days in the range of the plan.
	agents  []agentDraft
	removes *removing
}

// agentDraft is what would become of one agent's days.
type agentDraft struct {
	AgentSchedule
	dayTally
	days []draftDay
}

// draftDay is a day that would be written.
type draftDay struct {
	day            schemas.Date
	removed, begun bool
}

// around is how many dates before and after the range are read for activities that overlap those of the range.
const around = 2

// mostNamed is how many agents a read names one by one; more are read as a range of ids.
const mostNamed = 2000

// empty says that the file names no agent whose days could be replaced.
func (d *scheduleDraft) empty() bool { return d.report.Blocked(true) || d.plan.Agents() == 0 }

// selection names the file's agents.
func (d *scheduleDraft) selection() chstore.Selection {
	agents := make([]string, d.plan.Agents())
	for i := range agents {
		agents[i] = d.plan.AgentID(i)
	}
	return selected(agents)
}

// compare goes through the held schedule and the file side by side, both in byte order of agents. It returns a Conflict
// when days of the file changed after the revision that a preview saw.
func (d *scheduleDraft) compare(ctx context.Context, m *Ledger, t *turn, seen string) error {
	d.turn, d.report.BaseRevision = t, t.base
	if d.empty() {
		return t.checkDays(ctx, m, seen, chstore.ScheduleQuery{}) // only whether it exists
	}
	q := chstore.ScheduleQuery{Selection: d.selection(), From: d.plan.From, To: d.plan.To}
	if err := t.checkDays(ctx, m, seen, q); err != nil {
		return err
	}
	q.From, q.To = q.From-around, q.To+around
	c := draftComparison{scheduleDraft: d, now: m.now()}
	err := m.store.ScheduleDays(ctx, q, func(agent string, held []schemas.ScheduleDay) error {
		for len(d.agents) < d.plan.Agents() && d.plan.AgentID(len(d.agents)) < agent {
			c.next(nil)
		}
		if n := len(d.agents); n < d.plan.Agents() && d.plan.AgentID(n) == agent {
			c.next(held)
		}
		return nil
	})
	for err == nil && len(d.agents) < d.plan.Agents() {
		c.next(nil)
	}
	d.report.Schedule = d.change()
	n := &d.report.Schedule.Totals
	d.report.Written, d.report.Unchanged = n.DaysChanged+n.DaysRemoved, n.DaysUnchanged
	if err == nil {
		d.report.Schedule.NotInFile, err = d.notInFile(ctx, m.store)
	}
	return err
}

// draftComparison is the state of compare.
type draftComparison struct {
	*scheduleDraft
	now     schemas.Instant
	laidOut files.PlannedDays
}

// next compares the days of the next agent with the held ones, both in order.
func (c *draftComparison) next(held []schemas.ScheduleDay) {
	n := len(c.agents)
	held = c.plan.Fit(n, held, c.report.Report)
	out := agentDraft{AgentSchedule: AgentSchedule{AgentID: c.plan.AgentID(n)}}
	days := c.plan.AgentDays(n, &c.laidOut)
	for len(held) > 0 || len(days) > 0 {
		var day schemas.Date
		var before, after []schemas.Activity
		if len(held) > 0 && (len(days) == 0 || held[0].Day <= days[0].Day) {
			day, before = held[0].Day, held[0].Activities
		}
		if len(days) > 0 && (len(held) == 0 || days[0].Day <= held[0].Day) {
			day, after = days[0].Day, days[0].Activities
		}
		if len(held) > 0 && held[0].Day == day {
			held = held[1:]
		}
		if len(days) > 0 && days[0].Day == day {
			days = days[1:]
		}
		if out.compare(day, before, after, c.now) {
			c.removes.day(out.AgentID, day, before, after)
			if len(after) == 0 && c.plan.Free(n, day) {
				out.DaysFree++
			}
		}
	}
	c.removes.end()
	out.TallyJSON = out.tally.JSON()
	c.agents = append(c.agents, out)
}

// compare takes a day with what is scheduled on it and what would be, and says whether they differ.
func (a *agentDraft) compare(day schemas.Date, before, after []schemas.Activity, now schemas.Instant) bool {
	switch {
	case schemas.SameActivities(before, after):
		a.DaysUnchanged++
		a.tally.CountSame(after)
		return false
	case len(after) == 0:
		a.DaysRemoved++
	case len(before) == 0:
		a.DaysAdded++
		a.DaysChanged++
	default:
		a.DaysChanged++
	}
	a.days = append(a.days, draftDay{day, len(after) == 0, a.add(day, before, after, now)})
	return true
}

// written returns the days to write, each good until the next, and reports progress to wrote, which may be nil, in
// days.
func (d *scheduleDraft) written(wrote func(days, of int)) iter.Seq2[*schemas.ScheduleDay, error] {
	return func(yield func(*schemas.ScheduleDay, error) bool) {
		done := 0
		for i := range d.agents {
			for day := range d.daysOf(i) {
				if !yield(day, nil) {
					return
				}
			}
			done += len(d.agents[i].days)
			if wrote != nil && len(d.agents[i].days) > 0 {
				wrote(done, d.report.Written)
			}
		}
	}
}

// read yields the days that would be written of the agents, and whether a part of them that has begun would change.
func (d *scheduleDraft) read(_ context.Context, who []supposed, yield func(*schemas.ScheduleDay, bool) error) error {
	for _, s := range who {
		for day, begun := range d.daysOf(s.number) {
			if err := yield(day, begun); err != nil {
				return err
			}
		}
	}
	return nil
}

// daysOf returns the days of an agent, by number, that would be written, each good until the next, and whether a part
// of them that has begun would change.
func (d *scheduleDraft) daysOf(agent int) iter.Seq2[*schemas.ScheduleDay, bool] {
	return func(yield func(*schemas.ScheduleDay, bool) bool) {
		a := &d.agents[agent]
		if len(a.days) == 0 {
			return
		}
		var laidOut files.PlannedDays
		planned := d.plan.AgentDays(agent, &laidOut)
		for _, w := range a.days {
			day := &schemas.ScheduleDay{AgentID: a.AgentID, Day: w.day, Removed: true}
			for len(planned) > 0 && planned[0].Day < w.day {
				planned = planned[1:]
			}
			if !w.removed {
				day = &planned[0]
			}
			if !yield(day, w.begun) {
				return
			}
		}
	}
}
