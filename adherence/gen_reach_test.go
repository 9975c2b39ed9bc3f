package adherence_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

// TestGeneratedCasesReachEveryRule keeps the generator rich: a differential
// test over cases that never reach a rule proves nothing about it. It also
// holds the naive judge to the sum that must always hold.
func TestGeneratedCasesReachEveryRule(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(4000) {
		c := genCase(rand.New(rand.NewPCG(seed, 7)))
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		result, err := naiveJudge(data)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, data)
		}
		for _, d := range result.Days {
			if d.Scheduled != d.In+d.Tolerated+d.Out+d.Neutral+d.Ignored+d.Unknown {
				t.Fatalf("seed %d: the parts of %s do not add up\n%s", seed, d.Day, data)
			}
			countReached(seen, d)
		}
	}
	for _, want := range []string{
		"outside_shift", "absent", "not_responding", "late_change", "early_change", "late_start", "early_end", "wrong_status",
		"positive", "negative", "neutral",
		"adherence no_schedule", "adherence absent", "adherence nothing_judged", "adherence time_off", "adherence no_data",
		"conformance nothing_scheduled_on_queue", "conformance absent", "tolerated", "outside", "partial percentage",
	} {
		if seen[want] < 10 {
			t.Errorf("%q was reached %d times in 4000 cases", want, seen[want])
		}
	}
	t.Log(seen)
}

func countReached(seen map[string]int, d nDay) {
	if d.AdherenceReason != nil {
		seen["adherence "+*d.AdherenceReason]++
	}
	if d.ConformanceReason != nil {
		seen["conformance "+*d.ConformanceReason]++
	}
	if d.Tolerated > 0 {
		seen["tolerated"]++
	}
	if d.Outside > 0 {
		seen["outside"]++
	}
	if p := d.AdherencePercent; p != nil && *p > 0 && *p < 100 {
		seen["partial percentage"]++
	}
	for _, e := range d.Exceptions {
		seen[e.Kind]++
		for _, p := range e.Parts {
			seen[p.Impact]++
		}
	}
}
