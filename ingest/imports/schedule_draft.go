package imports

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// ScheduleDraft is a schedule file compared with what the store holds: what an import of it would write. Its size grows with
// the rows of the file, 40 bytes each.
type ScheduleDraft struct {
	Report *Report
	// From and To are the dates that would be replaced, both included.
	From, To schemas.Date
	// Base is the newest revision that the comparison took into account, or NoRevision.
	Base string
	// Agents are those of the file, in byte order, with what would become of their days from From to To.
	Agents []AgentDraft

	plan       *SchedulePlan
	members    map[string][]schemas.Membership // the roster's rows of each agent
	ifRevision string
	newestAt   schemas.Instant // of Base
	// rejected is the line of the last row that was taken out.
	rejected int
}

// AgentDraft is what would become of one agent's days.
type AgentDraft struct {
	AgentID string
	// DaysChanged counts the days that would have other activities, DaysRemoved those that would have none any more.
	DaysChanged, DaysRemoved, DaysUnchanged int
	Tally                                   schemas.ScheduleTally
	// Touched covers what is scheduled, now or then, on the days that would change.
	Touched schemas.Interval
	// Begun is the range of days of which a part that has begun would change: judging them may come out otherwise. Both are
	// 0 where there is none.
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

// reported gives the report of a draft that may not be there.
func (d *ScheduleDraft) reported() *Report {
	if d == nil {
		return nil
	}
	return d.Report
}

// empty says that the file names nobody whose days could be replaced.
func (d *ScheduleDraft) empty() bool { return d.Report.unusable || len(d.plan.agents) == 0 }

// selection names the file's agents.
func (d *ScheduleDraft) selection() chstore.Selection {
	agents := d.plan.agents
	if len(agents) > mostNamed {
		return chstore.Selection{FromAgent: agents[0].id, ToAgent: agents[len(agents)-1].id + "\x00"}
	}
	var s chstore.Selection
	for i := range agents {
		s.Agents = append(s.Agents, agents[i].id)
	}
	return s
}

// compare goes through the held schedule and the file side by side, both in byte order of agents.
func (d *ScheduleDraft) compare(ctx context.Context, store Store, now schemas.Instant) error {
	revisions, err := store.Revisions(ctx, 0)
	if err != nil {
		return err
	}
	d.Base = NoRevision
	if n := len(revisions); n > 0 {
		d.Base, d.newestAt = revisions[n-1].ID, revisions[n-1].RecordedAt
	}
	d.Report.BaseRevision = d.Base
	if d.empty() {
		return CheckRevision(ctx, store, d.ifRevision, revisions, chstore.ScheduleQuery{}) // only whether it exists
	}
	q := chstore.ScheduleQuery{Selection: d.selection(), From: d.From, To: d.To}
	if err := CheckRevision(ctx, store, d.ifRevision, revisions, q); err != nil {
		return err
	}
	q.From, q.To = d.From-around, d.To+around
	c := draftComparison{ScheduleDraft: d, now: now}
	err = store.ScheduleDays(ctx, q, func(agent string, held []schemas.ScheduleDay) error {
		c.upTo(agent)
		if c.next < len(d.plan.agents) && d.plan.agents[c.next].id == agent {
			c.agent(&d.plan.agents[c.next], held)
			c.next++
		}
		return nil
	})
	for ; err == nil && c.next < len(d.plan.agents); c.next++ {
		c.agent(&d.plan.agents[c.next], nil)
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
	*ScheduleDraft
	now     schemas.Instant
	next    int
	laidOut planDays
	changes []schemas.ActivityChange
}

// upTo handles the agents before the named one, of whom the store holds nothing.
func (c *draftComparison) upTo(agent string) {
	for ; c.next < len(c.plan.agents) && c.plan.agents[c.next].id < agent; c.next++ {
		c.agent(&c.plan.agents[c.next], nil)
	}
}

// agent compares one agent's days with the held ones, both in order.
func (c *draftComparison) agent(a *agentPlan, held []schemas.ScheduleDay) {
	left := c.plan.left[a.id]
	if left == nil && c.plan.partial {
		left = &leftDays{}
	}
	stays := func(h schemas.ScheduleDay) bool { return h.Day < c.From || h.Day > c.To || left.has(h.Day) }
	for again := true; again; {
		again = false
		for i := range held {
			if stays(held[i]) && c.keepApart(a, &held[i], left) {
				again = true
			}
		}
	}
	warnOfLeft(c.Report, a.id, left, c.From, c.To)
	held = slices.DeleteFunc(slices.Clone(held), func(h schemas.ScheduleDay) bool { return h.Removed || stays(h) })
	out := AgentDraft{AgentID: a.id}
	days := c.laidOut.of(c.plan, a)
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
func (c *draftComparison) day(out *AgentDraft, day schemas.Date, before, after []schemas.Activity) {
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

// keepApart takes rows out of the plan that overlap activities of a held day which is not replaced. It says whether days came to
// left by it.
func (c *draftComparison) keepApart(a *agentPlan, held *schemas.ScheduleDay, left *leftDays) (more bool) {
	a.rows = slices.DeleteFunc(a.rows, func(r scheduleRow) bool {
		n := slices.IndexFunc(held.Activities, func(y schemas.Activity) bool { return r.interval().Overlaps(y.Interval()) })
		if n < 0 {
			return false
		}
		y := &held.Activities[n]
		c.plan.Activities--
		more = left != nil && left.add(r.day) || more
		if c.rejected == int(r.line) { // another part of the same row
			return true
		}
		c.rejected = int(r.line)
		c.Report.reject(r.problem(fmt.Sprintf(
			"%q of %s from %s to %s overlaps %q of the shift of %s, which stays, until %s; import that date too, or end one before the other starts",
			c.plan.texts.list[r.code], a.id, r.start, r.end, y.Code, held.Day, y.End)))
		return true
	})
	if more {
		n := len(a.rows)
		a.rows = slices.DeleteFunc(a.rows, func(r scheduleRow) bool { return left.has(r.day) })
		c.plan.Activities -= n - len(a.rows)
	}
	return more
}

// written gives the days to write, each good until the next, and tells wrote, which may be nil, of progress in days.
func (d *ScheduleDraft) written(wrote func(days, of int)) iter.Seq2[*schemas.ScheduleDay, error] {
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

// Begun gives a copy of those days of an agent, by number, that would be written and of which a part that has begun would
// change.
func (d *ScheduleDraft) Begun(agent int) []schemas.ScheduleDay {
	var out []schemas.ScheduleDay
	for day := range d.daysOf(agent, true) {
		one := *day
		one.Activities = slices.Clone(day.Activities)
		out = append(out, one)
	}
	return out
}

// daysOf gives the days of an agent, by number, that would be written, or only the begun ones.
func (d *ScheduleDraft) daysOf(agent int, begun bool) iter.Seq[*schemas.ScheduleDay] {
	return func(yield func(*schemas.ScheduleDay) bool) {
		a := &d.Agents[agent]
		if len(a.days) == 0 || begun && a.BegunFrom == 0 {
			return
		}
		var laidOut planDays
		planned := laidOut.of(d.plan, &d.plan.agents[agent])
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
