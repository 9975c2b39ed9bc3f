package files

import (
	"context"
	"fmt"
	"slices"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// schedule replaces, for each agent of the file, the days of its range that differ, as one revision.
func (m *Importer) schedule(ctx context.Context, in Input, opt *Options) (*Report, error) {
	var known Known
	var err error
	if known.Members, err = m.store.Memberships(ctx, 0); err != nil {
		return nil, err
	}
	if known.Codes, err = m.store.ActivityCodes(ctx, 0); err != nil {
		return nil, err
	}
	if known.Members == nil {
		known.Members = []schemas.Membership{}
	}
	plan, report, err := ReadSchedule(ctx, in, *opt, known)
	if err != nil {
		return report, err
	}
	at := m.now()
	row := m.journal(schemas.JournalSchedule, in, opt, at, "")
	diff := scheduleDiff{plan: plan, report: report, row: &row,
		rev: schemas.Revision{ID: row.ID, RecordedAt: at, Actor: opt.Actor, Origin: in.Name, From: plan.From, To: plan.To,
			Agents: len(plan.agents), FileHash: report.FileHash}}
	if !report.unusable && len(plan.agents) > 0 {
		if err = diff.against(ctx, m.store); err != nil {
			return report, err
		}
	}
	row.Detail = fmt.Sprintf("%s to %s: %d agent-days changed, %d removed, %d unchanged", plan.From, plan.To, diff.rev.DaysChanged,
		diff.rev.DaysRemoved, diff.rev.DaysUnchanged)
	report.Written, report.Unchanged = len(diff.days), diff.rev.DaysUnchanged
	err = report.write(opt, row, func() error { return m.store.WriteSchedule(ctx, row, diff.rev, diff.each) })
	if err == nil && report.Written > 0 && !report.Refused {
		report.Revision = &diff.rev
	}
	return report, err
}

// scheduleDiff compares a plan with what the store holds, agent by agent.
type scheduleDiff struct {
	plan   *SchedulePlan
	report *Report
	row    *schemas.JournalRow
	rev    schemas.Revision
	// days are those to write.
	days []schemas.ScheduleDay
	next int
	// rejected is the line of the last row that was taken out.
	rejected int
}

// around is how many dates before and after the range are read for activities that overlap those of the range.
const around = 2

// against goes through the held schedule and the plan side by side, both in byte order of agents.
func (d *scheduleDiff) against(ctx context.Context, store Store) error {
	agents := d.plan.agents
	q := chstore.ScheduleQuery{From: d.plan.From - around, To: d.plan.To + around}
	q.FromAgent, q.ToAgent = agents[0].id, agents[len(agents)-1].id+"\x00"
	err := store.ScheduleDays(ctx, q, func(agent string, held []schemas.ScheduleDay) error {
		d.upTo(agent)
		if d.next < len(agents) && agents[d.next].id == agent {
			d.agent(&agents[d.next], held)
			d.next++
		}
		return nil
	})
	for ; d.next < len(agents); d.next++ {
		d.agent(&agents[d.next], nil)
	}
	d.rev.Activities = d.plan.Activities
	return err
}

// upTo handles the agents before the named one, of whom the store holds nothing.
func (d *scheduleDiff) upTo(agent string) {
	for ; d.next < len(d.plan.agents) && d.plan.agents[d.next].id < agent; d.next++ {
		d.agent(&d.plan.agents[d.next], nil)
	}
}

// agent compares one agent's days with the held ones, both in order.
func (d *scheduleDiff) agent(a *agentPlan, held []schemas.ScheduleDay) {
	for i := range held {
		if day := held[i].Day; day < d.plan.From || day > d.plan.To {
			d.keepApart(a, &held[i])
		}
	}
	held = slices.DeleteFunc(slices.Clone(held), func(h schemas.ScheduleDay) bool {
		return h.Removed || h.Day < d.plan.From || h.Day > d.plan.To
	})
	var touched schemas.Interval
	days := a.days
	for len(held) > 0 || len(days) > 0 {
		switch {
		case len(days) == 0 || len(held) > 0 && held[0].Day < days[0].Day:
			touched = hull(touched, covered(held[0].Activities))
			d.days = append(d.days, schemas.ScheduleDay{AgentID: a.id, Day: held[0].Day, Removed: true})
			d.rev.DaysRemoved++
			held = held[1:]
		case len(held) == 0 || days[0].Day < held[0].Day:
			touched = hull(touched, covered(days[0].Activities))
			d.change(&days[0])
			days = days[1:]
		default:
			if slices.EqualFunc(held[0].Activities, days[0].Activities, func(x, y schemas.Activity) bool { return same(&x, &y) }) {
				d.rev.DaysUnchanged++
			} else {
				touched = hull(touched, hull(covered(held[0].Activities), covered(days[0].Activities)))
				d.change(&days[0])
			}
			held, days = held[1:], days[1:]
		}
	}
	if !touched.Empty() {
		span(d.row, a.id, touched)
	}
}

func (d *scheduleDiff) change(day *schemas.ScheduleDay) {
	if len(day.Activities) > 0 {
		d.days = append(d.days, *day)
		d.rev.DaysChanged++
	}
}

// covered is the time from the first start to the last end.
func covered(acts []schemas.Activity) schemas.Interval {
	var v schemas.Interval
	for i := range acts {
		v = hull(v, acts[i].Interval())
	}
	return v
}

// keepApart takes activities out of the plan that overlap those of a held day which is not replaced.
func (d *scheduleDiff) keepApart(a *agentPlan, held *schemas.ScheduleDay) {
	for i := range a.days {
		day := &a.days[i]
		day.Activities = slices.DeleteFunc(day.Activities, func(x schemas.Activity) bool {
			n := slices.IndexFunc(held.Activities, func(y schemas.Activity) bool { return x.Interval().Overlaps(y.Interval()) })
			if n < 0 {
				return false
			}
			y := &held.Activities[n]
			d.plan.Activities--
			if d.rejected == x.Line { // another part of the same row
				return true
			}
			d.rejected = x.Line
			d.report.reject(Problem{Line: x.Line, Field: "start", Message: fmt.Sprintf(
				"%q of %s from %s to %s overlaps %q of the shift of %s, which stays, until %s; import that date too, or end one before the other starts",
				x.Code, a.id, x.Start, x.End, y.Code, held.Day, y.End)})
			return true
		})
	}
}

// each gives the days to write.
func (d *scheduleDiff) each(yield func(*schemas.ScheduleDay, error) bool) {
	for i := range d.days {
		if !yield(&d.days[i], nil) {
			return
		}
	}
}
