package live_test

import (
	"fmt"
	"testing"

	"rollcall/adherence/live"
	"rollcall/schemas"
)

// benchAgents is how many agents the board of a benchmark has.
const benchAgents = 200

// benchBoard is a board at half past two on a Monday: shifts since the Saturday of the week before last, and 40 changes
// a day that follow them.
func benchBoard(b *testing.B) *live.Board {
	b.Helper()
	s := &tables{facts: map[string][]schemas.Fact{}, days: map[string][]schemas.ScheduleDay{}}
	monday := schemas.MakeDate(2026, 3, 2)
	for i := range benchAgents {
		agent := fmt.Sprint("agent ", i)
		for d := monday - 9; d <= monday+1; d++ {
			start := schemas.UTC.DayStart(d).Add(9 * schemas.HourMS)
			s.days[agent] = append(s.days[agent], schemas.ScheduleDay{AgentID: agent, Day: d, Activities: benchShift(start)})
			s.facts[agent] = append(s.facts[agent], benchFacts(start, at("14:30:00"))...)
		}
		first := s.facts[agent][0].At
		s.c.Members = append(s.c.Members,
			schemas.Membership{AgentID: agent, Name: agent, TimeZone: "Europe/London", From: monday - 100})
		s.c.Sources = append(s.c.Sources,
			schemas.AgentSource{AgentID: agent, First: [3]schemas.Instant{first, first, first}, Last: at("14:24:00")})
	}
	board := live.New(live.DefaultConfig(), live.Deps{Store: s, Clock: at("14:30:00").Time})
	if err := board.Rebuild(b.Context()); err != nil {
		b.Fatal(err)
	}
	if n := len(board.Changes(0).Rows); n != benchAgents {
		b.Fatalf("%d rows", n)
	}
	return board
}

// benchShift is a shift of five blocks of work and four breaks.
func benchShift(start schemas.Instant) (acts []schemas.Activity) {
	for k := range int64(9) {
		from := start.Add(k * 55 * schemas.MinuteMS)
		acts = append(acts, schemas.Activity{Start: from, End: from.Add(55 * schemas.MinuteMS),
			Category: []schemas.Category{schemas.CategoryOnQueueWork, schemas.CategoryBreak}[k%2], Code: "x", Shift: "s"})
	}
	return acts
}

// benchFacts are 40 changes of eight hours, up to an instant.
func benchFacts(start, until schemas.Instant) (facts []schemas.Fact) {
	for k := range int64(40) {
		f := schemas.Fact{At: start.Add(k * 12 * schemas.MinuteMS), Presence: schemas.PresenceAvailable,
			Status: schemas.StatusAvailable, Routing: schemas.Routing(3 + k%2)}
		switch {
		case k == 39:
			f.Presence, f.Status, f.Routing = schemas.PresenceOffline, schemas.StatusOffQueue, schemas.RoutingOffQueue
		case k%8 == 7:
			f.Presence, f.Status, f.Routing = schemas.PresenceAway, schemas.StatusBreak, schemas.RoutingOffQueue
		}
		if f.At <= until {
			facts = append(facts, f)
		}
	}
	return facts
}

// BenchmarkLook says what it takes to look at an agent once.
func BenchmarkLook(b *testing.B) {
	board := benchBoard(b)
	silent := [2]map[string]schemas.Instant{{"nobody": 1}, {"nobody": 2}} // each news of silence has everybody looked at
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		board.Silence(silent[n%2])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchAgents, "ns/look")
}
