package web_test

import (
	"strings"
	"testing"

	"rollcall/schemas"
)

// A routing engine hears who may be offered work, and of nothing else.
func TestARoutingEngineHearsOnlyOfRoutability(t *testing.T) {
	h := newHouse(t, config())
	s := h.listen(t, nil, "supervisor", "?events=routable")
	if name, _, data := s.next(t); name != "snapshot" ||
		!strings.Contains(data, `"items":[{"agent_id":"ana","routable":true,"version":1}]`) {
		t.Fatalf("%s is %s", name, data)
	}
	ana := agents()[0]
	ana.Note = "does not concern routing"
	h.board.set(ana)
	bob := agents()[1]
	bob.Routable, bob.NotRoutableBecause = true, ""
	h.board.set(bob) // of another team
	ana.Routable, ana.NotRoutableBecause, ana.Status = false, "status is break; the contact may be finished",
		schemas.StatusBreak
	h.board.set(ana)
	name, last, data := s.next(t)
	if name != "routable" || data != `{"agent_id":"ana","routable":false,"not_routable_because":"status is break; `+
		`the contact may be finished","version":5}` {
		t.Errorf("%s is %s", name, data)
	}
	ana.Team = "Sales"
	h.board.set(ana)
	s.want(t, "gone", `{"agent_id":"ana"}`)
	s.close()
	ana.Team, ana.Routable, ana.NotRoutableBecause = "Billing", true, ""
	h.board.set(ana)
	again := h.listen(t, nil, "supervisor", "?events=routable", "Last-Event-ID", last)
	if name, _, data := again.next(t); name != "routable" || !strings.Contains(data, `"routable":true,"version":7`) {
		t.Errorf("after a lost connection %s is %s", name, data)
	}
}

// Colleagues see presence, not who may be offered work.
func TestAColleagueIsNotToldWhoIsRoutable(t *testing.T) {
	h := newHouse(t, config())
	s := h.listen(t, nil, "agent", "?events=routable")
	if _, _, data := s.next(t); !strings.Contains(data, `"ana"`) || strings.Contains(data, "bob") {
		t.Errorf("an agent's own stream begins with %s", data)
	}
	status, head, body := h.ask(t, "admin", "GET", "/api/v1/live/stream?events=routeable", "")
	problem(t, "unknown events", 422, status, head, body)
	status, head, body = h.ask(t, "admin", "GET", "/api/v1/live/stream?events=routable&events=routable", "")
	problem(t, "events twice", 422, status, head, body)
}
