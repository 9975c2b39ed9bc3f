package batch

import (
	"fmt"
	"testing"

	"rollcall/schemas/chstore"
)

// TestOneListIsSharedOut: a list of many agents gives each worker a part, in order and without loss; few agents, key
// ranges and several lists stay as they are.
func TestOneListIsSharedOut(t *testing.T) {
	var many []string
	for n := range 101 {
		many = append(many, fmt.Sprintf("a%03d", n))
	}
	got := shared([]chstore.Selection{{Agents: many}}, 2)
	if len(got) != 2 || len(got[0].Agents) != 51 || got[1].Agents[0] != "a051" || len(got[1].Agents) != 50 {
		t.Errorf("101 agents for two workers: %v", got)
	}
	for _, same := range [][]chstore.Selection{nil, {{Agents: many[:64]}}, {{FromAgent: "a"}},
		{{Agents: many}, {Agents: many}}} {
		if got := shared(same, 2); len(got) != len(same) {
			t.Errorf("%v became %v", same, got)
		}
	}
}
