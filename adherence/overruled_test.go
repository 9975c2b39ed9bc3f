package adherence_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"rollcall/adherence"
	"rollcall/schemas"
)

// A change is counted that a minute later does not count because a preferred source says something else, on the day
// of that minute.
func TestWhatDoesNotCountIsCounted(t *testing.T) {
	const prefer = `policy {"prefer":{"status":["acd","desk"]}}
		plan 09:00-17:00 on_queue_work s
		acd fact 08:55 available/available/idle
	`
	for _, c := range []struct {
		name, scene string
		want        []schemas.Overruled
	}{
		{"a source that is not preferred says something else, twice", prefer + `
			chat fact 10:00 away/break/-
			chat fact 11:00 busy/meeting/-`, []schemas.Overruled{{Source: "chat", Changes: 2}}},
		{"it says the same", prefer + `chat fact 10:00 -/available/-`, nil},
		{"it says what the preferred source says a little later: two clocks of one change", prefer + `
			chat fact 10:00 away/break/-
			acd fact 10:00:50 away/break/-`, nil},
		{"it says it more than a minute before", prefer + `
			chat fact 10:00 away/break/-
			acd fact 10:01:01 away/break/-`, []schemas.Overruled{{Source: "chat", Changes: 1}}},
		{"it has corrected itself within the minute", prefer + `
			chat fact 10:00 away/break/-
			chat fact 10:00:20 available/available/-`, nil},
		{"it says something of a field without preferred sources", prefer + `chat fact 10:00 away/-/off_queue`, nil},
		{"it says that it does not know", prefer + `chat fact 10:00 -/unknown/-`, nil},
		{"two sources of the list, and one that is not", prefer + `
			desk fact 10:00 away/break/-
			chat fact 10:00 away/meal/-
			chat fact 12:00 away/break/-`, []schemas.Overruled{{Source: "chat", Changes: 2}, {Source: "desk", Changes: 1}}},
		{"the preferred source has a gap, so that the next counts", prefer + `
			acd gap 09:30-13:00
			desk fact 10:00 away/break/-
			chat fact 12:00 away/meal/-`, []schemas.Overruled{{Source: "chat", Changes: 1}}},
		{"what a source says in its own gap", prefer + `
			chat fact 10:00 away/break/-
			chat gap 09:30-13:00`, nil},
		{"two sources that are not on the list: the later one counts", `policy {"prefer":{"status":["acd"]}}
			plan 09:00-17:00 on_queue_work s
			chat fact 10:00 away/break/-
			desk fact 10:00:30 available/available/-`, nil},
		{"what people choose themselves counts only where it is listed", `policy {"prefer":{"status":["acd"]}}
			plan 09:00-17:00 on_queue_work s
			self fact 10:00 away/break/-`, []schemas.Overruled{{Source: "self", Changes: 1}}},
		{"without preferred sources the latest counts", `
			plan 09:00-17:00 on_queue_work s
			acd fact 08:55 available/available/idle
			chat fact 10:00 away/break/-`, nil},
		{"the minute is not over yet", "now 10:01\n" + prefer + `chat fact 10:00 away/break/-`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			days := judgeScene(t, c.scene)
			got := slices.Clone(days[0].Overruled)
			for _, list := range [][]schemas.Overruled{got, c.want} {
				slices.SortStableFunc(list, func(a, b schemas.Overruled) int { return int(a.Source[0]) - int(b.Source[0]) })
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// The judge counts what does not count as the naive reading of RULES.md section 3 does, whatever part of the days is
// judged at once.
func TestOverruledAgreesWithNaive(t *testing.T) {
	cases, counted := envNumber(t, "ROLLCALL_DIFF_CASES", 3000), 0
	for seed := range cases {
		c := genCase(rand.New(rand.NewPCG(seed, 3)))
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		read, err := adherence.ParseCase(data)
		if err != nil {
			continue // not every random case is one
		}
		in := read.Input()
		var j, again adherence.Judge
		days, err := j.Days(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := naiveOverruled(t, c)
		for i := range days {
			d := &days[i]
			got := map[string]uint32{}
			for _, o := range d.Overruled {
				got[o.Source] += o.Changes
				counted += int(o.Changes)
			}
			if fmt.Sprint(got) != fmt.Sprint(want[d.Day.String()]) {
				t.Fatalf("seed %d, %s: the judge has %v, the naive one %v\n%s", seed, d.Day, got, want[d.Day.String()], data)
			}
			one := *in
			one.From, one.To = d.Day, d.Day
			if alone, err := again.Days(&one, nil); err != nil || !slices.Equal(alone[0].Overruled, d.Overruled) {
				t.Fatalf("seed %d, %s alone has %v %v, with others %v\n%s", seed, d.Day, alone, err, d.Overruled, data)
			}
		}
	}
	if uint64(counted) < cases/10 {
		t.Errorf("only %d changes were counted in %d cases", counted, cases)
	}
}

// naiveOverruled counts by day and source.
func naiveOverruled(t *testing.T, c nCase) map[string]map[string]uint32 {
	t.Helper()
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	j := &nJudge{c: c, zone: zone, facts: factsInOrder(c), absent: absentFields(c)}
	j.acts = slices.Clone(c.Schedule)
	slices.SortFunc(j.acts, func(a, b nActivity) int { return int(a.Start - b.Start) })
	j.buildShifts()
	out := map[string]map[string]uint32{}
	for i := range j.facts {
		at := j.facts[i].At + 60_000
		if at >= c.AsOf || !j.isOverruled(&j.facts[i], at) {
			continue
		}
		day := j.dayOutside(at)
		for k, a := range j.acts {
			if a.Start <= at && at < a.End {
				day = j.dayInSchedule(k, at)
			}
		}
		if out[day] == nil {
			out[day] = map[string]uint32{}
		}
		out[day][j.facts[i].Source]++
	}
	return out
}

// isOverruled: "does not count in a field for which sources are preferred, because a preferred source says something
// else a minute later, or, of what people set in Rollcall, because it is not listed; unless its source has a gap then,
// or has spoken again".
func (j *nJudge) isOverruled(f *nFact, at nInstant) bool {
	for field, listed := range j.c.Policy.Prefer {
		own := (f.Source == "self" || f.Source == "supervisor") && !slices.Contains(listed, f.Source)
		inGap := slices.ContainsFunc(j.c.Gaps, func(g nGap) bool {
			return g.covers(at) && (g.Source == "" || g.Source == f.Source) && j.supplies(g.Source, field)
		})
		if f.value(field) == "" || !f.knows(field) || inGap ||
			j.newest(field, at, func(s string) bool { return s == f.Source }) != f {
			continue
		}
		counts := j.counts(field, at)
		if counts != nil && counts.value(field) == f.value(field) {
			continue
		}
		if own || counts != nil && slices.Contains(listed, counts.Source) {
			return true
		}
	}
	return false
}
