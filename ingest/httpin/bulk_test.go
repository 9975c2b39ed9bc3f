package httpin

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

var sue = access.Principal{Name: "sue", Role: schemas.RoleSupervisor, Teams: []string{"Billing"}, Origin: "192.0.2.9"}

func newBulkOffice(t *testing.T) *office {
	o := newOffice(t)
	o.mux.HandleFunc("POST /bulk", o.setter.PutMany)
	o.mux.HandleFunc("POST /bulk/{id}/undo", o.setter.UndoMany)
	o.who = sue
	return o
}

// many makes a call and returns the answer, with the outcomes as "agent outcome" lines, the odd agent as "odd".
func (o *office) many(t *testing.T, path, body string) (BulkResult, string) {
	t.Helper()
	var m BulkResult
	if code, text := o.call(t, "POST", path, body, &m); code != http.StatusOK {
		t.Fatalf("POST %s %s: %d %s", path, body, code, text)
	}
	var lines []string
	for _, i := range m.Items {
		lines = append(lines, strings.ReplaceAll(i.AgentID, oddID, "odd")+" "+string(i.Outcome))
	}
	return m, strings.Join(lines, ", ")
}

func (o *office) row(t *testing.T, id string) *schemas.LiveAgent {
	t.Helper()
	row, ok := o.board.Agent(id)
	if !ok {
		t.Fatalf("%s is not on the board", id)
	}
	return row
}

// A supervisor calls a meeting: the preview is what then happens, the undo sets back who is still in it.
func TestASupervisorChangesATeamAndTakesItBack(t *testing.T) {
	o := newBulkOffice(t)
	o.put(t, "ana", `{"presence":"available","status":"training","secondary":"Coaching","note":"room 4"}`)
	o.put(t, "ben", `{"presence":"busy","status":"meeting"}`)
	o.put(t, oddID, `{"presence":"available","status":"available"}`)
	o.feed(schemas.Change{AgentID: oddID, Routing: schemas.RoutingInteracting})
	stored := len(o.batches)
	o.now += 60_000
	const body = `{"select":{"team":["Billing","Sales"]},"presence":"busy","status":"meeting"}`
	m, lines := o.many(t, "/bulk?dry_run=true", body)
	if lines != "odd would_change, ana would_change, ben already_so" || m.ID != "" || !m.DryRun ||
		len(o.batches) != stored {
		t.Errorf("the preview: %s %+v", lines, m)
	}
	if m.Items[0].Because != "is on a contact, which may be finished" ||
		*m.Items[1].Before != (agentState{schemas.PresenceAvailable, schemas.StatusTraining, "Coaching", "room 4"}) ||
		*m.Items[1].After != (agentState{Presence: schemas.PresenceBusy, Status: schemas.StatusMeeting}) {
		t.Errorf("the preview says %+v", m.Items)
	}
	m, lines = o.many(t, "/bulk", body)
	if lines != "odd changed, ana changed, ben already_so" || m.ID == "" || m.Counts[outcomeChanged] != 2 ||
		o.row(t, "ana").Status != schemas.StatusMeeting {
		t.Errorf("the change: %s %+v", lines, m)
	}
	if b := o.batches[stored]; len(o.batches) != stored+1 || b.Actor != "sue" ||
		!strings.Contains(b.Origin, "192.0.2.9, bulk change "+m.ID+" of 2 agents") ||
		b.Changes[0].Source != schemas.SourceSupervisor || b.Changes[0].ID != "bulk:"+m.ID {
		t.Errorf("stored %+v", b)
	}
	o.now += 60_000
	o.put(t, oddID, `{"status":"meal"}`)
	o.now += 60_000
	u, lines := o.many(t, "/bulk/"+m.ID+"/undo", "")
	if lines != "odd kept, ana restored" || u.UndoOf != m.ID ||
		u.Items[0].Because != "status has been set since, to meal at "+(o.now-60_000).String() {
		t.Errorf("the undo: %s %+v", lines, u.Items)
	}
	if row := o.row(t, "ana"); stateOf(row) != (agentState{schemas.PresenceAvailable, schemas.StatusTraining, "Coaching",
		"room 4"}) {
		t.Errorf("after the undo: %+v", row)
	}
	o.now += 60_000
	if _, lines = o.many(t, "/bulk/"+m.ID+"/undo", "{}"); lines != "odd kept, ana kept" {
		t.Errorf("the undo again: %s", lines)
	}
	if _, lines = o.many(t, "/bulk/"+u.ID+"/undo", ""); lines != "ana restored" ||
		o.row(t, "ana").Status != schemas.StatusMeeting {
		t.Errorf("the undo of the undo: %s", lines)
	}
}

// An agent who sets the very same state again has said so themselves: it no longer comes from the bulk change.
func TestAnUndoLeavesWhoHasSaidTheSameSince(t *testing.T) {
	o := newBulkOffice(t)
	m, _ := o.many(t, "/bulk", `{"select":{"agents":["ana"]},"presence":"busy","status":"meeting"}`)
	o.now += 1000
	o.put(t, "ana", `{"status":"meeting"}`)
	if u, lines := o.many(t, "/bulk/"+m.ID+"/undo", ""); lines != "ana kept" || u.ID != "" {
		t.Errorf("%s %+v", lines, u)
	}
}

// Nobody sets, sees or takes back what is not theirs, and who is named in vain learns no more than that.
func TestABulkChangeStaysInScope(t *testing.T) {
	o := newBulkOffice(t)
	o.put(t, "ana", `{"presence":"offline"}`)
	m, lines := o.many(t, "/bulk", `{"select":{"agents":["ana","ben","bob","nobody"]},"status":"available"}`)
	if lines != "ana refused, ben changed, bob refused, nobody refused" ||
		o.row(t, "bob").Status == schemas.StatusAvailable {
		t.Errorf("%s", lines)
	}
	if a, b, n := m.Items[0], m.Items[2], m.Items[3]; !strings.Contains(a.Because, "presence is offline now") ||
		b.Because != n.Because || b.Name != "" {
		t.Errorf("%+v", m.Items)
	}
	if _, lines := o.many(t, "/bulk", `{"select":{"team":["Sales"]},"status":"meal"}`); lines != "" {
		t.Errorf("another team: %s", lines)
	}
	o.who = access.Principal{Name: "op", Role: schemas.RoleAdmin}
	all, lines := o.many(t, "/bulk", `{"select":{"agents":["ben","bob","nobody"]},"status":"meal"}`)
	if lines != "ben changed, bob changed, nobody refused" || all.Items[2].Because != "is on no roster now" {
		t.Errorf("as admin: %s %+v", lines, all.Items)
	}
	_, lines = o.many(t, "/bulk",
		`{"select":{"site":["Leeds"],"status":["meal"],"team":["Sales"]},"status":"break","secondary":"prayer"}`)
	if lines != "bob changed" {
		t.Errorf("by several lists: %s", lines)
	}
	o.who = sue
	if _, lines := o.many(t, "/bulk/"+all.ID+"/undo", ""); lines != "ben restored" {
		t.Errorf("a supervisor undoes an admin's change: %s", lines)
	}
	o.who.Teams = []string{"Nowhere"}
	if code, text := o.call(t, "POST", "/bulk/"+all.ID+"/undo", "", nil); code != 404 {
		t.Errorf("another supervisor undoes: %d %s", code, text)
	}
}

func TestABadBulkChangeIsRefusedWhole(t *testing.T) {
	for _, c := range []struct {
		path, body string
		code       int
		says       string
	}{
		{"/bulk", `{"status":"break"}`, 422, "select: is missing"},
		{"/bulk", `{"select":{},"status":"break"}`, 422, "names nobody"},
		{"/bulk", `{"select":{"agents":[]},"status":"break"}`, 422, "select.agents: is empty"},
		{"/bulk", `{"select":{"agents":null},"status":"break"}`, 422, "names nobody"},
		{"/bulk", `{"select":["ana"],"status":"break"}`, 422, "select: is an array; write an object"},
		{"/bulk", `{"select":{"teams":["Billing"]},"status":"break"}`, 422, `did you mean \"team\"?`},
		{"/bulk", `{"select":{"team":["Billing"],"team":["Sales"]},"status":"break"}`, 422, "given twice"},
		{"/bulk", `{"select":{"status":["brake"]},"status":"break"}`, 422, `did you mean \"break\"?`},
		{"/bulk", `{"select":{"agents":["` + strings.Repeat("a", 129) + `"]},"status":"break"}`, 422, "has 129 bytes"},
		{"/bulk", `{"select":{"team":["Billing"]}}`, 422, "name at least one"},
		{"/bulk", `{"select":{"team":["Billing"]},"presence":"offline","status":"available","x":1}`, 422, "not a field"},
		{"/bulk", strings.Repeat(`{"select":`, 9000), 400, "byte"},
		{"/bulk", strings.Repeat(" ", 3<<20), 413, "more than"},
		{"/bulk?dry_run=yes", `{"select":{"team":["Billing"]},"status":"break"}`, 422, "neither true nor false"},
		{"/bulk?dryrun=true", `{"select":{"team":["Billing"]},"status":"break"}`, 422, "dry_run"},
		{"/bulk/none/undo", ``, 404, "can be undone"},
		{"/bulk/none/undo", `{"all":true}`, 422, "send no body"},
	} {
		o := newBulkOffice(t)
		if code, text := o.call(t, "POST", c.path, c.body, nil); code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("%.40s %.60s: %d %.300s, want %d %s", c.path, c.body, code, text, c.code, c.says)
		}
		if len(o.batches) > 0 {
			t.Errorf("%.60s: something was stored", c.body)
		}
	}
}

// What was not stored cannot be taken back, and what can be is bounded in time and number.
func TestUndoIsForgottenInTime(t *testing.T) {
	o := newBulkOffice(t)
	o.err = fmt.Errorf("no disk")
	if code, _ := o.call(t, "POST", "/bulk", `{"select":{"agents":["ana"]},"status":"break"}`, nil); code != 503 ||
		len(o.setter.undo.byID) != 0 || o.setter.undo.agents != 0 {
		t.Errorf("a full disk: %d, %d remembered", code, len(o.setter.undo.byID))
	}
	o.err = nil
	m, _ := o.many(t, "/bulk", `{"select":{"agents":["ana"]},"status":"break"}`)
	o.now += schemas.Instant(undoForMS) + 1
	if code, text := o.call(t, "POST", "/bulk/"+m.ID+"/undo", "", nil); code != 404 {
		t.Errorf("a day later: %d %s", code, text)
	}
	b := newUndoLog()
	for i := range 30 {
		before := map[string]beforeOf{}
		for a := range 9000 {
			before[fmt.Sprint(a)] = beforeOf{}
		}
		b.remember(fmt.Sprint(i), 1, before)
		if i%7 == 3 {
			b.forget(fmt.Sprint(i))
		}
	}
	if got := slices.Sorted(maps.Keys(b.byID)); !slices.Equal(got, []string{"25", "26", "27", "28", "29"}) ||
		b.agents != 45_000 || len(b.oldest) != 5 {
		t.Errorf("remembers %v of %d agents", got, b.agents)
	}
}
