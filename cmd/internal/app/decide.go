package app

import (
	"context"
	"fmt"
	"slices"

	"rollcall/adherence/batch"
	"rollcall/cmd/internal/config"
	"rollcall/ingest/decisions"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// Decisions are policies and corrections, what they would change, and what a day's figures come from.
type Decisions struct {
	*decisions.Ledger
	batch *batch.Batch
	store *chstore.Store
	// Done, which may be nil, is called with the progress in agents where days are judged.
	Done func(agents, of int)
}

// NewDecisions makes the decisions over the store.
func NewDecisions(c config.Config, s *chstore.Store) (*Decisions, error) {
	z, err := zone(c)
	if err != nil {
		return nil, err
	}
	b, err := NewBatch(c, s)
	return &Decisions{Ledger: decisions.New(s, z, Clock), batch: b, store: s}, err
}

// PolicyInForce returns the version of the rules in force on a date for an agent, or for a team or site, or for the
// organisation where none is named; nil means the default rules.
func (d *Decisions) PolicyInForce(ctx context.Context, agent, team, site string,
	on schemas.Date) (*schemas.PolicyVersion, error) {
	known, err := know(ctx, d.store)
	if err != nil {
		return nil, err
	}
	m := &schemas.Membership{Team: team, Site: site}
	if agent != "" {
		if m = known.Member(agent, on); m == nil {
			hint := ""
			if near := schemas.Nearest(agent, slices.Sorted(known.Agents)); near != "" {
				hint = fmt.Sprintf("; did you mean %q?", near)
			}
			return nil, &decisions.InvalidError{Problems: []*schemas.FieldError{{Field: "agent",
				Message: fmt.Sprintf("%q is on no roster on %s%s", agent, on, hint)}}}
		}
	}
	return known.Policy(m, on), nil
}

// PolicyWhatIf judges what a policy would change: its version supposed from its first date on.
func (d *Decisions) PolicyWhatIf(ctx context.Context, o decisions.PolicyDraft, to schemas.Date) (*batch.Outcome,
	error) {
	v, err := o.Version()
	if err != nil {
		return nil, err
	}
	v.RecordedAt = Now()
	q := batch.WhatIf{
		From:    o.From,
		To:      to,
		AsOf:    Now(),
		Overlay: &batch.Overlay{Policies: []schemas.PolicyVersion{v}},
		Done:    d.Done,
	}
	if o.Team != "" {
		q.Teams = []string{o.Team}
	}
	if o.Site != "" {
		q.Sites = []string{o.Site}
	}
	return d.batch.WhatIf(ctx, q)
}

// CorrectionWhatIf judges what a plan of corrections would change, on the days that it changes. It lists every agent of
// the plan with the percentage before and after; of whom nothing changes, no day is counted.
func (d *Decisions) CorrectionWhatIf(ctx context.Context, p *decisions.CorrectionPlan) ([]batch.DifferenceJSON,
	error) {
	from, to := p.Dates()
	corrections := slices.Clone(p.Corrections)
	for i := range corrections {
		corrections[i].RecordedAt = Now()
	}
	out, err := d.batch.WhatIf(ctx, batch.WhatIf{
		From:        from,
		To:          to,
		Agents:      p.Agents(),
		AsOf:        Now(),
		OnlyChanged: true,
		Overlay:     &batch.Overlay{Corrections: corrections},
		Done:        d.Done,
	})
	if err != nil {
		return nil, err
	}
	found := map[string]*batch.Difference{}
	for i := range out.Agents {
		found[out.Agents[i].AgentID] = &out.Agents[i]
	}
	var rows []batch.DifferenceJSON
	for _, agent := range p.Agents() {
		row := batch.Difference{Level: "agent", AgentID: agent, Name: p.Members[agent].Name, Team: p.Members[agent].Team}
		if d := found[agent]; d != nil {
			row = *d
		}
		rows = append(rows, row.JSON())
	}
	return rows, nil
}

// Explain explains a day as it is now.
func (d *Decisions) Explain(ctx context.Context, agent string, day schemas.Date) (*batch.Explanation, error) {
	return d.batch.Explain(ctx, d.store, agent, day, Now(), 0)
}
