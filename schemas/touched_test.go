package schemas_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

func TestTouchedKeepsFarChangesApart(t *testing.T) {
	h := schemas.HourMS
	changes := []schemas.Change{{AgentID: "b", At: 5}, {AgentID: "a", At: schemas.Instant(3 * h)}, {AgentID: "a", At: 1},
		{AgentID: "a", At: schemas.Instant(5*h - 1)}}
	agents, ranges, whole := schemas.Touched(changes)
	want := []schemas.Interval{{Start: 1, End: 2}, {Start: schemas.Instant(3 * h), End: schemas.Instant(5 * h)},
		{Start: 5, End: 6}}
	if !reflect.DeepEqual(agents, []string{"a", "a", "b"}) || !reflect.DeepEqual(ranges, want) {
		t.Errorf("got %v %v, want %v", agents, ranges, want)
	}
	if (whole != schemas.Interval{Start: 1, End: schemas.Instant(5 * h)}) {
		t.Errorf("whole is %v", whole)
	}
}

func TestFingerprintSeesEveryChange(t *testing.T) {
	day := func() *schemas.AgentDay {
		return &schemas.AgentDay{AgentID: "ana", Activities: []schemas.Activity{{Start: 1, End: 2, Code: "Phones"}},
			Intervals:  []schemas.JudgedInterval{{Start: 1, End: 2, Verdict: schemas.VerdictIn}},
			Exceptions: []schemas.Exception{{Start: 1, End: 2, MS: 1, Parts: []schemas.Part{{Start: 1, End: 2}}}}}
	}
	edits := []func(*schemas.AgentDay){
		func(d *schemas.AgentDay) { d.InMS++ },
		func(d *schemas.AgentDay) { d.Absent = true },
		func(d *schemas.AgentDay) { d.AdherenceReason = schemas.ReasonNoData },
		func(d *schemas.AgentDay) { d.ConformanceReason = schemas.ReasonNoData },
		func(d *schemas.AgentDay) { d.Activities[0].Code = "Phone" },
		func(d *schemas.AgentDay) { d.Activities = nil },
		func(d *schemas.AgentDay) { d.Intervals[0].Verdict = schemas.VerdictOut },
		func(d *schemas.AgentDay) { d.Intervals[0].OnQueue = true },
		func(d *schemas.AgentDay) { d.Intervals[0].Activity = -1 },
		func(d *schemas.AgentDay) { d.Intervals[0].State.Secondary = "Coaching" },
		func(d *schemas.AgentDay) { d.Exceptions[0].Kind = schemas.KindAbsent },
		func(d *schemas.AgentDay) { d.Exceptions[0].Parts[0].Impact = schemas.ImpactPositive },
		func(d *schemas.AgentDay) { d.Exceptions[0].Parts = nil },
	}
	a, b := day(), day()
	if a.Fingerprint() != b.Fingerprint() {
		t.Error("the same day has two fingerprints")
	}
	seen := map[uint64]int{day().Fingerprint(): -1}
	for i, edit := range edits {
		d := day()
		edit(d)
		if j, ok := seen[d.Fingerprint()]; ok {
			t.Errorf("edits %d and %d have one fingerprint", i, j)
		}
		seen[d.Fingerprint()] = i
	}
}

func TestFingerprintOfTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		codes := rapid.SliceOfN(rapid.StringN(0, 20, -1), 2, 2).Draw(t, "codes")
		print := func(code, shift string) uint64 {
			d := schemas.AgentDay{Activities: []schemas.Activity{{Code: code, Shift: shift}}}
			return d.Fingerprint()
		}
		if codes[0] != codes[1] && print(codes[0], codes[1]) == print(codes[1], codes[0]) {
			t.Fatalf("%q and %q may be swapped unseen", codes[0], codes[1])
		}
	})
}
