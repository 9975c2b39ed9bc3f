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
	h.signs = []schemas.FeedHealth{{Source: "acd", LastSeen: since + 5},
		{Source: "dialler", LastSeen: since, SilentSince: since}, {Source: "wfm", LastSeen: since}}
	for role, want := range map[schemas.Role]string{"feed": "acd", "admin": "acd dialler:2026-03-02T00:00:00Z wfm",
		"supervisor": "acd dialler:2026-03-02T00:00:00Z wfm"} {
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
			if (f.Up != nil) != (f.Source == "acd") ||
				fmt.Sprint(f.Fields) != map[string]string{"acd": "[]", "dialler": "[status]", "wfm": "[]"}[f.Source] {
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
	h.signs = []schemas.FeedHealth{{Source: "dialler", LastSeen: since}}
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

// What did not count because other sources are preferred is said on the page of feeds, of people's own choices too, and
// in the list of the API; where nothing is preferred nothing is said.
func TestWhatDidNotCountIsSaidOfEachFeed(t *testing.T) {
	h := newHouse(t, config())
	client := h.browser(t, "admin")
	if _, page := h.get(t, client, "/admin/feeds"); strings.Contains(page, "did not count") {
		t.Errorf("nothing is preferred, and the page says:\n%s", page)
	}
	h.backroom.overruled = []schemas.OverruledSource{{Source: "dialler", Changes: 312, Agents: 14},
		{Source: schemas.SourceSelf, Changes: 1, Agents: 1}}
	if _, page := h.get(t, client, "/admin/feeds"); !strings.Contains(page,
		"changes did not count, because the policy prefers other sources: "+
			"dialler: 312 changes about 14 agents; self: 1 change about 1 agent") {
		t.Errorf("the page says:\n%s", page)
	}
	_, _, text := h.ask(t, "admin", "GET", "/api/v1/feeds", "")
	var list struct {
		Items []struct {
			Source  string
			Changes int `json:"overruled_changes"`
			Agents  int `json:"overruled_agents"`
		}
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list.Items) != 2 || list.Items[0].Changes != 0 ||
		list.Items[1].Changes != 312 || list.Items[1].Agents != 14 {
		t.Errorf("%v: the list is %s", err, text)
	}
}

// A silent feed is named on the board and on the page of each agent whom it reports, with what is kept meanwhile.
func TestSilenceIsNamedWhereItMatters(t *testing.T) {
	h := newHouse(t, config(), func(h *house) error {
		h.signs = []schemas.FeedHealth{{Source: `acd<b>`, LastSeen: morning, SilentSince: morning},
			{Source: "engine", LastSeen: morning}}
		return nil
	})
	_, _, page := h.ask(t, "supervisor", "GET", "/", "")
	if !strings.Contains(page, "acd&lt;b&gt; has been silent since 10:40 UTC") ||
		strings.Contains(page, "engine has been silent") ||
		strings.Contains(page, `data-who="" hidden`) {
		t.Errorf("the board says %s", page)
	}
	if _, _, part := h.ask(t, "agent", "GET", "/silent", ""); !strings.HasPrefix(part, `<div id="silent"`) ||
		!strings.Contains(part, "10:40") {
		t.Errorf("the part says %s", part)
	}
	h.board.silence = schemas.FeedSilence{
		Feeds:  []schemas.SilentFeed{{Source: "acd", Since: morning, Fields: schemas.FieldStatus | schemas.FieldRouting}},
		Last:   schemas.State{Presence: schemas.PresenceAway, Status: schemas.StatusBreak, Secondary: "Tea <i>"},
		SaidAt: morning.Add(schemas.MinuteMS)}
	_, _, me := h.ask(t, "agent", "GET", "/me/now", "")
	for _, say := range []string{
		"acd has been silent since 10:40. Until it reports again your status and routing cannot be known",
		"Last set: Tea &lt;i&gt;, at 10:41.",
		"counts again when acd is back", `data-last-status="break"`} {
		if !strings.Contains(me, say) {
			t.Errorf("my day lacks %q: %s", say, me)
		}
	}
}
