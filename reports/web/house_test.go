package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"rollcall/reports/web"
	"rollcall/reports/web/admin"
	webdays "rollcall/reports/web/days"
	"rollcall/reports/web/live"
	webreports "rollcall/reports/web/reports"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// morning is the instant of the worked day at which the live board is looked at: 10:40.
var morning = schemas.InstantOf(time.Date(2026, 3, 2, 10, 40, 0, 0, time.UTC))

// table is a live board of rows that tests write.
type table struct {
	mu      sync.Mutex
	life    string
	version uint64
	asOf    schemas.Instant
	rows    map[string]*schemas.LiveAgent
	changed chan struct{}
	silence schemas.FeedSilence
}

func newTable(rows ...schemas.LiveAgent) *table {
	b := &table{life: "life-1", asOf: morning, rows: map[string]*schemas.LiveAgent{}, changed: make(chan struct{})}
	b.set(rows...)
	return b
}

// set writes rows as one change each.
func (b *table) set(rows ...schemas.LiveAgent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range rows {
		b.version++
		a.Version, a.AsOf = b.version, b.asOf
		old := b.rows[a.AgentID]
		if a.Moved = b.version; old != nil && old.Team == a.Team && old.Site == a.Site && old.Gone == a.Gone {
			a.Moved = old.Moved
		}
		b.rows[a.AgentID] = &a
	}
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *table) Changes(since uint64) schemas.LiveChanges {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := schemas.LiveChanges{Life: b.life, Version: b.version, AsOf: b.asOf}
	for _, a := range b.rows {
		if a.Version > since && (since > 0 || !a.Gone) {
			c.Rows = append(c.Rows, a)
		}
	}
	return c
}

func (b *table) Agent(id string) (*schemas.LiveAgent, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.rows[id]
	return a, ok && !a.Gone
}

func (b *table) Changed(since uint64) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.version > since {
		done := make(chan struct{})
		close(done)
		return done
	}
	return b.changed
}

// days are judged days in order, with the store's part of the contract.
type days []schemas.DayRow

func (d days) Days(_ context.Context, q webdays.Query) ([]schemas.DayRow, error) {
	var out []schemas.DayRow
	for _, row := range d {
		after := row.AgentID > q.After.AgentID || (row.AgentID == q.After.AgentID && row.Day > q.After.Day)
		in := q.Scope.Covers(row.AgentID, row.Team, row.Site) && row.Day >= q.From && (q.To == 0 || row.Day <= q.To)
		named := func(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }
		if after && in && named(q.Agents, row.AgentID) && named(q.Teams, row.Team) && named(q.Sites, row.Site) &&
			(!q.WithExceptions || len(row.Exceptions) > 0) && len(out) < q.Limit {
			out = append(out, row)
		}
	}
	return out, nil
}

// tables are the tables tokens and users, in memory.
type tables struct {
	mu      sync.Mutex
	records map[string]schemas.Credential
}

func (s *tables) Credentials(context.Context) ([]schemas.Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []schemas.Credential
	for _, c := range s.records {
		all = append(all, c)
	}
	return all, nil
}

func (s *tables) WriteCredential(_ context.Context, c schemas.Credential, _ schemas.JournalRow) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[c.ID] = c
	return nil
}

// house is a running server with its board.
type house struct {
	*web.Server
	access   *access.Register
	board    *table
	backroom *backroom
	url      string
	log      *strings.Builder
	tokens   map[schemas.Role]string
	cancel   context.CancelFunc
	signs    []schemas.FeedHealth
	alarms   []schemas.Alarm
	ended    chan error
	// live to admin are what the features are mounted with.
	live         live.Deps
	days         webdays.Deps
	reports      webreports.Deps
	reportLimits webreports.Limits
	admin        admin.Deps
	ready        []string
}

const password = "correct horse battery"

// people are one credential per role: Billing and Leeds are in scope, ana is the agent's own.
func people() map[schemas.Role]access.Spec {
	return map[schemas.Role]access.Spec{
		"agent":      {Name: "agent", Role: "agent", AgentID: "ana"},
		"supervisor": {Name: "supervisor", Role: "supervisor", Teams: []string{"Billing"}},
		"planner":    {Name: "planner", Role: "planner", Teams: []string{"Billing"}},
		"manager":    {Name: "manager", Role: "manager", Sites: []string{"Leeds"}},
		"feed":       {Name: "feed", Role: "feed", Source: "acd"},
		"admin":      {Name: "admin", Role: "admin"},
	}
}

// agents are the rows of most tests: Ana as on the worked day, Bob of another team and site.
func agents() []schemas.LiveAgent {
	ana := schemas.LiveAgent{
		AgentID:  "ana",
		Name:     "Ana Ortiz",
		Team:     "Billing",
		Site:     "Leeds",
		TimeZone: "Europe/London",
		Presence: schemas.PresenceAvailable,
		Status:   schemas.StatusAvailable,
		Routing:  schemas.RoutingIdle,
		Routable: true,
		Since: schemas.LiveSince{Presence: morning.Add(-102 * schemas.MinuteMS),
			Status: morning.Add(-100 * schemas.MinuteMS), Routing: morning.Add(-100 * schemas.MinuteMS)},
		Scheduled: &schemas.LiveActivity{Code: "Break", Category: schemas.CategoryBreak,
			Start: morning.Add(-10 * schemas.MinuteMS), End: morning.Add(20 * schemas.MinuteMS)},
		Next: &schemas.LiveActivity{Code: "Huddle", Category: schemas.CategoryMeeting,
			Start: morning.Add(20 * schemas.MinuteMS), End: morning.Add(80 * schemas.MinuteMS)},
		AdherenceState: schemas.LiveOutOfAdherence,
		AdherenceSince: morning.Add(-10 * schemas.MinuteMS),
		Severe:         true,
	}
	bob := schemas.LiveAgent{
		AgentID:            "bob",
		Name:               "Bob <b>Stone</b>",
		Team:               "Sales",
		Site:               "Hull",
		TimeZone:           "Europe/Berlin",
		Presence:           schemas.PresenceAway,
		Status:             schemas.StatusMeal,
		Routing:            schemas.RoutingOffQueue,
		NotRoutableBecause: "status is meal",
		Since: schemas.LiveSince{Presence: morning.Add(-schemas.MinuteMS),
			Status: morning.Add(-schemas.MinuteMS)},
		Note:           "back at two",
		AdherenceState: schemas.LiveInAdherence,
		AdherenceSince: morning.Add(-schemas.MinuteMS),
	}
	return []schemas.LiveAgent{ana, bob}
}

func config() web.Config {
	c := web.DefaultConfig()
	c.Listen, c.StreamEvery, c.StopTime = "127.0.0.1:0", 5*time.Millisecond, 2*time.Second
	return c
}

// newHouse starts a server; every change of the configuration and every further route comes from prepare.
func newHouse(t *testing.T, c web.Config, prepare ...func(*house) error) *house {
	t.Helper()
	return newHouseOn(t, c, nil, prepare...)
}

// liveBoard is a live store with today's days.
type liveBoard interface {
	live.Board
	live.Days
}

// newHouseOn is newHouse over a board of its own; nil is that of most tests.
func newHouseOn(t *testing.T, c web.Config, board liveBoard, prepare ...func(*house) error) *house {
	t.Helper()
	h := &house{board: newTable(agents()...), backroom: newBackroom(), log: &strings.Builder{},
		tokens: map[schemas.Role]string{}, ended: make(chan error, 1)}
	if board == nil {
		board = h.board
	}
	quick := access.DefaultConfig()
	quick.Argon2 = access.Argon2{MemoryKiB: 64, Passes: 1, Lanes: 1}
	now := func() schemas.Instant { return schemas.InstantOf(time.Now()) }
	var err error
	if h.access, err = access.New(quick, access.Deps{Store: &tables{records: map[string]schemas.Credential{}},
		File: access.NewFile(t.TempDir()), Now: now}); err != nil {
		t.Fatal(err)
	}
	log := logrus.New()
	log.SetOutput(&locked{w: h.log})
	log.SetLevel(logrus.DebugLevel)
	if h.Server, err = web.New(c, web.Deps{
		Access:     h.access,
		Ready:      func() []string { return h.ready },
		Journal:    h.backroom.note,
		Now:        time.Now,
		Log:        log,
		Metrics:    prometheus.NewRegistry(),
		Version:    "test",
		Help:       []web.HelpTopic{{Name: "feeds", Title: "Feeds", Text: "# Feeds\n\nSee `rollcall help files`.\n"}},
		FeedHealth: func() []schemas.FeedHealth { return h.signs },
		Alarms:     func() []schemas.Alarm { return h.alarms },
	}); err != nil {
		t.Fatal(err)
	}
	h.live = live.Deps{Board: board, Days: board, Secondaries: func() []schemas.SecondaryStatus {
		return []schemas.SecondaryStatus{{Secondary: "Coaching", Status: schemas.StatusTraining}}
	}}
	h.days = webdays.Deps{Results: judged(), Agents: board}
	h.admin = admin.Deps{Access: h.access, Store: h.backroom}
	for _, p := range prepare {
		if err = p(h); err != nil {
			t.Fatal(err)
		}
	}
	h.mount(t)
	addr, err := h.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.url = "http://" + addr.String()
	var ctx context.Context
	ctx, h.cancel = context.WithCancel(context.Background())
	go func() { h.ended <- h.Run(ctx) }()
	t.Cleanup(func() { h.stop(t) })
	h.admit(t)
	return h
}

// mount adds the features.
func (h *house) mount(t *testing.T) {
	t.Helper()
	if err := errors.Join(live.Mount(h.Server, h.live), webdays.Mount(h.Server, h.days),
		webreports.Mount(h.Server, h.reportLimits, h.reports),
		admin.Mount(h.Server, h.admin)); err != nil {
		t.Fatal(err)
	}
}

// locked lets the log be written from several requests.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// stop ends the server and reports how that went; a second call does nothing.
func (h *house) stop(t *testing.T) {
	t.Helper()
	if h.cancel == nil {
		return
	}
	h.cancel()
	h.cancel = nil
	if err := <-h.ended; err != nil {
		t.Errorf("stopping: %v", err)
	}
}

// admit makes a token for every role and an account for those of people.
func (h *house) admit(t *testing.T) {
	t.Helper()
	root := access.Operator("root")
	for role, spec := range people() {
		secret, _, err := h.access.CreateToken(t.Context(), spec, root)
		if err != nil {
			t.Fatal(err)
		}
		h.tokens[role] = secret
		if role == schemas.RoleFeed {
			continue
		}
		if _, err := h.access.AddUser(t.Context(), spec, password, root); err != nil {
			t.Fatal(err)
		}
	}
}

// ask makes a request as a role ("" is nobody) and gives status, headers and body.
func (h *house) ask(t *testing.T, role schemas.Role, method, path, body string, headers ...string) (int, http.Header,
	string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+h.tokens[role])
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	return send(t, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: stay}, r)
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func send(t *testing.T, c *http.Client, r *http.Request) (int, http.Header, string) {
	t.Helper()
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

// browser is a client with cookies that has signed in.
func (h *house) browser(t *testing.T, name string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: stay}
	form := url.Values{"name": {name}, "password": {password}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, _, body := send(t, c, r); status != http.StatusSeeOther {
		t.Fatalf("signing in as %s gives %d: %s", name, status, body)
	}
	return c
}

// judged are days of two agents: Ana's worked day with its two exceptions, more of hers, and one of Bob's.
func judged() days {
	var out days
	first, _ := schemas.ParseDate("2026-03-02")
	for i := range 5 {
		d := schemas.DayRow{
			AgentDay: schemas.AgentDay{AgentID: "ana", Day: first + schemas.Date(i), Sums: schemas.Sums{
				ScheduledMS: 10_800_000, InMS: 6_300_000, OutMS: 4_500_000, ConformanceScheduledMS: 5_400_000,
				ConformanceActualMS: 6_300_000}},
			Name:       "Ana Ortiz",
			Team:       "Billing",
			Site:       "Leeds",
			State:      schemas.DayFinal,
			KnownAt:    morning,
			ComputedAt: morning,
		}
		if i != 2 {
			d.Exceptions = []schemas.Exception{
				{Start: morning.Add(-10 * schemas.MinuteMS), End: morning.Add(5 * schemas.MinuteMS),
					Category: schemas.CategoryBreak, Kind: schemas.KindLateChange, MS: 900_000},
				{Start: morning.Add(20 * schemas.MinuteMS), End: morning.Add(80 * schemas.MinuteMS),
					Category: schemas.CategoryMeeting, Kind: schemas.KindLateChange, MS: 3_600_000}}
		}
		out = append(out, d)
	}
	return append(out, schemas.DayRow{AgentDay: schemas.AgentDay{AgentID: "bob", Day: first}, Team: "Sales", Site: "Hull",
		State: schemas.DayProvisional})
}

// problem checks that an answer is a problem document of the status.
func problem(t *testing.T, what string, wantStatus, status int, h http.Header, body string) {
	t.Helper()
	if status != wantStatus || h.Get("Content-Type") != schemas.ProblemType ||
		!strings.Contains(body, fmt.Sprintf(`"status":%d`, wantStatus)) {
		t.Errorf("%s: got %d %s %s, want a problem document of %d", what, status, h.Get("Content-Type"), body, wantStatus)
	}
}
