package reports

import (
	"maps"
	"slices"

	"rollcall/schemas"
)

// reasons is the number of reasons that a percentage may lack.
const reasons = int(schemas.ReasonTimeOff) + 1

// Group holds the sums over agent-days of a team, or of everybody. Its percentages are quotients of sums; days without
// one are left out of them and counted (RULES.md section 6).
type Group struct {
	// Team is empty for everybody and for agents of no team.
	Team string
	// Sites are those of its agents, sorted.
	Sites []string
	// Agents counts different agents, Days agent-days.
	Agents, Days int
	// Sums are over all its days, those without a percentage too.
	schemas.Sums
	// AdheredMS of CountedMS, OnQueueMS of OnQueueDueMS: the two sides of adherence and of conformance, over the days
	// that have them.
	AdheredMS, CountedMS, OnQueueMS, OnQueueDueMS int64
	// NoAdherence and NoConformance count the days left out, by reason.
	NoAdherence, NoConformance [reasons]int
	Exceptions, Absent         int
	// Provisional, Final and Restated count its days by state.
	Provisional, Final, Restated int
	// Target is the target_percent of its days; nil when they have none or several.
	Target *float64

	agents, sites map[string]struct{} // nil in groups that do not count them
}

func newGroup(team string) *Group {
	return &Group{Team: team, agents: map[string]struct{}{}, sites: map[string]struct{}{}}
}

// AgentGroup holds the sums of one agent in one team.
type AgentGroup struct {
	AgentID, Name string
	Group
}

// DayGroup holds the sums of everybody on one day, or on the days from First to Last.
type DayGroup struct {
	First, Last schemas.Date
	Group
}

// Weeks adds days up by week, Monday to Sunday. Agents is then the most that were there on one day.
func Weeks(days []DayGroup) []DayGroup {
	var out []DayGroup
	for i := range days {
		d := &days[i]
		if n := len(out); n > 0 && weekOf(out[n-1].First) == weekOf(d.First) {
			out[n-1].Last = d.Last
			out[n-1].join(&d.Group)
			continue
		}
		out = append(out, *d)
	}
	return out
}

// weekOf numbers the weeks; 1970-01-05 was a Monday.
func weekOf(d schemas.Date) int { return (int(d) + 3 + 7*100_000) / 7 }

// join adds another group up.
func (g *Group) join(o *Group) {
	if g.Days == 0 {
		g.Target = o.Target
	} else if g.Target != nil && (o.Target == nil || *o.Target != *g.Target) {
		g.Target = nil
	}
	g.Agents = max(g.Agents, o.Agents)
	from := o.Lengths()
	for i, ms := range g.Lengths() {
		*ms += *from[i]
	}
	g.AdheredMS, g.CountedMS = g.AdheredMS+o.AdheredMS, g.CountedMS+o.CountedMS
	g.OnQueueMS, g.OnQueueDueMS = g.OnQueueMS+o.OnQueueMS, g.OnQueueDueMS+o.OnQueueDueMS
	for r := range reasons {
		g.NoAdherence[r] += o.NoAdherence[r]
		g.NoConformance[r] += o.NoConformance[r]
	}
	g.Days, g.Exceptions, g.Absent = g.Days+o.Days, g.Exceptions+o.Exceptions, g.Absent+o.Absent
	g.Provisional, g.Final, g.Restated = g.Provisional+o.Provisional, g.Final+o.Final, g.Restated+o.Restated
}

// groupOf returns the group of one day.
func groupOf(d *schemas.DayRow, target *float64) *Group {
	g := &Group{Days: 1, Sums: d.Sums, Exceptions: len(d.Exceptions), Target: target}
	if p := d.Adherence(); p.Reason == schemas.ReasonNone && p.Den > 0 {
		g.AdheredMS, g.CountedMS = p.Num, p.Den
	} else {
		g.NoAdherence[p.Reason] = 1
	}
	if p := d.Conformance(); p.Reason == schemas.ReasonNone && p.Den > 0 {
		g.OnQueueMS, g.OnQueueDueMS = p.Num, p.Den
	} else {
		g.NoConformance[p.Reason] = 1
	}
	if d.Absent {
		g.Absent = 1
	}
	switch d.State {
	case schemas.DayProvisional:
		g.Provisional = 1
	case schemas.DayFinal:
		g.Final = 1
	case schemas.DayRestated:
		g.Restated = 1
	case schemas.DayNone:
	}
	return g
}

// Add takes one day into the sums.
func (g *Group) Add(d *schemas.DayRow, target *float64) { g.add(d, groupOf(d, target)) }

// add takes one day into the sums; day is its group.
func (g *Group) add(d *schemas.DayRow, day *Group) {
	g.join(day)
	if g.agents != nil {
		g.agents[d.AgentID] = struct{}{}
	}
	if g.sites != nil && d.Site != "" {
		g.sites[d.Site] = struct{}{}
	}
}

// Finish works out what only the last day settles.
func (g *Group) Finish() {
	if g.agents != nil {
		g.Agents = len(g.agents)
	}
	g.Sites = slices.Sorted(maps.Keys(g.sites))
}

// Adherence returns the quotient of the sums, or the commonest reason of the days left out.
func (g *Group) Adherence() schemas.Percent {
	return schemas.Percent{Num: g.AdheredMS, Den: g.CountedMS, Reason: g.reason(g.CountedMS, &g.NoAdherence)}
}

// Conformance returns the quotient of the sums, or the commonest reason of the days left out.
func (g *Group) Conformance() schemas.Percent {
	return schemas.Percent{Num: g.OnQueueMS, Den: g.OnQueueDueMS, Reason: g.reason(g.OnQueueDueMS, &g.NoConformance)}
}

// Coverage returns the quotient of the sums.
func (g *Group) Coverage() schemas.Percent {
	return schemas.Percent{Num: g.ScheduledMS - g.IgnoredMS - g.UnknownMS, Den: g.ScheduledMS - g.IgnoredMS}
}

// LeftOut counts the days that have no adherence.
func (g *Group) LeftOut() (n int) {
	for _, count := range g.NoAdherence {
		n += count
	}
	return n
}

func (g *Group) reason(den int64, counts *[reasons]int) schemas.Reason {
	if den > 0 {
		return schemas.ReasonNone
	}
	best := schemas.ReasonNoSchedule
	for r := range counts {
		if counts[r] > counts[best] {
			best = schemas.Reason(r)
		}
	}
	return best
}

// TargetMet says whether the adherence reaches the target; the second is false when either does not exist. The rounded
// figure decides, the one that people see.
func TargetMet(p schemas.Percent, target *float64) (met, known bool) {
	v, ok := p.Value()
	if !ok || target == nil {
		return false, false
	}
	return v >= *target, true
}
