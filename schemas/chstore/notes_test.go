package chstore

import (
	"slices"
	"testing"

	"rollcall/schemas"
)

// Of each agent the last note counts, one that a person has cleared does not, and what came later was not known before.
func TestTheLastNoteOfEachAgent(t *testing.T) {
	s := newStore(t)
	change := func(agent, source, id string, at schemas.Instant, note string) schemas.Change {
		return schemas.Change{
			AgentID:    agent,
			Source:     source,
			ID:         id,
			At:         at,
			Status:     schemas.StatusBreak,
			Note:       note,
			ReceivedAt: at,
		}
	}
	check(t, s.WriteChanges(ctx, journalRow(schemas.JournalChanges, t0), []schemas.Change{
		change("ana", "self", "1", t0, "out for lunch"), change("ana", "acd", "2", t0+1, ""),
		change("ana", "self", "3", t0+2, "back at 'two' \\"),
		change("ben", "self", "1", t0, "gone"), change("ben", "supervisor", "2", t0+5, ""),
		change("cleo", "acd", "1", t0, "from the feed"), change("dan", "acd", "1", t0, ""),
	}))
	got := must[[]Note](t)(s.Notes(ctx, FactQuery{Start: t0}))
	if want := []Note{{"ana", "back at 'two' \\", t0 + 2}, {"cleo", "from the feed", t0}}; !slices.Equal(got, want) {
		t.Errorf("notes %+v, want %+v", got, want)
	}
	got = must[[]Note](t)(s.Notes(ctx,
		FactQuery{Selection: Selection{Agents: []string{"ana", "ben"}}, End: t0 + 4, KnownAt: t0 + 1}))
	if want := []Note{{"ana", "out for lunch", t0}, {"ben", "gone", t0}}; !slices.Equal(got, want) {
		t.Errorf("then %+v, want %+v", got, want)
	}
}
