package files

import (
	"slices"

	"rollcall/schemas"
)

// SchedulePlan is what a schedule file says: for each agent that it names, all shifts that start on the local dates
// From to To, both included.
type SchedulePlan struct {
	From, To schemas.Date
	// Activities counts those of all agents.
	Activities int
	agents     []agentRows // in order of day and start
	texts      *texts
	// left are the days that are left alone, by agent; partial says that a rejected row has its day left alone.
	left    map[string]*leftDays
	partial bool
	// rejected is the line of the last row that Fit rejected.
	rejected int
}

// PlannedDays is memory in which the days of one agent are laid out, one agent after the other. The zero value is
// ready.
type PlannedDays struct {
	acts []schemas.Activity
	days []schemas.ScheduleDay
}

// Agents counts the agents that the file names.
func (p *SchedulePlan) Agents() int { return len(p.agents) }

// AgentID is the id of the agent with that number; ids are in byte order.
func (p *SchedulePlan) AgentID(agent int) string { return p.agents[agent].id }

// Free says whether the file says that nothing is scheduled for the agent on the date.
func (p *SchedulePlan) Free(agent int, day schemas.Date) bool {
	return slices.Contains(p.agents[agent].free, day)
}

// AgentDays returns the agent's days on which something starts, in order. They are good until the memory is used again.
// Revision and RecordedAt are not set.
func (p *SchedulePlan) AgentDays(agent int, d *PlannedDays) []schemas.ScheduleDay {
	a := &p.agents[agent]
	d.acts, d.days = d.acts[:0], d.days[:0]
	for i := range a.rows {
		d.acts = append(d.acts, p.texts.unpack(&a.rows[i]))
	}
	for begin := 0; begin < len(a.rows); {
		end := begin + 1
		for end < len(a.rows) && a.rows[end].day == a.rows[begin].day {
			end++
		}
		d.days = append(d.days, schemas.ScheduleDay{AgentID: a.id, Day: a.rows[begin].day, Activities: d.acts[begin:end:end]})
		begin = end
	}
	return d.days
}

// Fit makes an agent's plan fit what the store holds for days in and around the range: rows that overlap an activity of
// a day which is not replaced are rejected. It returns the held days that the plan replaces.
func (p *SchedulePlan) Fit(agent int, held []schemas.ScheduleDay, report *Report) []schemas.ScheduleDay {
	a := &p.agents[agent]
	left := p.left[a.id]
	if left == nil && p.partial {
		left = &leftDays{}
	}
	stays := func(h schemas.ScheduleDay) bool { return h.Day < p.From || h.Day > p.To || left.has(h.Day) }
	for again := true; again; {
		again = false
		for i := range held {
			if stays(held[i]) && p.rejectOverlaps(a, &held[i], left, report) {
				again = true
			}
		}
	}
	warnOfLeft(report, a.id, left, p.From, p.To)
	return slices.DeleteFunc(slices.Clone(held), func(h schemas.ScheduleDay) bool { return h.Removed || stays(h) })
}

// rejectOverlaps takes the rows out that overlap activities of a held day which stays. It says whether more days are
// left alone because of it.
func (p *SchedulePlan) rejectOverlaps(a *agentRows, held *schemas.ScheduleDay, left *leftDays,
	report *Report) (more bool) {
	a.rows = slices.DeleteFunc(a.rows, func(r scheduleRow) bool {
		n := slices.IndexFunc(held.Activities, func(y schemas.Activity) bool { return r.interval().Overlaps(y.Interval()) })
		if n < 0 {
			return false
		}
		y := &held.Activities[n]
		p.Activities--
		more = left != nil && left.add(r.day) || more
		if p.rejected == int(r.line) { // another part of the same row
			return true
		}
		p.rejected = int(r.line)
		report.reject(r.problem("import that date too, or end one before the other starts",
			"%q of %s from %s to %s overlaps %q of the shift of %s, which stays, until %s", p.texts.list[r.code], a.id, r.start,
			r.end, y.Code, held.Day, y.End))
		return true
	})
	if more {
		n := len(a.rows)
		a.rows = slices.DeleteFunc(a.rows, func(r scheduleRow) bool { return left.has(r.day) })
		p.Activities -= n - len(a.rows)
	}
	return more
}
