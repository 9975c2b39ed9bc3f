package app

import (
	"context"
	"errors"
	"slices"

	"rollcall/adherence"
	"rollcall/adherence/batch"
	webdays "rollcall/reports/web/days"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// credentials is the store as package access sees it.
type credentials struct{ *chstore.Store }

// WriteCredential adds a record and its journal row.
func (c credentials) WriteCredential(ctx context.Context, rec schemas.Credential, row schemas.JournalRow) error {
	return c.WriteCredentials(ctx, row, []schemas.Credential{rec})
}

// results is the store as the web reads judged days.
type results struct{ *chstore.Store }

// Days returns one page of judged days in order of agent and day. Rows outside the asker's scope are passed over.
func (r results) Days(ctx context.Context, q webdays.Query) ([]schemas.DayRow, error) {
	var out []schemas.DayRow
	dq := chstore.DayQuery{
		Selection:  chstore.Selection{Agents: q.Agents, FromAgent: q.After.AgentID},
		From:       q.From,
		To:         q.To,
		Teams:      q.Teams,
		Sites:      q.Sites,
		Against:    batch.Against,
		Exceptions: true,
		ByAgent:    true,
	}
	if dq.To == 0 {
		dq.To = schemas.MakeDate(2199, 12, 31)
	}
	err := r.DayRows(ctx, dq, func(d *schemas.DayRow) error {
		if d.AgentID == q.After.AgentID && d.Day <= q.After.Day || !q.Scope.Covers(d.AgentID, d.Team, d.Site) ||
			q.WithExceptions && len(d.Exceptions) == 0 {
			return nil
		}
		out = append(out, copyRow(d))
		if len(out) == q.Limit {
			return chstore.ErrStop
		}
		return nil
	})
	if errors.Is(err, chstore.ErrStop) {
		err = nil
	}
	return out, err
}

// copyRow copies a row, which the store lends for one call only.
func copyRow(d *schemas.DayRow) schemas.DayRow {
	row := *d
	row.Activities, row.Intervals, row.Exceptions = slices.Clone(d.Activities), nil, slices.Clone(d.Exceptions)
	for i := range row.Exceptions {
		row.Exceptions[i].Parts = slices.Clone(row.Exceptions[i].Parts)
	}
	return row
}

// Completeness returns how far each feed of an agent is complete, for any agent, as the store had it at knownAt, 0 for
// now.
func Completeness(ctx context.Context, s *chstore.Store,
	knownAt schemas.Instant) (func(agent string) map[string]*schemas.Instant, error) {
	feeds, err := s.Feeds(ctx, knownAt)
	if err != nil {
		return nil, err
	}
	sources, err := s.AgentSources(ctx, knownAt)
	if err != nil {
		return nil, err
	}
	known, err := adherence.Know(schemas.Circumstances{Feeds: feeds, Sources: sources}, schemas.UTC)
	if err != nil {
		return nil, err
	}
	return known.CompleteByFeed, nil
}

// Completeness returns how far each feed of an agent is complete, for any agent.
func (r results) Completeness(ctx context.Context) (func(agent string) map[string]*schemas.Instant, error) {
	return Completeness(ctx, r.Store, 0)
}
