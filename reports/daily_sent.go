package reports

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"rollcall/schemas"
)

// SentFigures is what somebody was sent of a day in figures.
type SentFigures struct {
	Day schemas.Date `json:"day"`
	// KnownAt is when that was known; Provisional says that the day was not settled then.
	KnownAt     schemas.Instant      `json:"known_at"`
	Provisional bool                 `json:"provisional"`
	Teams       map[string]*float64  `json:"teams"`
	Agents      map[string]SentAgent `json:"agents"`
}

// SentAgent is what was sent of one agent; Percent is nil where there was none.
type SentAgent struct {
	Name    string   `json:"name"`
	Team    string   `json:"team"`
	Percent *float64 `json:"percent"`
}

// Restated is one figure that differs from what was sent. Agent is nil for a team's.
type Restated struct {
	Team          string
	AgentID, Name string
	Was, Is       *float64
}

// points returns by how much the figure changed; infinitely where one of the two does not exist.
func (r *Restated) points() float64 {
	if r.Was == nil || r.Is == nil {
		return math.Inf(1)
	}
	return roundPoints(*r.Is - *r.Was)
}

// RestateAbove says from how many points on a change is mailed, of a team and of an agent.
type RestateAbove struct{ Team, Agent float64 }

// DefaultRestateAbove is half a point for a team, two for an agent (issue 6).
func DefaultRestateAbove() RestateAbove { return RestateAbove{Team: 0.5, Agent: 2} }

// Restatements lists the figures that differ from what was sent by more than the bounds: teams by name, then agents by
// how much. Who or what is new or gone, or has a percentage only in one of the two, counts as changed.
func Restatements(was, is *SentFigures, above RestateAbove) (teams, agents []Restated) {
	for _, team := range union(was.Teams, is.Teams) {
		if r := (Restated{Team: team, Was: was.Teams[team], Is: is.Teams[team]}); r.beyond(above.Team) {
			teams = append(teams, r)
		}
	}
	for _, id := range union(was.Agents, is.Agents) {
		before, after := was.Agents[id], is.Agents[id]
		r := Restated{AgentID: id, Name: cmp.Or(after.Name, before.Name), Team: cmp.Or(after.Team, before.Team),
			Was: before.Percent, Is: after.Percent}
		if r.beyond(above.Agent) {
			agents = append(agents, r)
		}
	}
	slices.SortStableFunc(agents,
		func(x, y Restated) int { return cmp.Compare(math.Abs(y.points()), math.Abs(x.points())) })
	return teams, agents
}

func (r *Restated) beyond(points float64) bool {
	return (r.Was != nil || r.Is != nil) && math.Abs(r.points()) > points
}

// union returns the keys of both maps, sorted.
func union[V any](x, y map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(x)), maps.Keys(y))
	slices.Sort(keys)
	return slices.Compact(keys)
}
