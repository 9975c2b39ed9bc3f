package chstore

import (
	"context"

	"rollcall/schemas"
)

// RevisionAgents returns the agents, in byte order, of whom the schedule revisions with these ids wrote days from From
// to To, both included.
func (s *Store) RevisionAgents(ctx context.Context, revisions []string, from, to schemas.Date) ([]string, error) {
	q := query("revision_agents").number("from", int64(from)).number("to", int64(to)).texts("revisions", "revision",
		revisions)
	agents, err := all(ctx, s, q, agentID)
	return agents, wrap("read whose days a revision wrote", err)
}

// agentID reads a result of agents' ids.
func agentID(id *string) []field { return []field{{"agent_id", id}} }
