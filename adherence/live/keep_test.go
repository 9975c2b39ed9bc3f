package live

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rollcall/adherence"
	"rollcall/schemas"
)

// monday is 2026-03-02, the first instant of the last of fifteen days of history.
var monday = schemas.UTC.DayStart(schemas.MakeDate(2026, 3, 2))

// history makes fifteen days of one agent, up to the end of Tuesday: states that often repeat, long silences, several
// facts at one instant, shifts that may reach over midnight.
func history(t *rapid.T) ([]schemas.Activity, []schemas.Fact) {
	var acts []schemas.Activity
	at := monday.Add(-14*schemas.DayMS + rapid.Int64Range(0, 20).Draw(t, "first shift")*schemas.HourMS)
	for n := rapid.IntRange(0, 30).Draw(t, "activities"); n > 0; n-- {
		end := at.Add(rapid.Int64Range(1, 6).Draw(t, "length") * schemas.HourMS)
		acts = append(acts, schemas.Activity{Start: at, End: end,
			Category: schemas.Category(rapid.IntRange(1, 8).Draw(t, "category")),
			Shift:    rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "shift")})
		at = end.Add(rapid.SampledFrom([]int64{0, 0, 0, 1, 3, 14, 40}).Draw(t, "pause") * schemas.HourMS)
	}
	var facts []schemas.Fact
	at = monday.Add(-15 * schemas.DayMS)
	for n := rapid.IntRange(0, 60).Draw(t, "facts"); n > 0; n-- {
		at = at.Add(rapid.SampledFrom([]int64{0, 1, 7, 30, 60, 200, 700, 1500, 6000}).Draw(t, "silence") * schemas.MinuteMS)
		if at >= monday.Add(2*schemas.DayMS) {
			break
		}
		f := schemas.Fact{At: at, Presence: schemas.Presence(rapid.IntRange(0, 3).Draw(t, "presence")),
			Status:  schemas.Status(rapid.IntRange(0, 3).Draw(t, "status")),
			Routing: schemas.Routing(rapid.IntRange(0, 5).Draw(t, "routing"))}
		if f.Status != schemas.StatusNone {
			f.Secondary = uint32(rapid.IntRange(0, 1).Draw(t, "secondary")) //nolint:gosec // 0 or 1
		}
		facts = append(facts, f)
	}
	return acts, facts
}

// policyOf draws rules that look far or not so far back.
func policyOf(t *rapid.T) schemas.Policy {
	p := schemas.DefaultPolicy()
	p.CarryForwardMS = rapid.SampledFrom([]int64{3, 24, 168}).Draw(t, "carry_forward") * schemas.HourMS
	p.ShiftGapMS = rapid.SampledFrom([]int64{0, 2, 5}).Draw(t, "shift_gap") * schemas.HourMS
	p.CreditContact = rapid.Bool().Draw(t, "credit_contact")
	return p
}

// known makes the circumstances of two agents under the two rules.
func known(t *rapid.T, names *schemas.Names, ours, others schemas.Policy) (*adherence.Rules, span) {
	k, err := adherence.Know(schemas.Circumstances{}, schemas.UTC)
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]*adherence.Rules{"": adherence.Compile(ours, names), "other": adherence.Compile(others, names)}
	s := spanOf(k, map[string]*adherence.Rules{"": k.Compile(names)[""], "ours": rules[""], "other": rules["other"]})
	for _, r := range rules { // as Known.Reach would say it if the store held them
		p := r.Policy()
		before, after := r.Context()
		s.before, s.after, s.gap, s.carry = max(s.before, before), max(s.after, after), max(s.gap, p.ShiftGapMS),
			max(s.carry, p.CarryForwardMS)
	}
	s.around = s.after - schemas.LongestShiftMS
	return rules[""], s
}

// From what the board keeps the judge and the present state come out as from everything there is, at any instant of
// today, whatever rules others have.
func TestWhatIsKeptSaysTheSameAsEverything(t *testing.T) {
	dropped := 0
	rapid.Check(t, func(t *rapid.T) {
		var names schemas.Names
		names.ID("Coaching")
		acts, facts := history(t)
		rules, s := known(t, &names, policyOf(t), policyOf(t))
		var shifts shiftMemory
		since := s.horizon(schemas.UTC, acts, monday+1, &shifts)
		given := slices.Clone(facts)
		first := named(facts)
		today := schemas.MakeDate(2026, 3, 2)
		whole := adherence.Input{
			Zones:       []adherence.ZoneSpan{{Zone: schemas.UTC}},
			Rules:       rules,
			Activities:  acts,
			Facts:       facts,
			NamedBefore: first,
			From:        today - 1,
			To:          today + 1,
		}
		kept := whole
		kept.Facts, kept.Activities = s.condensed(facts, since), recent(acts, since)
		dropped += len(whole.Facts) - len(kept.Facts) + len(whole.Activities) - len(kept.Activities)
		var j, k adherence.Judge
		for range 5 {
			now := monday.Add(rapid.Int64Range(1, schemas.DayMS).Draw(t, "now"))
			whole.AsOf, kept.AsOf = now, now
			if want, got := adherence.PresentAt(&whole, now), adherence.PresentAt(&kept, now); got != want {
				t.Fatalf("at %s %+v, of everything %+v", now, got, want)
			}
			want, err := j.Days(&whole, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := k.Days(&kept, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(want)+len(got) > 0 && !reflect.DeepEqual(got, want) {
				t.Fatalf("at %s judged\n%+v, of everything\n%+v", now, got, want)
			}
		}
		if !slices.Equal(given, facts) {
			t.Fatal("what was given has been altered")
		}
	})
	if dropped < 1000 {
		t.Errorf("only %d facts and activities were dropped: the test tells little", dropped)
	}
}

// named returns the first instant of each field.
func named(facts []schemas.Fact) (n adherence.Named) {
	set := func(at *schemas.Instant, f *schemas.Fact, there bool) {
		if there && *at == 0 {
			*at = f.At
		}
	}
	for i := range facts {
		f := &facts[i]
		set(&n.Presence, f, f.Presence != schemas.PresenceNone)
		set(&n.Status, f, f.Status != schemas.StatusNone)
		set(&n.Routing, f, f.Routing != schemas.RoutingNone)
	}
	return n
}
