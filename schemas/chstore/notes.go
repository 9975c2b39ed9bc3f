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
	sq := q.query("notes", "(note != '' OR source IN ('self', 'supervisor') AND (presence != '' OR status != ''))")
	var rows []Note
	err := eachOf(ctx, s, sq, []column[Note]{
		text("agent_id", func(n *Note) *string { return &n.AgentID }),
		text("note", func(n *Note) *string { return &n.Text }),
		instant("at", func(n *Note) *schemas.Instant { return &n.At }),
	}, func(n *Note) error { rows = append(rows, *n); return nil })
	return rows, wrap("read the notes to colleagues", err)
}
