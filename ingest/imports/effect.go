package imports

import (
	"context"
	"fmt"
	"slices"

	"rollcall/adherence/batch"
	"rollcall/schemas"
)

// Effect is what a supposed schedule would do to the adherence of days that have begun.
type Effect struct {
	// From and To are the local dates that were judged, both included: those that change, and one more at either end,
	// because a day's neighbours have a say in it.
	From schemas.Date `json:"from"`
	To   schemas.Date `json:"to"`
	// Agents counts those who were judged: all of whom a day that has begun changes.
	Agents int `json:"agents"`
	// Rows are everybody judged, their teams, and each agent of whom anything comes out otherwise.
	Rows []batch.DifferenceJSON `json:"rows"`
}

// supposed is an agent of whom days that have begun would change, between two dates.
type supposed struct {
	agent    string
	from, to schemas.Date
	number   int
}

// effect judges the days of these agents as they are and with the days that of returns, some agents at a time.
func (m *Ledger) effect(ctx context.Context, who []supposed, of func([]supposed) ([]schemas.ScheduleDay, error),
	judged func(agents, of int)) (*Effect, error) {
	if len(who) == 0 || m.judge == nil {
		return nil, nil //nolint:nilnil // there is no effect
	}
	e := &Effect{From: who[0].from, To: who[0].to, Agents: len(who)}
	for _, s := range who {
		e.From, e.To = min(e.From, s.from), max(e.To, s.to)
	}
	e.From, e.To = max(e.From-1, e.To+2-batch.MostWhatIfDays), e.To+1
	q := batch.WhatIf{From: e.From, To: e.To, AsOf: m.now()}
	var sum batch.Outcome
	done := 0
	for part := range slices.Chunk(who, m.agentsAtOnce) {
		days, err := of(part)
		if err != nil {
			return nil, err
		}
		q.Overlay, q.Agents = &batch.Overlay{Schedule: days}, nil
		for _, s := range part {
			q.Agents = append(q.Agents, s.agent)
		}
		if judged != nil {
			q.Done = func(agents, _ int) { judged(done+agents, len(who)) }
		}
		out, err := m.judge.WhatIf(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("judging with the supposed schedule: %w", err)
		}
		sum.Join(out)
		done += len(part)
	}
	sum.Agents = slices.DeleteFunc(sum.Agents, func(a batch.Difference) bool { return a.Changed == 0 })
	e.Rows = sum.Rows(true)
	return e, nil
}
