package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rollcall/schemas"
)

// Who may see feeds sees which are silent; a feed sees itself; everybody sees that readiness warns, and no name.
func TestTheListOfFeeds(t *testing.T) {
	h := newHouse(t, config())
	since := schemas.UTC.DayStart(schemas.MakeDate(2026, 3, 2))
	h.signs = []schemas.FeedSign{{Source: "acd", LastSeen: since + 5}, {Source: "dialler", LastSeen: since, SilentSince: since}, {Source: "wfm", LastSeen: since}}
	for role, want := range map[schemas.Role]string{"feed": "acd", "admin": "acd dialler:2026-03-02T00:00:00Z wfm", "supervisor": "acd dialler:2026-03-02T00:00:00Z wfm"} {
		code, _, text := h.ask(t, role, "GET", "/api/v1/feeds", "")
		var list struct {
			Items []struct {
				Source string
				Silent bool
				Since  string   `json:"silent_since"`
				Up     *string  `json:"complete_up_to"`
				Fields []string `json:"fields"`
			}
		}
		if err := json.Unmarshal([]byte(text), &list); err != nil || code != http.StatusOK {
			t.Fatalf("%d %s: %v", code, text, err)
		}
		var got []string
		for _, f := range list.Items {
			line := f.Source
			if f.Silent {
				line += ":" + f.Since
			}
			got = append(got, line)
			if (f.Up != nil) != (f.Source == "acd") || fmt.Sprint(f.Fields) != map[string]string{"acd": "[]", "dialler": "[status]", "wfm": "[]"}[f.Source] {
				t.Errorf("%+v", f)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s sees %q, want %q", role, got, want)
		}
	}
	code, _, text := h.ask(t, "", "GET", "/readyz", "")
	if code != http.StatusOK || !strings.Contains(text, "silent feeds: 1;") || strings.Contains(text, "dialler") {
		t.Errorf("%d %s", code, text)
	}
	client := h.browser(t, "admin")
	if _, page := h.get(t, client, "/admin/feeds"); strings.Count(page, "<b>silent</b>") != 1 {
		t.Errorf("the page of feeds says otherwise:\n%s", page)
	}
	h.signs = []schemas.FeedSign{{Source: "dialler", LastSeen: since}}
	if _, page := h.get(t, client, "/admin/feeds"); strings.Contains(page, "<b>silent</b>") {
		t.Errorf("a feed that was heard of is silent:\n%s", page)
	}
	h.signs = nil
	if _, _, text = h.ask(t, "", "GET", "/readyz", ""); strings.Contains(text, "warnings") {
		t.Errorf("a warning of nothing: %s", text)
	}
	h.backroom.broken = fmt.Errorf("away")
	if code, _, _ = h.ask(t, "admin", "GET", "/api/v1/feeds", ""); code != http.StatusServiceUnavailable {
		t.Errorf("%d with the store away", code)
	}
}
