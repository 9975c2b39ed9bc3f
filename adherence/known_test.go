package adherence_test

import (
	"testing"

	"pgregory.net/rapid"

	"rollcall/adherence"
	"rollcall/schemas"
)

// Stretches say for every date what looking the date up alone says, whatever the roster and the policies look like.
func TestStretchesSayWhatEachDateSays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		date := rapid.Custom(func(r *rapid.T) schemas.Date {
			return schemas.Date(20_000 +
				rapid.IntRange(0, 30).Draw(r, "date"))
		})
		var c schemas.Circumstances
		from := date.Draw(r, "first row")
		for range rapid.IntRange(0, 3).Draw(r, "rows") {
			m := schemas.Membership{AgentID: "a", Team: rapid.SampledFrom([]string{"A", "B"}).Draw(r, "team"), TimeZone: "UTC",
				From: from}
			if rapid.Bool().Draw(r, "ends") {
				m.To = from + schemas.Date(rapid.IntRange(1, 9).Draw(r, "length"))
			}
			from += schemas.Date(rapid.IntRange(1, 12).Draw(r, "step"))
			c.Members = append(c.Members, m)
		}
		for i := range rapid.IntRange(0, 4).Draw(r, "policies") {
			c.Policies = append(c.Policies,
				schemas.PolicyVersion{ID: string(rune('p' + i)), From: date.Draw(r, "in force"), Rules: "{}",
					Team: rapid.SampledFrom([]string{"", "A", "B"}).Draw(r, "scope"), RecordedAt: schemas.Instant(i)})
		}
		k, err := adherence.Know(c, schemas.UTC)
		if err != nil {
			r.Fatal(err)
		}
		first, last := schemas.Date(20_000), schemas.Date(20_031)
		next := first
		for _, s := range k.Stretches("a", first, last, nil) {
			if s.From != next || s.To < s.From {
				r.Fatalf("stretch %s to %s after %s", s.From, s.To, next-1)
			}
			for d := s.From; d <= s.To; d++ {
				if m := k.Member("a", d); m != s.Member || k.Policy(m, d) != s.Policy {
					r.Fatalf("%s: stretch says %+v", d, s)
				}
			}
			next = s.To + 1
		}
		if next != last+1 {
			r.Fatalf("the stretches end at %s", next-1)
		}
	})
}
