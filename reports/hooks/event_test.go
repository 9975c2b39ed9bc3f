package hooks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rollcall/schemas"
)

// nine is the instant at which these tests begin.
var nine = schemas.InstantOf(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))

func at(minute int64) schemas.Instant { return nine.Add(minute * schemas.MinuteMS) }

// ana is a row of the board: her status, and since which minute she is out of adherence (-1 = she is in).
func ana(minute int64, status schemas.Status, out int64) *schemas.LiveAgent {
	a := &schemas.LiveAgent{
		AgentID:        "ana",
		Name:           "Ana Ortiz",
		Team:           "Billing",
		Presence:       schemas.PresenceAvailable,
		Status:         status,
		Routable:       status == schemas.StatusAvailable,
		AdherenceState: schemas.LiveInAdherence,
		AsOf:           at(minute),
		Version:        uint64(minute),
	}
	if out >= 0 {
		a.AdherenceState, a.AdherenceSince = schemas.LiveOutOfAdherence, at(out)
	}
	return a
}

func with(a *schemas.LiveAgent, change func(*schemas.LiveAgent)) *schemas.LiveAgent {
	change(a)
	return a
}

const (
	ready  = schemas.StatusAvailable
	breaks = schemas.StatusBreak
)

func TestBetweenTwoRows(t *testing.T) {
	gone := func(a *schemas.LiveAgent) { a.Gone = true }
	for _, c := range []struct {
		name          string
		before, after *schemas.LiveAgent
		want          string
	}{
		{"nothing", ana(0, ready, -1), ana(1, ready, -1), ""},
		{"break", ana(0, ready, -1), ana(1, breaks, -1), "agent.status_changed agent.routable_changed"},
		{"another kind of break", ana(0, breaks, -1),
			with(ana(1, breaks, -1), func(a *schemas.LiveAgent) { a.Secondary = "Tea" }), "agent.status_changed"},
		{"away", ana(0, breaks, -1),
			with(ana(1, breaks, -1), func(a *schemas.LiveAgent) { a.Presence = schemas.PresenceAway }), "agent.status_changed"},
		{"a contact", ana(0, ready, -1),
			with(ana(1, ready, -1), func(a *schemas.LiveAgent) { a.Routing, a.Routable = schemas.RoutingInteracting, false }),
			"agent.routable_changed"},
		{"a note", ana(0, breaks, -1), with(ana(1, breaks, -1), func(a *schemas.LiveAgent) { a.Note = "back at two" }), ""},
		{"goes out", ana(0, ready, -1), ana(5, ready, 5), "agent.out_of_adherence"},
		{"gets severe", ana(5, ready, 5), with(ana(10, ready, 5), func(a *schemas.LiveAgent) { a.Severe = true }), ""},
		{"comes back", ana(5, ready, 5), ana(10, ready, -1), "agent.back"},
		{"becomes unknown", ana(5, ready, 5),
			with(ana(10, ready, -1), func(a *schemas.LiveAgent) { a.AdherenceState = schemas.LiveUnknown }), "agent.back"},
		{"a late fact moves the beginning back", ana(5, ready, 5), ana(10, ready, 2), ""},
		{"was in between two looks", ana(5, ready, 5), ana(10, ready, 8), "agent.back agent.out_of_adherence"},
		{"appears, ready and out", nil, ana(5, ready, 5),
			"agent.status_changed agent.routable_changed agent.out_of_adherence"},
		{"leaves the roster, ready and out", ana(5, ready, 5), with(ana(6, ready, 5), gone),
			"agent.routable_changed agent.back"},
		{"was not there and is not", nil, with(ana(6, ready, 5), gone), ""},
		{"returns to the roster", with(ana(0, breaks, -1), gone), ana(6, breaks, -1), "agent.status_changed"},
	} {
		if got := strings.Trim(fmt.Sprint(between(c.before, c.after)), "[]"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// told words notices: minute, event, hooks.
func told(notices []notice) (out []string) {
	for _, n := range notices {
		out = append(out, fmt.Sprintf("%s %s %v", n.at.Time().Format("15:04"), strings.TrimPrefix(string(n.event), "agent."),
			n.hooks))
	}
	return out
}

func wantTold(t *testing.T, got []notice, want ...string) {
	t.Helper()
	if !slices.Equal(told(got), want) {
		t.Errorf("got  %q\nwant %q", told(got), want)
	}
}

var both = []Event{EventOut, EventBack}

func TestARunIsToldOnceAfterTheDelayOfEachHook(t *testing.T) {
	w := newWatch([]Hook{{Events: both}, {Events: both, Delay: 5 * time.Minute}, {Events: []Event{EventOut}},
		{Events: both, Teams: []string{"Sales"}}})
	w.begin([]*schemas.LiveAgent{ana(0, ready, -1)}, at(0))
	wantTold(t, w.changed([]*schemas.LiveAgent{ana(10, ready, 10)}, at(10)), "09:10 out_of_adherence [0 2]")
	if next, ok := w.next(); !ok || next != at(15) {
		t.Errorf("looks again at %s %v, want 09:15", next, ok)
	}
	wantTold(t, w.changed([]*schemas.LiveAgent{with(ana(14, ready, 10), func(a *schemas.LiveAgent) { a.Note = "soon" })},
		at(14)))
	wantTold(t, w.due(nil, at(15)), "09:15 out_of_adherence [1]")
	wantTold(t, w.due(nil, at(20)))
	if _, ok := w.next(); ok {
		t.Error("there is something left to wait for")
	}
	wantTold(t, w.changed([]*schemas.LiveAgent{ana(21, ready, -1)}, at(21)), "09:21 back [0 1]")
	// A run shorter than the delay is told to the impatient only, at both ends.
	wantTold(t, w.changed([]*schemas.LiveAgent{ana(30, ready, 30)}, at(30)), "09:30 out_of_adherence [0 2]")
	wantTold(t, w.changed([]*schemas.LiveAgent{ana(33, ready, -1)}, at(33)), "09:33 back [0]")
	wantTold(t, w.due(nil, at(60)))
}

func TestWhatIsTrueAtTheStartIsNoEvent(t *testing.T) {
	w := newWatch([]Hook{{}, {Events: both, Delay: 5 * time.Minute}})
	bob := with(ana(0, breaks, -1), func(a *schemas.LiveAgent) { a.AgentID = "bob" })
	w.begin([]*schemas.LiveAgent{ana(9, ready, 7), bob}, at(10)) // 09:10, out since 09:07
	wantTold(t, w.changed(nil, at(10)))
	wantTold(t, w.due(nil, at(12)), "09:12 out_of_adherence [1]") // this one was too young to be told before
	wantTold(t, w.changed([]*schemas.LiveAgent{ana(20, ready, -1)}, at(20)), "09:20 back [0 1]")

	w = newWatch([]Hook{{Events: both, Delay: 5 * time.Minute}})
	w.begin([]*schemas.LiveAgent{ana(9, ready, 1)}, at(10)) // told before the restart
	wantTold(t, w.due(nil, at(11)))
	wantTold(t, w.changed([]*schemas.LiveAgent{ana(20, ready, -1)}, at(20)), "09:20 back [0]")
}

func TestOneWhoLeavesIsToldToTheirTeam(t *testing.T) {
	w := newWatch([]Hook{{Teams: []string{"Billing"}}, {Teams: []string{"Sales"}}})
	w.begin([]*schemas.LiveAgent{ana(0, ready, -1)}, at(0))
	leaves := with(ana(3, ready, -1), func(a *schemas.LiveAgent) { a.Gone, a.Team = true, "" })
	wantTold(t, w.changed([]*schemas.LiveAgent{leaves}, at(3)), "09:03 routable_changed [0]")
}

// Whatever the rows are: each hook hears of a run at most once, hears back only of what it was told, and in turn.
func TestOutAndBackAlternateForEachHook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWatch([]Hook{{Events: both}, {Events: both, Delay: 3 * time.Minute}, {Events: both, Delay: time.Hour}})
		out := make([]bool, 3)
		hear := func(list []notice) {
			for _, n := range list {
				for _, k := range n.hooks {
					if out[k] == (n.event == EventOut) {
						t.Fatalf("hook %d hears %s twice", k, n.event)
					}
					out[k] = n.event == EventOut
				}
			}
		}
		w.begin(nil, at(0))
		for minute := int64(1); minute < 40; minute++ {
			row := ana(minute, ready, -1)
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				row = ana(minute, breaks, rapid.Int64Range(0, minute).Draw(t, "since"))
			case 1:
				row.Gone = true
			case 2:
				hear(w.due(nil, at(minute)))
				continue
			}
			hear(w.changed([]*schemas.LiveAgent{row}, at(minute)))
			if r := w.runs["ana"]; (r != nil) != (row.AdherenceState == schemas.LiveOutOfAdherence && !row.Gone) {
				t.Fatalf("minute %d: there is a run: %v", minute, r != nil)
			}
		}
		if out[2] {
			t.Fatal("a run of less than an hour was told after an hour")
		}
	})
}

// FuzzBetween asks for what must hold of any two rows.
func FuzzBetween(f *testing.F) {
	f.Add(uint8(2), uint8(1), true, int64(0), uint8(1), uint8(2), false, int64(9), false)
	f.Add(uint8(2), uint8(2), true, int64(5), uint8(2), uint8(2), true, int64(9), true)
	f.Fuzz(func(t *testing.T, s1, l1 uint8, r1 bool, since1 int64, s2, l2 uint8, r2 bool, since2 int64, gone bool) {
		x := &schemas.LiveAgent{Status: schemas.Status(s1), AdherenceState: schemas.LiveState(l1), Routable: r1,
			AdherenceSince: schemas.Instant(since1)}
		y := &schemas.LiveAgent{Status: schemas.Status(s2), AdherenceState: schemas.LiveState(l2), Routable: r2,
			AdherenceSince: schemas.Instant(since2), Gone: gone}
		if same := between(x, x); len(same) > 0 && x.AdherenceSince <= x.AsOf {
			t.Errorf("between a row and itself: %v", same)
		}
		got := between(x, y)
		if len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(got) {
			t.Errorf("an event twice: %v", got)
		}
		if gone && (slices.Contains(got, EventOut) || slices.Contains(got, EventStatus)) {
			t.Errorf("one who has left does %v", got)
		}
		if slices.Contains(got, EventRoutable) == (r1 == (r2 && !gone)) {
			t.Errorf("routable %v then %v (gone %v): %v", r1, r2, gone, got)
		}
	})
}
