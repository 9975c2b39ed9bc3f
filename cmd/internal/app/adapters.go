package app

import (
	"errors"
	webdays "rollcall/reports/web/days"
	"slices"

	"context"

	"rollcall/adherence/batch"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

type change = schemas.Change

// credentials is the store as package access sees it.
type credentials struct{ *chstore.Store }

// WriteCredential adds a record and its journal row.
func (c credentials) WriteCredential(ctx context.Context, rec schemas.Credential, row schemas.JournalRow) error {
	return c.WriteCredentials(ctx, row, []schemas.Credential{rec})
}

// results is the store as the web reads judged days.
type results struct{ *chstore.Store }

// Days gives one page of judged days in order of agent and day. Rows outside the asker's scope are passed over.
func (r results) Days(ctx context.Context, q webdays.Query) ([]schemas.DayRow, error) {
	var out []schemas.DayRow
	dq := chstore.DayQuery{Selection: chstore.Selection{Agents: q.Agents, FromAgent: q.After.AgentID}, From: q.From, To: q.To,
		Teams: q.Teams, Sites: q.Sites, Against: batch.Against, Exceptions: true, ByAgent: true}
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

// copyRow keeps what the store gives for the time of one call only.
func copyRow(d *schemas.DayRow) schemas.DayRow {
	row := *d
	row.Activities, row.Intervals, row.Exceptions = slices.Clone(d.Activities), nil, slices.Clone(d.Exceptions)
	for i := range row.Exceptions {
		row.Exceptions[i].Parts = slices.Clone(row.Exceptions[i].Parts)
	}
	return row
}
