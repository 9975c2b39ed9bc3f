package web_test

import (
	"testing"

	"rollcall/reports/web"
	"rollcall/schemas"
)

// A late start that still goes on is no late start yet: the agent has not come.
func TestAnOpenDeviationSaysNothingOfWhatHasNotHappened(t *testing.T) {
	const from, to = schemas.Instant(1_772_442_000_000), schemas.Instant(1_772_442_600_000) // 09:00 to 09:10
	offline := schemas.State{Presence: schemas.PresenceOffline}
	for kind, want := range map[schemas.Kind][2]string{
		schemas.KindLateStart: {"Offline during Phones at 09:00 (10 min)", "Started 10 min late"},
		schemas.KindEarlyEnd:  {"Offline during Phones at 09:00 (10 min)", "Left 10 min early"},
	} {
		e := schemas.Exception{
			Start:    from,
			End:      to,
			Code:     "Phones",
			Category: schemas.CategoryOnQueueWork,
			Kind:     kind,
			MS:       int64(to - from),
			Parts:    []schemas.Part{{Start: from, End: to, State: offline}},
		}
		got := [2]string{web.Deviation(&e, schemas.UTC, true), web.Deviation(&e, schemas.UTC, false)}
		if got != want {
			t.Errorf("%s: open and over it is %q, want %q", kind, got, want)
		}
	}
}
