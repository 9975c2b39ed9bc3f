package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// Head is what is known of an adherence report before its first row.
type Head struct {
	Query Query
	// Against is [Query.AgainstText].
	Against string
	// MadeAt is when the report was made. It is no part of the hash.
	MadeAt schemas.Instant
	// Feeds say how far each is complete.
	Feeds []schemas.Feed
}

// Day is one agent-day as a report shows it.
type Day struct {
	*schemas.DayRow
	// Target is the target_percent of the policy that the day was judged by; nil without one.
	Target *float64
	// Zone is the zone in which its times are shown.
	Zone schemas.Zone
	// Against is [Query.AgainstText].
	Against string
}

// Adherence is what is known of an adherence report after its last row.
type Adherence struct {
	Head
	Total Group
	// Teams are the sums by team, in order of their names.
	Teams []Group
	// Agents are the sums by team and agent; somebody who changed teams is in each of them with the days there.
	Agents []AgentGroup
	// ByDay are the sums by day.
	ByDay []DayGroup
	// JudgedAt is the instant whose knowledge the days rest on: the reader's, or that of its newest day. It is no part of
	// the hash.
	JudgedAt schemas.Instant
	// Rules are the policies that judged at least one day; the default rules have no Policy.
	Rules []Rules
	// Hash is that of [hasher].
	Hash string
}

// Writer writes an adherence report in one shape. Begin comes first, then Day for every agent-day in order of day and
// agent id, then End. A Day is valid only during the call.
type Writer interface {
	Begin(h *Head) error
	Day(d *Day) error
	End(a *Adherence) error
}

// WriteAdherence reads the days that the query asks for, once, and writes the report of them.
func WriteAdherence(ctx context.Context, r Reader, q Query, madeAt schemas.Instant, w Writer) (*Adherence, error) {
	if err := q.Validate(); err != nil {
		return nil, fmt.Errorf("adherence report: %w", err)
	}
	b, err := newBuilder(ctx, r, q, madeAt, w)
	if err != nil {
		return nil, fmt.Errorf("adherence report: %w", err)
	}
	if err := w.Begin(&b.made.Head); err != nil {
		return nil, fmt.Errorf("adherence report: begin: %w", err)
	}
	if err := r.Days(ctx, q, b.day); err != nil {
		return nil, fmt.Errorf("adherence report: days from %s to %s: %w", q.From, q.To, err)
	}
	b.finish()
	if err := w.End(&b.made); err != nil {
		return nil, fmt.Errorf("adherence report: finish: %w", err)
	}
	return &b.made, nil
}

// builder sums up a report while its rows go by.
type builder struct {
	made   Adherence
	total  *Group
	teams  map[string]*Group
	agents map[agentInTeam]*AgentGroup
	rules  rulebook
	hasher *hasher
	zones  zones
	out    Writer

	lastDay   schemas.Date
	lastAgent string
	days      int
}

type agentInTeam struct{ team, agent string }

func newBuilder(ctx context.Context, r Reader, q Query, madeAt schemas.Instant, out Writer) (*builder, error) {
	rules, err := loadRules(ctx, r, q.KnownAt)
	if err != nil {
		return nil, err
	}
	feeds, err := r.Feeds(ctx, q.KnownAt)
	if err != nil {
		return nil, fmt.Errorf("read feeds: %w", err)
	}
	b := &builder{
		total:  newGroup(""),
		teams:  map[string]*Group{},
		agents: map[agentInTeam]*AgentGroup{},
		rules:  rules,
		hasher: newHasher(&q),
		out:    out,
		zones:  zones{fixed: q.Zone, known: map[string]schemas.Zone{}},
	}
	b.made.Head = Head{Query: q, Against: q.AgainstText(), MadeAt: madeAt, Feeds: feeds}
	if b.made.JudgedAt, err = r.JudgedAt(ctx, q); err != nil {
		return nil, fmt.Errorf("read when days were judged: %w", err)
	}
	return b, nil
}

// day takes one row. The order is part of the hash, so a row out of order is an error.
func (b *builder) day(d *schemas.DayRow) error {
	if b.days > 0 && (d.Day < b.lastDay || d.Day == b.lastDay && d.AgentID <= b.lastAgent) {
		return fmt.Errorf("row of agent %q on %s came after agent %q on %s", d.AgentID, d.Day, b.lastAgent, b.lastDay)
	}
	b.lastDay, b.lastAgent = d.Day, d.AgentID
	b.days++
	rules := b.rules.find(d.Policy)
	rules.Days++
	b.hasher.Add(d, rules)
	b.add(d, groupOf(d, rules.Target))
	b.made.JudgedAt = max(b.made.JudgedAt, d.KnownAt)
	if err := b.out.Day(&Day{DayRow: d, Target: rules.Target, Zone: b.zones.of(d), Against: b.made.Against}); err != nil {
		return fmt.Errorf("write agent %q on %s: %w", d.AgentID, d.Day, err)
	}
	return nil
}

// add adds the day to the sums of everybody, of its team, of its agent and of its date.
func (b *builder) add(d *schemas.DayRow, one *Group) {
	b.total.add(d, one)
	team, ok := b.teams[d.Team]
	if !ok {
		team = newGroup(d.Team)
		b.teams[d.Team] = team
	}
	team.add(d, one)
	a, ok := b.agents[agentInTeam{d.Team, d.AgentID}]
	if !ok {
		a = &AgentGroup{AgentID: d.AgentID, Group: Group{Team: d.Team, Agents: 1, sites: map[string]struct{}{}}}
		b.agents[agentInTeam{d.Team, d.AgentID}] = a
	}
	a.Name = d.Name
	a.add(d, one)
	if n := len(b.made.ByDay); n == 0 || b.made.ByDay[n-1].First != d.Day {
		b.made.ByDay = append(b.made.ByDay, DayGroup{First: d.Day, Last: d.Day})
	}
	day := &b.made.ByDay[len(b.made.ByDay)-1]
	day.add(d, one)
	day.Agents++
}

func (b *builder) finish() {
	b.total.Finish()
	b.made.Total = *b.total
	for _, g := range b.teams {
		g.Finish()
		b.made.Teams = append(b.made.Teams, *g)
	}
	slices.SortFunc(b.made.Teams, func(x, y Group) int { return cmp.Compare(x.Team, y.Team) })
	for _, a := range b.agents {
		a.Finish()
		b.made.Agents = append(b.made.Agents, *a)
	}
	slices.SortFunc(b.made.Agents, func(x, y AgentGroup) int {
		return cmp.Or(cmp.Compare(x.Team, y.Team), cmp.Compare(x.Name, y.Name), cmp.Compare(x.AgentID, y.AgentID))
	})
	b.made.Rules, b.made.Hash = b.rules.used(), b.hasher.Sum()
}

// zones finds the zone in which a day's times are shown.
type zones struct {
	fixed string
	known map[string]schemas.Zone
}

// of returns the query's zone, else the agent's, else UTC.
func (z *zones) of(d *schemas.DayRow) schemas.Zone {
	name := cmp.Or(z.fixed, d.TimeZone)
	zone, ok := z.known[name]
	if !ok {
		zone, _ = schemas.LoadZone(name) // the zero zone is UTC
		z.known[name] = zone
	}
	return zone
}
