package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/adherence"
	"rollcall/adherence/batch"
	"rollcall/ingest/decisions"
	"rollcall/schemas"
)

// drawer keeps decisions in memory, as the tables do: the newest version of a correction counts.
type drawer struct {
	mu          sync.Mutex
	policies    []schemas.PolicyVersion
	corrections []schemas.Correction
	journal     []schemas.JournalRow
}

func (d *drawer) AgentIDs(context.Context) ([]string, error) { return []string{"ana", "bob"}, nil }

func (d *drawer) Memberships(context.Context, schemas.Instant) ([]schemas.Membership, error) {
	return []schemas.Membership{{AgentID: "ana", Name: "Ana Ortiz", Team: "Billing", Site: "Leeds",
		TimeZone: "Europe/London"},
		{AgentID: "bob", Team: "Sales", Site: "Hull", TimeZone: "Europe/Berlin"}}, nil
}

func (d *drawer) Policies(context.Context, schemas.Instant) ([]schemas.PolicyVersion, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]schemas.PolicyVersion{}, d.policies...), nil
}

func (d *drawer) CorrectionUnits(_ context.Context, unit string, within schemas.Interval) ([]schemas.Correction,
	error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	newest := map[string]int{}
	for i := range d.corrections {
		newest[d.corrections[i].ID] = i
	}
	var out []schemas.Correction
	for i, c := range d.corrections {
		v := schemas.Interval{Start: c.Start, End: c.End}
		if newest[c.ID] == i && (unit == "" || unit == c.Unit()) && (within.Empty() || within.Overlaps(v)) {
			out = append(out, c)
		}
	}
	return out, nil
}

func (d *drawer) WritePolicies(_ context.Context, row schemas.JournalRow, p []schemas.PolicyVersion) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.policies, d.journal = append(d.policies, p...), append(d.journal, row)
	return nil
}

func (d *drawer) WriteCorrections(_ context.Context, row schemas.JournalRow, c []schemas.Correction) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.corrections, d.journal = append(d.corrections, c...), append(d.journal, row)
	return nil
}

// office is the real ledger of decisions over a drawer, with a judge that knows two answers.
type office struct {
	*decisions.Ledger
	drawer *drawer
}

func (o *office) PolicyWhatIf(_ context.Context, p decisions.PolicyDraft, to schemas.Date) (*batch.Outcome, error) {
	if to-p.From > batch.MostWhatIfDays {
		return nil, fmt.Errorf("%w: too many days", batch.ErrBadQuestion)
	}
	return &batch.Outcome{All: batch.Difference{Level: "all", Days: 3}}, nil
}

func (o *office) CorrectionWhatIf(_ context.Context, p *decisions.CorrectionPlan) ([]batch.DifferenceJSON, error) {
	var rows []batch.DifferenceJSON
	for _, a := range p.Agents() {
		rows = append(rows, batch.DifferenceJSON{AgentID: a})
	}
	return rows, nil
}

func (o *office) Explain(_ context.Context, agent string, day schemas.Date) (*batch.Explanation, error) {
	teams := map[string][2]string{"ana": {"Billing", "Leeds"}, "bob": {"Sales", "Hull"}}
	if day.String() != "2026-03-02" || teams[agent][0] == "" {
		return nil, fmt.Errorf("%s of %q: %w", day, agent, batch.ErrNoDay)
	}
	return explanation(schemas.Membership{AgentID: agent, Team: teams[agent][0], Site: teams[agent][1]}, day), nil
}

// explanation is a day of which nothing is known but whose it is.
func explanation(m schemas.Membership, day schemas.Date) *batch.Explanation {
	e := &batch.Explanation{Explanation: &adherence.Explanation{Day: schemas.AgentDay{AgentID: m.AgentID, Day: day}},
		Member: &m}
	e.Origins = map[schemas.Instant]schemas.Revision{}
	return e
}

// stepAt adds a step of the worked day to an explanation: from and to are its clock times in UTC.
func stepAt(e *batch.Explanation, from, to string, a schemas.Activity, file string, s adherence.Step) {
	a.Start, _ = schemas.ParseInstant("2026-03-02T" + from + ":00Z")
	a.End, _ = schemas.ParseInstant("2026-03-02T" + to + ":00Z")
	s.Interval, s.Activity, s.After = a.Interval(), &a, -1
	e.Steps, e.Origins[a.Start] = append(e.Steps, s), schemas.Revision{ID: "r1", Origin: file}
}

func mountOffice(o *office) func(*house) error {
	o.drawer = &drawer{}
	o.Ledger = decisions.New(o.drawer, schemas.UTC, time.Now)
	return func(h *house) error { h.days.Decisions = o; return nil }
}

const (
	rules  = `"from":"2026-03-02","rules":{"target_percent":92}`
	outage = `"from":"2026-03-02T09:00","to":"2026-03-02T10:00","effect":"neutral","reason":"outage"`
)

// decisionsMatrix is the part of the matrix about decisions; the calls have no bodies here, those of the test below
// have.
var decisionsMatrix = []call{
	//                                                                                 nobody agent super plan mgr feed
	//                                                                                 admin
	{"GET /api/v1/policies", "/api/v1/policies", [7]int{who, ok, ok, ok, ok, no, ok}},
	{"POST /api/v1/policies", "/api/v1/policies", [7]int{who, no, no, no, no, no, 400}},
	{"POST /api/v1/policies/what-if", "/api/v1/policies/what-if", [7]int{who, no, 400, 400, 400, no, 400}},
	{"POST /api/v1/corrections", "/api/v1/corrections", [7]int{who, 400, 400, no, no, no, 400}},
	{"GET /api/v1/corrections", "/api/v1/corrections", [7]int{who, ok, ok, ok, ok, no, ok}},
	{"POST /api/v1/corrections/{id}/grant", "/api/v1/corrections/none/grant", [7]int{who, no, gone, no, no, no, gone}},
	{"POST /api/v1/corrections/{id}/refuse", "/api/v1/corrections/none/refuse", [7]int{who, no, gone, no, no, no, gone}},
	{"POST /api/v1/corrections/{id}/revert", "/api/v1/corrections/none/revert", [7]int{who, no, gone, no, no, no, gone}},
	{"GET /api/v1/adherence/explain", "/api/v1/adherence/explain?agent=ana&day=2026-03-02",
		[7]int{who, ok, ok, ok, ok, no, ok}},
}

// Who may read, try and set rules, ask for and decide corrections, and read explanations, in scope and out of it.
func TestEveryDecisionAsEveryRole(t *testing.T) {
	const bad, gone = http.StatusUnprocessableEntity, http.StatusNotFound
	for _, c := range []struct {
		method, path, body string
		want               [7]int // as in the matrix: nobody agent supervisor planner manager feed admin
	}{
		{"GET", "/policies", "", [7]int{who, ok, ok, ok, ok, no, ok}},
		{"POST", "/policies", "{" + rules + "}", [7]int{who, no, no, no, no, no, ok}},
		{"POST", "/policies", `{"from":"2026-03-02","rules":{"targt":1}}`, [7]int{who, no, no, no, no, no, bad}},
		{"POST", "/policies/what-if", `{"to":"2026-03-08",` + rules + "}", [7]int{who, no, no, no, no, no, ok}},
		{"POST", "/policies/what-if", `{"team":"Billing","to":"2026-03-08",` + rules + "}",
			[7]int{who, no, ok, ok, no, no, ok}},
		{"POST", "/policies/what-if", `{"site":"Leeds","to":"2026-03-08",` + rules + "}",
			[7]int{who, no, no, no, ok, no, ok}},
		{"POST", "/policies/what-if", `{"to":"2036-03-08",` + rules + "}", [7]int{who, no, no, no, no, no, bad}},
		{"POST", "/corrections?dry_run=true", `{"agents":["ana"],` + outage + "}", [7]int{who, ok, ok, no, no, no, ok}},
		{"POST", "/corrections?dry_run=true", `{"agents":["bob"],` + outage + "}", [7]int{who, no, no, no, no, no, ok}},
		{"POST", "/corrections?dry_run=true", `{"agents":["zoe"],` + outage + "}", [7]int{who, no, bad, no, no, no, bad}},
		{"POST", "/corrections?dry_run=true", `{"teams":["Billing"],` + outage + "}", [7]int{who, no, ok, no, no, no, ok}},
		{"GET", "/corrections", "", [7]int{who, ok, ok, ok, ok, no, ok}},
		{"POST", "/corrections/none/grant", "", [7]int{who, no, gone, no, no, no, gone}},
		{"POST", "/corrections/none/refuse", "", [7]int{who, no, gone, no, no, no, gone}},
		{"POST", "/corrections/none/revert", "", [7]int{who, no, gone, no, no, no, gone}},
		{"GET", "/adherence/explain?agent=ana&day=2026-03-02", "", [7]int{who, ok, ok, ok, ok, no, ok}},
		{"GET", "/adherence/explain?agent=bob&day=2026-03-02", "", [7]int{who, no, no, no, no, no, ok}},
		{"GET", "/adherence/explain?agent=ana&day=2026-03-01", "", [7]int{who, gone, gone, gone, gone, no, gone}},
		{"GET", "/adherence/explain?agent=zoe&day=2026-03-02", "", [7]int{who, no, no, no, no, no, gone}},
	} {
		h := newHouse(t, config(), mountOffice(&office{}))
		for i, role := range everybody {
			status, _, body := h.ask(t, role, c.method, "/api/v1"+c.path, c.body, "Content-Type", "application/json",
				"X-Forwarded-For", "192.0.2.7")
			if status != c.want[i] {
				t.Errorf("%s %s %s as %q: got %d, want %d: %s", c.method, c.path, c.body, role, status, c.want[i], body)
			}
		}
		h.stop(t)
	}
}

// An agent asks, which counts for nothing; their supervisor grants, which does; another supervisor's agents are nobody
// else's to decide; and what is reverted is reverted for all.
func TestAnAgentAsksAndTheirSupervisorDecides(t *testing.T) {
	o := &office{}
	h := newHouse(t, config(), mountOffice(o))
	post := func(role schemas.Role, path, body string) (int, string) {
		t.Helper()
		status, _, text := h.ask(t, role, "POST", "/api/v1"+path, body, "Content-Type", "application/json")
		return status, text
	}
	status, text := post("agent", "/corrections", `{"agents":["ana"],`+outage+`}`)
	var added struct {
		Correction decisions.CorrectionUnit `json:"correction"`
	}
	if err := json.Unmarshal([]byte(text), &added); err != nil || status != ok ||
		added.Correction.Status != schemas.CorrectionRequested || added.Correction.RequestedBy != "agent" {
		t.Fatalf("asking gives %d %s %v", status, text, err)
	}
	unit := "/corrections/" + added.Correction.ID
	if row := o.drawer.journal[0]; !row.Range.Empty() || row.Kind != schemas.JournalCorrection || row.Actor != "agent" {
		t.Errorf("a request makes days dirty: %+v", row)
	}
	if status, text = post("agent", "/corrections", `{"agents":["ana"],`+outage+`}`); status != 422 ||
		!strings.Contains(text, "already: requested") {
		t.Errorf("asking twice gives %d %s", status, text)
	}
	if status, text = post("agent", unit+"/grant", ""); status != no {
		t.Errorf("an agent grants their own request: %d %s", status, text)
	}
	if status, text = post("supervisor", unit+"/grant", `{"note":"sorry"}`); status != ok ||
		!strings.Contains(text, `"status":"granted"`) || !strings.Contains(text, `"note":"sorry"`) {
		t.Errorf("granting gives %d %s", status, text)
	}
	if row := o.drawer.journal[1]; len(row.Agents) != 1 || row.Agents[0] != "ana" || row.Range.MS() != schemas.HourMS ||
		row.Actor != "supervisor" {
		t.Errorf("granting makes %+v dirty", row)
	}
	if status, text = post("supervisor", unit+"/refuse", ""); status != http.StatusConflict ||
		!strings.Contains(text, "was granted by supervisor") {
		t.Errorf("refusing what is granted gives %d %s", status, text)
	}
	if status, text = post("admin", "/corrections",
		`{"items":[{"agent_id":"ana","from":"2026-03-03T09:00","to":"2026-03-03T10:00"},{"agent_id":"bob"}],`+outage+
			`}`); status != ok || !strings.Contains(text, `"agents":["ana","bob"]`) {
		t.Fatalf("correcting two gives %d %s", status, text)
	}
	if err := json.Unmarshal([]byte(text), &added); err != nil {
		t.Fatal(err)
	}
	if status, text = post("supervisor", "/corrections/"+added.Correction.ID+"/revert", ""); status != no ||
		!strings.Contains(text, "bob") {
		t.Errorf("a supervisor reverts for an agent of another team: %d %s", status, text)
	}
	_, _, list := h.ask(t, "supervisor", "GET", "/api/v1/corrections", "")
	if strings.Contains(list, "bob") || strings.Count(list, `"ana"`) != 2 {
		t.Errorf("a supervisor sees %s", list)
	}
	if status, text = post("admin", "/corrections/"+added.Correction.ID+"/revert", ""); status != ok ||
		o.drawer.journal[3].Range.Empty() || len(o.drawer.journal[3].Agents) != 2 {
		t.Errorf("reverting gives %d %s, %+v", status, text, o.drawer.journal)
	}
}

// What contradicts itself is refused with every place named, and the rules that are set are shown with their defaults.
func TestDecisionsThatContradictThemselves(t *testing.T) {
	h := newHouse(t, config(), mountOffice(&office{}))
	for name, c := range map[string]struct{ path, body, want string }{
		"backwards": {"/corrections",
			`{"agents":["ana"],"from":"2026-03-02T10:00","to":"2026-03-02T09:00","effect":"in","reason":"r"}`,
			"turn the two round"},
		"empty": {"/corrections",
			`{"agents":["ana"],"from":"2026-03-02T10:00","to":"2026-03-02T10:00","effect":"in","reason":"r"}`, "covers nothing"},
		"a year": {"/corrections",
			`{"agents":["ana"],"from":"2026-03-02T10:00","to":"2027-03-02T10:00","effect":"in","reason":"r"}`,
			"at most 31 days"},
		"a misspelling": {"/corrections", `{"agents":["anna"],` + outage + `}`, `did you mean \"ana\"?`},
		"no effect": {"/corrections",
			`{"agents":["ana"],"from":"2026-03-02T10:00","to":"2026-03-02T11:00","effect":"neutrel","reason":"r"}`,
			`did you mean \"neutral\"?`},
		"twice": {"/corrections", `{"items":[{"agent_id":"ana"},{"agent_id":"ana","from":"2026-03-02T09:30"}],` +
			outage + `}`, "is corrected twice from"},
		"a skipped hour": {"/corrections",
			`{"agents":["ana"],"from":"2026-03-29T01:30","to":"2026-03-29T04:00","effect":"in","reason":"r"}`,
			"does not exist in Europe/London"},
		"nobody": {"/corrections", `{` + outage + `}`, "name agents or a team"},
		"two scopes": {"/policies", `{"team":"Billing","site":"Leeds",` + rules + `}`,
			"one team, one site, or everybody"},
		"an unknown key": {"/policies", `{"from":"2026-03-02","rules":{"tolerance":{"brake":{}}}}`, "tolerance.brake"},
	} {
		status, head, text := h.ask(t, "admin", "POST", "/api/v1"+c.path, c.body, "Content-Type", "application/json")
		problem(t, name, 422, status, head, text)
		if !strings.Contains(text, c.want) {
			t.Errorf("%s: %s", name, text)
		}
	}
	for i, want := range []string{`"unchanged":false,"warnings":[]`, `"unchanged":true,"warnings":[]`} {
		if status, _, text := h.ask(t, "admin", "POST", "/api/v1/policies", "{"+rules+"}", "Content-Type",
			"application/json"); status != ok ||
			!strings.Contains(text, want) || !strings.Contains(text, `"target_percent":92`) ||
			!strings.Contains(text, `"on_queue_rule":"both"`) {
			t.Errorf("setting rules, time %d: %d %s", i+1, status, text)
		}
	}
}

// Completeness is that of one feed, which has reported everything up to the morning.
func (d days) Completeness(context.Context) (func(agent string) map[string]*schemas.Instant, error) {
	return func(string) map[string]*schemas.Instant {
		return map[string]*schemas.Instant{"acd": &morning, "dialler": nil}
	}, nil
}

// Every listed day says how fresh it is: its state, its coverage, how far its feeds are complete, and what it said
// before.
func TestDaysSayHowFreshTheyAre(t *testing.T) {
	h := newHouse(t, config())
	_, _, rows := h.ask(t, "admin", "GET", "/api/v1/adherence/days?agent=ana", "")
	for _, want := range []string{`"state":"final"`, `"coverage_percent":100`,
		`"complete_up_to":{"acd":"2026-03-02T10:40:00Z","dialler":null}`, `"before":null`} {
		if strings.Count(rows, want) != 5 {
			t.Errorf("%s is not on each of five days: %s", want, rows)
		}
	}
}
