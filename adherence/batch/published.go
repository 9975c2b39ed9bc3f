package batch

import (
	"cmp"
	"slices"

	"rollcall/schemas"
)

// AgainstPublished judges by the schedule as it was published (RULES.md section 4): of every agent-day the newest
// revision recorded before the first shift of the day began.
const AgainstPublished = "as_published"

// plan is what was published of one agent.
type plan struct {
	// activities of the published days, in order, with the date under which each is stored.
	activities []schemas.Activity
	on         []schemas.Date
	// late are the days that have a schedule now and had none when they began.
	late []lateDay
	// promised has, for each activity, when its revision was recorded.
	promised []schemas.Instant
}

// lateDay is a day that was scheduled only after it had begun, at the start of its first activity as scheduled now.
type lateDay struct {
	day   schemas.Date
	start schemas.Instant
}

// publish works out what was published, given every visible revision of the agent's days: by day, the newest last.
func (p *plan) publish(days []schemas.ScheduleDay) {
	p.activities, p.on, p.late, p.promised = p.activities[:0], p.on[:0], p.late[:0], p.promised[:0]
	for len(days) > 0 {
		n := 1
		for n < len(days) && days[n].Day == days[0].Day {
			n++
		}
		p.day(days[:n])
		days = days[n:]
	}
	p.settleOverlaps()
}

// day takes all revisions of one day.
func (p *plan) day(revisions []schemas.ScheduleDay) {
	d := promise(revisions)
	if d == nil {
		if newest := &revisions[len(revisions)-1]; len(newest.Activities) > 0 && !newest.Removed {
			p.late = append(p.late, lateDay{newest.Day, firstStart(newest)})
		}
		return
	}
	if d.Removed {
		return
	}
	for _, a := range d.Activities {
		p.activities, p.on, p.promised = append(p.activities, a), append(p.on, d.Day), append(p.promised, d.RecordedAt)
	}
}

// promise returns the revision by which the day had to be worked, or nil: revisions are taken in the order in which
// they were recorded, until the day has begun by the one that was in force. So an import after the fact counts for
// nothing, also when it moves the day's first shift to a later time; and a day that was emptied before it began stays
// empty.
func promise(revisions []schemas.ScheduleDay) *schemas.ScheduleDay {
	var last *schemas.ScheduleDay
	begins := schemas.MaxInstant
	for i := range revisions {
		r := &revisions[i]
		if r.RecordedAt >= begins {
			break
		}
		if r.Removed || len(r.Activities) == 0 {
			if last != nil {
				last = r // begins stays: what is recorded after the day would have begun is after the fact
			}
			continue
		}
		if start := firstStart(r); r.RecordedAt < start {
			last, begins = r, start
		}
	}
	return last
}

// firstStart returns the instant at which the day begins.
func firstStart(d *schemas.ScheduleDay) schemas.Instant {
	first := d.Activities[0].Start
	for i := range d.Activities {
		first = min(first, d.Activities[i].Start)
	}
	return first
}

// settleOverlaps sorts the activities by start. Days are published one by one, so a shift over midnight may reach into
// a day that was planned anew while it went on: then the later promise holds, and the earlier ends where it begins.
func (p *plan) settleOverlaps() {
	order := make([]int, len(p.activities))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.activities[a].Start, p.activities[b].Start) })
	var acts []schemas.Activity
	var on []schemas.Date
	var promised []schemas.Instant
	for _, i := range order {
		a := p.activities[i]
		for n := len(acts); n > 0 && a.Start < a.End && a.Start < acts[n-1].End; n = len(acts) {
			if promised[n-1] > p.promised[i] {
				a.Start = acts[n-1].End
			} else if acts[n-1].End = a.Start; acts[n-1].End <= acts[n-1].Start {
				acts, on, promised = acts[:n-1], on[:n-1], promised[:n-1]
			}
		}
		if a.Start < a.End {
			acts, on, promised = append(acts, a), append(on, p.on[i]), append(promised, p.promised[i])
		}
	}
	p.activities, p.on, p.promised = acts, on, promised
}

// addLate puts the days that were not published among the judged days of one stretch of dates: without a percentage,
// for the reason not_published, but not out of sight.
func addLate(days []schemas.AgentDay, late []lateDay, agent string, from, to schemas.Date,
	asOf schemas.Instant) []schemas.AgentDay {
	for _, l := range late {
		if l.day < from || l.day > to || l.start >= asOf {
			continue
		}
		i, found := slices.BinarySearchFunc(days, l.day,
			func(d schemas.AgentDay, day schemas.Date) int { return cmp.Compare(d.Day, day) })
		if !found {
			days = slices.Insert(days, i,
				schemas.AgentDay{AgentID: agent, Day: l.day, ConformanceReason: schemas.ReasonNothingScheduledOnQueue})
		}
		if days[i].ScheduledMS == 0 {
			days[i].AdherenceReason = schemas.ReasonNotPublished
		}
	}
	return days
}
