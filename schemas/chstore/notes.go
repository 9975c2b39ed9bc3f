package chstore

import (
	"context"

	"rollcall/schemas"
)

// Note is an agent's note to colleagues and the instant of its fact.
type Note struct {
	AgentID string
	Text    string `ch:"note"`
	At      schemas.Instant
}

// Notes returns, by agent, the note of the latest fact that has one, unless people have set presence or status after it
// without a note. A note also ends when a feed reports another state; that is left to the caller, who reads the facts.
func (s *Store) Notes(ctx context.Context, q FactQuery) ([]Note, error) {
	const stated = "(note != '' OR source IN ('self', 'supervisor') AND (presence != '' OR status != ''))"
	return all(ctx, s, "read the notes to colleagues", q.query("notes", stated), fieldsOf[Note])
}
