package schemas

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestWhatBecameOfADay: a break that is moved, a meeting that is new, a meal that is gone, a shift that is called
// otherwise.
func TestWhatBecameOfADay(t *testing.T) {
	at := func(h int64) Instant { return Instant(h * HourMS) }
	before := []Activity{{Start: at(9), End: at(10), Code: "Phones", Line: 2},
		{Start: at(10), End: at(11), Code: "Break", Line: 3},
		{Start: at(11), End: at(12), Code: "Meal", Line: 4}, {Start: at(12), End: at(13), Code: "Mail", Shift: "a", Line: 5}}
	after := []Activity{{Start: at(9), End: at(10), Code: "Phones", Line: 7},
		{Start: at(10), End: at(11), Code: "Huddle", Line: 8},
		{Start: at(11), End: at(12), Code: "Break", Line: 9},
		{Start: at(12), End: at(13), Code: "Mail", Shift: "b", Line: 10}}
	var got []ChangeKind
	var tally ScheduleTally
	for _, c := range CompareActivities(before, after, nil) {
		got = append(got, c.Change)
		tally.Count(c)
	}
	want := []ChangeKind{ActivityUnchanged, ActivityAdded, ActivityRemoved, ActivityMoved, ActivityAltered}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if j := tally.JSON(); j.ScheduledBeforeS != 4*3600 || j.ScheduledAfterS != 4*3600 || j.RemovedS != 3600 ||
		j.Moved != 1 {
		t.Errorf("got %+v", tally)
	}
}

// TestEveryActivityIsCountedOnce: whatever the two versions hold, each activity of both is in the comparison exactly
// once, and turning the two round turns added and removed round.
func TestEveryActivityIsCountedOnce(t *testing.T) {
	day := rapid.Custom(func(t *rapid.T) []Activity {
		var acts []Activity
		at := Instant(0)
		for range rapid.IntRange(0, 8).Draw(t, "activities") {
			at += Instant(rapid.Int64Range(0, 2).Draw(t, "gap"))
			a := Activity{Start: at, End: at + Instant(rapid.Int64Range(1, 3).Draw(t, "length")),
				Code: rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "code"), Paid: rapid.Bool().Draw(t, "paid")}
			acts, at = append(acts, a), a.End
		}
		return acts
	})
	rapid.Check(t, func(t *rapid.T) {
		before, after := day.Draw(t, "before"), day.Draw(t, "after")
		var there, back ScheduleTally
		var from, to []*Activity
		for _, c := range CompareActivities(before, after, nil) {
			there.Count(c)
			if c.Before != nil {
				from = append(from, c.Before)
			}
			if c.After != nil {
				to = append(to, c.After)
			}
		}
		for _, c := range CompareActivities(after, before, nil) {
			back.Count(c)
		}
		slices.SortFunc(from, func(a, b *Activity) int { return int(a.Start - b.Start) })
		for i := range before {
			if len(from) != len(before) || from[i] != &before[i] {
				t.Fatalf("before %v is listed as %v", before, from)
			}
		}
		slices.SortFunc(to, func(a, b *Activity) int { return int(a.Start - b.Start) })
		for i := range after {
			if len(to) != len(after) || to[i] != &after[i] {
				t.Fatalf("after %v is listed as %v", after, to)
			}
		}
		if there, back := there.JSON(), back.JSON(); there.Added != back.Removed || there.Unchanged != back.Unchanged ||
			there.ScheduledBeforeS != back.ScheduledAfterS {
			t.Fatalf("there %+v, back %+v", there, back)
		}
		if same := SameActivities(before, after); same !=
			(there.JSON().Unchanged == len(before) && len(before) == len(after)) {
			t.Fatalf("the same: %t, %+v", same, there)
		}
	})
}
