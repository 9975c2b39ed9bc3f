package demo

import (
	"testing"

	"rollcall/schemas"
)

// A meeting is laid into work that has room for it, and what is left of the work stays; elsewhere nothing is changed.
func TestAHuddleIsLaidIntoWork(t *testing.T) {
	const minute = schemas.Instant(schemas.MinuteMS)
	acts := []schemas.Activity{{Start: 0, End: 60 * minute, Code: "Phones", Category: schemas.CategoryOnQueueWork,
		Shift: "s"},
		{Start: 60 * minute, End: 75 * minute, Code: "Break", Category: schemas.CategoryBreak, Shift: "s"}}
	meeting := func(at schemas.Instant) schemas.Activity {
		return schemas.Activity{Start: at, End: at + 15*minute, Code: huddleCode, Category: schemas.CategoryMeeting}
	}
	got := laidInto(acts, meeting(20*minute))
	if len(got) != 4 || got[0].End != 20*minute || got[1].Code != huddleCode || got[1].Shift != "s" ||
		got[2].Start != 35*minute || got[2].End != 60*minute || got[3] != acts[1] {
		t.Errorf("laid into %+v", got)
	}
	if err := schemas.CheckActivities(got); err != nil || acts[0].End != 60*minute {
		t.Errorf("%v; the shift itself is %+v", err, acts)
	}
	for _, at := range []schemas.Instant{0, 50 * minute, 61 * minute, 90 * minute} {
		if got := laidInto(acts, meeting(at)); got != nil {
			t.Errorf("at minute %d it is laid into %+v", at/minute, got)
		}
	}
}
