package adherence_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestNaiveJudgeGivesWhatTheCasesExpect holds the naive judge itself to the
// judged cases, so that it is not merely a second opinion.
func TestNaiveJudgeGivesWhatTheCasesExpect(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases found (%v)", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			result, err := naiveJudge(data)
			if err != nil {
				t.Fatal(err)
			}
			var c struct{ Expect any }
			if err := json.Unmarshal(data, &c); err != nil {
				t.Fatal(err)
			}
			expectWithin(t, "", c.Expect, generic(t, result))
		})
	}
}

// expectWithin checks that everything expected is there; a result may hold more.
func expectWithin(t *testing.T, where string, want, got any) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s: want an object, got %v", where, got)
			return
		}
		for k := range w {
			expectWithin(t, where+"."+k, w[k], g[k])
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			t.Errorf("%s: want %d elements, got %v", where, len(w), got)
			return
		}
		for i := range w {
			expectWithin(t, where+"[]", w[i], g[i])
		}
	default:
		if want != got {
			t.Errorf("%s: want %v, got %v", where, want, got)
		}
	}
}

// generic is a value as its JSON reads.
func generic(t testing.TB, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var g any
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}
