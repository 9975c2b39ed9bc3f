package app

import (
	"context"
	"fmt"
	"slices"

	"rollcall/adherence"
	"rollcall/adherence/batch"
	"rollcall/cmd/internal/config"
	"rollcall/ingest/decisions"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// NewDecisions makes the ledger of policies and corrections.
func NewDecisions(c config.Config, s *chstore.Store) (*decisions.Ledger, error) {
	z, err := zone(c)
	if err != nil {
		return nil, err
	}
	return decisions.New(s, z, Clock), nil
}

// PolicyInForce returns the version of the rules in force on a date for an agent, or for a team or site, or for the
// organisation where none is named; nil means the default rules.
func PolicyInForce(ctx context.Context, s *chstore.Store, agent, team, site string,
	on schemas.Date) (*schemas.PolicyVersion, error) {
	c, err := s.Circumstances(ctx, schemas.Interval{}, 0)
	if err != nil {
		return nil, err
	}
	known, err := adherence.Know(c, schemas.UTC)
	if err != nil {
		return nil, err
	}
	m := &schemas.Membership{Team: team, Site: site}
	if agent != "" {
		if m = known.Member(agent, on); m == nil {
			ids := slices.Sorted(known.Agents)
			hint := ""
			if near := schemas.Nearest(agent, ids); near != "" {
				hint = fmt.Sprintf("; did you mean %q?", near)
			}
			return nil, &decisions.InvalidError{Problems: []*schemas.FieldError{{Field: "agent",
				Message: fmt.Sprintf("%q is on no roster on %s%s", agent, on, hint)}}}
		}
	}
	return known.Policy(m, on), nil
}

// PolicyWhatIf makes the question what a policy would change: its version supposed from the first date on.
func PolicyWhatIf(o decisions.PolicyDraft, to schemas.Date) (batch.WhatIf, error) {
	v, err := o.Version()
	if err != nil {
		return batch.WhatIf{}, err
	}
	v.RecordedAt = Now()
	q := batch.WhatIf{From: o.From, To: to, AsOf: Now(), Overlay: &batch.Overlay{Policies: []schemas.PolicyVersion{v}}}
	if o.Team != "" {
		q.Teams = []string{o.Team}
	}
	if o.Site != "" {
		q.Sites = []string{o.Site}
	}
	return q, nil
}

// CorrectionWhatIf makes the question what a plan of corrections would change, on the days that it changes.
func CorrectionWhatIf(p *decisions.CorrectionPlan) batch.WhatIf {
	from, to := p.Dates()
	corrections := slices.Clone(p.Corrections)
	for i := range corrections {
		corrections[i].RecordedAt = Now()
	}
	return batch.WhatIf{
		From:        from,
		To:          to,
		Agents:      p.Agents(),
		AsOf:        Now(),
		OnlyChanged: true,
		Overlay:     &batch.Overlay{Corrections: corrections},
	}
}

// Affected lists every agent of the plan with the percentage before and after; of whom nothing changes, no day is
// counted.
func Affected(p *decisions.CorrectionPlan, out *batch.Outcome) []batch.DifferenceJSON {
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
	return rows
}

// judgedDecisions is what the API decides and explains with.
type judgedDecisions struct {
	*decisions.Ledger
	batch *batch.Batch
	store *chstore.Store
}

// PolicyWhatIf judges what a policy would change.
func (d judgedDecisions) PolicyWhatIf(ctx context.Context, o decisions.PolicyDraft, to schemas.Date) (*batch.Outcome,
	error) {
	q, err := PolicyWhatIf(o, to)
	if err != nil {
		return nil, err
	}
	return d.batch.WhatIf(ctx, q)
}

// CorrectionWhatIf judges what a plan of corrections would change.
func (d judgedDecisions) CorrectionWhatIf(ctx context.Context, p *decisions.CorrectionPlan) ([]batch.DifferenceJSON,
	error) {
	out, err := d.batch.WhatIf(ctx, CorrectionWhatIf(p))
	if err != nil {
		return nil, err
	}
	return Affected(p, out), nil
}

// Explain explains a day as it is now.
func (d judgedDecisions) Explain(ctx context.Context, agent string, day schemas.Date) (*batch.Explanation, error) {
	return d.batch.Explain(ctx, d.store, agent, day, Now(), 0)
}
