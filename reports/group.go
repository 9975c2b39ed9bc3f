package reports

import (
	"slices"

	"rollcall/schemas"
)

// reasons is the number of reasons that a percentage may lack.
const reasons = int(schemas.ReasonNothingScheduledOnQueue) + 1

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

	targets map[float64]bool
	anyFree bool // a day without a target
	agents  map[string]struct{}
	sites   map[string]struct{}
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
	for i := range out {
		out[i].Target = nil
		out[i].Finish()
	}
	return out
}

// weekOf numbers the weeks; 1970-01-05 was a Monday.
func weekOf(d schemas.Date) int { return (int(d) + 3 + 7*100_000) / 7 }

// join adds another group up.
func (g *Group) join(o *Group) {
	g.Agents = max(g.Agents, o.Agents)
	g.Days += o.Days
	g.addSums(&o.Sums)
	g.AdheredMS, g.CountedMS = g.AdheredMS+o.AdheredMS, g.CountedMS+o.CountedMS
	g.OnQueueMS, g.OnQueueDueMS = g.OnQueueMS+o.OnQueueMS, g.OnQueueDueMS+o.OnQueueDueMS
	for r := range reasons {
		g.NoAdherence[r] += o.NoAdherence[r]
		g.NoConformance[r] += o.NoConformance[r]
	}
	g.Exceptions, g.Absent = g.Exceptions+o.Exceptions, g.Absent+o.Absent
	g.Provisional, g.Final, g.Restated = g.Provisional+o.Provisional, g.Final+o.Final, g.Restated+o.Restated
	g.anyFree = g.anyFree || o.anyFree
	targets := map[float64]bool{}
	for _, list := range []map[float64]bool{g.targets, o.targets} {
		for t := range list {
			targets[t] = true
		}
	}
	g.targets = targets
}

// Add takes one day into the sums.
func (g *Group) Add(d *schemas.DayRow, target *float64) {
	g.Days++
	g.addSums(&d.Sums)
	if p := d.Adherence(); p.Reason == schemas.ReasonNone && p.Den > 0 {
		g.AdheredMS, g.CountedMS = g.AdheredMS+p.Num, g.CountedMS+p.Den
	} else {
		g.NoAdherence[p.Reason]++
	}
	if p := d.Conformance(); p.Reason == schemas.ReasonNone && p.Den > 0 {
		g.OnQueueMS, g.OnQueueDueMS = g.OnQueueMS+p.Num, g.OnQueueDueMS+p.Den
	} else {
		g.NoConformance[p.Reason]++
	}
	g.Exceptions += len(d.Exceptions)
	if d.Absent {
		g.Absent++
	}
	g.addState(d.State)
	if g.anyFree = g.anyFree || target == nil; target != nil && !g.targets[*target] {
		if g.targets == nil {
			g.targets = map[float64]bool{}
		}
		g.targets[*target] = true
	}
	g.count(d)
}

// count notes who and where, in groups that count it.
func (g *Group) count(d *schemas.DayRow) {
	if g.agents != nil {
		if _, ok := g.agents[d.AgentID]; !ok {
			g.agents[d.AgentID] = struct{}{}
		}
	}
	if g.sites != nil && d.Site != "" {
		if _, ok := g.sites[d.Site]; !ok {
			g.sites[d.Site] = struct{}{}
		}
	}
}

func (g *Group) addSums(s *schemas.Sums) {
	from := s.Lengths()
	for i, ms := range g.Lengths() {
		*ms += *from[i]
	}
}

func (g *Group) addState(s schemas.DayState) {
	switch s {
	case schemas.DayProvisional:
		g.Provisional++
	case schemas.DayFinal:
		g.Final++
	case schemas.DayRestated:
		g.Restated++
	case schemas.DayNone:
	}
}

// Finish works out what only the last day settles.
func (g *Group) Finish() {
	if g.agents != nil {
		g.Agents = len(g.agents)
	}
	for s := range g.sites {
		g.Sites = append(g.Sites, s)
	}
	slices.Sort(g.Sites)
	if len(g.targets) == 1 && !g.anyFree {
		for t := range g.targets {
			g.Target = &t
		}
	}
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
func (g *Group) LeftOut() int { return total(&g.NoAdherence) }

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

func total(counts *[reasons]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
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
