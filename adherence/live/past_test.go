package live_test

import (
	"reflect"
	"testing"

	"rollcall/adherence/live"
	"rollcall/schemas"
)

// Whatever the board showed at a minute of the worked day, the replay of that minute shows the same, and the running
// board is not disturbed by it.
func TestAReplayedMinuteIsWhatTheBoardShowed(t *testing.T) {
	inBubble(t, at("08:50:00"), workedDay(t, at("23:59:00")), func(t *testing.T, b *live.Board) {
		states := map[schemas.LiveState]bool{}
		for now := at("08:50:00"); now < at("13:00:00"); now = now.Add(7 * schemas.MinuteMS) {
			pass(now)
			shown := *ana(t, b)
			rows, err := b.At(t.Context(), shown.AsOf, shown.AsOf, nil)
			if err != nil || len(rows) != 1 {
				t.Fatalf("at %s: %d rows, %v", now, len(rows), err)
			}
			replayed := *rows[0]
			replayed.Version, replayed.Moved = shown.Version, shown.Moved
			if !reflect.DeepEqual(replayed, shown) {
				t.Errorf("at %s it showed\n%+v, the replay\n%+v", now, shown, replayed)
			}
			states[shown.AdherenceState] = true
		}
		if len(states) < 3 {
			t.Errorf("the day had only the states %v", states)
		}
		if rows, err := b.At(t.Context(), at("10:40:00"), 0, []string{"ana"}); err != nil || len(rows) != 1 ||
			!rows[0].Severe {
			t.Errorf("10:40 as known now: %+v, %v", rows, err)
		}
	})
}
