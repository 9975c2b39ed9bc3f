package adherence

import (
	"cmp"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// Known is what is known of a whole organisation besides facts and schedules, made ready for looking up what concerns
// one agent on one day. It is read-only after Know and may be shared.
type Known struct {
	zone        schemas.Zone // for agents whose roster row names none
	members     map[string][]schemas.Membership
	zones       map[string]schemas.Zone // by name
	policies    []schemas.PolicyVersion
	parsed      map[string]schemas.Policy // by version id; "" holds the default rules
	corrections map[string][]schemas.Correction
	gaps        map[string][]schemas.Gap // "" holds those of all agents
	sources     map[string][]schemas.AgentSource
	feeds       map[string]schemas.Feed
	supplied    map[string]bool // sources that have supplied any fact
}

// Know sorts the circumstances by agent. zone is that of agents whose roster row names none. A zone or a policy that
// does not read is an error that names its row.
func Know(c schemas.Circumstances, zone schemas.Zone) (*Known, error) {
	k := &Known{
		zone:        zone,
		policies:    c.Policies,
		members:     map[string][]schemas.Membership{},
		zones:       map[string]schemas.Zone{"": zone},
		parsed:      map[string]schemas.Policy{"": schemas.DefaultPolicy()},
		corrections: map[string][]schemas.Correction{},
		gaps:        map[string][]schemas.Gap{},
		sources:     map[string][]schemas.AgentSource{},
		feeds:       map[string]schemas.Feed{},
		supplied:    map[string]bool{},
	}
	for _, x := range c.Corrections {
		k.corrections[x.AgentID] = append(k.corrections[x.AgentID], x)
	}
	for _, g := range c.Gaps {
		k.gaps[g.AgentID] = append(k.gaps[g.AgentID], g)
	}
	for _, f := range c.Feeds {
		k.feeds[f.Source] = f
	}
	for _, s := range c.Sources {
		k.sources[s.AgentID] = append(k.sources[s.AgentID], s)
		k.supplied[s.Source] = true
	}
	if err := k.knowMembers(c.Members); err != nil {
		return nil, err
	}
	for i := range c.Policies {
		p, err := schemas.ParsePolicy([]byte(c.Policies[i].Rules))
		if err != nil {
			return nil, fmt.Errorf("policy %s in force from %s: %w", c.Policies[i].ID, c.Policies[i].From, err)
		}
		k.parsed[c.Policies[i].ID] = p
	}
	return k, nil
}

func (k *Known) knowMembers(rows []schemas.Membership) error {
	for _, m := range rows {
		k.members[m.AgentID] = append(k.members[m.AgentID], m)
		if _, ok := k.zones[m.TimeZone]; ok {
			continue
		}
		z, err := schemas.LoadZone(m.TimeZone)
		if err != nil {
			return fmt.Errorf("roster row of %s from %s: %w", m.AgentID, m.From, err)
		}
		k.zones[m.TimeZone] = z
	}
	for _, list := range k.members {
		slices.SortStableFunc(list, func(a, b schemas.Membership) int { return cmp.Compare(a.From, b.From) })
	}
	return nil
}

// Agents lists the agents of the roster, in no order.
func (k *Known) Agents(yield func(agent string) bool) {
	for a := range k.members {
		if !yield(a) {
			return
		}
	}
}

// Feeds lists the feeds as they last described themselves, in no order.
func (k *Known) Feeds(yield func(schemas.Feed) bool) {
	for _, f := range k.feeds {
		if !yield(f) {
			return
		}
	}
}

// Size returns the number of agents of the roster.
func (k *Known) Size() int { return len(k.members) }

// Compile makes every version of the rules ready for a judge whose facts carry secondaries of names; by version id, ""
// for the default rules.
func (k *Known) Compile(names *schemas.Names) map[string]*Rules {
	out := map[string]*Rules{}
	for id, p := range k.parsed {
		out[id] = Compile(p, names)
	}
	return out
}

// Reach returns the longest shift_gap and carry_forward of all rules, and the context that the most demanding of them
// needs (see Rules.Context), in milliseconds.
func (k *Known) Reach() (gapMS, carryMS, beforeMS, afterMS int64) {
	for _, p := range k.parsed {
		b, a := Compile(p, &schemas.Names{}).Context()
		gapMS, carryMS = max(gapMS, p.ShiftGapMS), max(carryMS, p.CarryForwardMS)
		beforeMS, afterMS = max(beforeMS, b), max(afterMS, a)
	}
	return gapMS, carryMS, beforeMS, afterMS
}

// Zones returns the zones of the agent's roster rows as the judge wants them, appended to out.
func (k *Known) Zones(agent string, out []ZoneSpan) []ZoneSpan {
	base := len(out)
	for i := range k.members[agent] {
		m := &k.members[agent][i]
		z := k.Zone(m)
		start := z.DayStart(m.From)
		if n := len(out); n > base && (out[n-1].Zone == z || out[n-1].Start >= start) {
			continue
		}
		out = append(out, ZoneSpan{Start: start, Zone: z})
	}
	if len(out) == base {
		out = append(out, ZoneSpan{Zone: k.zone})
	}
	return out
}

// Corrections returns the corrections of the agent in the order in which they were recorded.
func (k *Known) Corrections(agent string) []schemas.Correction { return k.corrections[agent] }

// Member returns the roster row of the agent in force on the date, or nil.
func (k *Known) Member(agent string, day schemas.Date) *schemas.Membership {
	rows := k.members[agent]
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].From <= day && (rows[i].To == 0 || day < rows[i].To) {
			return &rows[i]
		}
	}
	return nil
}

// Zone returns the zone of a roster row, which may be nil; a row without one has the configured zone.
func (k *Known) Zone(m *schemas.Membership) schemas.Zone {
	if m == nil {
		return k.zone
	}
	return k.zones[m.TimeZone]
}

// Policy returns the version of the rules in force for a roster row on a date: the team's before its site's before the
// organisation's; of one scope the newest From, and of one From the one recorded last. Nil means the default rules.
func (k *Known) Policy(m *schemas.Membership, day schemas.Date) *schemas.PolicyVersion {
	var best *schemas.PolicyVersion
	for i := range k.policies {
		p := &k.policies[i]
		if p.From > day || !covers(p, m) {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(weight(p), weight(best)), cmp.Compare(p.From, best.From),
			cmp.Compare(p.RecordedAt, best.RecordedAt), cmp.Compare(p.ID, best.ID)) > 0 {
			best = p
		}
	}
	return best
}

// covers reports whether the version's scope holds the roster row; agents of no roster have the organisation's rules.
func covers(p *schemas.PolicyVersion, m *schemas.Membership) bool {
	if p.Team == "" && p.Site == "" {
		return true
	}
	if m == nil {
		return false
	}
	return (p.Team == "" || p.Team == m.Team) && (p.Site == "" || p.Site == m.Site)
}

func weight(p *schemas.PolicyVersion) int {
	w := 0
	if p.Site != "" {
		w++
	}
	if p.Team != "" {
		w += 2
	}
	return w
}

// Stretch is a run of dates of one agent under one roster row and one version of the rules.
type Stretch struct {
	From, To schemas.Date
	// Member is the roster row in force, nil for an agent of no roster.
	Member *schemas.Membership
	// Policy is the version of the rules in force, nil for the default rules.
	Policy *schemas.PolicyVersion
}

// Stretches cuts the dates from..to where roster row or rules change, appended to out. Its cost does not grow with the
// number of dates.
func (k *Known) Stretches(agent string, from, to schemas.Date, out []Stretch) []Stretch {
	cuts := []schemas.Date{from}
	cut := func(d schemas.Date) {
		if from < d && d <= to {
			cuts = append(cuts, d)
		}
	}
	for i := range k.members[agent] {
		cut(k.members[agent][i].From)
		cut(k.members[agent][i].To)
	}
	for i := range k.policies {
		cut(k.policies[i].From)
	}
	slices.Sort(cuts)
	base := len(out)
	for i, d := range slices.Compact(cuts) {
		m := k.Member(agent, d)
		p := k.Policy(m, d)
		if n := len(out); i > 0 && out[n-1].Member == m && out[n-1].Policy == p {
			continue
		}
		out = append(out, Stretch{From: d, Member: m, Policy: p})
	}
	for i := base; i < len(out); i++ {
		out[i].To = to
		if i+1 < len(out) {
			out[i].To = out[i+1].From - 1
		}
	}
	return out
}

// FirstNamed returns, for each field, the instant of the first fact that named it; 0 for never.
func (k *Known) FirstNamed(agent string) Named {
	var at [3]schemas.Instant
	for _, s := range k.sources[agent] {
		for f, first := range s.First {
			if first != 0 && (at[f] == 0 || first < at[f]) {
				at[f] = first
			}
		}
	}
	return Named{Presence: at[0], Status: at[1], Routing: at[2]}
}

// Declared returns the fields that some feed of the agent declares to supply; they are never absent.
func (k *Known) Declared(agent string) (fields schemas.Fields) {
	for _, s := range k.sources[agent] {
		fields |= k.feeds[s.Source].Fields
	}
	return fields
}

// Gaps returns the gaps that concern the agent, each with the fields that it makes unknown: those named by the gap,
// else declared by the feed, else supplied so far for this agent. A gap for everybody does not concern an agent whom
// its feed has never reported on, unless that feed has never reported on anybody: then nothing says whose time it is,
// and unknown is the honest answer for all.
func (k *Known) Gaps(agent string, out []schemas.Gap) []schemas.Gap {
	for _, g := range k.gaps[agent] {
		out = append(out, k.withFields(agent, g))
	}
	if agent == "" {
		return out
	}
	for _, g := range k.gaps[""] {
		if g = k.withFields(agent, g); g.Fields != 0 {
			out = append(out, g)
		}
	}
	return out
}

// Supplies returns the fields of the agent that a feed supplies, those that it declares and those that it has named so
// far, and whether it has reported on the agent at all.
func (k *Known) Supplies(agent, source string) (fields schemas.Fields, reported bool) {
	fields = k.feeds[source].Fields
	for _, s := range k.sources[agent] {
		if s.Source != source {
			continue
		}
		reported = true
		for f, at := range s.First {
			if at != 0 {
				fields |= 1 << f
			}
		}
	}
	return fields, reported
}

func (k *Known) withFields(agent string, g schemas.Gap) schemas.Gap {
	fields, reported := k.Supplies(agent, g.Source)
	switch {
	case g.AgentID == "" && !reported && k.supplied[g.Source]:
		g.Fields = 0
	case g.Fields != 0:
	case fields == 0:
		g.Fields = schemas.AllFields
	default:
		g.Fields = fields
	}
	return g
}

// CompleteUpTo returns how far every feed of the agent is complete that reported of them around the span: from carryMS
// before its start to its end. Where none did, every feed counts; without any feed it is 0. What people set in Rollcall
// itself is never waited for.
func (k *Known) CompleteUpTo(agent string, span schemas.Interval, carryMS int64) schemas.Instant {
	var upTo schemas.Instant = -1
	for _, s := range k.sources[agent] {
		earliest := firstOf(s.First)
		if s.Last >= span.Start.Add(-carryMS) && earliest < span.End && !schemas.OwnSource(s.Source) {
			upTo = lower(upTo, k.feeds[s.Source].CompleteUpTo)
		}
	}
	if upTo < 0 {
		for _, f := range k.feeds {
			upTo = lower(upTo, f.CompleteUpTo)
		}
	}
	return max(upTo, 0)
}

func lower(a, b schemas.Instant) schemas.Instant {
	if a < 0 {
		return b
	}
	return min(a, b)
}

func firstOf(at [3]schemas.Instant) schemas.Instant {
	first := schemas.MaxInstant
	for _, v := range at {
		if v != 0 {
			first = min(first, v)
		}
	}
	return first
}

// Within lists, in order, the agents of the roster who belong to one of the teams and one of the sites on any of the
// dates; agents, where given, restricts further, and an empty list of teams or sites does not.
func (k *Known) Within(agents, teams, sites []string, from, to schemas.Date) []string {
	var out []string
	for id := range k.members {
		if len(agents) > 0 && !slices.Contains(agents, id) {
			continue
		}
		for _, s := range k.Stretches(id, from, to, nil) {
			if s.Member != nil && (len(teams) == 0 || slices.Contains(teams, s.Member.Team)) &&
				(len(sites) == 0 || slices.Contains(sites, s.Member.Site)) {
				out = append(out, id)
				break
			}
		}
	}
	slices.Sort(out)
	return out
}
