package chstore

import (
	"slices"
	"testing"

	"rollcall/schemas"
)

// What means nothing is listed by how often it came; a code that gets its category is no longer listed; facts before
// the asked time are not counted.
func TestUnmappedTextsAreCounted(t *testing.T) {
	s := newStore(t)
	change := func(id string, at schemas.Instant, source, raw string) schemas.Change {
		return schemas.Change{
			AgentID:    "ana",
			At:         at,
			ID:         id,
			Source:     source,
			Status:     schemas.StatusUnknown,
			Raw:        raw,
			ReceivedAt: at,
		}
	}
	check(t, s.WriteChanges(ctx, journalRow(schemas.JournalChanges, t0),
		[]schemas.Change{change("0", t0-1, "g", "status=Nap"),
			change("1", t0, "g", "status=Lunch"), change("2", t0+1, "h", "status=Lunch"),
			change("3", t0+2, "g", "status=It's \\ <b>"),
			change("4", t0+3, "g", "")}))
	states := must[[]UnmappedState](t)(s.UnmappedStates(ctx, t0, 10))
	if want := []UnmappedState{{Raw: "status=Lunch", Sources: "g, h", Times: 2, Last: t0 + 1},
		{Raw: "status=It's \\ <b>", Sources: "g", Times: 1, Last: t0 + 2}}; !slices.Equal(states, want) {
		t.Errorf("states %+v, want %+v", states, want)
	}
	day := schemas.MakeDate(2026, 3, 2)
	act := func(at schemas.Instant, code string) schemas.Activity {
		return schemas.Activity{Start: t0 + at, End: t0 + at + 1, Code: code, Category: schemas.CategoryMeeting, Shift: "s"}
	}
	check(t, s.WriteSchedule(ctx, journalRow(schemas.JournalSchedule, t0), schemas.Revision{ID: "r", RecordedAt: t0},
		scheduled(schemas.ScheduleDay{AgentID: "ana", Day: day,
			Activities: []schemas.Activity{act(0, "Huddle"), act(2, "Phones"), act(4, "Huddle")}})))
	check(t, s.WriteActivityCodes(ctx, journalRow(schemas.JournalActivities, t0),
		[]schemas.ActivityCode{{Code: "Phones", Category: schemas.CategoryOnQueueWork, RecordedAt: t0}}))
	want := []UnmappedActivity{{Code: "Huddle", Category: "meeting", Times: 2, Last: t0 + 4}}
	if got := must[[]UnmappedActivity](t)(s.UnmappedActivities(ctx, day, 10)); !slices.Equal(got, want) {
		t.Errorf("activities %+v, want %+v", got, want)
	}
	check(t, s.WriteActivityCodes(ctx, journalRow(schemas.JournalActivities, t0+1),
		[]schemas.ActivityCode{{Code: "Huddle", Category: schemas.CategoryMeeting, RecordedAt: t0 + 1}}))
	if got := must[[]UnmappedActivity](t)(s.UnmappedActivities(ctx, day, 10)); len(got) != 0 {
		t.Errorf("a code that is known now is listed: %+v", got)
	}
}

// Pages of the journal follow each other without a row twice or none, rows of one instant included, by kind or all.
func TestTheJournalIsReadInPages(t *testing.T) {
	s := newStore(t)
	for i := range 7 {
		kind := schemas.JournalAccess
		if i%2 == 0 {
			kind = schemas.JournalJob
		}
		check(t, s.WriteJournal(ctx, journalRow(kind, t0+schemas.Instant(i/3))))
	}
	read := func(kind schemas.JournalKind) int {
		seen := map[string]bool{}
		var at schemas.Instant
		for id := ""; ; {
			rows := must[[]schemas.JournalRow](t)(s.JournalPage(ctx, kind, at, id, 2))
			for i := range rows {
				if seen[rows[i].ID] || kind != "" && rows[i].Kind != kind || at != 0 && rows[i].RecordedAt > at {
					t.Errorf("row %+v is out of place", rows[i])
				}
				seen[rows[i].ID] = true
				at, id = rows[i].RecordedAt, rows[i].ID
			}
			if len(rows) < 2 {
				return len(seen)
			}
		}
	}
	if all, access, odd := read(""), read(schemas.JournalAccess), read("o'dd"); all != 7 || access != 3 || odd != 0 {
		t.Errorf("read %d, %d and %d rows, want 7, 3 and 0", all, access, odd)
	}
}
