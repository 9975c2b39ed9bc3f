package adherence_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"rollcall/adherence"
	"rollcall/schemas"
)

// What the board shows is what the judge sees: wherever the judge lists an interval that is whole, the state at its end
// is the interval's, and a known value has held for at least as long as the interval.
func TestThePresentStateIsTheJudges(t *testing.T) {
	compared := 0
	for seed := range uint64(4000) {
		in, data := inputOf(t, seed)
		var j adherence.Judge
		days, err := j.Days(in, nil)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, d := range days {
			for _, v := range d.Intervals {
				state, since := j.PresentAt(in, v.End)
				if state != v.State {
					t.Fatalf("seed %d: until %s the judge sees %+v, the board %+v\n%s", seed, v.End, v.State, state, data)
				}
				for _, field := range []struct{ heldSince, known bool }{
					{since.Presence <= v.Start, v.State.Presence > schemas.PresenceUnknown},
					{since.Status <= v.Start, v.State.Status > schemas.StatusUnknown},
					{since.Routing <= v.Start, v.State.Routing > schemas.RoutingUnknown},
				} {
					if field.known && !field.heldSince {
						t.Fatalf("seed %d: at %s values since %+v, but the interval began at %s\n%s", seed, v.End, since, v.Start,
							data)
					}
				}
				compared++
			}
		}
	}
	if compared < 10_000 {
		t.Errorf("only %d intervals were compared", compared)
	}
}

// After a judgement of today alone its timeline is used again where it shows enough, and says the same.
func TestThePresentStateOfADayThatWasJustJudged(t *testing.T) {
	shown := 0
	for seed := range uint64(4000) {
		in, data := inputOf(t, seed)
		in.From = in.Zones[len(in.Zones)-1].Zone.Date(in.AsOf - 1)
		in.To = in.From + 1
		var j, k adherence.Judge
		if _, err := j.Days(in, nil); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		state, since, ok := j.Present(in)
		if !ok {
			continue
		}
		shown++
		if s, n := k.PresentAt(in, in.AsOf); s != state || n != since {
			t.Fatalf("seed %d: after judging %+v since %+v, on its own %+v since %+v\n%s", seed, state, since, s, n, data)
		}
	}
	if shown < 1000 {
		t.Errorf("only %d timelines were used again", shown)
	}
}

// inputOf makes the input of a random case, and its text.
func inputOf(t *testing.T, seed uint64) (*adherence.Input, []byte) {
	t.Helper()
	data, err := json.Marshal(genCase(rand.New(rand.NewPCG(seed, 77))))
	if err != nil {
		t.Fatal(err)
	}
	c, err := adherence.ParseCase(data)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	return c.Input(), data
}
