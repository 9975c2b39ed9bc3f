package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// form posts a form, without following where it leads.
func (d *daemon) form(t *testing.T, path, token string, fields ...string) (int, string, string) {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url+path, strings.NewReader(v.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Location"), string(text)
}

// page gets a page and takes its markup away, so that a test reads what people read.
func (d *daemon) page(t *testing.T, path, token string) (int, string) {
	t.Helper()
	code, text, err := d.call("GET", path, token, "")
	if err != nil {
		t.Fatal(err)
	}
	return code, plain(text)
}

var (
	markup = regexp.MustCompile(`<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
)

func plain(html string) string {
	return blanks.ReplaceAllString(markup.ReplaceAllString(html, " "), " ")
}

func says(t *testing.T, what, text string, all ...string) {
	t.Helper()
	for _, s := range all {
		if !strings.Contains(text, s) {
			t.Errorf("%s does not say %q:\n%s", what, s, text)
		}
	}
}

// The worked day on its pages: its figures, its verdicts, its two exceptions, what a correction changes, and the same
// figures in every report.
func TestTheWorkedDayOnItsPages(t *testing.T) {
	t.Parallel()
	d, admin, ana, acd := smallCentre(t)
	const day = "/adherence/ana/2026-03-02"
	for token, more := range map[string]string{admin: "Correct", ana: "Ask for a correction"} {
		code, text := d.page(t, day, token)
		if code != http.StatusOK {
			t.Fatalf("the day: %d %s", code, text)
		}
		says(t, "the day", text, "58.33 % adherence", "conformance 116.67 %", "coverage 100.00 %", "scheduled 3:00:00",
			"as scheduled 1:45:00", "out 1:15:00",
			"10:30–10:45 15 min Took calls 15 min into the break", "late change, positive",
			"11:00–12:00 1 h 00 min Still on break during Huddle (60 min)", "late change, neutral",
			"08:58–09:00 2 min nothing Off queue –", "09:00–10:30 1 h 30 min Phones On queue in",
			"10:45–11:00 15 min Break Break in",
			"rule 4", "schedule.csv, line 2", "fact: 10:45 away, break, off queue (acd)", "the default rules", more)
	}
	_, html, err := d.call("GET", day, admin, "")
	if err != nil || strings.Count(html, `class="moment v-out"`) != 2 || strings.Count(html, `class="moment v-in"`) != 2 ||
		!strings.Contains(html, ">1  late change, 15 min</text>") {
		t.Errorf("the picture: %v %s", err, html)
	}
	for token, want := range map[string]int{admin: 200, ana: 200, acd: 403} {
		if code, _ := d.page(t, "/adherence?from=2026-03-02&to=2026-03-02", token); code != want {
			t.Errorf("the table: %d, want %d", code, want)
		}
	}
	_, text := d.page(t, "/adherence?from=2026-03-01&to=2026-03-03&team=Billing", admin)
	says(t, "the table", text, "Ana Ortiz", "58.33", "no day", "Judged by what was known at")
	code, text := d.page(t, "/adherence/ana/2026-03-09", admin)
	if code != http.StatusNotFound {
		t.Errorf("a day that does not exist: %d", code)
	}
	says(t, "a day that does not exist", text, "Ana Ortiz", "Nothing was scheduled on this day", "Day before")
	correctsTheWorkedDay(t, d, admin, ana, day)
	reportsTheWorkedDay(t, d, admin, ana)
}

// correctsTheWorkedDay plays a request of Ana's: tried out, asked for, granted, taken back.
func correctsTheWorkedDay(t *testing.T, d *daemon, admin, ana, day string) {
	t.Helper()
	huddle := []string{"from", "2026-03-02T11:00", "to", "2026-03-02T12:00", "effect", "in", "reason",
		"the huddle <b>began</b> late"}
	code, _, text := d.form(t, day+"/corrections", ana, append(huddle, "do", "preview")...)
	if code != http.StatusOK {
		t.Fatalf("preview: %d %s", code, text)
	}
	says(t, "the preview", plain(text), "Adherence 58.33 % would become 91.67 %, exceptions 2 would become 1")
	if _, text := d.page(t, day, ana); strings.Contains(text, "began") {
		t.Error("a preview has written something")
	}
	if code, _, text := d.form(t, day+"/corrections", ana, "from", "2026-03-02T12:00", "to", "2026-03-02T11:00", "effect",
		"in", "reason", "x", "do", "ask"); code != http.StatusUnprocessableEntity ||
		!strings.Contains(text, `role="alert"`) {
		t.Errorf("an end before its beginning: %d %s", code, text)
	}
	if code, _, _ := d.form(t, "/adherence/ben/2026-03-02/corrections", ana,
		append(huddle, "do", "ask")...); code != http.StatusForbidden {
		t.Errorf("somebody else's time: %d", code)
	}
	if code, to, text := d.form(t, day+"/corrections", ana, append(huddle, "do", "ask")...); code != http.StatusSeeOther ||
		to != day {
		t.Fatalf("ask: %d %s %s", code, to, text)
	}
	_, html, err := d.call("GET", day, admin, "")
	if err != nil || strings.Contains(html, "<b>began") || !strings.Contains(plain(html), "58.33 % adherence") {
		t.Fatalf("asked for: %v %s", err, html)
	}
	says(t, "the request", plain(html), "requested", "Grant", "Refuse")
	path := regexp.MustCompile(`/adherence/ana/2026-03-02/corrections/[0-9a-f-]{36}`).FindString(html)
	if code, _, _ := d.form(t, path, ana, "do", "grant"); code != http.StatusForbidden {
		t.Errorf("Ana grants her own: %d", code)
	}
	if code, _, _ := d.form(t, path, admin, "do", "dance"); code != http.StatusUnprocessableEntity {
		t.Errorf("no decision: %d", code)
	}
	for _, c := range []struct{ do, rate, state string }{{"grant", "91.67 % adherence", "granted"},
		{"revert", "58.33 % adherence", "reverted"}} {
		if code, to, text := d.form(t, path, admin, "do", c.do, "note", "seen"); code != http.StatusSeeOther || to != day {
			t.Fatalf("%s: %d %s", c.do, code, text)
		}
		_, text := d.page(t, day, admin)
		says(t, c.do, text, c.rate, c.state, "seen")
	}
}

// reportsTheWorkedDay asks for the same day as a stream and as a job.
func reportsTheWorkedDay(t *testing.T, d *daemon, admin, ana string) {
	t.Helper()
	_, text, err := d.call("GET", "/api/v1/reports/adherence.csv?from=2026-03-02&to=2026-03-02", admin, "")
	if err != nil {
		t.Fatal(err)
	}
	says(t, "the stream", text, "record,day,agent_id", "58.33", "116.67", "10800", "late_change")
	if code, text, _ := d.call("GET", "/api/v1/reports/adherence.json?from=2026-03-02&to=2026-03-02", ana,
		""); code != http.StatusForbidden {
		t.Errorf("an agent's report: %d %s", code, text)
	}
	code, to, page := d.form(t, "/reports", admin, "kind", "adherence", "format", "csv", "from", "2026-03-02", "to",
		"2026-03-02", "team", "Billing")
	if code != http.StatusSeeOther || to != "/reports#recent" {
		t.Fatalf("the form: %d %s %s", code, to, page)
	}
	var list struct {
		Items []struct {
			State, Hash, File string
			Days              int
		}
	}
	if err := eventually(func() bool {
		_, text, err := d.call("GET", "/api/v1/reports", admin, "")
		return err == nil && json.Unmarshal([]byte(text), &list) == nil && len(list.Items) == 1 &&
			list.Items[0].State == "done"
	}); err != nil {
		t.Fatal(err)
	}
	if list.Items[0].Days != 1 || len(list.Items[0].Hash) != 64 {
		t.Errorf("made is %+v", list.Items[0])
	}
	_, file, err := d.call("GET", list.Items[0].File, admin, "")
	if err != nil {
		t.Fatal(err)
	}
	says(t, "the file", file, "58.33", list.Items[0].Hash)
	_, text = d.page(t, "/reports", admin)
	says(t, "the page", text, "adherence-2026-03-02.csv", "1 agent-days", "Billing")
	began := time.Now()
	if code, _, _ := d.call("GET", "/api/v1/reports/adherence.csv?from=2016-03-02&to=2026-03-02", admin,
		""); code != http.StatusOK || time.Since(began) > 20*time.Second {
		t.Errorf("ten years: %d after %s", code, time.Since(began))
	}
	for query, want := range map[string]string{
		"staffing.csv?from=2016-03-02&to=2026-03-02":              "too many for a staffing report",
		"adherence.csv?from=2026-03-03&to=2026-03-02":             "the range is empty",
		"adherence.csv?from=2026-03-02&to=2026-03-02&tem=Billing": "did you mean team?"} {
		if code, text, _ := d.call("GET", "/api/v1/reports/"+query, admin, ""); code != http.StatusUnprocessableEntity ||
			!strings.Contains(text, want) {
			t.Errorf("%s: %d %s", query, code, text)
		}
	}
}
