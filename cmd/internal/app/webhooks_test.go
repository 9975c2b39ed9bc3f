package app

import (
	"slices"
	"testing"

	"rollcall/schemas"
)

func TestEachSilenceIsTold(t *testing.T) {
	type feeds = map[string]schemas.Instant
	for _, c := range []struct {
		name         string
		known, since feeds
		want         []string
	}{
		{"the first", nil, feeds{"dialler": 20, "acd": 11}, []string{"acd", "dialler"}},
		{"silent before the start", nil, feeds{"acd": 10, "dialler": 11}, []string{"dialler"}},
		{"goes on", feeds{"acd": 11}, feeds{"acd": 11, "dialler": 20}, []string{"dialler"}},
		{"ends", feeds{"acd": 11, "dialler": 20}, feeds{"acd": 11}, nil},
		{"again", feeds{"acd": 11}, feeds{"acd": 30}, []string{"acd"}},
	} {
		if got := newlySilent(c.known, c.since, 10); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
