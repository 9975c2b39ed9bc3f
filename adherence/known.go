package adherence

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"rollcall/schemas"
)

// Known is what is known of a whole organisation besides facts and schedules, made ready for looking up what concerns
// one agent on one day. It is read-only after Know and may be shared.
type Known struct {
	zone        schemas.Zone            // for agents whose roster row names none
	zones       map[string]schemas.Zone // by name
	members     map[string][]schemas.Membership
	corrections map[string][]schemas.Correction
	gaps        map[string][]schemas.Gap // "" holds those of all agents
	sources     map[string][]schemas.AgentSource
	policies    []schemas.PolicyVersion   // the first of those in force decides
	parsed      map[string]schemas.Policy // by version id; "" holds the default rules
	feeds       map[string]schemas.Feed
	supplied    map[string]bool // sources that have supplied any fact
}

// Know sorts the circumstances by agent. zone is that of agents whose roster row names none. A zone or a policy that
// does not read is an error that names its row.
func Know(c schemas.Circumstances, zone schemas.Zone) (*Known, error) {
	k := &Known{
		zone:        zone,
		zones:       map[string]schemas.Zone{"": zone},
		members:     group(c.Members, func(m *schemas.Membership) string { return m.AgentID }),
		corrections: group(c.Corrections, func(x *schemas.Correction) string { return x.AgentID }),
		gaps:        group(c.Gaps, func(g *schemas.Gap) string { return g.AgentID }),
		sources:     group(c.Sources, func(s *schemas.AgentSource) string { return s.AgentID }),
		policies:    slices.SortedStableFunc(slices.Values(c.Policies), beforeOther),
		parsed:      map[string]schemas.Policy{"": schemas.DefaultPolicy()},
		feeds:       map[string]schemas.Feed{},
		supplied:    map[string]bool{},
	}
	for _, f := range c.Feeds {
		k.feeds[f.Source] = f
	}
	for i := range c.Sources {
		k.supplied[c.Sources[i].Source] = true
	}
	for i := range c.Members {
		if err := k.knowZone(&c.Members[i]); err != nil {
			return nil, err
		}
	}
	for _, rows := range k.members {
		slices.SortStableFunc(rows, func(a, b schemas.Membership) int { return cmp.Compare(a.From, b.From) })
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

// group sorts rows by a key, without changing their order.
func group[T any](rows []T, key func(*T) string) map[string][]T {
	out := map[string][]T{}
	for i := range rows {
		k := key(&rows[i])
		out[k] = append(out[k], rows[i])
	}
	return out
}

func (k *Known) knowZone(m *schemas.Membership) (err error) {
	if _, known := k.zones[m.TimeZone]; known {
		return nil
	}
	if k.zones[m.TimeZone], err = schemas.LoadZone(m.TimeZone); err != nil {
		return fmt.Errorf("roster row of %s from %s: %w", m.AgentID, m.From, err)
	}
	return nil
}

// Agents lists the agents of the roster, in no order.
func (k *Known) Agents(yield func(agent string) bool) { maps.Keys(k.members)(yield) }

// Feeds lists the feeds as they last described themselves, in no order.
func (k *Known) Feeds(yield func(schemas.Feed) bool) { maps.Values(k.feeds)(yield) }

// Size returns the number of agents of the roster.
func (k *Known) Size() int { return len(k.members) }

// Rules returns the rules of a version by its id; "" and an id that is not known return the default rules.
func (k *Known) Rules(id string) schemas.Policy {
	if p, ok := k.parsed[id]; ok {
		return p
	}
	return k.parsed[""]
}

// Compile makes every version of the rules ready for a judge whose facts carry secondaries of names; by version id, ""
// for the default rules.
func (k *Known) Compile(names *schemas.Names) map[string]*Rules {
	out := map[string]*Rules{}
	for id, p := range k.parsed {
		out[id] = Compile(p, names)
	}
	return out
}

// Reach is how far around an instant the most demanding of all rules look, in milliseconds.
type Reach struct {
	// BeforeMS and AfterMS are the context that exact results need (see Rules.Context).
	BeforeMS, AfterMS int64
	// ShiftGapMS is the longest shift_gap; LongestCarryMS and ShortestCarryMS are of carry_forward.
	ShiftGapMS, LongestCarryMS, ShortestCarryMS int64
	// Contacts says that some rules credit a contact, so that its beginning matters; Midnight that some cut shifts at
	// midnight, so that each day of a shift looks at all of it.
	Contacts, Midnight bool
}

// Reach returns how far the rules look.
func (k *Known) Reach() Reach {
	r := Reach{ShortestCarryMS: k.parsed[""].CarryForwardMS}
	for _, p := range k.parsed {
		before, after := contextOf(&p)
		r.BeforeMS, r.AfterMS = max(r.BeforeMS, before), max(r.AfterMS, after)
		r.ShiftGapMS = max(r.ShiftGapMS, p.ShiftGapMS)
		r.LongestCarryMS = max(r.LongestCarryMS, p.CarryForwardMS)
		r.ShortestCarryMS = min(r.ShortestCarryMS, p.CarryForwardMS)
		r.Contacts = r.Contacts || p.CreditContact
		r.Midnight = r.Midnight || p.Day == schemas.DayMidnight
	}
	return r
}

// Missing reports whether facts of an agent from before an instant may still hold that are not among the facts: a
// source that has said how far it is complete named a field earlier, and did not name it again within carryMS of the
// instant. names numbers the sources of the facts.
func (k *Known) Missing(agent string, facts []schemas.Fact, before schemas.Instant, carryMS int64,
	names *schemas.FactNames) bool {
	for _, s := range k.sources[agent] {
		if k.FeedCompleteUpTo(s.Source) == 0 || s.First[0] == 0 || s.Last.Add(schemas.LongestAbsenceMS) < before {
			continue // without a presence of the source it is not known to be silent because the agent is away
		}
		number := names.Source(s.Source)
		for f, first := range s.First {
			if first == 0 || first >= before {
				continue
			}
			again := func(fact schemas.Fact) bool {
				return fact.Source == number && fact.At <= before.Add(carryMS) && value(&fact, f) != 0
			}
			if !slices.ContainsFunc(facts, again) {
				return true
			}
		}
	}
	return false
}

// ReportedBy lists the agents of whom a source has reported, with the instant of its first fact.
func (k *Known) ReportedBy(source string) (agents []string, first schemas.Instant) {
	first = schemas.MaxInstant
	for agent, sources := range k.sources {
		for _, s := range sources {
			if s.Source != source {
				continue
			}
			agents = append(agents, agent)
			for _, at := range s.First {
				if at != 0 {
					first = min(first, at)
				}
			}
		}
	}
	return agents, first
}

// MattersUntil returns the instant up to which a fact matters at most: carryMS after it, or after what its source has
// said to be complete (RULES.md section 10). It may be believed for a shorter time itself; but a presence decides, no
// matter how old it is, how long what its source says later is believed.
func (k *Known) MattersUntil(at schemas.Instant, source string, carryMS int64) schemas.Instant {
	return max(at, k.FeedCompleteUpTo(source)).Add(carryMS)
}

// FeedCompleteUpTo returns how far a source has said that it is complete, 0 if it never has.
func (k *Known) FeedCompleteUpTo(source string) schemas.Instant { return k.feeds[source].CompleteUpTo }

// Describe fills in what is known of the agent: zones, gaps, corrections, and which fields there are. It uses the
// memory of the input's Zones, Gaps and Sources. names numbers the sources of its facts.
func (k *Known) Describe(agent string, names *schemas.FactNames, in *Input) {
	in.AgentID = agent
	in.Zones, in.Gaps, in.Corrections = k.Zones(agent, in.Zones[:0]), k.Gaps(agent, in.Gaps[:0]), k.corrections[agent]
	in.Declared, in.NamedBefore = k.declared(agent), k.firstNamed(agent)
	in.Sources = Sources(names, k.FeedCompleteUpTo, in.Sources)
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

// MemberAt returns the roster row of the agent at an instant, for "teams as they are": the last one that had begun,
// which is the row in force, or for somebody who has left the one that was; else the first, for somebody who is still
// to come. Nil for an agent of no roster.
func (k *Known) MemberAt(agent string, at schemas.Instant) *schemas.Membership {
	rows := k.members[agent]
	for i := len(rows) - 1; i >= 0; i-- {
		if m := &rows[i]; k.Zone(m).DayStart(m.From) <= at {
			return m
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return &rows[0]
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
	for i := range k.policies {
		if p := &k.policies[i]; p.From <= day && covers(p, m) {
			return p
		}
	}
	return nil
}

// beforeOther puts the version first that decides where both are in force.
func beforeOther(a, b schemas.PolicyVersion) int {
	return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(b.From, a.From), cmp.Compare(b.RecordedAt, a.RecordedAt),
		cmp.Compare(b.ID, a.ID))
}

// covers reports whether the version's scope holds the roster row; agents of no roster have the organisation's rules.
func covers(p *schemas.PolicyVersion, m *schemas.Membership) bool {
	if m == nil {
		return weight(*p) == 0
	}
	return (p.Team == "" || p.Team == m.Team) && (p.Site == "" || p.Site == m.Site)
}

// weight is how narrow the scope of a version is.
func weight(p schemas.PolicyVersion) int {
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
	for i, d := range slices.Compact(cuts) {
		m := k.Member(agent, d)
		p := k.Policy(m, d)
		if i > 0 {
			last := &out[len(out)-1]
			if last.Member == m && last.Policy == p {
				continue
			}
			last.To = d - 1
		}
		out = append(out, Stretch{From: d, To: to, Member: m, Policy: p})
	}
	return out
}

// firstNamed returns, for each field, the instant of the first fact that named it; 0 for never.
func (k *Known) firstNamed(agent string) (at Named) {
	for _, s := range k.sources[agent] {
		for f, first := range s.First {
			if first != 0 && (at[f] == 0 || first < at[f]) {
				at[f] = first
			}
		}
	}
	return at
}

// declared returns the fields that some feed of the agent declares to supply; they are never absent.
func (k *Known) declared(agent string) (fields schemas.Fields) {
	for _, s := range k.sources[agent] {
		fields |= k.feeds[s.Source].Fields
	}
	return fields
}

// Gaps returns the gaps that concern the agent, each with the fields that it makes unknown: those named by the gap,
// else those that the feed declares or has supplied so far for this agent, else all. A gap for everybody does not
// concern an agent whom its feed has never reported on, unless that feed has never reported on anybody: then nothing
// says whose time it is, and unknown is the honest answer for all.
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

// withFields returns a gap with the fields that it makes unknown of the agent, none if it does not concern them.
func (k *Known) withFields(agent string, g schemas.Gap) schemas.Gap {
	fields, reported := k.Supplies(agent, g.Source)
	if g.AgentID == "" && !reported && k.supplied[g.Source] {
		g.Fields = 0
		return g
	}
	g.Fields = cmp.Or(g.Fields, fields, schemas.AllFields)
	return g
}

// CompleteUpTo returns how far every feed of the agent is complete that reported of them around the span: from carryMS
// before its start to its end. Where none did, every feed counts; without any feed it is 0. What people set in Rollcall
// itself is never waited for.
func (k *Known) CompleteUpTo(agent string, span schemas.Interval, carryMS int64) schemas.Instant {
	upTo := forever
	for _, s := range k.sources[agent] {
		began := slices.ContainsFunc(s.First[:], func(at schemas.Instant) bool { return at != 0 && at < span.End })
		if began && s.Last >= span.Start.Add(-carryMS) && !schemas.OwnSource(s.Source) {
			upTo = min(upTo, k.feeds[s.Source].CompleteUpTo)
		}
	}
	if upTo == forever {
		for _, f := range k.feeds {
			upTo = min(upTo, f.CompleteUpTo)
		}
	}
	if upTo == forever {
		return 0
	}
	return upTo
}

// CompleteByFeed returns, for each feed that has reported on the agent, the instant up to which it is complete; nil
// where it never said.
func (k *Known) CompleteByFeed(agent string) map[string]*schemas.Instant {
	out := map[string]*schemas.Instant{}
	for _, s := range k.sources[agent] {
		out[s.Source] = nil
		if upTo := k.feeds[s.Source].CompleteUpTo; upTo != 0 {
			out[s.Source] = &upTo
		}
	}
	return out
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
