package hooks

import (
	"strings"
	"testing"

	"rollcall/schemas"
)

// An alarm reaches the hooks that hear of alarms, whatever their teams, and no other.
func TestAnAlarmIsSent(t *testing.T) {
	wants, other := newReceiver(t, status(200)), newReceiver(t, status(200))
	hook := wants.hook(EventAlarm)
	hook.Teams = []string{"Billing"}
	store := newCabinet()
	h := open(t, quick(hook, other.hook(EventSilent)), newBoard(ana(1, ready, -1)), store)
	h.Alarm(schemas.Alarm{Kind: "job", Subject: "compute", Text: "job compute is late", Since: at(3)})
	store.until(t, "delivered", 1)
	if g := wants.next(t); !strings.Contains(g.body, `"event":"alarm.raised"`) ||
		!strings.Contains(g.body,
			`"alarm":{"kind":"job","subject":"compute","text":"job compute is late","since":"2026-03-02T09:03:00Z"}`) {
		t.Errorf("got %s", g.body)
	}
	other.nothingMore(t)
}
