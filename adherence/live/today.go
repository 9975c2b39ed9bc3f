package live

import (
	"slices"

	"rollcall/schemas"
)

// Today judges an agent's day so far and returns a copy of it, its intervals included: the day of the shift that runs
// now or else of the local date. A day of which nothing is judged yet has its activities only. It is false for an agent
// who is not on the board, and for a day that cannot be judged.
func (b *Board) Today(id string) (schemas.AgentDay, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.agents[id]
	if !ok || a.row == nil || a.row.Gone {
		return schemas.AgentDay{}, false
	}
	now := b.now()
	in, today := b.input(a, now+1)
	day := schemas.AgentDay{AgentID: id, Day: today}
	zone := b.scratch.zones[len(b.scratch.zones)-1].Zone
	for _, st := range b.scratch.stretches {
		in.Rules, in.From, in.To = b.rulesOf(st.Policy), st.From, st.To
		days, err := b.judge.Days(&in, b.scratch.days[:0])
		b.scratch.days = days
		if err != nil {
			return schemas.AgentDay{}, false
		}
		for i := range days {
			if runs(&days[i], now) {
				return copyDay(&days[i]), true
			}
			if days[i].Day == today {
				day = copyDay(&days[i])
			}
		}
	}
	if len(day.Activities) == 0 {
		day.Activities = startingOn(a.activities, zone.Day(today))
	}
	return day, true
}

// runs reports whether the instant lies in the scheduled span of the day.
func runs(d *schemas.AgentDay, at schemas.Instant) bool {
	n := len(d.Activities)
	return n > 0 && d.Activities[0].Start <= at && at < d.Activities[n-1].End
}

// startingOn returns the activities that start in the span.
func startingOn(acts []schemas.Activity, span schemas.Interval) []schemas.Activity {
	var out []schemas.Activity
	for i := range acts {
		if span.Contains(acts[i].Start) {
			out = append(out, acts[i])
		}
	}
	return out
}

// copyDay returns a day that shares no memory with the judge.
func copyDay(d *schemas.AgentDay) schemas.AgentDay {
	c := *d
	c.Activities, c.Intervals, c.Exceptions = slices.Clone(d.Activities), slices.Clone(d.Intervals),
		slices.Clone(d.Exceptions)
	for i := range c.Exceptions {
		c.Exceptions[i].Parts = slices.Clone(c.Exceptions[i].Parts)
	}
	return c
}

// Would returns what the judge would say of the time from now to the end of what is scheduled now if the agent took the
// state now and kept it: out of adherence if it does not fit the schedule, unscheduled where nothing is scheduled, not
// judged for an agent who is not on the board.
func (b *Board) Would(id string, s schemas.State) schemas.LiveState {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.agents[id]
	if !ok || a.row == nil || a.row.Gone {
		return schemas.LiveNone
	}
	now := b.now()
	current, _ := a.around(now)
	if current == nil {
		return schemas.LiveUnscheduled
	}
	in, _ := b.input(a, now+1)
	in.AsOf = current.End
	until, _ := slices.BinarySearchFunc(a.facts, now, func(f schemas.Fact, t schemas.Instant) int {
		if f.At <= t {
			return -1
		}
		return 1
	})
	in.Facts = append(slices.Clone(a.facts[:until]),
		schemas.Fact{At: now, Presence: s.Presence, Status: s.Status, Routing: s.Routing,
			Secondary: b.names.ID(s.Secondary)})
	return b.verdict(&in, current.End).state
}
