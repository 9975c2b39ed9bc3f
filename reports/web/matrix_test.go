package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"rollcall/reports/web"
	"rollcall/schemas"
)

// everybody lists the columns of the matrix; "" is nobody.
var everybody = []schemas.Role{"", "agent", "supervisor", "planner", "manager", "feed", "admin"}

// call is one row of the matrix: a request and the status that each of everybody gets.
type call struct {
	route, path string
	want        [7]int
}

const (
	in   = http.StatusSeeOther // nobody is led to the sign-in page
	no   = http.StatusForbidden
	who  = http.StatusUnauthorized
	ok   = http.StatusOK
	none = http.StatusNotFound
)

// matrix is written by hand. A call to a thing in scope (ana, Billing, Leeds, acd) and one to a thing
// out of scope (bob, Sales, Hull) stand for every route that names one.
var matrix = []call{
	//                                                        nobody agent super plan  mgr   feed  admin
	{"GET /static/rollcall.css", "/static/rollcall.css", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/board.js", "/static/board.js", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/icon.svg", "/static/icon.svg", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /static/rules.css", "/static/rules.css", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /healthz", "/healthz", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /readyz", "/readyz", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /metrics", "/metrics", [7]int{who, no, no, no, no, no, ok}},
	{"GET /login", "/login", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"POST /login", "/login", [7]int{who, who, who, who, who, who, who}},
	{"POST /logout", "/logout", [7]int{in, in, in, in, in, in, in}},
	{"GET /api/v1/openapi.json", "/api/v1/openapi.json", [7]int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET /{$}", "/", [7]int{in, ok, ok, ok, ok, no, ok}},
	{"GET /api/v1/agents", "/api/v1/agents", [7]int{who, ok, ok, ok, ok, no, ok}},
	{"GET /api/v1/agents/{id}", "/api/v1/agents/ana", [7]int{who, ok, ok, ok, ok, no, ok}},
	{"GET /api/v1/agents/{id}", "/api/v1/agents/bob", [7]int{who, ok, no, no, no, no, ok}},
	{"GET /api/v1/agents/{id}", "/api/v1/agents/nobody%2Fhere", [7]int{who, none, no, no, no, no, none}},
	{"GET /api/v1/live/stream", "/api/v1/live/stream", [7]int{who, ok, ok, ok, ok, no, ok}},
	{"GET /api/v1/jobs", "/api/v1/jobs", [7]int{who, no, no, no, no, no, ok}},

	{"GET /api/v1/jobs/{name}/runs", "/api/v1/jobs/compute/runs", [7]int{who, no, no, no, no, no, ok}},
	{"GET /api/v1/jobs/{name}/runs", "/api/v1/jobs/none/runs", [7]int{who, no, no, no, no, no, none}},
	{"POST /api/v1/jobs/{name}/run", "/api/v1/jobs/none/run", [7]int{who, no, no, no, no, no, none}},
	{"GET /api/v1/adherence/days", "/api/v1/adherence/days", [7]int{who, ok, ok, ok, ok, no, ok}},
	{"GET /api/v1/adherence/exceptions", "/api/v1/adherence/exceptions", [7]int{who, ok, ok, ok, ok, no, ok}},
	// Whose changes they are says the body: package httpin asks about the source again.
	{"POST /api/v1/status-changes", "/api/v1/status-changes", [7]int{who, no, no, no, no, ok, ok}},
	{"POST /api/v1/snapshots", "/api/v1/snapshots", [7]int{who, no, no, no, no, ok, ok}},
	{"POST /api/v1/feeds/{source}/heartbeat", "/api/v1/feeds/acd/heartbeat", [7]int{who, no, no, no, no, ok, ok}},
	{"POST /api/v1/feeds/{source}/heartbeat", "/api/v1/feeds/dialler/heartbeat", [7]int{who, no, no, no, no, no, ok}},
	{"POST /api/v1/feeds/{source}/complete", "/api/v1/feeds/acd/complete", [7]int{who, no, no, no, no, ok, ok}},
	{"POST /api/v1/feeds/{source}/complete", "/api/v1/feeds/dialler/complete", [7]int{who, no, no, no, no, no, ok}},
	{"POST /api/v1/feeds/{source}/gaps", "/api/v1/feeds/acd/gaps", [7]int{who, no, no, no, no, ok, ok}},
	{"POST /api/v1/feeds/{source}/gaps", "/api/v1/feeds/dialler/gaps", [7]int{who, no, no, no, no, no, ok}},
}

// pushes stands for the handlers of package httpin: the frame must let nobody through to them.
type pushes struct{}

func (pushes) answer(w http.ResponseWriter, r *http.Request) {
	if web.PrincipalOf(r.Context()).Nobody() {
		panic("a handler was reached by nobody")
	}
	w.WriteHeader(http.StatusOK)
}

func (p pushes) StatusChanges(w http.ResponseWriter, r *http.Request) { p.answer(w, r) }
func (p pushes) Heartbeat(w http.ResponseWriter, r *http.Request)     { p.answer(w, r) }
func (p pushes) Complete(w http.ResponseWriter, r *http.Request)      { p.answer(w, r) }
func (p pushes) Gaps(w http.ResponseWriter, r *http.Request)          { p.answer(w, r) }
func (p pushes) Snapshots(w http.ResponseWriter, r *http.Request)     { p.answer(w, r) }

func mountPush(h *house) error { h.live.Pushes = pushes{}; return nil }

// The requests look as if they came through a proxy, so that being on this machine is no privilege.
func TestEveryRouteAsEveryRole(t *testing.T) {
	_, mountImports := mountImporter(t, &importer{})
	h := newHouse(t, config(), mountImports, mountPlanner(t, &planner{importer: &importer{}}), mountPush, mountChanges,
		mountPast, mountWebhooks, mountSubscriptions, mountReports(&pressroom{}, &list{}), mountDays(&sums{}, &office{}))
	called := map[string]bool{}
	for _, c := range slices.Concat(matrix, schedulesMatrix, importsMatrix, changesMatrix, pagesMatrix, pastMatrix,
		webhooksMatrix, subscriptionsMatrix, adherencePagesMatrix, decisionsMatrix) {
		called[c.route] = true
		method, _, _ := strings.Cut(c.route, " ")
		for i, role := range everybody {
			want := c.want[i]
			status := h.status(t, role, method, c.path)
			if status != want {
				t.Errorf("%s %s as %q: got %d, want %d", method, c.path, role, status, want)
			}
		}
	}
	for _, r := range h.Routes() {
		if name := r.Method + " " + r.Pattern; !called[name] {
			t.Errorf("%s is not in the matrix", name)
		}
	}
}

// status gives only the status, without waiting for a stream to end.
func (h *house) status(t *testing.T, role schemas.Role, method, path string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", "192.0.2.7")
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+h.tokens[role])
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s as %q: %v", method, path, role, err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// What is listed is in scope, and what is not one's own to see is not there at all.
func TestListsHoldWhatIsInScopeAndNoMore(t *testing.T) {
	h := newHouse(t, config())
	for _, c := range []struct {
		role      schemas.Role
		anaWhole  bool
		bob       string // "", "presence" or "whole"
		bobsDays  bool
		bobsState bool // found by a filter on what a colleague does not see
	}{
		{"agent", true, "presence", false, false}, {"supervisor", true, "", false, false},
		{"planner", true, "", false, false},
		{"manager", true, "", false, false}, {"admin", true, "whole", true, true},
	} {
		_, _, list := h.ask(t, c.role, "GET", "/api/v1/agents", "")
		if got := strings.Contains(list, `"agent_id":"ana"`) && strings.Contains(list, `"severe":true`); got != c.anaWhole {
			t.Errorf("%s sees Ana whole: %v", c.role, got)
		}
		if got := strings.Contains(list, `"agent_id":"bob"`); got != (c.bob != "") {
			t.Errorf("%s sees Bob: %v", c.role, got)
		}
		if got := strings.Contains(list, "status is meal"); got != (c.bob == "whole") {
			t.Errorf("%s sees Bob's status: %v in %s", c.role, got, list)
		}
		for _, filter := range []string{"status=meal", "adherence_state=in_adherence"} {
			if _, _, found := h.ask(t, c.role, "GET", "/api/v1/agents?"+filter, ""); strings.Contains(found,
				`"bob"`) != c.bobsState {
				t.Errorf("%s finds Bob by %s: %s", c.role, filter, found)
			}
		}
		if _, _, rows := h.ask(t, c.role, "GET", "/api/v1/adherence/days", ""); strings.Contains(rows,
			`"bob"`) != c.bobsDays || !strings.Contains(rows, `"ana"`) {
			t.Errorf("%s reads days %s", c.role, rows)
		}
		_, _, page := h.ask(t, c.role, "GET", "/", "")
		if strings.Contains(page, `data-id="bob"`) != (c.bob != "") || strings.Contains(page, "Meal") != (c.bob == "whole") {
			t.Errorf("%s has a board with or without Bob:\n%s", c.role, page)
		}
		if strings.Contains(page, "<b>Stone") {
			t.Errorf("a name is markup on the board of %s", c.role)
		}
	}
}
