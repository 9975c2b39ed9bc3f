package web_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"rollcall/schemas"
)

// pastMatrix is the part of the matrix about the past, written by hand.
var pastMatrix = []call{
	//                                                                                     nobody agent super plan mgr feed
	//                                                                                     admin
	{"GET /api/v1/live/at", "/api/v1/live/at?at=2026-03-02T10:40:00Z", [7]int{who, ok, ok, ok, ok, no, ok}},
}

// history is a past in which Ana and Bob were as they are; it notes what it was asked.
type history struct{ asked []string }

func (y *history) At(_ context.Context, at, knownAt schemas.Instant, only []string) ([]*schemas.LiveAgent, error) {
	lag := "then"
	if knownAt > at {
		lag = "later"
	}
	y.asked = append(y.asked, fmt.Sprintf("%s known %s %v", at, lag, only))
	rows := agents()
	return []*schemas.LiveAgent{&rows[1], &rows[0]}, nil
}

func mountPast(h *house) error { h.live.Past = &history{}; return nil }

// The past is shown to those who may see the whole row, and to nobody as a colleague.
func TestThePastIsInScope(t *testing.T) {
	y := &history{}
	h := newHouse(t, config(), func(h *house) error { h.live.Past = y; return nil })
	for role, want := range map[schemas.Role]string{"agent": "ana", "supervisor": "ana", "planner": "ana",
		"manager": "ana", "admin": "ana bob"} {
		y.asked = nil
		status, _, body := h.ask(t, role, "GET", "/api/v1/live/at?at=2026-03-02T10:40:00Z&as=now", "")
		var seen []string
		for _, id := range []string{"ana", "bob"} {
			if strings.Contains(body, `"agent_id":"`+id+`"`) {
				seen = append(seen, id)
			}
		}
		if status != 200 || strings.Join(seen, " ") != want || !strings.Contains(body, `"as_of":"2026-03-02T10:40:00Z"`) {
			t.Errorf("%s: %d %s", role, status, body)
		}
		only := map[bool]string{true: "[ana]", false: "[]"}[role == "agent"]
		if len(y.asked) != 1 || y.asked[0] != "2026-03-02T10:40:00Z known later "+only {
			t.Errorf("%s asked %v", role, y.asked)
		}
	}
	y.asked = nil
	if status, _, body := h.ask(t, "admin", "GET", "/api/v1/live/at?at=2026-03-02T10:40:00Z&status=meal",
		""); status != 200 || strings.Contains(body, "ana") ||
		!strings.Contains(body, "bob") || !strings.Contains(body, `"known_at":"2026-03-02T10:40:00Z"`) ||
		y.asked[0] != "2026-03-02T10:40:00Z known then []" {
		t.Errorf("filtered: %d %s %v", status, body, y.asked)
	}
	ahead := url.QueryEscape(time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	for _, q := range []string{"", "?at=", "?at=noon", "?at=" + ahead, "?at=1999-12-31T23:59:59Z",
		"?at=2026-03-02T10:40:00Z&as=always",
		"?at=2026-03-02T10:40:00Z&staus=meal", "?at=2026-03-02T10:40:00Z&status=mael"} {
		status, head, body := h.ask(t, "admin", "GET", "/api/v1/live/at"+q, "")
		problem(t, "live/at"+q, 422, status, head, body)
	}
}
