package adherence_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rollcall/adherence"
)

// TestJudgeAgreesWithNaive holds the judge to the naive one on random cases:
// 3000 of them, or as many as ROLLCALL_DIFF_CASES says, from ROLLCALL_DIFF_SEED
// on. A disagreement is shrunk to a small case before it is printed.
func TestJudgeAgreesWithNaive(t *testing.T) {
	cases, from := envNumber(t, "ROLLCALL_DIFF_CASES", 3000), envNumber(t, "ROLLCALL_DIFF_SEED", 0)
	failures := 0
	for seed := from; seed < from+cases && failures < 3; seed++ {
		if !agrees(t, seed) {
			failures++
		}
	}
}

// FuzzJudgeAgreesWithNaive lets the fuzzer choose the seeds, for as long as one likes.
func FuzzJudgeAgreesWithNaive(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { agrees(t, seed) })
}

func envNumber(t *testing.T, name string, otherwise uint64) uint64 {
	text, ok := os.LookupEnv(name)
	if !ok {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func agrees(t *testing.T, seed uint64) bool {
	c := genCase(rand.New(rand.NewPCG(seed, 1)))
	if len(disagreement(c)) == 0 {
		return true
	}
	c = shrink(c)
	data, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	t.Errorf("seed %d, judge != naive judge:\n%s\ncase:\n%s\n%s", seed, strings.Join(disagreement(c), "\n"), data,
		bothResults(c))
	return false
}

// judged runs the judge on a case, to its JSON line.
func judged(data []byte) ([]byte, error) {
	c, err := adherence.ParseCase(data)
	if err != nil {
		return nil, err
	}
	result, err := c.Evaluate()
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

// disagreement lists the fields in which the two judges differ.
func disagreement(c nCase) []string {
	data, err := json.Marshal(c)
	if err != nil {
		return []string{err.Error()}
	}
	line, err := judged(data)
	if err != nil {
		return []string{"judge: " + err.Error()}
	}
	naive, err := naiveJudge(data)
	if err != nil {
		return []string{"naive judge: " + err.Error()}
	}
	var got, want any
	if err = json.Unmarshal(line, &got); err != nil {
		return []string{"judge wrote no JSON: " + err.Error()}
	}
	naiveLine, err := json.Marshal(naive)
	if err != nil {
		return []string{err.Error()}
	}
	if err = json.Unmarshal(naiveLine, &want); err != nil {
		return []string{err.Error()}
	}
	return differences("", got, want)
}

// differences compares two JSON values field by field, both ways.
func differences(where string, got, want any) []string {
	var found []string
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: judge %v, naive an object", where, got)}
		}
		names := map[string]bool{}
		for k := range w {
			names[k] = true
		}
		for k := range g {
			names[k] = true
		}
		for k := range names {
			_, inGot := g[k]
			_, inWant := w[k]
			if inGot != inWant {
				found = append(found, fmt.Sprintf("%s.%s: written by judge %v, by naive %v", where, k, inGot, inWant))
				continue
			}
			found = append(found, differences(where+"."+k, g[k], w[k])...)
		}
		slices.Sort(found)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{fmt.Sprintf("%s: judge has %v, naive %d elements", where, lengthOf(got), len(w))}
		}
		for i := range w {
			found = append(found, differences(fmt.Sprintf("%s[%d]", where, i), g[i], w[i])...)
		}
	default:
		if !reflect.DeepEqual(got, want) {
			found = append(found, fmt.Sprintf("%s: judge %v, naive %v", where, got, want))
		}
	}
	return found
}

func lengthOf(v any) string {
	if list, ok := v.([]any); ok {
		return strconv.Itoa(len(list)) + " elements"
	}
	return fmt.Sprint(v)
}

func bothResults(c nCase) string {
	data, err := json.Marshal(c)
	if err != nil {
		return err.Error()
	}
	line, err := judged(data)
	if err != nil {
		line = []byte(err.Error())
	}
	naive, err := naiveJudge(data)
	if err != nil {
		return err.Error()
	}
	naiveLine, err := json.Marshal(naive)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("judge: %s\nnaive: %s", line, naiveLine)
}

// shrink drops activities, facts, gaps, corrections, policy keys and fields one
// by one for as long as the two judges still disagree.
func shrink(c nCase) nCase {
	for {
		smaller, ok := smallerDisagreement(c)
		if !ok {
			return c
		}
		c = smaller
	}
}

func smallerDisagreement(c nCase) (nCase, bool) {
	about := subject(disagreement(c))
	for _, candidate := range smallerCases(c) {
		if subject(disagreement(candidate)) == about {
			return candidate, true
		}
	}
	return c, false
}

// subject is what a disagreement is about: an error, or figures. Shrinking must
// not slip from one to the other.
func subject(found []string) string {
	switch {
	case len(found) == 0:
		return "nothing"
	case !strings.HasPrefix(found[0], "."):
		return "an error"
	}
	return "figures"
}

func smallerCases(c nCase) []nCase {
	var all []nCase
	for i := range c.Schedule {
		s := c
		s.Schedule = without(c.Schedule, i)
		all = append(all, s)
	}
	for i := range c.Changes {
		s := c
		s.Changes = without(c.Changes, i)
		all = append(all, s)
	}
	for i := range c.Gaps {
		s := c
		s.Gaps = without(c.Gaps, i)
		all = append(all, s)
	}
	for i := range c.Complete {
		s := c
		s.Complete = without(c.Complete, i)
		all = append(all, s)
	}
	for i := range c.Corrections {
		s := c
		s.Corrections = without(c.Corrections, i)
		all = append(all, s)
	}
	return append(append(all, smallerPolicies(c)...), smallerFields(c)...)
}

func without[T any](list []T, i int) []T { return slices.Delete(slices.Clone(list), i, i+1) }

func smallerPolicies(c nCase) []nCase {
	var all []nCase
	policy := reflect.TypeOf(c.Policy)
	for i := range policy.NumField() {
		s := c
		field := reflect.ValueOf(&s.Policy).Elem().Field(i)
		if !field.IsZero() {
			field.SetZero()
			all = append(all, s)
		}
	}
	return all
}

func smallerFields(c nCase) []nCase {
	var all []nCase
	for i, a := range c.Schedule {
		if a.Code != "" {
			s := c
			s.Schedule = slices.Clone(c.Schedule)
			s.Schedule[i].Code = ""
			all = append(all, s)
		}
		if a.Shift != "" {
			s := c
			s.Schedule = slices.Clone(c.Schedule)
			s.Schedule[i].Shift = ""
			all = append(all, s)
		}
	}
	for i := range c.Changes {
		for _, drop := range []func(*nFact){
			func(f *nFact) { f.Presence = "" },
			func(f *nFact) { f.Status, f.Secondary = "", "" },
			func(f *nFact) { f.Secondary = "" },
			func(f *nFact) { f.Routing = "" },
		} {
			s := c
			s.Changes = slices.Clone(c.Changes)
			drop(&s.Changes[i])
			f := s.Changes[i]
			if f != c.Changes[i] && f.Presence+f.Status+f.Routing != "" {
				all = append(all, s)
			}
		}
	}
	return all
}
