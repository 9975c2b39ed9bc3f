package live

import (
	"slices"
	"sort"

	"rollcall/schemas"
)

// Today judges an agent's day so far and returns a copy of it, its intervals included: the day of the shift that runs
// now or else of the local date. A day of which nothing is judged yet has its activities only. It is false for an agent
// who is not on the board, and for a day that cannot be judged.
func (b *Board) Today(id string) (schemas.AgentDay, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.here(id)
	if a == nil {
		return schemas.AgentDay{}, false
	}
	now := b.now()
	in, today := b.input(a, now+1)
	day := schemas.AgentDay{AgentID: id, Day: today}
	for d, failed := range b.judged(in) {
		switch {
		case failed:
			return schemas.AgentDay{}, false
		case runs(d, now):
			return copyDay(d), true
		case d.Day == today:
			day = copyDay(d)
		}
	}
	if len(day.Activities) == 0 {
		span := in.Zones[len(in.Zones)-1].Zone.Day(today)
		day.Activities = slices.DeleteFunc(slices.Clone(a.activities),
			func(x schemas.Activity) bool { return !span.Contains(x.Start) })
	}
	return day, true
}

// runs reports whether the instant lies in the scheduled span of the day.
func runs(d *schemas.AgentDay, at schemas.Instant) bool {
	n := len(d.Activities)
	return n > 0 && d.Activities[0].Start <= at && at < d.Activities[n-1].End
}

// copyDay returns a day that shares no memory with the judge.
func copyDay(d *schemas.AgentDay) schemas.AgentDay {
	c := *d
	c.Activities, c.Intervals, c.Exceptions = slices.Clone(d.Activities), slices.Clone(d.Intervals),
		slices.Clone(d.Exceptions)
	c.Overruled = slices.Clone(d.Overruled)
	for i := range c.Exceptions {
		c.Exceptions[i].Parts = slices.Clone(c.Exceptions[i].Parts)
	}
	return c
}

// Would returns what the judge would say of the time from now to the end of what is scheduled now if the agent took the
// state now and stayed in it: out of adherence if it does not fit the schedule, unscheduled where nothing is scheduled,
// none for an agent who is not on the board.
func (b *Board) Would(id string, s schemas.State) schemas.LiveState {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.here(id)
	if a == nil {
		return schemas.LiveNone
	}
	now := b.now()
	current, _ := a.around(now)
	if current == nil {
		return schemas.LiveUnscheduled
	}
	self := b.names.Source(schemas.SourceSelf) // before the input, which lists the sources
	in, _ := b.input(a, now+1)
	in.AsOf = current.End
	until := sort.Search(len(a.facts), func(i int) bool { return a.facts[i].At > now })
	in.Facts = append(slices.Clone(a.facts[:until]), schemas.Fact{
		At:        now,
		Presence:  s.Presence,
		Status:    s.Status,
		Routing:   s.Routing,
		Source:    self,
		Secondary: b.names.Secondaries.ID(s.Secondary),
	})
	return b.verdict(in, current.End).state
}

// Overruling returns the first of the fields for which the rules of the agent prefer other sources than the given one,
// so that what it says does not count, with the sources that do; "" if it counts for each.
func (b *Board) Overruling(id, source string, fields schemas.Fields) (field string, sources []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	zones := b.known.Zones(id, nil)
	today := zones[len(zones)-1].Zone.Date(b.now())
	rules := b.rulesOf(b.known.Policy(b.known.Member(id, today), today))
	for f, list := range rules.Policy().Prefer {
		if fields>>f&1 == 1 && len(list) > 0 && schemas.OwnSource(source) && !slices.Contains(list, source) {
			return schemas.FieldNames[f], list
		}
	}
	return "", nil
}
