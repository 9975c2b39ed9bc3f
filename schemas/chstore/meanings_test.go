package chstore

import (
	"slices"
	"testing"

	"rollcall/schemas"
)

// Of a text the newest decision counts, and what was decided later was not known before; raw facts are found by their
// text.
func TestMeaningsAreDated(t *testing.T) {
	s := newStore(t)
	first := schemas.Meaning{Field: "presence", Text: `In "space"`, Presence: schemas.PresenceAway, RecordedAt: t0}
	then := schemas.Meaning{Field: "presence", Text: `In "space"`, Presence: schemas.PresenceBusy,
		Status: schemas.StatusMeeting, RecordedAt: t0 + 5}
	ring := schemas.Meaning{Field: "routing", Text: "Ringing", Routing: schemas.RoutingInteracting, RecordedAt: t0 + 5}
	check(t, s.WriteMeanings(ctx, journalRow(schemas.JournalActivities, t0), []schemas.Meaning{first}))
	check(t, s.WriteMeanings(ctx, journalRow(schemas.JournalActivities, t0+5), []schemas.Meaning{then, ring}))
	if got := must[[]schemas.Meaning](t)(s.Meanings(ctx, 0)); !slices.Equal(got, []schemas.Meaning{then, ring}) {
		t.Errorf("now: %+v", got)
	}
	if got := must[[]schemas.Meaning](t)(s.Meanings(ctx, t0+4)); !slices.Equal(got, []schemas.Meaning{first}) {
		t.Errorf("before: %+v", got)
	}
	change := func(id, raw string, received schemas.Instant) schemas.Change {
		return schemas.Change{
			AgentID:    "ana",
			At:         t0,
			ID:         id,
			Source:     "acd",
			Presence:   schemas.PresenceUnknown,
			Raw:        raw,
			ReceivedAt: received,
		}
	}
	check(t, s.WriteChanges(ctx, journalRow(schemas.JournalChanges, t0),
		[]schemas.Change{change("1", `presence=In "space"`, t0), change("2", "routing=x", t0),
			change("1", `presence=In "space"`, t0+1), change("3", "", t0)}))
	var ids []string
	check(t, s.RawChanges(ctx, "presence=",
		func(c *schemas.Change) error { ids = append(ids, c.ID+" "+c.Raw); return nil }))
	if want := []string{`1 presence=In "space"`}; !slices.Equal(ids, want) {
		t.Errorf("raw facts %q, want %q", ids, want)
	}
}
