package adherence_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"rollcall/adherence"
)

// evaluate judges a case file's text and returns its result as a program would read it.
func evaluate(t *testing.T, data []byte) map[string]any {
	t.Helper()
	c, err := adherence.ParseCase(data)
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Evaluate()
	if err != nil {
		t.Fatal(err)
	}
	line, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(line, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// The judged cases that came with the project say what they expect; a result may hold more.
func TestSharedCasesGiveWhatTheyExpect(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.json")
	if err != nil || len(files) < 17 {
		t.Fatalf("found %d cases (%v), want at least 17", len(files), err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var want struct{ Expect any }
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			holds(t, "result", evaluate(t, data), want.Expect)
		})
	}
}

// holds checks that got has everything that want names; lists must have equal length.
func holds(t *testing.T, place string, got, want any) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s is %v, want %v", place, got, want)
			return
		}
		for k := range w {
			if _, ok := g[k]; !ok {
				t.Errorf("%s.%s is missing", place, k)
			}
			holds(t, place+"."+k, g[k], w[k])
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			t.Errorf("%s is %v, want %v", place, got, want)
			return
		}
		for i := range w {
			holds(t, place, g[i], w[i])
		}
	default:
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", place, got, want)
		}
	}
}
