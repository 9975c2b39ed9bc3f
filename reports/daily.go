package reports

import (
	"cmp"
	"math"
	"slices"

	"rollcall/schemas"
)

// Daily is what the mail of a day says: the day at a glance, against the target and the weeks before, and who needs
// attention and why. Its figures are those of the adherence report of the same day, teams and sites.
type Daily struct {
	Day schemas.Date
	// Zone is that of the clock times; MadeAt is when it was made.
	Zone   schemas.Zone
	MadeAt schemas.Instant
	// Teams narrows what it is about; Sites too. Empty means all that the reader may see.
	Teams, Sites []string
	// Total is everybody; ByTeam are the teams in order of their names.
	Total  TeamDay
	ByTeam []TeamDay
	// Weeks are the same weekdays of the weeks before, the oldest first.
	Weeks []WeekBefore
	// Attention are those who need it, most time lost first; those who were absent and those of whom time is unknown
	// follow, longest first. Each list ends where it gets too long: the counts are of everybody.
	Attention, Absent, Unknown                []Person
	AttentionCount, AbsentCount, UnknownCount int
	// Staffing is that of the day by team, in half hours.
	Staffing *Staffing
	// Heads is the day's picture by the hour, of the teams that have requirements where any does: Required says that.
	Heads    []StaffingInterval
	Required bool
	// Short are the teams of which heads were missing, most hours missing first; ShortCount counts them all.
	Short      []ShortTeam
	ShortCount int
	// FeedsBehind are the feeds that have not said that they are complete past the day, while some of it is provisional.
	FeedsBehind []string
	people      []Person
}

// TeamDay is a team on the day, beside the same weekdays of the weeks before.
type TeamDay struct {
	Group
	// Before is the adherence over those weekdays together: the quotient of the sums.
	Before schemas.Percent
	// WeeksBefore counts those that have one.
	WeeksBefore int
}

// WeekBefore is the same weekday of an earlier week.
type WeekBefore struct {
	Day       schemas.Date
	Adherence schemas.Percent
}

// Person is one agent whom the mail names.
type Person struct {
	*schemas.DayRow
	Target *float64
	// Words say why; empty where there is nothing to say.
	Words string
}

// lostMS is the time out, inside the schedule and outside.
func (p *Person) lostMS() int64 { return p.OutMS + p.OutsideMS }

// Label returns the name, or the id of somebody without one, fit to be shown.
func (p *Person) Label() string {
	const most = 60
	return cmp.Or(Shown(p.Name, most), Shown(p.AgentID, most))
}

// Empty says that nothing was scheduled on the day and nobody was on queue.
func (d *Daily) Empty() bool { return d.Total.ScheduledMS == 0 && d.Total.UnscheduledOnQueueMS == 0 }

// Provisional says that some of the day may still change by itself.
func (d *Daily) Provisional() bool { return d.Total.Provisional > 0 }

// Change returns by how many points the adherence differs from that of the weeks before, from the figures that are
// shown.
func (t *TeamDay) Change() (points float64, known bool) {
	now, ok := t.Adherence().Value()
	then, had := t.Before.Value()
	return roundPoints(now - then), ok && had
}

// roundPoints takes away what the difference of two rounded figures has behind its second decimal.
func roundPoints(v float64) float64 { return math.Round(v*100) / 100 }

// The lengths of the lists of a daily mail.
const (
	mostAttention = 10
	mostAbsent    = 15
	mostUnknown   = 8
	mostShort     = 6
	mostWorst     = 3
	mostSayings   = 3
)

// Daily picks from the data what the teams and sites, where any are named, and the reader's scope hold; covers says
// what the latter holds. Clock times are those of the zone.
func (b *DailyData) Daily(teams, sites []string, covers func(team, site string) bool, zone schemas.Zone) *Daily {
	d := &Daily{Day: b.day, Zone: zone, MadeAt: b.madeAt, Teams: teams, Sites: sites}
	in := func(p place) bool {
		return (len(teams) == 0 || slices.Contains(teams, p.team)) && (len(sites) == 0 || slices.Contains(sites, p.site)) &&
			covers(p.team, p.site)
	}
	b.sum(d, in)
	d.Weeks = b.weeksBefore(in)
	b.pick(d, in)
	d.staff(b, in)
	if d.Provisional() {
		d.FeedsBehind = b.feedsBehind(zone)
	}
	return d
}

// sum makes the sums of everybody and of each team, and their weeks before.
func (b *DailyData) sum(d *Daily, in func(place) bool) {
	total, teams := newGroup(""), map[string]*Group{}
	for i := range b.rows {
		r := &b.rows[i]
		if !in(place{r.Team, r.Site}) {
			continue
		}
		one := groupOf(&r.DayRow, r.target)
		total.add(&r.DayRow, one)
		if teams[r.Team] == nil {
			teams[r.Team] = newGroup(r.Team)
		}
		teams[r.Team].add(&r.DayRow, one)
	}
	d.Total = b.teamDay(total, in)
	for name, g := range teams {
		d.ByTeam = append(d.ByTeam, b.teamDay(g, func(p place) bool { return p.team == name && in(p) }))
	}
	slices.SortFunc(d.ByTeam, func(x, y TeamDay) int { return cmp.Compare(x.Team, y.Team) })
}

func (b *DailyData) teamDay(g *Group, in func(place) bool) TeamDay {
	g.Finish()
	t := TeamDay{Group: *g}
	var all schemas.Percent
	for _, w := range b.weeksBefore(in) {
		if w.Adherence.Den > 0 {
			all.Num, all.Den = all.Num+w.Adherence.Num, all.Den+w.Adherence.Den
			t.WeeksBefore++
		}
	}
	t.Before = orNone(all)
	return t
}

func (b *DailyData) weeksBefore(in func(place) bool) []WeekBefore {
	var out []WeekBefore
	for _, w := range b.weeks {
		var all schemas.Percent
		for at, p := range w.shares {
			if in(at) {
				all.Num, all.Den = all.Num+p.Num, all.Den+p.Den
			}
		}
		out = append(out, WeekBefore{w.day, orNone(all)})
	}
	return out
}

// orNone adds the reason to a quotient of nothing.
func orNone(p schemas.Percent) schemas.Percent {
	if p.Den == 0 {
		p.Reason = schemas.ReasonNoSchedule
	}
	return p
}

// pick finds the people whom the mail names.
func (b *DailyData) pick(d *Daily, in func(place) bool) {
	for i := range b.rows {
		r := &b.rows[i]
		if !in(place{r.Team, r.Site}) {
			continue
		}
		p := Person{DayRow: &r.DayRow, Target: r.target}
		d.people = append(d.people, p)
		if r.UnknownMS > 0 {
			d.Unknown = append(d.Unknown, p)
		}
		switch {
		case r.Absent:
			d.Absent = append(d.Absent, p)
		case needsAttention(&p):
			p.Words = exceptionSummary(r.Exceptions, r.zone, mostSayings)
			d.Attention = append(d.Attention, p)
		}
	}
	d.Attention, d.AttentionCount = longest(d.Attention, mostAttention, (*Person).lostMS)
	d.Absent, d.AbsentCount = longest(d.Absent, mostAbsent, func(p *Person) int64 { return p.ScheduledMS })
	d.Unknown, d.UnknownCount = longest(d.Unknown, mostUnknown, func(p *Person) int64 { return p.UnknownMS })
}

// needsAttention says whether somebody is named: adherence below the target; without a target, below 100.
func needsAttention(p *Person) bool {
	v, ok := p.Adherence().Value()
	if p.Target == nil {
		return ok && p.lostMS() > 0 && v < 100
	}
	return ok && v < *p.Target
}

// longest sorts people by a length, the longest first, then by id, and returns the first of them and how many there
// are.
func longest(list []Person, most int, of func(*Person) int64) (first []Person, count int) {
	slices.SortFunc(list, func(x, y Person) int {
		return cmp.Or(cmp.Compare(of(&y), of(&x)), cmp.Compare(x.AgentID, y.AgentID))
	})
	return list[:min(most, len(list))], len(list)
}

// Figures returns the figures of the day by team and agent, to compare later ones with.
func (d *Daily) Figures() SentFigures {
	t := SentFigures{Day: d.Day, KnownAt: d.MadeAt, Provisional: d.Provisional(), Teams: map[string]*float64{},
		Agents: map[string]SentAgent{}}
	for i := range d.ByTeam {
		t.Teams[d.ByTeam[i].Team] = orNil(d.ByTeam[i].Adherence().Value())
	}
	for i := range d.people {
		p := &d.people[i]
		t.Agents[p.AgentID] = SentAgent{p.Label(), p.Team, orNil(p.Adherence().Value())}
	}
	return t
}
