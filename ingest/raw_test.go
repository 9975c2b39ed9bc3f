package ingest

import (
	"slices"
	"testing"

	"rollcall/schemas"
)

// What Apply stores of texts without a meaning is what SplitRaw returns, separators in them included.
func TestRawTextsAreTakenApart(t *testing.T) {
	for _, texts := range []Texts{{Status: "Lunch"}, {Presence: "In space", Status: "a=b", Routing: "ringing"},
		{Status: "Tea; biscuits"}, {Presence: "x", Status: "=; "}} {
		var c schemas.Change
		unmapped, err := NewMapping(nil).Apply(&c, texts)
		if err != nil {
			t.Fatal(err)
		}
		if got := SplitRaw(c.Raw); !slices.Equal(got, unmapped) {
			t.Errorf("%q is split into %v, want %v", c.Raw, got, unmapped)
		}
	}
	if w := NewMapping([]schemas.SecondaryStatus{{Secondary: "Tea", Status: schemas.StatusBreak}}); !w.Understands(
		Unmapped{"status", "tea"}) || w.Understands(Unmapped{"status", "Nap"}) {
		t.Error("a label means nothing, or an unknown text something")
	}
}
