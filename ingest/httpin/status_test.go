package httpin

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rollcall/adherence/live"
	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/access"
	"rollcall/schemas/chstore"
)

// roster is a store that knows who there is and nothing else; the board on it is the real one.
type roster []schemas.Membership

func (r roster) Circumstances(context.Context, schemas.Interval, schemas.Instant) (schemas.Circumstances, error) {
	return schemas.Circumstances{Members: r}, nil
}

func (roster) Facts(context.Context, chstore.FactQuery, func(string, []schemas.Fact) error) error {
	return nil
}

func (roster) OlderChanges(context.Context, chstore.FactQuery, func(*schemas.Change) error) error {
	return nil
}

func (roster) Notes(context.Context, chstore.FactQuery) ([]chstore.Note, error) { return nil, nil }

func (roster) ScheduleDays(context.Context, chstore.ScheduleQuery, func(string, []schemas.ScheduleDay) error) error {
	return nil
}

// through is a spool that puts what it takes on the board at once, as the spool of the program does.
type through struct {
	shelf
	board *live.Board
}

func (s *through) Accept(ctx context.Context, b ingest.Batch) (ingest.Receipt, error) {
	r, err := s.shelf.Accept(ctx, b)
	if err == nil {
		s.board.Apply("batch", b.Changes)
	}
	return r, err
}

// office is a StatusSetter with its board.
type office struct {
	*through
	setter *StatusSetter
	mux    *http.ServeMux
	who    access.Principal
	now    schemas.Instant
}

// oddID is an agent whose id has everything that a path may trip over, in 128 bytes.
var oddID = `a/b "c" <b>'d' ☎️ ?x=1&y#z %2F ` + strings.Repeat("n", 128-len(`a/b "c" <b>'d' ☎️ ?x=1&y#z %2F `))

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{now: receipt, through: &through{}}
	clock := func() time.Time { return o.now.Time() }
	var who roster
	for _, m := range [][2]string{{"ana", "Billing"}, {"ben", "Billing"}, {"bob", "Sales"}, {oddID, "Billing"}} {
		who = append(who, schemas.Membership{AgentID: m[0], Name: "The " + m[0], Team: m[1], Site: "Leeds",
			From: schemas.MakeDate(2026, 1, 1)})
	}
	o.board = live.New(live.DefaultConfig(), live.Deps{Store: who, Clock: clock})
	words := ingest.NewMapping([]schemas.SecondaryStatus{{Secondary: "Coaching", Status: schemas.StatusTraining},
		{Secondary: "E-Learning", Status: schemas.StatusTraining},
		{Secondary: "Prayer", Status: schemas.StatusBreak}})
	var err error
	o.setter, err = NewStatusSetter(Deps{Spool: o.through, Clock: clock,
		Mapping:   func() *ingest.Mapping { return words },
		Principal: func(*http.Request) access.Principal { return o.who }}, o.board)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.board.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.mux = http.NewServeMux()
	o.mux.HandleFunc("PUT /agents/{id}/status", o.setter.PutStatus)
	o.who = access.Principal{Name: "ana.o", Role: schemas.RoleAgent, AgentID: "ana", Origin: "192.0.2.7"}
	return o
}

// call makes a request and reads the answer into the value that into points to; a problem's text is given.
func (o *office) call(t testing.TB, method, path, body string, into any) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	if w.Code == http.StatusOK && into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Fatalf("%s: %v", w.Body, err)
		}
	}
	return w.Code, w.Body.String()
}

func (o *office) put(t testing.TB, id, body string) (row schemas.LiveAgent) {
	t.Helper()
	if code, text := o.call(t, "PUT", "/agents/"+url.PathEscape(id)+"/status", body, &row); code != http.StatusOK {
		t.Fatalf("PUT %s: %d %s", body, code, text)
	}
	return row
}

func (o *office) feed(changes ...schemas.Change) {
	for i := range changes {
		changes[i].Source, changes[i].At = "acd", o.now
	}
	o.board.Apply("feed", changes)
}

// Scenarios 1 and 2 of the source: the answer is the new row, and a break during a contact ends offers at once.
func TestAnAgentBeginsAShiftAndTakesABreakDuringAContact(t *testing.T) {
	o := newOffice(t)
	row := o.put(t, "ana", `{"presence":"available","note":"good morning"}`)
	if row.Presence != schemas.PresenceAvailable || row.Routable || row.Note != "good morning" {
		t.Errorf("after the presence: %+v", row)
	}
	o.now += 1000
	if row = o.put(t, "ana", `{"status":"available"}`); !row.Routable || row.Note != "" || row.Since.Status != o.now {
		t.Errorf("after the status: %+v", row)
	}
	o.feed(schemas.Change{AgentID: "ana", Routing: schemas.RoutingInteracting})
	o.now += 1000
	row = o.put(t, "ana", `{"status":"break","secondary":"prayer"}`)
	if row.Routable || row.NotRoutableBecause != "status is break; the contact may be finished" ||
		row.Secondary != "Prayer" || row.Routing != schemas.RoutingInteracting {
		t.Errorf("on the break: %+v", row)
	}
	b := o.batches[2]
	if c := b.Changes[0]; b.Actor != "ana.o" || b.Origin != "192.0.2.7 for ana" || c.Source != schemas.SourceSelf ||
		c.At != o.now || c.Presence != schemas.PresenceNone {
		t.Errorf("stored %+v", b)
	}
	o.who = access.Principal{Name: "sue", Role: schemas.RoleSupervisor, Teams: []string{"Billing"}}
	o.now += 1000
	if o.put(t, "ana", `{"status":"available"}`); o.batches[3].Changes[0].Source != schemas.SourceSupervisor {
		t.Errorf("a supervisor's change: %+v", o.batches[3])
	}
	row = o.put(t, oddID,
		`{"presence":"busy","status":"training","secondary":"COACHING","note":"\u003cscript\u003e \ud83d\udcde"}`)
	if row.AgentID != oddID || row.Secondary != "Coaching" || row.Note != "<script> 📞" {
		t.Errorf("an odd id: %+v", row)
	}
}

// A note alone leaves the state and is not a new one.
func TestANoteAloneKeepsTheState(t *testing.T) {
	o := newOffice(t)
	if code, text := o.call(t, "PUT", "/agents/ana/status", `{"note":"hello"}`, nil); code != 422 ||
		!strings.Contains(text, "nothing is known") {
		t.Errorf("a note on nothing: %d %s", code, text)
	}
	o.put(t, "ana", `{"presence":"busy","status":"training","secondary":"Coaching"}`)
	began := o.now
	o.now += 60_000
	row := o.put(t, "ana", `{"note":"in room 4"}`)
	if row.Note != "in room 4" || row.Presence != schemas.PresenceBusy || row.Since.Presence != began ||
		row.Since.Status != began || row.Secondary != "Coaching" {
		t.Errorf("with a note: %+v", row)
	}
	if o.now += 1000; o.put(t, "ana", `{"note":""}`).Note != "" {
		t.Error("an empty note does not clear it")
	}
}

func TestWhatCannotBeIsRefusedWithWhatWouldBeRight(t *testing.T) {
	deep := `{"note":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`
	for _, c := range []struct {
		given, body string
		code        int
		says        string
	}{
		{``, `{"presence":"offline","status":"available"}`, 422, "right would be presence available"},
		{`{"presence":"offline"}`, `{"status":"available"}`, 422, "the agent's presence is offline now"},
		{`{"presence":"available","status":"available"}`, `{"presence":"offline"}`, 422, "status off_queue"},
		{``, `{"status":"training","secondary":"Prayer"}`, 422, `\"Prayer\" belongs to status break, not to training`},
		{``, `{"status":"training","secondary":"Coching"}`, 422, `did you mean \"Coaching\"?`},
		{``, `{"status":"meal","secondary":"x"}`, 422, "meal has none, leave it out"},
		{``, `{"secondary":"nothing like it"}`, 422, "there are Coaching, E-Learning, Prayer"},
		{``, `{}`, 422, "name at least one"},
		{``, `{"presence":null,"status":null}`, 422, "name at least one"},
		{``, `{"presence":"vailable"}`, 422, `did you mean \"available\"?`},
		{``, `{"status":"unknown"}`, 422, "nothing to choose"},
		{``, `{"status":""}`, 422, "leave it out"},
		{``, `{"status":5}`, 422, "is a number; write a string"},
		{``, `{"satus":"break"}`, 422, `did you mean \"status\"?`},
		{``, `{"routing":"idle","status":"break"}`, 422, "the fields are presence, status, secondary, note"},
		{``, `{"status":"break","status":"meal"}`, 422, "given twice"},
		{``, `{"status":"break","st\u0061tus":"meal"}`, 422, "given twice"},
		{``, `{"status":"break","note":"a\u0000b"}`, 422, "one line"},
		{``, `{"status":"break","note":"` + strings.Repeat("é", 513) + `"}`, 422, "has 1026 bytes"},
		{``, `{"status":"break","note":"\ud83d"}`, 422, "surrogate"},
		{``, `["status"]`, 422, "is an array; write an object"},
		{``, deep, 413, "more than 16384 bytes"},
		{``, deep[:8+7000] + strings.Repeat("]", 7000) + `}`, 422, "note: is an array"},
		{``, `{"status":"break"`, 400, "at byte 16"},
		{``, `{"status":"break"} x`, 400, "at byte 19"},
		{``, ``, 400, "byte 0"},
	} {
		o := newOffice(t)
		if c.given != "" {
			o.put(t, "ana", c.given)
		}
		before := len(o.batches)
		o.now += 1000
		code, text := o.call(t, "PUT", "/agents/ana/status", c.body, nil)
		if code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("%.60s: %d %s, want %d %s", c.body, code, text, c.code, c.says)
		}
		if len(o.batches) != before {
			t.Errorf("%.60s: stored all the same", c.body)
		}
	}
}

func TestASetterThatCannotAnswer(t *testing.T) {
	o := newOffice(t)
	for _, id := range []string{"nobody", "x" + oddID} {
		code, text := o.call(t, "PUT", "/agents/"+url.PathEscape(id)+"/status", `{"status":"break"}`, nil)
		if want := map[bool]int{true: 404, false: 422}[len(id) <= 128]; code != want {
			t.Errorf("agent %q: %d %s, want %d", id, code, text, want)
		}
	}
	o.err = ingest.ErrFull
	code, text := o.call(t, "PUT", "/agents/ana/status", `{"status":"break"}`, nil)
	if row, _ := o.board.Agent("ana"); code != 503 || row.Status == schemas.StatusBreak {
		t.Errorf("a full disk: %d %s, %+v", code, text, row)
	}
	empty := newOffice(t)
	empty.board = live.New(live.DefaultConfig(), live.Deps{Store: roster{}, Clock: time.Now})
	empty.setter.board = empty.board
	if code, text := empty.call(t, "PUT", "/agents/ana/status", `{"status":"break"}`, nil); code != 503 ||
		!strings.Contains(text, "being read") {
		t.Errorf("a board that was not read: %d %s", code, text)
	}
}

// preferring is a roster under rules that take the status from other sources than people.
type preferring struct{ roster }

func (r preferring) Circumstances(ctx context.Context, within schemas.Interval,
	known schemas.Instant) (schemas.Circumstances, error) {
	c, err := r.roster.Circumstances(ctx, within, known)
	c.Policies = []schemas.PolicyVersion{{ID: "p", Rules: `{"prefer":{"status":["acd","helpdesk"]}}`}}
	return c, err
}

// A change that could not count is refused and names the source that does; presence, which nobody prefers, is set, and
// so is a note.
func TestAChangeThatWouldNotCountIsRefused(t *testing.T) {
	o := newOffice(t)
	o.board = live.New(live.DefaultConfig(), live.Deps{
		Store: preferring{roster{{AgentID: "ana", Name: "Ana Ortiz", Team: "Billing", From: schemas.MakeDate(2026, 1, 1)}}},
		Clock: func() time.Time { return o.now.Time() },
	})
	if err := o.board.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.setter.board = o.board
	code, text := o.call(t, "PUT", "/agents/ana/status", `{"presence":"away","status":"break"}`, nil)
	if code != http.StatusConflict ||
		!strings.Contains(text, "the status of Ana Ortiz is taken from acd, then helpdesk") ||
		len(o.batches) > 0 {
		t.Errorf("a status that would not count: %d %s, stored %+v", code, text, o.batches)
	}
	if row := o.put(t, "ana", `{"presence":"away","note":"back at 11"}`); row.Presence != schemas.PresenceAway {
		t.Errorf("a presence: %+v", row)
	}
	if row := o.put(t, "ana", `{"note":"back at 12"}`); row.Note != "back at 12" {
		t.Errorf("a note: %+v", row)
	}
}

// A feed is a witness: what it says is stored, and flagged once for each agent and kind.
func TestAFeedsContradictionIsKeptAndFlagged(t *testing.T) {
	spool := &shelf{}
	mux := server(t, spool, feed, nil)
	r := post(t, mux, "status-changes", strings.NewReader(`[{"agent_id":"ana","at":"2026-03-02T09:00:00Z",`+
		`"presence":"offline","status":"available"},
		{"agent_id":"ana","at":"2026-03-02T09:01:00Z","presence":"offline","status":"available"},
		{"agent_id":"ana","at":"2026-03-02T09:02:00Z","presence":"offline","status":"off_queue","routing":"idle"},
		{"agent_id":"ben","at":"2026-03-02T09:00:00Z","presence":"available","status":"break","routing":"interacting"}]`))
	if r.Accepted != 4 || len(spool.batches[0].Findings) != 2 {
		t.Errorf("%s with findings %+v", r.Text, spool.batches[0].Findings)
	}
	for _, f := range spool.batches[0].Findings {
		if f.Kind != schemas.FindingContradiction || f.AgentID != "ana" || f.Source != "acd" ||
			!strings.Contains(f.Detail, "right would be") {
			t.Errorf("%+v", f)
		}
	}
	admin := server(t, spool, access.Principal{Name: "op", Role: schemas.RoleAdmin}, nil)
	if r := post(t, admin, "status-changes",
		strings.NewReader(`[{"source":"self","agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"break"}]`)); len(
		r.Rejected) != 1 {
		t.Errorf("a feed that calls itself self: %s", r.Text)
	}
}
