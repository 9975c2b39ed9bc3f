package batch

import (
	"errors"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"

	"rollcall/schemas"
)

// madeDay is a day with something in every field that a report shows.
func madeDay(r *rand.Rand, agent string, day schemas.Date) schemas.DayRow {
	at := func() schemas.Instant { return schemas.Instant(r.Int64N(1 << 42)) }
	state := func() schemas.State {
		return schemas.State{Presence: schemas.Presence(r.IntN(6)), Status: schemas.Status(r.IntN(8)),
			Routing:   schemas.Routing(r.IntN(7)),
			Secondary: []string{"", "Coaching", "Ünïcode 🦊"}[r.IntN(3)]}
	}
	d := schemas.DayRow{
		Name:       "N " + agent,
		Team:       "T",
		Site:       "S",
		TimeZone:   "Europe/London",
		State:      schemas.DayFinal,
		Policy:     "p",
		KnownAt:    at(),
		ComputedAt: at(),
		AsOf:       at(),
	}
	d.AgentID, d.Day, d.Absent = agent, day, r.IntN(2) == 0
	d.AdherenceReason, d.ConformanceReason = schemas.Reason(r.IntN(7)), schemas.Reason(r.IntN(7))
	for _, v := range d.Lengths() {
		*v = r.Int64N(1<<40) - 1<<20
	}
	for range r.IntN(4) {
		d.Activities = append(d.Activities, schemas.Activity{
			Start:       at(),
			End:         at(),
			Code:        "Phones",
			Category:    schemas.Category(r.IntN(9)),
			Shift:       "shift",
			Paid:        true,
			Description: "any\x00thing",
			Line:        r.IntN(1e6),
		})
	}
	for range r.IntN(5) {
		d.Intervals = append(d.Intervals, schemas.JudgedInterval{
			Start:    at(),
			End:      at(),
			Activity: int32(r.IntN(5)) - 1,
			State:    state(),
			Verdict:  schemas.Verdict(r.IntN(8)),
			OnQueue:  true,
		})
	}
	for range r.IntN(4) {
		x := schemas.Exception{
			Start:    at(),
			End:      at(),
			Category: schemas.CategoryBreak,
			Code:     "Break",
			Kind:     schemas.Kind(r.IntN(9)),
			MS:       r.Int64(),
		}
		for range 1 + r.IntN(3) {
			x.Parts = append(x.Parts, schemas.Part{Start: at(), End: at(), State: state(), Impact: schemas.Impact(r.IntN(4))})
		}
		d.Exceptions = append(d.Exceptions, x)
	}
	return d
}

// Days that were put aside by agent come back by day and agent, each as it was, from memory and from the file alike;
// and the file is gone afterwards.
func TestDaysComeBackInOrderAndWhole(t *testing.T) {
	for name, days := range map[string]int{"in memory": 20, "on disk": 12_000} {
		t.Run(name, func(t *testing.T) {
			r, dir := rand.New(rand.NewPCG(3, 4)), t.TempDir()
			spills := []*spill{{dir: dir, words: map[string]int{}}, {dir: dir, words: map[string]int{}}}
			var want []schemas.DayRow
			for i, agent := range []string{"b", "ab", "a", "Z"} {
				for day := range days {
					d := madeDay(r, agent, schemas.Date(day))
					want = append(want, d)
					if err := spills[i%2].Append(&d); err != nil {
						t.Fatal(err)
					}
				}
			}
			slices.SortStableFunc(want, func(x, y schemas.DayRow) int { return int(x.Day) - int(y.Day) })
			agents := []string{"Z", "a", "ab", "b"}
			n := 0
			err := inOrder(t.Context(), spills, func(d *schemas.DayRow) error {
				if d.AgentID != agents[n%4] || int(d.Day) != n/4 {
					t.Fatalf("row %d is of %s on day %d", n, d.AgentID, d.Day)
				}
				w := want[n/4*4:][:4][slices.IndexFunc(want[n/4*4:][:4],
					func(w schemas.DayRow) bool { return w.AgentID == d.AgentID })]
				if w.Fingerprint() != d.Fingerprint() || !sameLists(&w, d) {
					t.Fatalf("put aside %+v\nread back %+v", w, *d)
				}
				n++
				return nil
			})
			if err != nil || n != len(want) {
				t.Fatalf("%d of %d days, %v", n, len(want), err)
			}
			for _, p := range spills {
				if (p.file != nil) != (name == "on disk") {
					t.Errorf("a file: %v", p.file != nil)
				}
				if err := p.remove(); err != nil {
					t.Error(err)
				}
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// sameLists compares everything, taking no list and an empty one as equal.
func sameLists(a, b *schemas.DayRow) bool {
	x, y := *a, *b
	same := slices.Equal(x.Activities, y.Activities) && slices.Equal(x.Intervals, y.Intervals) &&
		len(x.Exceptions) == len(y.Exceptions)
	for i := range min(len(x.Exceptions), len(y.Exceptions)) {
		same = same && reflect.DeepEqual(x.Exceptions[i], y.Exceptions[i])
	}
	x.Activities, x.Intervals, x.Exceptions, y.Activities, y.Intervals, y.Exceptions = nil, nil, nil, nil, nil, nil
	return same && reflect.DeepEqual(x, y)
}

func TestAYieldThatFailsEndsTheReading(t *testing.T) {
	p := &spill{words: map[string]int{}}
	for day := range 3 {
		d := madeDay(rand.New(rand.NewPCG(1, 1)), "a", schemas.Date(day))
		if err := p.Append(&d); err != nil {
			t.Fatal(err)
		}
	}
	stop, n := errors.New("enough"), 0
	if err := inOrder(t.Context(), []*spill{p}, func(*schemas.DayRow) error { n++; return stop }); !errors.Is(err, stop) ||
		n != 1 {
		t.Errorf("%d days, %v", n, err)
	}
}
