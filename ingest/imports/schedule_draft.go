package imports

import (
	"context"
	"iter"
	"slices"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// scheduleDraft is a schedule file compared with what the store holds: what an import of it would write. Its size
// grows with the rows of the file, 48 bytes each.
type scheduleDraft struct {
	Report *Result
	// From and To are the dates that would be replaced, both included.
	From, To schemas.Date
	// Agents are those of the file, in byte order, with what would become of their days from From to To.
	Agents []agentDraft

	plan       *files.SchedulePlan
	members    map[string][]schemas.Membership // the roster's rows of each agent
	ifRevision string
	newestAt   schemas.Instant // of the newest revision
}

// agentDraft is what would become of one agent's days.
type agentDraft struct {
	AgentID string
	// DaysChanged counts the days that would have other activities, DaysRemoved those that would have none any more.
	DaysChanged, DaysRemoved, DaysUnchanged int
	Tally                                   schemas.ScheduleTally
	// Touched covers what is scheduled, now or then, on the days that would change.
	Touched schemas.Interval
	// Begun is the range of days of which a part that has begun would change: judging them may come out otherwise.
	// Both are 0 where there is none.
	BegunFrom, BegunTo schemas.Date
	days               []draftDay
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

// reported returns the report of a draft that may not be there.
func (d *scheduleDraft) reported() *Result {
	if d == nil {
		return nil
	}
	return d.Report
}

// empty says that the file names no agent whose days could be replaced.
func (d *scheduleDraft) empty() bool { return d.Report.Blocked(true) || d.plan.Agents() == 0 }

// selection names the file's agents.
func (d *scheduleDraft) selection() chstore.Selection {
	agents := make([]string, d.plan.Agents())
	for i := range agents {
		agents[i] = d.plan.AgentID(i)
	}
	return selected(agents)
}

// compare goes through the held schedule and the file side by side, both in byte order of agents.
func (d *scheduleDraft) compare(ctx context.Context, m *Ledger, now schemas.Instant) error {
	revisions, err := m.entries(ctx, schemas.JournalSchedule)
	if err != nil {
		return err
	}
	if n := len(revisions); n > 0 {
		d.newestAt = revisions[n-1].RecordedAt
	}
	d.Report.BaseRevision = newestOf(revisions)
	if d.empty() {
		return m.checkDays(ctx, d.ifRevision, revisions, chstore.ScheduleQuery{}) // only whether it exists
	}
	q := chstore.ScheduleQuery{Selection: d.selection(), From: d.From, To: d.To}
	if err := m.checkDays(ctx, d.ifRevision, revisions, q); err != nil {
		return err
	}
	q.From, q.To = d.From-around, d.To+around
	c := draftComparison{scheduleDraft: d, now: now}
	err = m.store.ScheduleDays(ctx, q, func(agent string, held []schemas.ScheduleDay) error {
		c.upTo(agent)
		if c.next < d.plan.Agents() && d.plan.AgentID(c.next) == agent {
			c.agent(c.next, held)
			c.next++
		}
		return nil
	})
	for ; err == nil && c.next < d.plan.Agents(); c.next++ {
		c.agent(c.next, nil)
	}
	for i := range d.Agents {
		a := &d.Agents[i]
		d.Report.Written += a.DaysChanged + a.DaysRemoved
		d.Report.Unchanged += a.DaysUnchanged
	}
	d.Report.Schedule = d.change()
	return err
}

// draftComparison is the state of compare.
type draftComparison struct {
	*scheduleDraft
	now     schemas.Instant
	next    int
	laidOut files.PlannedDays
	changes []schemas.ActivityChange
}

// upTo handles the agents before the named one, of whom the store holds nothing.
func (c *draftComparison) upTo(agent string) {
	for ; c.next < c.plan.Agents() && c.plan.AgentID(c.next) < agent; c.next++ {
		c.agent(c.next, nil)
	}
}

// agent compares one agent's days with the held ones, both in order.
func (c *draftComparison) agent(n int, held []schemas.ScheduleDay) {
	held = c.plan.Fit(n, held, c.Report.Report)
	out := agentDraft{AgentID: c.plan.AgentID(n)}
	days := c.plan.AgentDays(n, &c.laidOut)
	for len(held) > 0 || len(days) > 0 {
		switch {
		case len(days) == 0 || len(held) > 0 && held[0].Day < days[0].Day:
			out.DaysRemoved++
			c.day(&out, held[0].Day, held[0].Activities, nil)
			held = held[1:]
		case len(held) == 0 || days[0].Day < held[0].Day:
			out.DaysChanged++
			c.day(&out, days[0].Day, nil, days[0].Activities)
			days = days[1:]
		case schemas.SameActivities(held[0].Activities, days[0].Activities):
			out.DaysUnchanged++
			out.Tally.CountSame(days[0].Activities)
			held, days = held[1:], days[1:]
		default:
			out.DaysChanged++
			c.day(&out, days[0].Day, held[0].Activities, days[0].Activities)
			held, days = held[1:], days[1:]
		}
	}
	c.Agents = append(c.Agents, out)
}

// day notes a day that would be written.
func (c *draftComparison) day(out *agentDraft, day schemas.Date, before, after []schemas.Activity) {
	d := draftDay{day: day, removed: len(after) == 0}
	c.changes = schemas.CompareActivities(before, after, c.changes[:0])
	for _, x := range c.changes {
		out.Tally.Count(x)
		d.begun = d.begun || x.Begun(c.now)
	}
	out.Touched = out.Touched.Hull(covered(before)).Hull(covered(after))
	if d.begun {
		if out.BegunFrom == 0 {
			out.BegunFrom = day
		}
		out.BegunTo = day
	}
	out.days = append(out.days, d)
}

// covered is the time from the first start to the last end.
func covered(acts []schemas.Activity) schemas.Interval {
	var v schemas.Interval
	for i := range acts {
		v = v.Hull(acts[i].Interval())
	}
	return v
}

// written returns the days to write, each good until the next, and reports progress to wrote, which may be nil, in
// days.
func (d *scheduleDraft) written(wrote func(days, of int)) iter.Seq2[*schemas.ScheduleDay, error] {
	return func(yield func(*schemas.ScheduleDay, error) bool) {
		done := 0
		for i := range d.Agents {
			for day := range d.daysOf(i, false) {
				if !yield(day, nil) {
					return
				}
			}
			done += len(d.Agents[i].days)
			if wrote != nil && len(d.Agents[i].days) > 0 {
				wrote(done, d.Report.Written)
			}
		}
	}
}

// begun returns a copy of those days of an agent, by number, that would be written and of which a part that has begun
// would change.
func (d *scheduleDraft) begun(agent int) []schemas.ScheduleDay {
	var out []schemas.ScheduleDay
	for day := range d.daysOf(agent, true) {
		one := *day
		one.Activities = slices.Clone(day.Activities)
		out = append(out, one)
	}
	return out
}

// daysOf returns the days of an agent, by number, that would be written, or only the begun ones.
func (d *scheduleDraft) daysOf(agent int, begun bool) iter.Seq[*schemas.ScheduleDay] {
	return func(yield func(*schemas.ScheduleDay) bool) {
		a := &d.Agents[agent]
		if len(a.days) == 0 || begun && a.BegunFrom == 0 {
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
			if (w.begun || !begun) && !yield(day) {
				return
			}
		}
	}
}
