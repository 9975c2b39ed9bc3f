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

// compiled makes the two rules known, and returns ours ready for judging.
func compiled(t *rapid.T, names *schemas.Names, ours, others schemas.Policy) (*adherence.Rules, reach) {
	var c schemas.Circumstances
	for id, p := range map[string]schemas.Policy{"ours": ours, "others": others} {
		text, err := p.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		c.Policies = append(c.Policies, schemas.PolicyVersion{ID: id, Rules: string(text)})
	}
	k, err := adherence.Know(c, schemas.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return k.Compile(names)["ours"], reach{k.Reach()}
}

// From what the board retains the judge and the present state come out as from everything there is, at any instant of
// today, whatever rules others have.
func TestWhatIsRetainedSaysTheSameAsEverything(t *testing.T) {
	dropped := 0
	rapid.Check(t, func(t *rapid.T) {
		var names schemas.Names
		names.ID("Coaching")
		acts, facts := history(t)
		rules, s := compiled(t, &names, policyOf(t), policyOf(t))
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
		retained := whole
		retained.Facts, retained.Activities = s.condensed(facts, since), recent(acts, since)
		dropped += len(whole.Facts) - len(retained.Facts) + len(whole.Activities) - len(retained.Activities)
		var j, k adherence.Judge
		for range 5 {
			now := monday.Add(rapid.Int64Range(1, schemas.DayMS).Draw(t, "now"))
			whole.AsOf, retained.AsOf = now, now
			state, since := j.PresentAt(&whole, now)
			if s, n := k.PresentAt(&retained, now); s != state || n != since {
				t.Fatalf("at %s %+v since %+v, of everything %+v since %+v", now, s, n, state, since)
			}
			want, err := j.Days(&whole, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := k.Days(&retained, nil)
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
	least := 1000
	if testing.Short() { // a fifth of the cases
		least /= 5
	}
	if dropped < least {
		t.Errorf("only %d facts and activities were dropped: the test shows little", dropped)
	}
}

// named returns the first instant of each field.
func named(facts []schemas.Fact) (n adherence.Named) {
	for _, f := range slices.Backward(facts) {
		for i, there := range [3]bool{f.Presence != 0, f.Status != 0, f.Routing != 0} {
			if there {
				n[i] = f.At
			}
		}
	}
	return n
}

// Of what two sources said at one instant the later receipt wins, also once it is old.
func TestWhatTwoSourcesSaidAtOneInstantStaysInOrder(t *testing.T) {
	facts := []schemas.Fact{{At: monday, Presence: schemas.PresenceAvailable, Source: 1},
		{At: monday, Presence: schemas.PresenceAway, Source: 2}}
	if got := (reach{}).condensed(facts, monday+1); !slices.Equal(got, facts) {
		t.Errorf("got %+v", got)
	}
}
