package live_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/adherence"
	"rollcall/adherence/live"
	"rollcall/schemas"
)

// randomDay makes a day of Ana's at random: a shift of several activities, facts that follow it badly, a gap and a
// correction.
func randomDay(r *rand.Rand) (*tables, []schemas.Change) {
	grid := func(from, to string) schemas.Instant {
		return at(from).Add(r.Int64N(at(to).Sub(at(from))/5000) * 5000)
	}
	var acts []schemas.Activity
	start := grid("06:00:00", "09:00:00")
	for range 3 + r.IntN(5) {
		end := start.Add((1 + r.Int64N(24)) * 5 * schemas.MinuteMS)
		acts = append(acts, schemas.Activity{Start: start, End: end, Category: schemas.Category(1 + r.IntN(8)), Code: "x",
			Shift: "s"})
		start = end
		if r.IntN(4) == 0 {
			start = start.Add(20 * schemas.MinuteMS)
		}
	}
	var changes []schemas.Change
	for range 10 + r.IntN(60) {
		c := schemas.Change{AgentID: "ana", Source: []string{"acd", "acd", "crm", "self"}[r.IntN(4)],
			At: grid("05:30:00", "20:00:00"), Status: schemas.Status(1 + r.IntN(7))}
		if r.IntN(2) == 0 {
			c.Presence = schemas.Presence(1 + r.IntN(5))
		}
		if r.IntN(2) == 0 {
			c.Routing = schemas.Routing(1 + r.IntN(6))
		}
		changes = append(changes, c)
	}
	slices.SortStableFunc(changes, func(a, b schemas.Change) int { return int(a.At - b.At) })
	first := at("00:00:00")
	gap, correction := grid("06:00:00", "18:00:00"), grid("06:00:00", "18:00:00")
	return &tables{facts: map[string][]schemas.Fact{},
		days: map[string][]schemas.ScheduleDay{
			"ana": {{AgentID: "ana", Day: schemas.MakeDate(2026, 3, 2), Activities: acts}}},
		c: schemas.Circumstances{
			Members: []schemas.Membership{{AgentID: "ana", Name: "Ana Ortiz", TimeZone: "Europe/London",
				From: schemas.MakeDate(2026, 1, 1)}},
			Sources: []schemas.AgentSource{{AgentID: "ana", Source: "acd", First: [3]schemas.Instant{first, first, first},
				Last: first}},
			Gaps:     []schemas.Gap{{ID: "g", Source: "acd", Start: gap, End: gap.Add(17 * schemas.MinuteMS)}},
			Feeds:    []schemas.Feed{{Source: "acd", CompleteUpTo: grid("06:00:00", "20:00:00")}},
			Policies: []schemas.PolicyVersion{{ID: "p", Rules: randomRules(r)}},
			Corrections: []schemas.Correction{{ID: "c", AgentID: "ana", Start: correction,
				End: correction.Add(25 * schemas.MinuteMS), Effect: schemas.EffectNeutral}},
		}}, changes
}

// randomRules believe what is said for a short or a long time, and prefer some sources, or none.
func randomRules(r *rand.Rand) string {
	prefer := []string{"", `,"prefer":{"status":["acd"],"presence":["crm","acd"]}`,
		`,"prefer":{"status":["self","acd"],"routing":["acd"]}`}[r.IntN(3)]
	return fmt.Sprintf(`{"carry_forward":%q%s}`, []string{"20m", "1h", "168h"}[r.IntN(3)], prefer)
}

// final judges the whole day afterwards, from the same facts.
func final(t *testing.T, s *tables, changes []schemas.Change) []schemas.JudgedInterval {
	t.Helper()
	known, err := adherence.Know(s.c, schemas.UTC)
	if err != nil {
		t.Fatal(err)
	}
	var facts []schemas.Fact
	var names schemas.FactNames
	for _, c := range changes {
		facts = append(facts, c.Fact(&names))
	}
	var j adherence.Judge
	day := schemas.MakeDate(2026, 3, 2)
	in := adherence.Input{
		AsOf:       at("23:59:59").Add(schemas.DayMS),
		Rules:      known.Compile(nil)["p"],
		Activities: s.days["ana"][0].Activities,
		Facts:      facts,
		From:       day,
		To:         day,
	}
	known.Describe("ana", &names, &in)
	days, err := j.Days(&in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(days) == 0 {
		return nil
	}
	return slices.Clone(days[0].Intervals)
}

func verdictAt(intervals []schemas.JudgedInterval, t schemas.Instant) schemas.LiveState {
	for _, v := range intervals {
		if v.Start <= t && t < v.End {
			return schemas.LiveStateOf(v.Verdict)
		}
	}
	return schemas.LiveUnscheduled
}

// The live state of every minute is the final verdict of that minute, with preferred sources and with feeds that say
// how far they are complete: the rules have neither tolerance nor credited contacts, no run is shorter than the
// threshold, and everything was recorded in time, so nothing may differ (RULES.md section 7).
func TestEveryMinuteOfTheBoardIsTheFinalVerdict(t *testing.T) {
	seen := map[schemas.LiveState]int{}
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s, changes := randomDay(rand.New(rand.NewPCG(seed, 4)))
			want := final(t, s, changes)
			synctest.Test(t, func(t *testing.T) { compareMinutes(t, s, changes, want, seen) })
		})
	}
	if len(seen) < 6 {
		t.Errorf("only the states %v were met: the days test little", seen)
	}
}

// compareMinutes plays the day on a board and compares each minute.
func compareMinutes(t *testing.T, s *tables, changes []schemas.Change, want []schemas.JudgedInterval,
	seen map[schemas.LiveState]int) {
	time.Sleep(time.Until(at("05:00:00").Time()))
	b := live.New(live.DefaultConfig(), live.Deps{Store: s, Clock: time.Now})
	if err := b.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	for minute := at("05:01:00"); minute < at("21:00:00"); minute = minute.Add(schemas.MinuteMS) {
		for len(changes) > 0 && changes[0].At <= minute {
			time.Sleep(time.Until(changes[0].At.Time()))
			b.Apply("b", changes[:1])
			changes = changes[1:]
		}
		pass(minute.Add(schemas.SecondMS)) // looks at the board two seconds after the minute; all else lies on a grid of five
		row := ana(t, b)
		if final := verdictAt(want, minute.Add(schemas.SecondMS)); row.AdherenceState != final {
			t.Fatalf("at %s the board says %s, the final verdict is %s; row %+v", minute, row.AdherenceState, final, row)
		}
		seen[row.AdherenceState]++
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
