package ingest

import (
	"strings"
	"testing"

	"rollcall/schemas"
)

// The table of Contradiction, written down again as the pairs that go wrong; every other combination goes together.
func TestOfflineIsTheOnlyPresenceThatContradicts(t *testing.T) {
	wrong := map[string]bool{"status available": true, "routing idle": true, "routing interacting": true,
		"routing communicating": true, "routing not_responding": true}
	for p := schemas.PresenceNone; p <= schemas.PresenceOffline; p++ {
		for s := schemas.StatusNone; s <= schemas.StatusOffQueue; s++ {
			for r := schemas.RoutingNone; r <= schemas.RoutingNotResponding; r++ {
				want := p == schemas.PresenceOffline && (wrong["status "+s.String()] || wrong["routing "+r.String()])
				got := Contradiction(p, s, r)
				if (got != nil) != want {
					t.Errorf("%s %s %s: %v", p, s, r, got)
				}
				if got != nil && !strings.Contains(got.Message, "right would be") {
					t.Errorf("%s %s %s does not say what would be right: %v", p, s, r, got)
				}
			}
		}
	}
}

// One finding for each agent and kind, however often a feed says it, so that findings do not grow with the facts.
func TestAContradictionIsOneFinding(t *testing.T) {
	of := func(agent string, at schemas.Instant, s schemas.Status, r schemas.Routing) string {
		f := ContradictionFinding(&schemas.Change{
			Source:   "acd",
			AgentID:  agent,
			At:       at,
			Presence: schemas.PresenceOffline,
			Status:   s,
			Routing:  r,
		})
		if f == nil {
			return ""
		}
		return f.ID
	}
	first := of("ana", 1, schemas.StatusAvailable, 0)
	if first == "" || of("ana", 2, schemas.StatusAvailable, 0) != first {
		t.Error("the same again is another finding")
	}
	if of("ben", 1, schemas.StatusAvailable, 0) == first || of("ana", 1, 0, schemas.RoutingIdle) == first ||
		of("ana", 1, schemas.StatusBreak, 0) != "" {
		t.Error("another agent, or kind, or none")
	}
}
