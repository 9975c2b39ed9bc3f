package imports

import (
	"maps"
	"slices"

	"rollcall/schemas"
)

// FieldChange is what happens to one field of a roster row.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// SpanChange is what happens to an agent's roster row on the local dates from From up to and without To; both may be
// null.
type SpanChange struct {
	From   *schemas.Date `json:"from"`
	To     *schemas.Date `json:"to"`
	Change ChangeKind    `json:"change"`
	// Fields are those that differ, where there is a row before and after.
	Fields []FieldChange `json:"fields"`
	// Team and Site are those of the row that is added, or of the one that is removed or changed.
	Team string `json:"team,omitempty"`
	Site string `json:"site,omitempty"`
}

// AgentChange is what happens to one agent's memberships.
type AgentChange struct {
	AgentID string `json:"agent_id"`
	Name    string `json:"agent_name"`
	// Change is added for an agent whom no roster knew before, removed for one whom none knows any more.
	Change ChangeKind `json:"change"`
	// Moved says that team or site differ on some date, Ended that the agent leaves on some date on which they did
	// not leave before, ZoneChanged that local dates are cut otherwise, Joins that facts of the agent were there
	// before any roster row.
	Moved       bool `json:"moved"`
	Ended       bool `json:"ended"`
	ZoneChanged bool `json:"zone_changed"`
	Joins       bool `json:"joins"`
	// Days are those that have been judged and will be judged again, FinalDays those of them that were final.
	Days      int          `json:"days_judged_again"`
	FinalDays int          `json:"final_days"`
	Spans     []SpanChange `json:"spans"`

	touched schemas.Interval
}

// RosterTally counts agents, and the days that will be judged again.
type RosterTally struct {
	Tally
	Moved       int `json:"moved"`
	Ended       int `json:"ended"`
	ZoneChanged int `json:"zone_changed"`
	Joins       int `json:"joins"`
	Days        int `json:"days_judged_again"`
	FinalDays   int `json:"final_days"`
}

// RosterChange is what an import of a roster, or the undo of one, does.
type RosterChange struct {
	Totals RosterTally `json:"totals"`
	// Agents are those whose memberships change, by id.
	Agents []AgentChange `json:"agents"`
	// NotInFile are agents with a membership on the day of the import whom the file does not name: they keep it. The
	// first MaxProblems of NotInFileCount are listed.
	NotInFile      []string `json:"not_in_file"`
	NotInFileCount int      `json:"not_in_file_count"`
}

func newRosterChange() *RosterChange {
	return &RosterChange{Agents: []AgentChange{}, NotInFile: []string{}}
}

// compareAgent compares an agent's rows of before with those of after, both in order of From; nil when they say the
// same. What is touched is a day longer at either end, which covers every zone.
func compareAgent(agent string, before, after []schemas.Membership) *AgentChange {
	a := &AgentChange{AgentID: agent, Name: lastName(after, before), Change: Changed}
	switch {
	case len(before) == 0:
		a.Change = Added
	case len(after) == 0:
		a.Change = Removed
	}
	edges := edgesOf(before, after)
	for i, from := range edges {
		b, wasIn := schemas.MembershipOn(before, from)
		n, isIn := schemas.MembershipOn(after, from)
		s := spanOf(&b, &n, wasIn, isIn)
		if s == nil {
			continue
		}
		time := schemas.Interval{Start: max(schemas.MinInstant, schemas.UTC.DayStart(from-1)), End: schemas.MaxInstant}
		if from != 0 {
			s.From = &edges[i]
		}
		if i+1 < len(edges) {
			s.To = &edges[i+1]
			time.End = schemas.UTC.DayStart(edges[i+1] + 1)
		}
		a.touched = a.touched.Hull(time)
		a.add(s)
	}
	if len(a.Spans) == 0 {
		return nil
	}
	return a
}

// add takes a span, and what it means.
func (a *AgentChange) add(s *SpanChange) {
	a.Ended = a.Ended || s.Change == Removed && s.To == nil
	for _, f := range s.Fields {
		a.Moved = a.Moved || f.Field == "team" || f.Field == "site"
		a.ZoneChanged = a.ZoneChanged || f.Field == "time_zone"
	}
	if n := len(a.Spans) - 1; n >= 0 {
		if last := &a.Spans[n]; last.To != nil && s.From != nil && *last.To == *s.From && last.Change == s.Change &&
			last.Team == s.Team && last.Site == s.Site && slices.Equal(last.Fields, s.Fields) {
			last.To = s.To
			return
		}
	}
	a.Spans = append(a.Spans, *s)
}

// spanOf compares two rows of one date; nil when they say the same.
func spanOf(before, after *schemas.Membership, wasIn, isIn bool) *SpanChange {
	s := &SpanChange{Fields: []FieldChange{}}
	switch {
	case !wasIn && !isIn:
		return nil
	case !wasIn:
		s.Change, s.Team, s.Site = Added, after.Team, after.Site
		return s
	case !isIn:
		s.Change, s.Team, s.Site = Removed, before.Team, before.Site
		return s
	}
	s.Change, s.Team, s.Site = Changed, before.Team, before.Site
	for _, f := range []struct{ name, before, after string }{
		{"name", before.Name, after.Name}, {"email", before.Email, after.Email}, {"team", before.Team, after.Team},
		{"site", before.Site, after.Site}, {"time_zone", before.TimeZone, after.TimeZone},
		{"supervisor", before.Supervisor, after.Supervisor},
	} {
		if f.before != f.after {
			s.Fields = append(s.Fields, FieldChange{f.name, f.before, f.after})
		}
	}
	if len(s.Fields) == 0 {
		return nil
	}
	return s
}

// edgesOf returns the dates on which one of the rows begins or ends, from the beginning of time on.
func edgesOf(lists ...[]schemas.Membership) []schemas.Date {
	edges := []schemas.Date{0}
	for _, rows := range lists {
		for i := range rows {
			edges = append(edges, rows[i].From)
			if rows[i].To != 0 {
				edges = append(edges, rows[i].To)
			}
		}
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}

// lastName returns the newest name that the rows have.
func lastName(lists ...[]schemas.Membership) string {
	for _, rows := range lists {
		for i := len(rows) - 1; i >= 0; i-- {
			if rows[i].Name != "" {
				return rows[i].Name
			}
		}
	}
	return ""
}

// compare counts an agent and lists what changes, and says whether anything does.
func (c *RosterChange) compare(agent string, before, after []schemas.Membership) bool {
	a, t := compareAgent(agent, before, after), &c.Totals
	if a == nil {
		t.Unchanged++
		return false
	}
	t.count(a.Change)
	for _, f := range []struct {
		is    bool
		count *int
	}{{a.Moved, &t.Moved}, {a.Ended, &t.Ended}, {a.ZoneChanged, &t.ZoneChanged}} {
		if f.is {
			*f.count++
		}
	}
	c.Agents = append(c.Agents, *a)
	return true
}

// CompareRosters says what lies between two states of the roster.
func CompareRosters(before, after []schemas.Membership) *RosterChange {
	c := newRosterChange()
	old, now := schemas.MembershipsByAgent(before), schemas.MembershipsByAgent(after)
	for _, id := range idsOf(old, now) {
		c.compare(id, old[id], now[id])
	}
	return c
}

// idsOf returns the agents of both, in byte order.
func idsOf(lists ...map[string][]schemas.Membership) []string {
	var ids []string
	for _, list := range lists {
		ids = slices.AppendSeq(ids, maps.Keys(list))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
