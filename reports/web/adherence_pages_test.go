package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/adherence"
	"rollcall/adherence/batch"
	"rollcall/ingest/decisions"
	"rollcall/reports"
	webdays "rollcall/reports/web/days"
	webreports "rollcall/reports/web/reports"
	"rollcall/schemas"
)

const gone = http.StatusNotFound

// adherencePagesMatrix is the part of the matrix about judged days and reports, written by hand.
var adherencePagesMatrix = []call{
	//                                                                         nobody agent super plan mgr feed admin
	{"GET /static/reports.css", "/static/reports.css", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/reports.js", "/static/reports.js", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/adherence.js", "/static/adherence.js", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /adherence", "/adherence", [7]int{in, ok, ok, ok, ok, no, ok}},
	{"GET /adherence", "/adherence?from=2016-03-02&to=2026-03-02", [7]int{in, away, away, away, away, no, away}},
	{"GET /adherence/{agent}", "/adherence/ana", [7]int{in, in, in, in, in, no, in}},
	{"GET /adherence/{agent}/{day}", "/adherence/ana/2026-03-02", [7]int{in, ok, ok, ok, ok, no, ok}},
	{"GET /adherence/{agent}/{day}", "/adherence/bob/2026-03-02", [7]int{in, no, no, no, no, no, ok}},
	{"GET /adherence/{agent}/{day}", "/adherence/ana/2026-03-09", [7]int{in, gone, gone, gone, gone, no, gone}},
	{"GET /adherence/{agent}/{day}", "/adherence/bob/2026-03-09", [7]int{in, no, no, no, no, no, gone}},
	{"GET /adherence/{agent}/{day}", "/adherence/ana/yesterday", [7]int{in, away, away, away, away, no, away}},
	{"POST /adherence/{agent}/{day}/corrections", "/adherence/ana/2026-03-02/corrections",
		[7]int{in, away, away, no, no, no, away}},
	{"POST /adherence/{agent}/{day}/corrections", "/adherence/bob/2026-03-02/corrections",
		[7]int{in, no, no, no, no, no, away}},
	{"POST /adherence/{agent}/{day}/corrections/{id}", "/adherence/ana/2026-03-02/corrections/x",
		[7]int{in, no, away, no, no, no, away}},
	{"POST /api/v1/reports", "/api/v1/reports",
		[7]int{who, no, http.StatusBadRequest, http.StatusBadRequest, http.StatusBadRequest, no, http.StatusBadRequest}},
	{"GET /api/v1/reports", "/api/v1/reports", [7]int{who, no, ok, ok, ok, no, ok}},
	{"GET /api/v1/reports/{id}", "/api/v1/reports/x", [7]int{who, no, gone, gone, gone, no, gone}},
	{"GET /api/v1/reports/{id}", "/api/v1/reports/0197c0de-0000-7000-8000-000000000001",
		[7]int{who, no, 410, 410, 410, no, 410}},
	{"DELETE /api/v1/reports/{id}", "/api/v1/reports/x", [7]int{who, no, gone, gone, gone, no, gone}},
	{"GET /api/v1/reports/{id}/file", "/api/v1/reports/x/file", [7]int{who, no, gone, gone, gone, no, gone}},
	{"GET /api/v1/reports/adherence.csv", "/api/v1/reports/adherence.csv" + march, [7]int{who, no, ok, ok, ok, no, ok}},
	{"GET /api/v1/reports/adherence.json", "/api/v1/reports/adherence.json" + march + "&team=Billing",
		[7]int{who, no, ok, ok, ok, no, ok}},
	{"GET /api/v1/reports/adherence.json", "/api/v1/reports/adherence.json" + march + "&team=Sales&site=Hull",
		[7]int{who, no, no, no, no, no, ok}},
	{"GET /api/v1/reports/staffing.csv", "/api/v1/reports/staffing.csv" + march, [7]int{who, no, ok, ok, ok, no, ok}},
	{"GET /api/v1/reports/staffing.json", "/api/v1/reports/staffing.json", [7]int{who, no, away, away, away, no, away}},
	{"GET /reports", "/reports", [7]int{in, no, ok, ok, ok, no, ok}},
	{"POST /reports", "/reports", [7]int{in, no, away, away, away, no, away}},
	{"POST /reports/{id}/drop", "/reports/x/drop", [7]int{in, no, gone, gone, gone, no, gone}},
	{"POST /reports/subscriptions", "/reports/subscriptions", [7]int{in, no, away, away, away, no, away}},
	{"POST /reports/subscriptions/{id}/end", "/reports/subscriptions/x/end", [7]int{in, no, gone, gone, gone, no, gone}},
}

const march = "?from=2026-03-02&to=2026-03-02"

// pressroom makes reports of what it was asked, in memory.
type pressroom struct {
	mu     sync.Mutex
	orders []webreports.Order
	// breaks is after how many bytes a stream breaks off; 0 never, -1 before the first.
	breaks atomic.Int32
	// goOn lets a stream go on after its first line; nil does not wait.
	goOn chan struct{}
	err  error
}

func (d *pressroom) Formats(kind webreports.Kind) []string {
	if kind == webreports.Staffing {
		return []string{"csv", "json", "html"}
	}
	return []string{"xlsx", "csv", "json"}
}

func (d *pressroom) Parts(context.Context) (teams, sites []string, err error) {
	return []string{"<i>Evil</i>", "Billing", "Sales"}, []string{"Hull", "Leeds"}, d.err
}

func (d *pressroom) Save(_ context.Context, o webreports.Order, file string, _ func(done, of int)) (webreports.Made,
	error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.orders = append(d.orders, o)
	return webreports.Made{Days: 7, Hash: "abc"}, os.WriteFile(file, []byte("=report\n"), 0o600)
}

func (d *pressroom) Stream(_ context.Context, o webreports.Order, w io.Writer) error {
	d.mu.Lock()
	d.orders = append(d.orders, o)
	d.mu.Unlock()
	if d.breaks.Load() < 0 {
		return errors.New("dial tcp: secret")
	}
	if _, err := io.WriteString(w, "head\n"); err != nil {
		return err
	}
	if d.goOn != nil {
		<-d.goOn
	}
	if d.breaks.Load() > 0 {
		return errors.New("the store went away")
	}
	_, err := io.WriteString(w, "row\n")
	return err
}

// sums are judged days in memory, with the store's part of the contract.
type sums struct {
	rows []schemas.DayRow
	err  error
	mu   sync.Mutex
	last webdays.HeadQuery
}

func (s *sums) DayHeads(_ context.Context, q webdays.HeadQuery, yield func(*schemas.DayRow)) error {
	s.mu.Lock()
	s.last = q
	s.mu.Unlock()
	for i := range s.rows {
		d := s.rows[i]
		if q.Scope.Covers(d.AgentID, d.Team, d.Site) && d.Day >= q.From && d.Day <= q.To &&
			(len(q.Teams) == 0 || slices.Contains(q.Teams, d.Team)) {
			yield(&d)
		}
	}
	return s.err
}

func (s *sums) Targets(context.Context) (map[string]float64, error) {
	return map[string]float64{"": 90, "hard": 99}, nil
}

func mountReports(d *pressroom, l *list) func(*house) error {
	return func(h *house) error {
		dir, err := os.MkdirTemp("", "reports")
		if err != nil {
			return err
		}
		h.reportLimits, h.reports = webreports.DefaultLimits(filepath.Join(dir, "reports")),
			webreports.Deps{Reports: d, Mails: l}
		return nil
	}
}

func mountDays(s *sums, o *office) func(*house) error {
	return func(h *house) error {
		o.drawer = &drawer{}
		o.Ledger = decisions.New(o.drawer, schemas.UTC, time.Now)
		h.days.Sums, h.days.Decisions = s, o
		return nil
	}
}

// judgedDay makes a day of an agent with so many minutes in, out and unknown.
func judgedDay(agent, team, site string, day int, in, out, unknown int64) schemas.DayRow {
	d := schemas.DayRow{Name: agent, Team: team, Site: site, State: schemas.DayFinal,
		AgentDay: schemas.AgentDay{AgentID: agent, Day: schemas.MakeDate(2026, 3, day)}}
	d.InMS, d.OutMS, d.UnknownMS = in*schemas.MinuteMS, out*schemas.MinuteMS, unknown*schemas.MinuteMS
	d.ScheduledMS = d.InMS + d.OutMS + d.UnknownMS
	if in+out == 0 {
		d.AdherenceReason = schemas.ReasonNoData
	}
	return d
}

func TestTheTableOfDays(t *testing.T) {
	absent := judgedDay("ana", "Billing", "Leeds", 4, 0, 60, 0)
	absent.Absent, absent.AdherenceReason = true, schemas.ReasonAbsent
	evil := judgedDay(`z/"><script>alert(1)</script>`, "<i>Evil</i>", "Hull", 2, 1, 2, 0)
	open := judgedDay("ben", "Billing", "Leeds", 2, 30, 30, 60)
	open.State = schemas.DayProvisional
	s := &sums{rows: []schemas.DayRow{judgedDay("ana", "Billing", "Leeds", 2, 95, 5, 0),
		judgedDay("ana", "Billing", "Leeds", 3, 0, 0, 60), absent, open,
		judgedDay("bob", "Sales", "Hull", 2, 84, 16, 0), evil}}
	h := newHouse(t, config(), mountDays(s, &office{}))
	get := func(role schemas.Role, query string) (int, string) {
		status, _, body := h.ask(t, role, "GET", "/adherence"+query, "")
		return status, body
	}
	_, page := get("admin", "?from=2026-03-02&to=2026-03-04")
	for _, want := range []string{
		// (95+30)/(100+60): never the mean of 95 and 50
		`class="below open part" title="adherence 78.13 %, coverage 72.73 %, 2 days, 1 provisional">` +
			`<a href="/adherence?from=2026-03-02&amp;team=Billing&amp;to=2026-03-02">78.13</a>`,
		`class="without no_data part" title="no adherence: no feed reported what was done, coverage 0.00 %"><a`,
		`>unknown</a>`,
		`class="without absent"`, `>absent</a>`,
		`&lt;i&gt;Evil&lt;/i&gt;`, `class="far"`, `>33.33</a>`, `class="below"`, `>84.00</a>`,
		`<span class="vh">no day</span>`, "target 90 % met"} {
		if !strings.Contains(page, want) {
			t.Errorf("the table lacks %s", want)
		}
	}
	if strings.Contains(page, "<i>Evil") || strings.Contains(page, ">0.00<") || strings.Contains(page, "NaN") ||
		strings.Contains(page, "style=") {
		t.Errorf("the table holds markup, or a nought where there is no figure:\n%s", page)
	}
	_, page = get("admin", "?from=2026-03-02&to=2026-03-04&team=%3Ci%3EEvil%3C%2Fi%3E")
	if strings.Contains(page, "<script>alert") ||
		!strings.Contains(page, `href="/adherence/z%2F%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E/2026-03-02"`) {
		t.Errorf("a hostile agent:\n%s", page)
	}
	if _, page = get("supervisor", "?from=2026-03-02&to=2026-03-02"); !strings.Contains(page,
		`href="/adherence/ben/2026-03-02"`) || strings.Contains(page, "bob") || strings.Contains(page, "Evil") {
		t.Errorf("a supervisor sees %s", page)
	}
	if _, page = get("agent", "?from=2026-03-02&to=2026-03-02"); !strings.Contains(page, "95.00") ||
		strings.Contains(page, "ben") || strings.Contains(page, `href="/reports`) {
		t.Errorf("an agent sees %s", page)
	}
	if _, page = get("supervisor", "?from=2026-03-02&to=2026-03-02&sort=worst"); strings.Index(page,
		`/adherence/ben/`) > strings.Index(page, `/adherence/ana/`) {
		t.Error("the lowest is not first")
	}
	for query, want := range map[string]string{"?from=2026-03-04&to=2026-03-02": "the range is empty",
		"?from=2016-01-01&to=2026-01-01": "choose at most 62", "?from=soon": "soon",
		"?from=2025-01-01&to=2025-01-02": "No day has been judged"} {
		if _, page := get("admin", query); !strings.Contains(page, want) {
			t.Errorf("%s does not say %q:\n%s", query, want, page)
		}
	}
	s.err = errors.New("dial tcp: secret")
	if status, page := get("admin", ""); status != http.StatusServiceUnavailable || strings.Contains(page, "secret") {
		t.Errorf("without a store: %d %s", status, page)
	}
}

// darkOffice explains a day of which nothing is known, with names that are markup.
type darkOffice struct{ *office }

func (o darkOffice) Explain(_ context.Context, agent string, day schemas.Date) (*batch.Explanation, error) {
	e := explanation(schemas.Membership{AgentID: agent, Name: "<b>Ana</b>", Team: "Billing", Site: "Leeds"}, day)
	e.Day.AdherenceReason = schemas.ReasonNoData
	// so there is no coverage either
	e.Day.Sums = schemas.Sums{ScheduledMS: schemas.HourMS, IgnoredMS: schemas.HourMS, UnknownMS: schemas.HourMS}
	stepAt(e, "09:00", "10:00",
		schemas.Activity{Category: schemas.CategoryOnQueueWork, Code: `</text><script>alert(1)</script>`, Line: 7}, "<u>.csv",
		adherence.Step{State: schemas.State{Presence: schemas.PresenceUnknown, Status: schemas.StatusUnknown,
			Routing: schemas.RoutingUnknown},
			Verdict: schemas.VerdictUnknown, Rule: 3, Because: "unknown: a gap", Gaps: []schemas.Gap{{ID: "g1"}}})
	return e, nil
}

func TestADayOfWhichNothingIsKnown(t *testing.T) {
	o := &office{}
	h := newHouse(t, config(), mountOffice(o),
		func(h *house) error { h.days.Sums, h.days.Decisions = &sums{}, darkOffice{o}; return nil })
	status, head, page := h.ask(t, "supervisor", "GET", "/adherence/ana/2026-03-02", "")
	if status != ok || !strings.Contains(head.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Fatalf("%d %v", status, head)
	}
	for _, want := range []string{"No adherence: no feed reported what was done.", "&lt;b&gt;Ana", "moment v-unknown",
		`class="gap"`, "feed gap", "unknown: a gap", "rule 3", "&lt;u&gt;.csv, line 7", "<dd>1:00:00</dd>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the day lacks %s", want)
		}
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<b>Ana") || strings.Contains(page, "style=") ||
		strings.Contains(page, "0.00 %") {
		t.Errorf("the day holds markup or a nought:\n%s", page)
	}
}

func TestAStreamComesAtOnceAndIsNeverTakenForWholeWhenItBreaks(t *testing.T) {
	d := &pressroom{goOn: make(chan struct{})}
	h := newHouse(t, config(), mountReports(d, &list{}))
	r, err := http.NewRequestWithContext(t.Context(), "GET", h.url+"/api/v1/reports/adherence.csv"+march, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.tokens["supervisor"])
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 5)
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "head\n" { // while the rest is not made
		t.Fatalf("the first line: %q %v", first, err)
	}
	d.breaks.Store(1)
	close(d.goOn)
	if rest, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("a report that broke off ends well: %q", rest)
	}
	resp.Body.Close()
	if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="adherence-2026-03-02.csv"` {
		t.Errorf("it is called %s", got)
	}
	d.breaks.Store(-1)
	status, head, body := h.ask(t, "supervisor", "GET", "/api/v1/reports/adherence.csv"+march, "")
	problem(t, "no first byte", http.StatusServiceUnavailable, status, head, body)
	if strings.Contains(body, "secret") || head.Get("Content-Disposition") != "" {
		t.Errorf("it says %s %v", body, head)
	}
	if got := d.orders[0].Query.Teams; fmt.Sprint(got) != "[Billing]" {
		t.Errorf("a supervisor's report is of %v", got)
	}
}

func TestTheFormOfReports(t *testing.T) {
	d, l := &pressroom{}, &list{}
	h := newHouse(t, config(), mountReports(d, l))
	c := h.browser(t, "supervisor")
	_, page := h.get(t, c, "/reports?from=2026-03-02&to=2026-03-08")
	if !strings.Contains(page, `value="2026-03-02"`) || strings.Contains(page, "Sales") ||
		strings.Contains(page, "Evil") || !strings.Contains(page, "No subscriptions.") {
		t.Errorf("a supervisor's page is %s", page)
	}
	if _, page := h.get(t, h.browser(t, "admin"), "/reports?team=Sales"); !strings.Contains(page,
		`value="Sales" checked`) || !strings.Contains(page, "&lt;i&gt;Evil") || strings.Contains(page, "<i>Evil") {
		t.Errorf("an admin's page is %s", page)
	}
	if status, _, page := h.post(t, c, "/reports",
		url.Values{"kind": {"adherence"}, "from": {"2026-03-08"}, "to": {"2026-03-02"}}); status != away ||
		!strings.Contains(page, "the range is empty") || !strings.Contains(page, `value="2026-03-08"`) {
		t.Errorf("an empty range: %d %s", status, page)
	}
	if status, _, page := h.post(t, c, "/reports",
		url.Values{"kind": {"adherence"}, "from": {"2026-03-02"}, "to": {"2026-03-02"}, "team": {"Sales"}}); status != no ||
		!strings.Contains(page, "Sales") {
		t.Errorf("somebody else's team: %d %s", status, page)
	}
	status, _, _ := h.post(t, c, "/reports",
		url.Values{"kind": {"adherence"}, "format": {"csv"}, "from": {"2026-03-02"}, "to": {"2026-03-02"},
			"against": {"as_published"}, "known_at": {"2026-03-03T06:00"}, "teams_as": {"now"}, "team": {""}})
	if status != in {
		t.Fatalf("a good one: %d", status)
	}
	for page = ""; !strings.Contains(page, "7 agent-days"); {
		if _, page = h.get(t, c, "/reports"); t.Context().Err() != nil {
			t.Fatal("it is never made")
		}
	}
	q := d.orders[0].Query
	if q.Against != reports.AgainstAsPublished || q.TeamsAs != reports.TeamsNow ||
		q.KnownAt.String() != "2026-03-03T06:00:00Z" || fmt.Sprint(q.Teams) != "[Billing]" {
		t.Errorf("asked is %+v", q)
	}
	file := page[strings.Index(page, "/api/v1/reports/"):]
	file = file[:strings.Index(file, `"`)]
	if status, body := h.get(t, c, file); status != ok || body != "=report\n" {
		t.Errorf("the file: %d %q", status, body)
	}
	if status, _ := h.get(t, h.browser(t, "planner"), file); status != gone {
		t.Errorf("somebody else's file: %d", status)
	}
	id := strings.TrimSuffix(strings.TrimPrefix(file, "/api/v1/reports/"), "/file")
	if status, _, _ := h.post(t, c, "/reports/"+id+"/drop", nil); status != in {
		t.Errorf("remove: %d", status)
	}
	if status, _ := h.get(t, c, file); status != gone {
		t.Errorf("removed: %d", status)
	}
	subscribesByForm(t, h, l, c)
}

// subscribesByForm adds a subscription by the form, sees it and ends it.
func subscribesByForm(t *testing.T, h *house, l *list, c *http.Client) {
	t.Helper()
	good := url.Values{"kind": {"daily"}, "recipients": {"kim@example.org, lee@example.org"}, "at": {"06:30"},
		"time_zone": {"Europe/London"}, "workbook": {"yes"}}
	bad := url.Values{"kind": {"daily"}, "recipients": {"kim"}, "at": {"26:30"}, "time_zone": {"Europe/London"}}
	if status, _, page := h.post(t, c, "/reports/subscriptions", bad); status != away ||
		!strings.Contains(page, "26:30") || !strings.Contains(page, `value="kim"`) {
		t.Errorf("a bad one: %d %s", status, page)
	}
	if status, _, page := h.post(t, c, "/reports/subscriptions", good); status != in || len(l.rows) != 1 ||
		len(l.rows[0].Recipients) != 2 || l.rows[0].NoWorkbook {
		t.Fatalf("a good one: %d %s %+v", status, page, l.rows)
	}
	_, page := h.get(t, c, "/reports")
	if !strings.Contains(page, "Subscribed") || !strings.Contains(page, "kim@example.org, lee@example.org") ||
		!strings.Contains(page, "06:30") {
		t.Errorf("the page lacks it: %s", page)
	}
	if status, _, _ := h.post(t, c, "/reports/subscriptions/s1/end", nil); status != in || len(l.rows) != 0 {
		t.Errorf("end it: %d, left are %v", status, l.rows)
	}
}
