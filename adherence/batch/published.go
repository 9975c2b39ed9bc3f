package batch

import (
	"cmp"
	"slices"

	"rollcall/schemas"
)

// AgainstPublished judges by the schedule as it was published (RULES.md section 4): of every agent-day the newest
// revision recorded before the first shift of the day began.
const AgainstPublished = "as_published"

// lateDay is a day that was scheduled only after it had begun, at the start of its first activity as scheduled now.
type lateDay struct {
	day   schemas.Date
	start schemas.Instant
}

// publish works out what was published, given every visible revision of the agent's days: by day, the newest last. late
// are the days that have a schedule now and had none when they began. Both are appended to what is given.
func publish(days []schemas.ScheduleDay, plan []planned, late []lateDay) ([]planned, []lateDay) {
	for len(days) > 0 {
		n := slices.IndexFunc(days, func(d schemas.ScheduleDay) bool { return d.Day != days[0].Day })
		if n < 0 {
			n = len(days)
		}
		newest := &days[n-1]
		if d := promise(days[:n]); d == nil && len(newest.Activities) > 0 && !newest.Removed {
			late = append(late, lateDay{newest.Day, firstStart(newest)})
		} else if d != nil && !d.Removed {
			plan = addPlanned(plan, d)
		}
		days = days[n:]
	}
	return settleOverlaps(plan), late
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
	return slices.MinFunc(d.Activities, func(a, b schemas.Activity) int { return cmp.Compare(a.Start, b.Start) }).Start
}

// settleOverlaps sorts the activities by start. Days are published one by one, so a shift over midnight may reach into
// a day that was planned anew while it went on: then the later promise holds, and the earlier ends where it begins.
func settleOverlaps(plan []planned) []planned {
	slices.SortStableFunc(plan, func(a, b planned) int { return cmp.Compare(a.Start, b.Start) })
	out := plan[:0]
	for _, a := range plan {
		for n := len(out); n > 0 && a.Start < a.End && a.Start < out[n-1].End; n = len(out) {
			if out[n-1].recorded > a.recorded {
				a.Start = out[n-1].End
			} else if out[n-1].End = a.Start; out[n-1].End <= out[n-1].Start {
				out = out[:n-1]
			}
		}
		if a.Start < a.End {
			out = append(out, a)
		}
	}
	return out
}

// addLate puts the days that were not published among the judged days of one stretch of dates: without a percentage,
// for the reason not_published, but listed.
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
