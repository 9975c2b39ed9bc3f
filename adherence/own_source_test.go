package adherence_test

import (
	"testing"

	"rollcall/adherence"
	"rollcall/schemas"
)

// A day does not stay provisional for ever because of what people set in Rollcall itself, which no feed completes.
func TestOwnSourcesAreNotWaitedFor(t *testing.T) {
	first := [3]schemas.Instant{1000, 1000, 1000}
	for _, c := range []struct {
		sources []string
		want    schemas.Instant
	}{{[]string{"acd"}, 90_000}, {[]string{"acd", schemas.SourceSelf, schemas.SourceSupervisor}, 90_000},
		{[]string{schemas.SourceSelf}, 80_000},
		{[]string{"acd", "other"}, 80_000}, {[]string{"acd", "silent", schemas.SourceSelf}, 0}} {
		k := schemas.Circumstances{Feeds: []schemas.Feed{{Source: "acd", CompleteUpTo: 90_000},
			{Source: "other", CompleteUpTo: 80_000}}}
		for _, s := range c.sources {
			k.Sources = append(k.Sources, schemas.AgentSource{AgentID: "ana", Source: s, First: first, Last: 50_000})
		}
		known, err := adherence.Know(k, schemas.UTC)
		if err != nil {
			t.Fatal(err)
		}
		if got := known.CompleteUpTo("ana", schemas.Interval{Start: 10_000, End: 60_000}, 0); got != c.want {
			t.Errorf("reported on by %v: complete up to %d, want %d", c.sources, got, c.want)
		}
	}
}
