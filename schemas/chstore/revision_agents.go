package chstore

import (
	"context"

	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// RevisionAgents gives the agents, in byte order, of whom the schedule revisions with these ids wrote days from From to To,
// both included.
func (s *Store) RevisionAgents(ctx context.Context, revisions []string, from, to schemas.Date) ([]string, error) {
	ids := new(proto.ColStr)
	ids.AppendArr(revisions)
	q := statement(query("revision_agents"), params{}.number("from", int64(from)).number("to", int64(to)))
	q.ExternalTable, q.ExternalData = "revisions", []proto.InputColumn{{Name: "revision", Data: ids}}
	var agents []string
	err := eachOf(ctx, s, q, []column[string]{text("agent_id", func(a *string) *string { return a })}, func(a *string) error {
		agents = append(agents, *a)
		return nil
	})
	return agents, wrap("read whose days a revision wrote", err)
}
