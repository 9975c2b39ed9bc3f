package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/reports/web/admin"
	"rollcall/scheduler"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

const away = http.StatusUnprocessableEntity // a form with nothing in it

// pagesMatrix is the part of the matrix about pages, written by hand.
var pagesMatrix = []call{
	//                                                                nobody agent super plan mgr feed admin
	{"GET /static/pages.css", "/static/pages.css", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/me.js", "/static/me.js", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/stream.js", "/static/stream.js", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/directory.js", "/static/directory.js", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"POST /logout/everywhere", "/logout/everywhere", [7]int{in, no, no, no, no, no, no}}, // a token has no sessions
	{"GET /static/bulk.js", "/static/bulk.js", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/rules.css", "/static/rules.css", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/silent.js", "/static/silent.js", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /silent", "/silent", [7]int{in, ok, ok, ok, ok, no, ok}},
	{"GET /bulk", "/bulk", [7]int{in, no, ok, no, no, no, ok}},
	{"GET /me", "/me", [7]int{in, ok, no, no, no, no, no}},
	{"GET /me/now", "/me/now", [7]int{in, ok, no, no, no, no, no}},
	{"GET /directory", "/directory", [7]int{in, ok, ok, ok, ok, no, ok}},
	{"GET /rules", "/rules", [7]int{in, ok, ok, ok, ok, ok, ok}},
	{"GET /help", "/help", [7]int{in, ok, ok, ok, ok, ok, ok}},
	{"GET /help/{topic}", "/help/feeds", [7]int{in, ok, ok, ok, ok, ok, ok}},
	{"GET /help/{topic}", "/help/cooking", [7]int{in, none, none, none, none, none, none}},
	{"GET /admin", "/admin", [7]int{in, no, no, no, no, no, in}},
	{"GET /admin/users", "/admin/users", [7]int{in, no, no, no, no, no, ok}},
	{"POST /admin/users", "/admin/users", [7]int{in, no, no, no, no, no, away}},
	{"POST /admin/users/{id}/disable", "/admin/users/nobody/disable", [7]int{in, no, no, no, no, no, none}},
	{"POST /admin/users/{id}/enable", "/admin/users/nobody/enable", [7]int{in, no, no, no, no, no, none}},
	{"POST /admin/users/{id}/password", "/admin/users/nobody/password", [7]int{in, no, no, no, no, no, none}},
	{"GET /admin/tokens", "/admin/tokens", [7]int{in, no, no, no, no, no, ok}},
	// a secret is shown in a session only
	{"POST /admin/tokens", "/admin/tokens", [7]int{in, no, no, no, no, no, http.StatusConflict}},
	{"POST /admin/tokens/{id}/revoke", "/admin/tokens/nobody/revoke", [7]int{in, no, no, no, no, no, none}},
	{"GET /api/v1/feeds", "/api/v1/feeds", [7]int{who, no, ok, ok, ok, ok, ok}},
	{"GET /admin/feeds", "/admin/feeds", [7]int{in, no, no, no, no, no, ok}},
	{"GET /admin/unmapped", "/admin/unmapped", [7]int{in, no, no, no, no, no, ok}},
	{"POST /admin/unmapped/state", "/admin/unmapped/state", [7]int{in, no, no, no, no, no, away}},
	{"POST /admin/unmapped/activity", "/admin/unmapped/activity", [7]int{in, no, no, no, no, no, away}},
	{"GET /admin/jobs", "/admin/jobs", [7]int{in, no, no, no, no, no, ok}},
	{"POST /admin/jobs/{name}/run", "/admin/jobs/compute/run", [7]int{in, no, no, no, no, no, in}},
	{"POST /admin/jobs/{name}/run", "/admin/jobs/nothing/run", [7]int{in, no, no, no, no, no, none}},
	{"GET /admin/journal", "/admin/journal", [7]int{in, no, no, no, no, no, ok}},
}

// FeedSilence tells of no silence.
func (b *table) FeedSilence(string) schemas.FeedSilence { return b.silence }

// Today gives Ana's day of RULES.md section 13 as far as 10:40.
func (b *table) Today(agent string) (schemas.AgentDay, bool) {
	if agent != "ana" {
		return schemas.AgentDay{}, false
	}
	at := func(minutes int64) schemas.Instant { return morning.Add(minutes * schemas.MinuteMS) }
	onQueue := schemas.State{Presence: schemas.PresenceAvailable, Status: schemas.StatusAvailable,
		Routing: schemas.RoutingIdle}
	d := schemas.AgentDay{
		AgentID: "ana",
		Day:     schemas.MakeDate(2026, 3, 2),
		Sums: schemas.Sums{ScheduledMS: 100 * schemas.MinuteMS, InMS: 90 * schemas.MinuteMS, OutMS: 10 * schemas.MinuteMS,
			ConformanceScheduledMS: 90 * schemas.MinuteMS, ConformanceActualMS: 100 * schemas.MinuteMS},
		Activities: []schemas.Activity{{Start: at(-100), End: at(-10), Code: "Phones", Category: schemas.CategoryOnQueueWork},
			{Start: at(-10), End: at(20), Code: "Break", Category: schemas.CategoryBreak},
			{Start: at(20), End: at(80), Code: "Huddle <i>", Category: schemas.CategoryMeeting}},
		Intervals: []schemas.JudgedInterval{{Start: at(-100), End: at(-10), State: onQueue, Verdict: schemas.VerdictIn,
			OnQueue: true},
			{Start: at(-10), End: at(0), Activity: 1, State: onQueue, Verdict: schemas.VerdictOut, OnQueue: true}},
		Exceptions: []schemas.Exception{{Start: at(-10), End: at(0), Category: schemas.CategoryBreak, Code: "Break",
			Kind:  schemas.KindLateChange,
			MS:    10 * schemas.MinuteMS,
			Parts: []schemas.Part{{Start: at(-10), End: at(0), State: onQueue, Impact: schemas.ImpactPositive}}}},
	}
	return d, true
}

// Would finds that a break fits a break.
func (b *table) Would(_ string, s schemas.State) schemas.LiveState {
	if s.Status == schemas.StatusBreak {
		return schemas.LiveInAdherence
	}
	return schemas.LiveOutOfAdherence
}

// backroom is the store and the scheduler as the administration sees them, in memory.
type backroom struct {
	mu       sync.Mutex
	rows     []schemas.JournalRow
	unmapped []admin.Unmapped
	ran      []string
	broken   error

	overruled []schemas.OverruledSource
}

func newBackroom() *backroom {
	return &backroom{unmapped: []admin.Unmapped{{Field: "status", Text: `Lunch<script>alert(1)</script>`, Count: 12,
		Last: morning},
		{Field: "presence", Text: "In space", Count: 3},
		{Field: "activity", Text: "Town hall", Count: 2, Category: schemas.CategoryMeeting}}}
}

func (o *backroom) note(row schemas.JournalRow) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows = append(o.rows, row)
}

// details gives what the journal says, oldest first, with who did it.
func (o *backroom) details() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var b strings.Builder
	for _, r := range o.rows {
		fmt.Fprintf(&b, "%s|%s|%s|%s\n", r.Kind, r.Actor, r.Origin, r.Detail)
	}
	return b.String()
}

func (o *backroom) Feeds(context.Context) ([]schemas.Feed, error) {
	now := schemas.InstantOf(time.Now())
	return []schemas.Feed{{Source: "acd", LastSeen: now, CompleteUpTo: now},
		{Source: "dialler", LastSeen: now.Add(-schemas.HourMS), Fields: schemas.FieldStatus}}, o.broken
}

func (o *backroom) Overruled(context.Context, schemas.Date) ([]schemas.OverruledSource, error) {
	return o.overruled, o.broken
}

func (o *backroom) Unmapped(context.Context) ([]admin.Unmapped, error) { return o.unmapped, o.broken }

func (o *backroom) MapState(_ context.Context, m schemas.Meaning, row schemas.JournalRow) (int, error) {
	row.Detail += fmt.Sprintf(" (%s, %s, %s)", m.Presence, m.Status, m.Routing)
	o.note(row)
	return 12, o.broken
}

func (o *backroom) Meanings(context.Context) ([]schemas.Meaning, error) {
	return []schemas.Meaning{{Field: "routing", Text: "Ringing <b>", Routing: schemas.RoutingInteracting,
		RecordedAt: morning}}, o.broken
}

func (o *backroom) MapActivity(_ context.Context, c schemas.ActivityCode, row schemas.JournalRow) error {
	row.Detail += fmt.Sprintf(" (%s, paid %v)", c.Category, c.Paid)
	o.note(row)
	return nil
}

func (o *backroom) Jobs() []scheduler.Status {
	return []scheduler.Status{{Name: "compute", Timing: scheduler.Timing{Cron: "*/5 * * * *", Zone: "UTC"},
		Next: morning.Time()}}
}

func (o *backroom) JobRuns(context.Context, string, int) ([]scheduler.Run, error) {
	return []scheduler.Run{{Job: "compute", Due: morning.Time(), Started: morning.Time(),
		Ended: morning.Time().Add(3 * time.Second), Outcome: scheduler.OutcomeFailed,
		Error: "the store <b>is</b> away"}}, nil
}

func (o *backroom) RunJob(job string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ran = append(o.ran, job)
	return nil
}

func (o *backroom) JournalPage(_ context.Context, kind schemas.JournalKind, _ schemas.Instant, before string,
	limit int) ([]schemas.JournalRow, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []schemas.JournalRow
	for i := len(o.rows) - 1; i >= 0 && len(out) < limit; i-- {
		if before == "" && (kind == "" || o.rows[i].Kind == kind) {
			out = append(out, o.rows[i])
		}
	}
	return out, o.broken
}

// get reads a page as somebody who has signed in.
func (h *house) get(t *testing.T, c *http.Client, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	status, _, body := send(t, c, r)
	return status, body
}

// post sends a form as a page of this site does.
func (h *house) post(t *testing.T, c *http.Client, path string, form url.Values) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return send(t, c, r)
}

func TestASignInLandsOnThePageOfTheRole(t *testing.T) {
	h := newHouse(t, config())
	for role, want := range map[string]string{"agent": "/me", "supervisor": "/", "planner": "/", "manager": "/",
		"admin": "/"} {
		form := url.Values{"name": {role}, "password": {password}}.Encode()
		status, head, _ := h.ask(t, "", "POST", "/login", form, "Content-Type", "application/x-www-form-urlencoded")
		if status != 303 || head.Get("Location") != want {
			t.Errorf("%s lands at %s with %d, want %s", role, head.Get("Location"), status, want)
		}
	}
	form := url.Values{"name": {"agent"}, "password": {password}, "next": {"/directory"}}.Encode()
	if _, head, _ := h.ask(t, "", "POST", "/login", form, "Content-Type",
		"application/x-www-form-urlencoded"); head.Get("Location") != "/directory" {
		t.Errorf("an agent who asked for another page lands at %s", head.Get("Location"))
	}
	for role, hides := range map[string]string{"agent": `href="/admin"`, "supervisor": `href="/admin"`,
		"admin": `href="/me"`} {
		if _, page := h.get(t, h.browser(t, role), "/directory"); strings.Contains(page, hides) {
			t.Errorf("the header of %s leads to %s", role, hides)
		}
	}
}

// Whoever is led astray is told why, in words for people, and finds back to a page of their own.
func TestALostReaderFindsBack(t *testing.T) {
	h := newHouse(t, config())
	for path, say := range map[string]string{
		"/admin/users": "you are signed in as agent, and this page is not for the role agent",
		"/nothing":     "nothing is at /nothing"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", h.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html")
		_, _, page := send(t, h.browser(t, "agent"), r)
		for _, want := range []string{say, `<p><a href="/me">My day</a></p>`, "Sign out"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not say %s", path, want)
			}
		}
		if _, _, page = h.ask(t, "", "GET", "/nothing", "", "Accept", "text/html"); !strings.Contains(page,
			`<a href="/">To the first page</a>`) {
			t.Errorf("a stranger is told %s", page)
		}
	}
}

// What comes next says on which day unless that is today, in the agent's zone.
func TestTheBoardSaysOnWhichDayTheNextActivityIs(t *testing.T) {
	h := newHouse(t, config())
	ana := agents()[0]
	for _, c := range []struct {
		inH  int64
		want string
	}{{12, `<span class="when">22:40</span>`}, {14, `<span class="when">Tue 00:40</span>`}} {
		start := morning.Add(c.inH * schemas.HourMS)
		ana.TimeZone, ana.Next = "Europe/London",
			&schemas.LiveActivity{Code: "Email", Start: start, End: start.Add(schemas.HourMS)}
		h.board.set(ana)
		if _, page := h.get(t, h.browser(t, "admin"), "/"); !strings.Contains(page, c.want) {
			t.Errorf("in %d h: no %s", c.inH, c.want)
		}
	}
}

func TestMyDayTellsWhatIsAndWhy(t *testing.T) {
	h := newHouse(t, config())
	_, page := h.get(t, h.browser(t, "agent"), "/me")
	for _, say := range []string{"Ana Ortiz", "<b>On queue</b>", "New work may be offered to you.", "Out of adherence",
		"10:30–11:00", "Huddle",
		"90.00 %", "Took calls 10 min into the break", "since 10:30", "10 min so far", `role="img"`, "Huddle &lt;i&gt;",
		`value="Coaching"`,
		"&#34;available&#34;", "111.11 %"} {
		if !strings.Contains(page, say) {
			t.Errorf("the page does not say %s", say)
		}
	}
	for _, not := range []string{"style=", "<script>", "onclick", "&#34;break&#34;"} {
		if strings.Contains(page, not) {
			t.Errorf("the page holds %s", not)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
	busy := agents()[0]
	busy.Status, busy.Routing, busy.Routable, busy.NotRoutableBecause = schemas.StatusBreak, schemas.RoutingInteracting,
		false, "status is break"
	h.board.set(busy)
	if _, part := h.get(t, h.browser(t, "agent"), "/me/now"); !strings.Contains(part,
		"Finish your contact; no new work will be offered.") || strings.Contains(part, "<html") ||
		!strings.Contains(part, "90.00 %") {
		t.Errorf("during a contact the part says %s", part)
	}
}

// An agent whose roster row has ended, and one whose day cannot be judged, get a page all the same.
func TestMyDayOfSomebodyUnknown(t *testing.T) {
	h := newHouse(t, config())
	gone := agents()[0]
	gone.Gone = true
	h.board.set(gone)
	if status, page := h.get(t, h.browser(t, "agent"), "/me"); status != 200 ||
		!strings.Contains(page, "on no roster now") {
		t.Errorf("got %d %s", status, page)
	}
}

func TestTheDirectoryTellsPresenceAndNoMore(t *testing.T) {
	h := newHouse(t, config())
	evil := agents()[1]
	evil.Note = `<img src=x onerror=alert(1)>`
	h.board.set(evil)
	_, page := h.get(t, h.browser(t, "agent"), "/directory")
	for _, say := range []string{"Bob &lt;b&gt;Stone&lt;/b&gt;", "&lt;img src=x", "Away", "11:40", "1 of 1 available",
		"Ana Ortiz"} {
		if !strings.Contains(page, say) {
			t.Errorf("the directory does not say %s", say)
		}
	}
	_, page, _ = strings.Cut(page, "<main") // its header leads to other pages
	for _, not := range []string{"<b>Stone", "<img", "Meal", "status", "Break", "dherence"} {
		if strings.Contains(strings.ReplaceAll(page, `role="status"`, ""), not) {
			t.Errorf("the directory holds %s", not)
		}
	}
	if _, page := h.get(t, h.browser(t, "supervisor"), "/directory"); strings.Contains(page, `data-id="bob"`) ||
		strings.Contains(page, "On queue") {
		t.Errorf("a supervisor's directory is %s", page)
	}
}

func TestTheJournalHearsOfSignIns(t *testing.T) {
	h := newHouse(t, config())
	c := h.browser(t, "manager")
	for _, name := range []string{"manager", "hunter2-my-password"} {
		h.ask(t, "", "POST", "/login", url.Values{"name": {name}, "password": {"wrong wrong wrong"}}.Encode(), "Content-Type",
			"application/x-www-form-urlencoded")
	}
	h.post(t, c, "/logout", nil)
	got := h.backroom.details()
	for _, say := range []string{`access|manager|127.0.0.1|signed in: manager "manager"`,
		`access||127.0.0.1|sign-in failed: user "manager"`,
		"access||127.0.0.1|sign-in failed: a name that nobody has", `access|manager|127.0.0.1|signed out: manager`} {
		if !strings.Contains(got, say) {
			t.Errorf("the journal lacks %s", say)
		}
	}
	if strings.Contains(got, "hunter2") || t.Failed() {
		t.Errorf("the journal says %s", got)
	}
}

func TestSigningOutEverywhereEndsEverySession(t *testing.T) {
	h := newHouse(t, config())
	office, home, other := h.browser(t, "supervisor"), h.browser(t, "supervisor"), h.browser(t, "manager")
	if status, _, body := h.post(t, office, "/logout/everywhere", nil); status != 303 {
		t.Fatalf("signing out everywhere gives %d %s", status, body)
	}
	for c, want := range map[*http.Client]int{office: 303, home: 303, other: 200} {
		if status, _ := h.get(t, c, "/"); status != want {
			t.Errorf("afterwards a session gets %d, want %d", status, want)
		}
	}
	if status, _ := h.get(t, h.browser(t, "supervisor"), "/"); status != 200 {
		t.Errorf("who signs in again gets %d", status)
	}
}

func TestRequestsAreLimitedByAddressAndByToken(t *testing.T) {
	c := config()
	c.Rates = access.RatesConfig{AddressPerSecond: 1, AddressBurst: 12, CredentialPerSecond: 1, CredentialBurst: 5,
		Remembered: 10}
	h := newHouse(t, c)
	count := func(role schemas.Role) (fine int, head http.Header, body string) {
		for range 20 {
			var status int
			if status, head, body = h.ask(t, role, "GET", "/api/v1/agents", ""); status == http.StatusTooManyRequests {
				break
			}
			fine++
		}
		return fine, head, body
	}
	fine, head, body := count("admin")
	problem(t, "a token too often", 429, 429, head, body)
	if fine < 5 || fine > 7 || head.Get("Retry-After") != "1" {
		t.Errorf("a token is answered %d times, then told to wait %q", fine, head.Get("Retry-After"))
	}
	if fine, _, _ = count(""); fine > 9 {
		t.Errorf("an address is answered %d times more", fine)
	}
}

func TestAnAdminAddsDisablesAndGivesPasswords(t *testing.T) {
	h := newHouse(t, config())
	c := h.browser(t, "admin")
	add := url.Values{"name": {"Zoe <b>"}, "role": {"supervisor"}, "teams": {"Billing, Sales"}, "password": {password}}
	if status, head, body := h.post(t, c, "/admin/users", add); status != 303 || head.Get("Location") != "/admin/users" {
		t.Fatalf("adding gives %d %s", status, body)
	}
	_, page := h.get(t, c, "/admin/users")
	if !strings.Contains(page, "Zoe &lt;b&gt;") || !strings.Contains(page, "team Billing, Sales") ||
		!strings.Contains(page, "may sign in now") {
		t.Errorf("the users are %s", page)
	}
	if _, page = h.get(t, c, "/admin/users"); strings.Contains(page, "may sign in now") {
		t.Error("what was done is said twice")
	}
	if status, _, body := h.post(t, c, "/admin/users", add); status != 422 || !strings.Contains(body, "is taken") ||
		!strings.Contains(body, "Billing, Sales") {
		t.Errorf("a name that is taken gives %d %s", status, body)
	}
	zoe := h.browser(t, "Zoe <b>")
	id := ""
	for _, u := range h.credentials(t) {
		if u.Name == "Zoe <b>" {
			id = u.ID
		}
		if u.Name == "admin" && u.User {
			if status, _, _ := h.post(t, c, "/admin/users/"+u.ID+"/disable", nil); status != 409 {
				t.Errorf("an admin disables itself: %d", status)
			}
		}
	}
	if status, _, _ := h.post(t, c, "/admin/users/"+id+"/password",
		url.Values{"password": {"another good horse"}}); status != 303 {
		t.Errorf("a new password gives %d", status)
	}
	if status, _ := h.get(t, zoe, "/"); status != 303 {
		t.Errorf("a session under the old password gets %d", status)
	}
	for _, do := range []string{"disable", "enable"} {
		if status, _, _ := h.post(t, c, "/admin/users/"+id+"/"+do, nil); status != 303 {
			t.Errorf("%s gives %d", do, status)
		}
	}
	if status, _, _ := h.post(t, c, "/admin/users/"+id+"/password", url.Values{"password": {"short"}}); status != 422 {
		t.Errorf("a short password gives %d", status)
	}
}

func TestATokenIsShownOnceAndWorksUntilRevoked(t *testing.T) {
	h := newHouse(t, config())
	c := h.browser(t, "admin")
	if status, _, body := h.post(t, c, "/admin/tokens",
		url.Values{"name": {"acd-2"}, "role": {"feed"}, "source": {"acd"}, "expires": {"2199-01-01"}}); status != 303 {
		t.Fatalf("making gives %d %s", status, body)
	}
	_, page := h.get(t, c, "/admin/tokens")
	at := strings.Index(page, "<code>"+access.TokenPrefix)
	if at < 0 {
		t.Fatalf("no secret is shown: %s", page)
	}
	secret, _, _ := strings.Cut(page[at+len("<code>"):], "<")
	if _, page = h.get(t, c, "/admin/tokens"); strings.Contains(page, secret) || !strings.Contains(page, "acd-2") {
		t.Error("the secret is shown twice, or the token is not listed")
	}
	p, err := h.access.Token(secret)
	if err != nil || p.Source != "acd" {
		t.Fatalf("the token is %+v, %v", p, err)
	}
	if status, _, _ := h.post(t, c, "/admin/tokens/"+p.ID+"/revoke", nil); status != 303 {
		t.Errorf("revoking gives %d", status)
	}
	if _, err := h.access.Token(secret); err == nil {
		t.Error("a revoked token works")
	}
}

func TestUnmappedTextsGetTheirMeaning(t *testing.T) {
	h := newHouse(t, config())
	c := h.browser(t, "admin")
	_, page := h.get(t, c, "/admin/unmapped")
	if strings.Contains(page, "<script>alert") || !strings.Contains(page, "Lunch&lt;script&gt;") ||
		strings.Index(page, "Lunch") > strings.Index(page, "In space") {
		t.Errorf("the unmapped texts are %s", page)
	}
	if strings.Contains(page, "Ringing <b>") || !strings.Contains(page, `value="interacting" selected`) {
		t.Errorf("what was decided before is %s", page)
	}
	for _, do := range []struct {
		path string
		form url.Values
	}{{"/admin/unmapped/state", url.Values{"field": {"status"}, "text": {"Lunch"}, "status": {"meal"}}},
		{"/admin/unmapped/state",
			url.Values{"field": {"presence"}, "text": {"In space"}, "presence": {"away"}, "status": {"training"}}},
		{"/admin/unmapped/state", url.Values{"field": {"routing"}, "text": {"Ringing"}, "routing": {"interacting"}}},
		{"/admin/unmapped/activity", url.Values{"text": {"Town hall"}, "category": {"meeting"}, "paid": {"yes"}}}} {
		if status, head, body := h.post(t, c, do.path, do.form); status != 303 || head.Get("Location") != "/admin/unmapped" {
			t.Errorf("%v gives %d %s", do, status, body)
		}
	}
	h.backroom.broken = context.DeadlineExceeded
	if status, _ := h.get(t, c, "/admin/unmapped"); status != 503 {
		t.Errorf("without the store: %d", status)
	}
	h.backroom.broken = nil
	if _, page := h.get(t, c, "/admin/unmapped"); !strings.Contains(page, "Town hall is Meeting in imports from now on.") {
		t.Errorf("what was done is not said after the store was away: %s", page)
	}
	for _, form := range []url.Values{{"field": {"status"}, "text": {"Lunch"}, "status": {"unknown"}},
		{"field": {"status"}, "text": {"Lunch"}, "status": {"nap"}},
		{"field": {"status"}, "text": {""}, "status": {"meal"}},
		{"field": {"status"}, "text": {"Lunch"}, "presence": {"away"}},
		{"field": {"presence"}, "text": {"Lunch"}, "status": {"meal"}},
		{"field": {"mood"}, "text": {"Lunch"}, "status": {"meal"}}, {"text": {"Lunch"}, "status": {"meal"}}} {
		if status, _, _ := h.post(t, c, "/admin/unmapped/state", form); status != 422 {
			t.Errorf("%v gives %d", form, status)
		}
	}
	journal := h.backroom.details()
	for _, say := range []string{`activities|admin|127.0.0.1|status text "Lunch" means meal (, meal, )`,
		`presence text "In space" means away, training (away, training, )`,
		`routing text "Ringing" means interacting (, , interacting)`,
		`activity code "Town hall" is meeting (meeting, paid true)`} {
		if !strings.Contains(journal, say) {
			t.Errorf("the journal lacks %s: %s", say, journal)
		}
	}
}

func TestFeedsJobsAndTheJournalAreShown(t *testing.T) {
	h := newHouse(t, config())
	c := h.browser(t, "admin")
	if _, page := h.get(t, c, "/admin/feeds"); strings.Count(page, "<b>silent</b>") != 1 ||
		!strings.Contains(page, "1 h 00 min ago") {
		t.Errorf("the feeds are %s", page)
	}
	if _, page := h.get(t, c, "/admin/jobs"); !strings.Contains(page, "Failed") ||
		!strings.Contains(page, "the store &lt;b&gt;is") {
		t.Errorf("the jobs are %s", page)
	}
	if status, _, _ := h.post(t, c, "/admin/jobs/compute/run", nil); status != 303 || len(h.backroom.ran) != 1 {
		t.Errorf("running a job gives %d, ran %v", status, h.backroom.ran)
	}
	if _, _, page := h.post(t, c, "/admin/jobs/no_such/run", nil); !strings.Contains(page,
		"There is no job &#34;no_such&#34;") {
		t.Errorf("a job that is not there: %s", page)
	}
	if _, page := h.get(t, c, "/admin/journal?kind=job"); !strings.Contains(page, "job compute asked for") ||
		strings.Contains(page, "signed in") {
		t.Errorf("the journal of jobs is %s", page)
	}
	if status, _ := h.get(t, c, "/admin/journal?before=x"); status != 422 {
		t.Errorf("a forged page gives %d", status)
	}
	h.backroom.broken = context.DeadlineExceeded
	for _, tab := range []string{"feeds", "unmapped", "journal"} {
		if status, page := h.get(t, c, "/admin/"+tab); status != 503 || !strings.Contains(page, "store does not answer") {
			t.Errorf("%s without the store gives %d", tab, status)
		}
	}
	h.stop(t)
	if log := h.log.String(); !strings.Contains(log, `route="GET /admin/feeds"`) {
		t.Errorf("the log does not say which page could not reach the store:\n%s", log)
	}
}

// credentials lists what the register holds.
func (h *house) credentials(t *testing.T) []schemas.Credential {
	t.Helper()
	list, err := h.access.List(access.Operator("root"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}
