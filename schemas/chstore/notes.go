package chstore

import (
	"context"

	"rollcall/schemas"
)

// Note is what an agent tells colleagues, and the instant of the fact that says so.
type Note struct {
	AgentID, Text string
	At            schemas.Instant
}

// Notes gives, by agent, the note of the latest fact that has one, unless people have set presence or status after it
// without a note. Whether a feed has told of another state since, which ends a note too, the facts say.
func (s *Store) Notes(ctx context.Context, q FactQuery) ([]Note, error) {
	const stated = "(note != '' OR source IN ('self', 'supervisor') AND (presence != '' OR status != ''))"
	rows, err := all(ctx, s, q.query("notes", stated), func(n *Note) []field {
		return []field{{"agent_id", &n.AgentID}, {"note", &n.Text}, {"at", &n.At}}
	})
	return rows, wrap("read the notes to colleagues", err)
}
