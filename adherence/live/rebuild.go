package live

import (
	"context"
	"fmt"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// reading is what was read from the store, before it is put on the board.
type reading struct {
	known      *adherence.Known
	names      schemas.Names
	facts      map[string][]schemas.Fact
	activities map[string][]schemas.Activity
}

// Rebuild reads every agent from the store. Changes that were applied and are not in the store yet stay.
func (b *Board) Rebuild(ctx context.Context) error { return b.reload(ctx, chstore.Selection{}, true) }

// Refresh reads again what other writers have changed: the named agents (nil for everybody), and the roster, rules, gaps
// and corrections if circumstances says so.
func (b *Board) Refresh(ctx context.Context, agents []string, circumstances bool) error {
	if agents != nil && len(agents) == 0 {
		return nil
	}
	return b.reload(ctx, chstore.Selection{Agents: agents}, circumstances)
}

// Written tells that a journal row of changes has appeared. If it tells of a batch that was applied here, the store has
// that batch and all before it, and nothing needs to be read again: ours is true. Batches are compared by their ids, which
// grow (UUID version 7), because the spool writes several under the id of the last.
func (b *Board) Written(batch string) (ours bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ours = b.pending[batch]; ours {
		for id := range b.pending {
			if id <= batch {
				delete(b.pending, id)
			}
		}
	}
	return ours
}

func (b *Board) reload(ctx context.Context, sel chstore.Selection, circumstances bool) error {
	now := b.now()
	r, err := b.read(ctx, sel, now)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.learn(r.known) // which feeds tell of whom changes with facts, too
	b.place(r, sel.Agents)
	if sel.Agents == nil {
		b.ready, b.loaded = true, schemas.UTC.Date(now)
	}
	for _, a := range b.touched(sel.Agents, circumstances) {
		b.look(a, now)
	}
	b.publish()
	return nil
}

// touched lists the agents to judge again.
func (b *Board) touched(agents []string, everybody bool) []*agent {
	var out []*agent
	if agents == nil || everybody {
		for _, a := range b.agents {
			out = append(out, a)
		}
		return out
	}
	for _, id := range agents {
		out = append(out, b.agent(id))
	}
	return out
}

// place puts what was read on the board, with the changes that the store does not have yet.
func (b *Board) place(r *reading, only []string) {
	if only == nil {
		for id, a := range b.agents {
			if _, ok := r.facts[id]; !ok {
				a.facts = nil
			}
			if _, ok := r.activities[id]; !ok {
				a.activities = nil
			}
		}
		for id := range r.known.Agents {
			b.agent(id)
		}
	}
	for _, id := range only {
		a := b.agent(id)
		a.facts, a.activities = nil, nil
	}
	for id, facts := range r.facts {
		for i := range facts {
			facts[i].Secondary = b.names.ID(r.names.Text(facts[i].Secondary))
		}
		b.agent(id).facts = facts
	}
	for id, acts := range r.activities {
		b.agent(id).activities = acts
	}
	for _, batch := range b.pending {
		for _, h := range batch {
			b.agent(h.agent).insert(h.fact)
		}
	}
}

// read reads from the store what the judge needs for today. Nothing is locked meanwhile.
func (b *Board) read(ctx context.Context, sel chstore.Selection, now schemas.Instant) (*reading, error) {
	r := &reading{facts: map[string][]schemas.Fact{}, activities: map[string][]schemas.Activity{}}
	around := schemas.Interval{Start: now.Add(-40 * schemas.DayMS), End: now.Add(2 * schemas.DayMS)}
	c, err := b.deps.Store.Circumstances(ctx, around, b.past.knownAt)
	if err != nil {
		return nil, err
	}
	if r.known, err = adherence.Know(c, b.cfg.Zone); err != nil {
		return nil, err
	}
	_, _, before, after := r.known.Reach()
	err = b.deps.Store.Facts(ctx, chstore.FactQuery{Selection: sel, Start: now.Add(-before - 2*schemas.DayMS), End: b.past.until,
		KnownAt: b.past.knownAt, Names: &r.names},
		func(agent string, facts []schemas.Fact) error {
			r.facts[agent] = append(r.facts[agent], facts...)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("reading the facts of the last days: %w", err)
	}
	q := chstore.ScheduleQuery{Selection: sel, From: schemas.UTC.Date(now.Add(-before - 2*schemas.DayMS)), To: schemas.UTC.Date(now.Add(after + 2*schemas.DayMS)),
		KnownAt: b.past.knownAt}
	err = b.deps.Store.ScheduleDays(ctx, q, func(agent string, days []schemas.ScheduleDay) error {
		for i := range days {
			r.activities[agent] = append(r.activities[agent], days[i].Activities...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the schedules around today: %w", err)
	}
	for _, acts := range r.activities {
		schemas.SortActivities(acts)
	}
	return r, nil
}
