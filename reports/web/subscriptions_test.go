package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"rollcall/reports/mail"
	"rollcall/schemas"
)

// subscriptionsMatrix is the part of the matrix about subscriptions, written by hand.
var subscriptionsMatrix = []call{
	//                                                                     nobody agent super plan mgr feed admin
	{"GET /api/v1/subscriptions", "/api/v1/subscriptions", [7]int{who, no, ok, ok, ok, no, ok}},
	{"POST /api/v1/subscriptions", "/api/v1/subscriptions",
		[7]int{who, no, http.StatusBadRequest, http.StatusBadRequest, http.StatusBadRequest, no, http.StatusBadRequest}},
	{"DELETE /api/v1/subscriptions/{id}", "/api/v1/subscriptions/s9", [7]int{who, no, none, none, none, no, none}},
}

// list is the table of subscriptions in memory.
type list struct {
	mu   sync.Mutex
	rows []schemas.Subscription
	by   []mail.By
	off  bool
	err  error
}

func (l *list) Enabled() bool { return !l.off }

func (l *list) Subscriptions(context.Context) ([]schemas.Subscription, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]schemas.Subscription{}, l.rows...), l.err
}

func (l *list) Subscribe(_ context.Context, s schemas.Subscription, by mail.By) (schemas.Subscription, error) {
	if err := s.Validate(); err != nil {
		return s, fmt.Errorf("%w: %w", mail.ErrInvalid, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s.ID = fmt.Sprint("s", len(l.rows)+1)
	l.rows, l.by = append(l.rows, s), append(l.by, by)
	return s, l.err
}

func (l *list) Unsubscribe(_ context.Context, id string, by mail.By) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.rows {
		if l.rows[i].ID == id {
			l.rows, l.by = append(l.rows[:i], l.rows[i+1:]...), append(l.by, by)
			return l.err
		}
	}
	return mail.ErrNoSubscription
}

func mountSubscriptions(h *house) error { h.reports.Mails = &list{}; return nil }

const request = `{"recipients":["kim@example.org"],"teams":["Billing"],"at":"06:30","time_zone":"Europe/London"}`

func TestOnesOwnSubscriptions(t *testing.T) {
	l := &list{}
	h := newHouse(t, config(), func(h *house) error { h.reports.Mails = l; return nil })
	post := func(role schemas.Role, body string) (int, string) {
		status, _, text := h.ask(t, role, "POST", "/api/v1/subscriptions", body, "Content-Type", "application/json")
		return status, text
	}
	status, text := post("supervisor", request)
	if status != http.StatusCreated ||
		!strings.Contains(text, `"id":"s1","kind":"daily","owner":"supervisor","recipients":["kim@example.org"],`+
			`"teams":["Billing"],"sites":[],"at":"06:30","time_zone":"Europe/London","until":null`) {
		t.Fatalf("got %d %s", status, text)
	}
	if l.rows[0].OwnerID == "" || l.by[0].Actor != "supervisor" || l.by[0].Origin == "" {
		t.Errorf("the owner is %+v, by %+v", l.rows[0], l.by)
	}
	if status, text := post("manager",
		`{"kind":"out_of_adherence","recipients":["lee@example.org"],"sites":["Leeds"],"at":"08:00","until":"18:00",`+
			`"every_minutes":30,"time_zone":"UTC"}`); status != http.StatusCreated ||
		!strings.Contains(text, `"until":"18:00","every_minutes":30`) {
		t.Errorf("a digest: %d %s", status, text)
	}
	for role, want := range map[schemas.Role]int{"supervisor": 1, "manager": 1, "planner": 0, "admin": 2} {
		if _, _, text := h.ask(t, role, "GET", "/api/v1/subscriptions", ""); strings.Count(text, `"id":`) != want {
			t.Errorf("%s sees %s", role, text)
		}
	}
	status, head, text := h.ask(t, "manager", "DELETE", "/api/v1/subscriptions/s1", "")
	problem(t, "somebody else's", none, status, head, text)
	if status, _, _ := h.ask(t, "supervisor", "DELETE", "/api/v1/subscriptions/s1", ""); status != http.StatusNoContent {
		t.Errorf("one's own: %d", status)
	}
	if status, _, _ := h.ask(t, "admin", "DELETE", "/api/v1/subscriptions/s2", ""); status != http.StatusNoContent ||
		len(l.rows) != 0 {
		t.Errorf("an admin: %d, left are %v", status, l.rows)
	}
}

func TestSubscriptionsThatCannotBe(t *testing.T) {
	l := &list{}
	h := newHouse(t, config(), func(h *house) error { h.reports.Mails = l; return nil })
	for _, c := range []struct {
		role   schemas.Role
		body   string
		status int
		text   string
	}{
		{"supervisor", strings.Replace(request, "Billing", "Sales", 1), no, `may not subscribe to mails of team \"Sales\"`},
		{"manager", request, no, "Billing"},
		{"supervisor", strings.Replace(request, "06:30", "25:30", 1), http.StatusUnprocessableEntity, "is no time of day"},
		{"supervisor", strings.Replace(request, "Europe/London", "Mars", 1), http.StatusUnprocessableEntity, "time_zone: "},
		{"supervisor", strings.Replace(request, "kim@example.org", `kim@example.org\r\nBcc: x@example.org`, 1),
			http.StatusUnprocessableEntity, "is no mail address"},
		{"supervisor", strings.Replace(request, `"at"`, `"att"`, 1), http.StatusUnprocessableEntity, "att"},
		{"supervisor", strings.Replace(request, `["kim@example.org"]`, `[]`, 1), http.StatusUnprocessableEntity,
			"recipients"},
	} {
		status, head, text := h.ask(t, c.role, "POST", "/api/v1/subscriptions", c.body, "Content-Type", "application/json")
		problem(t, c.body, c.status, status, head, text)
		if !strings.Contains(text, c.text) {
			t.Errorf("%s: got %s, want %q", c.body, text, c.text)
		}
	}
	if len(l.rows) != 0 {
		t.Errorf("made were %v", l.rows)
	}
	l.off = true
	if status, _, text := h.ask(t, "admin", "POST", "/api/v1/subscriptions", request, "Content-Type",
		"application/json"); status != http.StatusConflict || !strings.Contains(text, "smtp.address") {
		t.Errorf("without a server: %d %s", status, text)
	}
	l.err = errors.New("dial tcp: secret")
	if status, _, text := h.ask(t, "admin", "GET", "/api/v1/subscriptions", ""); status != http.StatusServiceUnavailable ||
		strings.Contains(text, "secret") {
		t.Errorf("without a store: %d %s", status, text)
	}
}
