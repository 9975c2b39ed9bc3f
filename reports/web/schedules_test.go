package web_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/ingest/files"
	"rollcall/ingest/imports"
	webimports "rollcall/reports/web/imports"
	"rollcall/schemas"
)

// schedulesMatrix is the part of the matrix about the pages of imports, written by hand. An upload without a
// form is a page that says so.
var schedulesMatrix = []call{
	// nobody, agent, supervisor, planner, manager, feed, admin
	{"GET /static/schedules.js", "/static/schedules.js", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/schedules.css", "/static/schedules.css", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /schedules", "/schedules", [7]int{in, no, ok, ok, ok, no, ok}},
	{"GET /schedules/{kind}", "/schedules/rosters", [7]int{in, no, ok, ok, ok, no, ok}},
	{"GET /schedules/{kind}", "/schedules/nothing", [7]int{in, no, none, none, none, no, none}},
	{"POST /schedules/{kind}", "/schedules/rosters", [7]int{in, no, no, notMultipart, no, no, notMultipart}},
	{"GET /schedules/templates/{kind}", "/schedules/templates/rosters", [7]int{in, no, no, ok, no, no, ok}},
	{"GET /schedules/previews/{id}", "/schedules/previews/x", [7]int{in, no, no, none, no, no, none}},
	{"GET /schedules/previews/{id}/problems", "/schedules/previews/x/problems", [7]int{in, no, no, none, no, no, none}},
	{"POST /schedules/previews/{id}/apply", "/schedules/previews/x/apply", [7]int{in, no, no, none, no, no, none}},
	{"POST /schedules/previews/{id}/again", "/schedules/previews/x/again", [7]int{in, no, no, none, no, no, none}},
	{"POST /schedules/previews/{id}/discard", "/schedules/previews/x/discard", [7]int{in, no, no, none, no, no, none}},
	{"GET /schedules/{kind}/{id}", "/schedules/schedules/ana", [7]int{in, no, ok, ok, ok, no, ok}},
	{"GET /schedules/{kind}/{id}/undo", "/schedules/schedules/ana/undo", [7]int{in, no, no, ok, no, no, ok}},
	{"GET /schedules/{kind}/{id}/undo", "/schedules/schedules/bob/undo", [7]int{in, no, no, no, no, no, ok}},
	{"POST /schedules/{kind}/{id}/undo", "/schedules/schedules/ana/undo", [7]int{in, no, no, in, no, no, in}},
}

// planner is the importer of other tests with what the pages read besides; a turn, if there is one, holds an import up.
type planner struct {
	*importer
	mu   sync.Mutex
	turn chan struct{}
}

func (m *planner) Import(
	ctx context.Context, kind files.Kind, in files.Input, opt imports.Options,
) (*imports.Result, error) {
	m.mu.Lock()
	turn := m.turn
	m.mu.Unlock()
	if turn != nil {
		opt.Progress(50, 100)
		select {
		case <-turn:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	report, err := m.importer.Import(ctx, kind, in, opt)
	if report != nil {
		report.Written = len(report.Roster.Agents)
		if !opt.DryRun && !report.Refused {
			report.Journal, report.Import = []string{"r8"}, &schemas.Import{ID: "r8"}
		}
	}
	return report, err
}

// EachDay gives a day of Ana and one of Bob.
func (m *planner) EachDay(
	_ context.Context, q imports.DiffQuery, yield func(*imports.ComparedDay) error,
) (imports.Ends, error) {
	for _, agent := range []string{"ana", "bob"} {
		if len(q.Agents) > 0 && q.Agents[0] != agent {
			continue
		}
		before := []schemas.Activity{{Start: morning, End: morning.Add(schemas.HourMS), Code: `</title><script>`,
			Category: schemas.CategoryBreak}}
		after := []schemas.Activity{{Start: morning.Add(schemas.HourMS), End: morning.Add(2 * schemas.HourMS),
			Code: `</title><script>`, Category: schemas.CategoryBreak},
			{Start: morning.Add(3 * schemas.HourMS), End: morning.Add(4 * schemas.HourMS), Code: "Phones",
				Category: schemas.CategoryOnQueueWork}}
		day := &imports.ComparedDay{AgentID: agent, Day: schemas.MakeDate(2026, 3, 2),
			Activities: schemas.CompareActivities(before, after, nil)}
		day.Added, day.Moved, day.ScheduledBeforeS, day.ScheduledAfterS = 1, 1, 3600, 7200
		if err := yield(day); err != nil {
			return imports.Ends{}, err
		}
	}
	return imports.Ends{}, nil
}

func (m *planner) Memberships(context.Context) ([]schemas.Membership, error) {
	return []schemas.Membership{{AgentID: "ana", Name: "Ana <Ortiz>", Team: "Billing", Site: "Leeds",
		TimeZone: "Europe/London"},
		{AgentID: "bob", Name: "Bob Stone", Team: "Sales", Site: "Hull", TimeZone: "Europe/Berlin"}}, nil
}

// mountPlanner mounts the pages with bounds of a test.
func mountPlanner(t *testing.T, m *planner, change ...func(*webimports.PreviewLimits)) func(*house) error {
	keep := webimports.DefaultPreviewLimits(10_000)
	for _, c := range change {
		c(&keep)
	}
	return func(h *house) error {
		return webimports.MountPages(h.Server,
			webimports.Limits{Dir: t.TempDir(), MostBytes: 10_000, Time: time.Minute, MostAtOnce: 2}, keep, m)
	}
}

// visitor is a browser that somebody has signed in to.
type visitor struct {
	*testing.T
	h *house
	c *http.Client
}

func (h *house) visitor(t *testing.T, name string) *visitor {
	return &visitor{t, h, h.browser(t, name)}
}

// goTo makes a request and follows where it leads; it gives the last path, status and page.
func (d *visitor) goTo(method, path, body, kind string) (string, int, string) {
	d.Helper()
	for range 5 {
		r, err := http.NewRequestWithContext(d.Context(), method, d.h.url+path, strings.NewReader(body))
		if err != nil {
			d.Fatal(err)
		}
		if body != "" {
			r.Header.Set("Content-Type", kind)
		}
		status, head, page := send(d.T, d.c, r)
		if status != http.StatusSeeOther {
			return path, status, page
		}
		method, path, body = http.MethodGet, head.Get("Location"), ""
	}
	d.Fatalf("%s leads on and on", path)
	return "", 0, ""
}

// see gets a page; do sends a form.
func (d *visitor) see(path string) (string, int, string) {
	d.Helper()
	return d.goTo("GET", path, "", "")
}
func (d *visitor) do(path string, fields ...string) (string, int, string) {
	d.Helper()
	form := url.Values{"x": {"y"}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return d.goTo("POST", path, form.Encode(), "application/x-www-form-urlencoded")
}

// upload sends a roster and gives where that leads.
func (d *visitor) upload(name, text string, fields ...string) (string, int, string) {
	d.Helper()
	body, kind := form(d.T, name, text, fields...)
	return d.goTo("POST", "/schedules/rosters", body, kind)
}

// has checks what a page says.
func has(t *testing.T, what, page string, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(page, s) {
			t.Errorf("%s: the page does not hold %q:\n%s", what, s, page)
		}
	}
}

// Names and contents of files are text wherever they are shown, and the list of problems holds no formulas.
func TestHostileFilesAreShownAsText(t *testing.T) {
	m := &planner{importer: &importer{}}
	h := newHouse(t, config(), mountPlanner(t, m))
	d := h.visitor(t, "admin")
	const script = `<script>alert(1)</script>`
	path, status, page := d.upload(`../../=cmd|'`+script+"\u202e.csv",
		"agent_id,team,time_zone\nana,"+script+",Europe/Lodnon\nb\x00b,x\u202ey,UTC\n=1+1,=2+2,Mars\n")
	if status != ok || !strings.HasPrefix(path, "/schedules/previews/") || len(path) < len("/schedules/previews/")+26 {
		t.Fatalf("%s %d %s", path, status, page)
	}
	if strings.Contains(page, "<script>alert") || strings.ContainsAny(page, "\x00\u202e") {
		t.Errorf("markup, control characters or a change of direction come through:\n%s", page)
	}
	has(t, "the preview", page, "&lt;script&gt;alert(1)", `<mark>Europe/Lodnon</mark>`,
		"Did you mean &#34;Europe/London&#34;?", "x·y", "3</b> rows read")
	_, status, list := d.see(path + "/problems")
	rows, err := csv.NewReader(strings.NewReader(list)).ReadAll()
	if status != ok || err != nil || len(rows) < 3 {
		t.Fatalf("%d %v %s", status, err, list)
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("the cell %q is a formula", cell)
			}
		}
	}
	for _, c := range []struct {
		name, text string
		fields     []string
		status     int
		say        string
	}{
		{"", "", nil, 422, "File is missing"}, {"e.csv", "", nil, 422, "is empty, or none was chosen"},
		{"r.csv", "x", []string{"time_zone", "Mars"}, 422, "Mars"},
		{"r.csv", "x", []string{"profile", script}, 200, "There is no profile"},
		{"r.csv", strings.Repeat("x", 2<<20), nil, 413, "has more than 10000 bytes"},
		{"r.xlsx", "PK\x03\x04 broken", nil, 200, "Nothing of the file can be imported"},
		{"r.pdf", "%PDF-1.4", nil, 200, "Export CSV instead"},
	} {
		if _, status, page := d.upload(c.name, c.text, c.fields...); status != c.status || !strings.Contains(page, c.say) ||
			strings.Contains(page, script) {
			t.Errorf("%s %v: %d does not say %q:\n%s", c.name, c.fields, status, c.say, page)
		}
	}
}

// A preview is its uploader's alone; it is applied as it was previewed, once; bad rows are left out only where that is
// said.
func TestAPreviewIsAppliedByItsUploader(t *testing.T) {
	m := &planner{importer: &importer{}}
	h := newHouse(t, config(), mountPlanner(t, m))
	mine, other := h.visitor(t, "planner"), h.visitor(t, "admin")
	path, _, page := mine.upload("r.csv", anasRoster, "time_zone", "Europe/London")
	has(t, "the preview", page, "1</b> rows read", `action="`+path+`/apply"`, `value="Europe/London"`)
	for _, try := range []string{"/apply", "/again", "/discard"} {
		if _, status, page := other.do(path + try); status != none || !strings.Contains(page, "was never yours") {
			t.Errorf("somebody else's %s gives %d", try, status)
		}
	}
	if _, status, _ := other.see(path); status != none {
		t.Errorf("somebody else sees it: %d", status)
	}
	m.told = nil
	end, _, page := mine.do(path + "/apply")
	want := "roster r.csv by planner dry false zone Europe/London partial false from 1970-01-01 if r7: 1 rows"
	if end != "/schedules/rosters/r8" || strings.Join(m.told, "; ") != want {
		t.Errorf("it leads to %s, told %v:\n%s", end, m.told, page)
	}
	has(t, "the import", page, "r.csv is imported.")
	m.told = nil
	back := func(end string, _ int, page string) {
		if end != "/schedules/rosters/r8" || len(m.told) > 0 {
			t.Errorf("back at the preview leads to %s and did %v", end, m.told)
		}
		has(t, "the import", page, "r.csv has been imported already; this is what it changed.")
	}
	back(mine.see(path))
	for _, then := range []string{"/apply", "/again", "/discard"} {
		back(mine.do(path + then))
	}

	path, status, page := mine.upload("r.csv", "agent_id,team\nbob,Sales\n")
	if has(t, "another team's", page, "may not import data of agent"); status != ok {
		t.Error(status)
	}
	m.told = nil
	if _, _, page = mine.do(path + "/apply"); len(m.told) > 0 {
		t.Errorf("another team's roster was imported: %v %s", m.told, page)
	}

	path, _, page = mine.upload("r.csv", "agent_id,team,time_zone\nana,Billing,UTC\n,Billing,UTC\n")
	has(t, "bad rows", page, "leave 1 bad rows out", "1 rejected")
	end, _, page = mine.do(path + "/apply")
	if has(t, "bad rows", page, "Nothing was imported: the file has 1 problem"); end != path {
		t.Errorf("bad rows lead to %s", end)
	}
	if end, _, _ = mine.do(path+"/apply", "allow_partial", "true"); end != "/schedules/rosters/r8" {
		t.Errorf("leaving them out leads to %s", end)
	}
	path, _, _ = mine.upload("r.csv", anasRoster)
	if end, _, page = mine.do(path + "/discard"); end != "/schedules/rosters" ||
		!strings.Contains(page, "r.csv is forgotten") {
		t.Errorf("forgetting leads to %s", end)
	}
	if _, status, _ := mine.see(path); status != none {
		t.Errorf("what was forgotten is there: %d", status)
	}
}

// Whoever previewed before somebody else imported is told who and what, imports nothing, and previews again. A store
// that fails is no end: the same file can be tried again.
func TestAConflictOffersAnotherPreview(t *testing.T) {
	m := &planner{importer: &importer{}}
	h := newHouse(t, config(), mountPlanner(t, m))
	d := h.visitor(t, "admin")
	path, _, _ := d.upload("r.csv", anasRoster)
	m.err = &imports.Conflict{Kind: schemas.JournalRoster, Newest: "r9",
		Since: []imports.Since{{Entry: imports.Entry{Import: schemas.Import{
			ID:         "r9",
			Actor:      "p<i>a",
			Origin:     "other.csv",
			Added:      2,
			Removed:    1,
			RecordedAt: morning,
		}}}}}
	end, status, page := d.do(path + "/apply")
	has(t, "the conflict", page, "Somebody changed the same things meanwhile", "p&lt;i&gt;a", "2026-03-02 10:40:00",
		"other.csv", "2 added, 1 removed", `href="/schedules/rosters/r9"`, "Preview again")
	if end != path || status != http.StatusConflict || strings.Contains(page, `/apply"`) {
		t.Errorf("%s %d %s", end, status, page)
	}
	m.err = nil
	if _, status, page = d.do(path + "/again"); status != ok || strings.Contains(page, "meanwhile") ||
		!strings.Contains(page, `/apply"`) {
		t.Errorf("another preview: %d %s", status, page)
	}
	m.err = errors.New("secret.internal:9000 is away")
	_, _, page = d.do(path + "/apply")
	has(t, "a store that fails", page, "Something went wrong here; nothing was imported", `/apply"`)
	if strings.Contains(page, "secret.internal") {
		t.Error("the inside is shown")
	}
	m.err = nil
	if end, _, _ = d.do(path + "/apply"); end != "/schedules/rosters/r8" {
		t.Errorf("another try leads to %s", end)
	}
	path, _, _ = d.upload("r.csv", anasRoster)
	if _, _, page = d.do(path+"/again", "read", "again", "time_zone", "Mars"); !strings.Contains(page, "Mars") ||
		!strings.Contains(page, `id="wrong"`) {
		t.Errorf("a zone of nowhere: %s", page)
	}
	_, _, page = d.do(path+"/again", "read", "again", "time_zone", "Europe/Berlin")
	if !strings.Contains(page, `value="Europe/Berlin"`) || strings.Contains(page, `id="wrong"`) {
		t.Errorf("read otherwise: %s", page)
	}
}

// Work that takes long is shown as it goes on; a preview that nobody waits for any more is ended, and so is all at the
// server's end.
func TestLongWorkIsFollowed(t *testing.T) {
	m := &planner{importer: &importer{}, turn: make(chan struct{})}
	h := newHouse(t, config(), mountPlanner(t, m, func(l *webimports.PreviewLimits) { l.Patience = time.Millisecond }))
	d := h.visitor(t, "admin")
	path, status, page := d.upload("long.csv", anasRoster)
	has(t, "at work", page, "long.csv", "Reading and checking the file", `http-equiv="refresh" content="2"`,
		"You may leave this page")
	if status != ok {
		t.Error(status)
	}
	if _, status, _ := d.see(path + "/problems"); status != http.StatusConflict {
		t.Errorf("problems of a file at work: %d", status)
	}
	if _, _, page := d.do(path + "/apply"); !strings.Contains(page, "Reading and checking") {
		t.Errorf("a file at work is applied: %s", page)
	}
	m.turn <- struct{}{}
	for range time.Tick(5 * time.Millisecond) {
		if _, _, page = d.see(path); !strings.Contains(page, `id="working"`) {
			break
		}
	}
	has(t, "done", page, "1</b> rows read")
	d.upload("never.csv", anasRoster)
	h.stop(t) // does not wait for a turn
}

// Files are kept for a limited time, and only so many of them; what goes is gone.
func TestPreviewsAreBounded(t *testing.T) {
	m := &planner{importer: &importer{}}
	short := newHouse(t, config(),
		mountPlanner(t, m, func(l *webimports.PreviewLimits) { l.Time = 60 * time.Millisecond }))
	d := short.visitor(t, "admin")
	path, _, _ := d.upload("r.csv", anasRoster)
	for range time.Tick(70 * time.Millisecond) { // longer than it is kept
		if _, status, page := d.see(path); status == none {
			has(t, "an old preview", page, "not kept any more", "upload the file once more")
			break
		}
	}
	h := newHouse(t, config(),
		mountPlanner(t, m, func(l *webimports.PreviewLimits) { l.Most, l.MostOfOne, l.MostBytes = 3, 2, 90 }))
	admin, planner := h.visitor(t, "admin"), h.visitor(t, "planner")
	there := func(d *visitor, paths []string) string {
		out := ""
		for _, p := range paths {
			_, status, _ := d.see(p)
			out += fmt.Sprint(status == ok, " ")
		}
		return strings.TrimSpace(out)
	}
	var own, others []string
	add := func(d *visitor, list *[]string, text string) {
		path, _, _ := d.upload("r.csv", text)
		*list = append(*list, path)
	}
	for range 3 {
		add(admin, &own, anasRoster)
	}
	if got := there(admin, own); got != "false true true" {
		t.Errorf("of three of one person are there %s", got)
	}
	add(planner, &others, anasRoster)
	add(planner, &others, anasRoster)
	if got := there(admin, own) + " " + there(planner, others); got != "false false true true true" {
		t.Errorf("of five of two people are there %s", got)
	}
	add(planner, &others, anasRoster+strings.Repeat("\n", 60))
	if got := there(admin, own) + " " + there(planner, others); !strings.HasSuffix(got, "true") ||
		strings.Count(got, "true") > 2 {
		t.Errorf("of a long one and others are there %s", got)
	}
}

// A diff is a picture of the agents in the reader's scope, and the same in words; names and codes are text.
func TestADiffShowsWhoIsInScope(t *testing.T) {
	m := &planner{importer: &importer{}}
	h := newHouse(t, config(), mountPlanner(t, m))
	for role, want := range map[string][3]bool{"supervisor": {true, false, false}, "planner": {true, false, true},
		"manager": {true, false, false}, "admin": {true, true, true}} {
		_, status, page := h.visitor(t, role).see("/schedules/schedules/ana")
		got := [3]bool{strings.Contains(page, "Ana &lt;Ortiz&gt;"), strings.Contains(page, "Bob Stone"),
			strings.Contains(page, `/undo"`)}
		if status != ok || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("%s sees %v of %d\n%s", role, got, status, page)
		}
		if !want[1] {
			has(t, role, page, "1 more agent-days are of agents outside your scope")
		}
		has(t, role, page, "moved &lt;/title&gt;&lt;script&gt; 10:40–11:40 to 11:40–12:40", "added Phones 13:40–14:40",
			`role="group"`, "Monday, 2 March: before 1 activity, after 2 activities")
		if strings.Contains(page, "<script>") {
			t.Errorf("%s: a code is markup", role)
		}
	}
	d := h.visitor(t, "admin")
	if _, _, page := d.see("/schedules/schedules/ana?agent=STONE"); !strings.Contains(page, "Bob Stone") ||
		strings.Contains(page, "Ana &lt;") {
		t.Errorf("finding Bob: %s", page)
	}
	_, _, page := h.visitor(t, "supervisor").see("/schedules/schedules/ana?agent=stone")
	if !strings.Contains(page, "No agent-day of this import is of somebody called “stone”") {
		t.Errorf("a supervisor finds Bob: %s", page)
	}
	if _, status, _ := d.see("/schedules/schedules/ana?from=0"); status != 422 {
		t.Errorf("from nowhere: %d", status)
	}
	m.told = nil
	if d.do("/schedules/schedules/ana/undo"); strings.Contains(strings.Join(m.told, ";"), "dry false") {
		t.Errorf("an undo that nobody saw: %v", m.told)
	}
}
