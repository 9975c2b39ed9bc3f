package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rollcall/reports/hooks"
	"rollcall/schemas"
)

const sent = http.StatusAccepted

// webhooksMatrix is the part of the matrix about webhooks, written by hand.
var webhooksMatrix = []call{
	//                                                                            nobody agent super plan mgr feed admin
	{"GET /api/v1/webhooks/dead", "/api/v1/webhooks/dead", [7]int{who, no, no, no, no, no, ok}},
	{"POST /api/v1/webhooks/dead/{id}/replay", "/api/v1/webhooks/dead/d1/replay", [7]int{who, no, no, no, no, no, sent}},
	{"GET /admin/webhooks", "/admin/webhooks", [7]int{in, no, no, no, no, no, ok}},
	{"POST /admin/webhooks/{id}/replay", "/admin/webhooks/d1/replay", [7]int{in, no, no, no, no, no, in}},
	{"POST /admin/webhooks/{id}/replay", "/admin/webhooks/it's%2F%F0%9F%93%9E/replay",
		[7]int{in, no, no, no, no, no, none}},
	{"POST /api/v1/webhooks/dead/{id}/replay", "/api/v1/webhooks/dead/it's%2F%F0%9F%93%9E/replay",
		[7]int{who, no, no, no, no, no, none}},
}

// letters are dead letters: d1 can be replayed, whatever else is asked for fails of the error.
type letters struct{ err error }

func (l *letters) letter() schemas.WebhookDelivery {
	return schemas.WebhookDelivery{
		ID:        "d1",
		Hook:      "https://wall.example/in",
		Event:     "agent.back",
		Body:      `{"id":"e1","note":"<script>"}`,
		Attempts:  10,
		State:     schemas.WebhookDead,
		LastError: "the receiver answers 502",
		CreatedAt: morning,
		UpdatedAt: morning.Add(1000),
	}
}

func (l *letters) Dead(_ context.Context, limit int) ([]schemas.WebhookDelivery, error) {
	if l.err != nil {
		return nil, l.err
	}
	return []schemas.WebhookDelivery{l.letter()}[:min(limit, 1)], nil
}

func (l *letters) Replay(_ context.Context, id string) (*schemas.WebhookDelivery, error) {
	if id != "d1" {
		return nil, fmt.Errorf("replay %q: %w", id, hooks.ErrNoDead)
	}
	if l.err != nil {
		return nil, l.err
	}
	d := l.letter()
	d.State, d.Attempts, d.LastError = schemas.WebhookQueued, 0, ""
	return &d, nil
}

func mountWebhooks(h *house) error { h.admin.Webhooks = &letters{}; return nil }

func TestDeadLettersAreListedAndReplayed(t *testing.T) {
	l := &letters{}
	h := newHouse(t, config(), func(h *house) error { h.admin.Webhooks = l; return nil })
	status, _, body := h.ask(t, "admin", "GET", "/api/v1/webhooks/dead", "")
	var list struct {
		Items []struct {
			ID, URL, Event, State string
			Attempts              int
			LastError             string `json:"last_error"`
			CreatedAt             string `json:"created_at"`
			Body                  map[string]string
		}
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != ok || len(list.Items) != 1 {
		t.Fatalf("got %d %s %v", status, body, err)
	}
	if d := list.Items[0]; d.ID != "d1" || d.URL != "https://wall.example/in" || d.State != "dead" || d.Attempts != 10 ||
		d.LastError != "the receiver answers 502" || d.CreatedAt != "2026-03-02T10:40:00Z" || d.Body["note"] != "<script>" {
		t.Errorf("got %+v", d)
	}
	status, _, body = h.ask(t, "admin", "POST", "/api/v1/webhooks/dead/d1/replay", "")
	if status != sent || !strings.Contains(body, `"state":"queued"`) || !strings.Contains(body, `"attempts":0`) {
		t.Errorf("a replay gives %d %s", status, body)
	}
	rows, err := h.backroom.JournalPage(t.Context(), schemas.JournalJob, 0, "", 10)
	if err != nil || len(rows) != 1 || rows[0].Actor != "admin" ||
		rows[0].Detail != "webhook delivery d1 (agent.back) is sent again" {
		t.Errorf("the journal says %+v %v", rows, err)
	}
}

func TestWhatAReplayFailsOfIsSaid(t *testing.T) {
	l := &letters{}
	h := newHouse(t, config(), func(h *house) error { h.admin.Webhooks = l; return nil })
	for _, c := range []struct {
		path   string
		err    error
		status int
		text   string
	}{
		{"POST /api/v1/webhooks/dead/d2/replay", nil, none,
			"there is no such dead letter; GET /api/v1/webhooks/dead lists them"},
		{"POST /api/v1/webhooks/dead/" + strings.Repeat("x", 129) + "/replay", nil, http.StatusUnprocessableEntity, "128"},
		{"POST /api/v1/webhooks/dead/d1/replay", hooks.ErrNoHook, http.StatusConflict, "no longer in the configuration"},
		{"POST /api/v1/webhooks/dead/d1/replay", hooks.ErrFull, http.StatusServiceUnavailable, "too many"},
		{"POST /api/v1/webhooks/dead/d1/replay", errors.New("dial tcp: secret"), http.StatusServiceUnavailable,
			"the store does not answer"},
		{"GET /api/v1/webhooks/dead", errors.New("dial tcp: secret"), http.StatusServiceUnavailable,
			"the store does not answer"},
		{"GET /api/v1/webhooks/dead?limit=0", nil, http.StatusUnprocessableEntity, "limit"},
		{"GET /api/v1/webhooks/dead?limit=1001", nil, http.StatusUnprocessableEntity, "limit"},
		{"GET /api/v1/webhooks/dead?before=x", nil, http.StatusUnprocessableEntity, "before"},
	} {
		l.err = c.err
		method, path, _ := strings.Cut(c.path, " ")
		status, head, body := h.ask(t, "admin", method, path, "")
		problem(t, c.path, c.status, status, head, body)
		if !strings.Contains(body, c.text) || strings.Contains(body, "secret") {
			t.Errorf("%s: got %s, want %q", c.path, body, c.text)
		}
	}
}

func TestThePageOfDeadLetters(t *testing.T) {
	l := &letters{}
	h := newHouse(t, config(), func(h *house) error { h.admin.Webhooks = l; return nil })
	c := h.browser(t, "admin")
	status, page := h.get(t, c, "/admin/webhooks")
	if status != ok || !strings.Contains(page, "the receiver answers 502") || strings.Contains(page, "<script>") ||
		!strings.Contains(page, `href="/admin/webhooks" aria-current`) {
		t.Errorf("the page is %d %s", status, page)
	}
	if status, head, _ := h.post(t, c, "/admin/webhooks/d1/replay", nil); status != in ||
		head.Get("Location") != "/admin/webhooks" {
		t.Errorf("a replay gives %d to %s", status, head.Get("Location"))
	}
	if _, page := h.get(t, c, "/admin/webhooks"); !strings.Contains(page,
		"agent.back of 2026-03-02 10:40:00 is sent again.") {
		t.Errorf("the page does not say so: %s", page)
	}
	if journal := h.backroom.details(); !strings.Contains(journal,
		"job|admin|127.0.0.1|webhook delivery d1 (agent.back) is sent again") {
		t.Errorf("the journal says %s", journal)
	}
	if status, _, body := h.post(t, c, "/admin/webhooks/d2/replay", nil); status != none ||
		!strings.Contains(body, "there is no such dead letter") {
		t.Errorf("a letter that is not there: %d %s", status, body)
	}
	l.err = errors.New("dial tcp: secret")
	if status, page := h.get(t, c, "/admin/webhooks"); status != http.StatusServiceUnavailable ||
		strings.Contains(page, "secret") {
		t.Errorf("without a store: %d %s", status, page)
	}
}
