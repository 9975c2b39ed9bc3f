package imports

import (
	"cmp"
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

// dayTally adds up what becomes of the days of an agent.
type dayTally struct {
	tally schemas.ScheduleTally
	// touched covers what is scheduled, before or after, on the days that change.
	touched schemas.Interval
	// begunFrom and begunTo are the first and the last day of which a part that has begun changes: judging them may come
	// out otherwise. Both are 0 where there is none.
	begunFrom, begunTo schemas.Date
}

// add takes a day that changes, and says whether a part of it changes that has begun.
func (t *dayTally) add(day schemas.Date, before, after []schemas.Activity, now schemas.Instant) (begun bool) {
	for _, c := range schemas.CompareActivities(before, after, nil) {
		t.tally.Count(c)
		begun = begun || c.Begun(now)
	}
	for _, side := range [][]schemas.Activity{before, after} {
		for i := range side {
			t.touched = t.touched.Hull(side[i].Interval())
		}
	}
	if begun {
		t.begunFrom, t.begunTo = cmp.Or(t.begunFrom, day), day
	}
	return begun
}

// supposed is an agent of whom days that have begun would change, between two dates.
type supposed struct {
	agent    string
	from, to schemas.Date
	number   int
}

// supposed appends the agent where days of theirs that have begun would change.
func (t *dayTally) supposed(to []supposed, agent string, number int) []supposed {
	if t.begunFrom == 0 {
		return to
	}
	return append(to, supposed{agent, t.begunFrom, t.begunTo, number})
}

// effect judges the days of these agents as they are and with those of the days read that have begun, some agents at a
// time.
func (m *Ledger) effect(ctx context.Context, who []supposed, read func(context.Context, []supposed,
	func(day *schemas.ScheduleDay, begun bool) error) error, judged func(agents, of int)) (*Effect, error) {
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
		q.Overlay, q.Agents = &batch.Overlay{}, nil
		for _, s := range part {
			q.Agents = append(q.Agents, s.agent)
		}
		err := read(ctx, part, func(day *schemas.ScheduleDay, begun bool) error {
			if begun {
				one := *day
				one.Activities = slices.Clone(day.Activities)
				q.Overlay.Schedule = append(q.Overlay.Schedule, one)
			}
			return nil
		})
		if err != nil {
			return nil, err
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
