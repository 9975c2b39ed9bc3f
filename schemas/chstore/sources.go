package chstore

import (
	"context"
	"slices"

	"rollcall/schemas"
)

// AgentSource says which feed reports whom: since when Source names each of the three fields of AgentID, in the order
// presence, status, routing; 0 for never.
type AgentSource = schemas.AgentSource

func agentSourceFields(a *AgentSource) []field {
	return []field{
		{"agent_id", &a.AgentID},
		{"source", &a.Source},
		{"presence_since", &a.First[0]},
		{"status_since", &a.First[1]},
		{"routing_since", &a.First[2]},
		{"last_at", &a.Last},
	}
}

// AgentSources returns the feeds of every agent as known at an instant, by agent and source. For an instant of the past
// every fact is looked at; now costs one row per agent and feed.
func (s *Store) AgentSources(ctx context.Context, known schemas.Instant) ([]AgentSource, error) {
	file := "agent_sources"
	if known != 0 {
		file = "agent_sources_known"
	}
	rows, err := all(ctx, s, query(file).knownAt(known), agentSourceFields)
	return rows, wrap("read the feeds of agents", err)
}

// AgentRange is a stretch of one agent's time.
type AgentRange struct {
	AgentID string
	schemas.Interval
}

// FactSpan is how long a fact may matter: it names Fields at At, and at Next each of them has been named again; Next is
// 0 when that does not happen within the horizon that was asked for.
type FactSpan struct {
	At     schemas.Instant
	Fields schemas.Fields
	Next   schemas.Instant
}

// NextFacts gives, for every agent of the ranges, the facts that lie in them, in order of time, each with the instant
// from which it no longer matters (RULES.md section 10). Nothing later than horizonMS after a fact is looked at. Copies
// of facts are not told apart: they give the same span.
func (s *Store) NextFacts(ctx context.Context, ranges []AgentRange, horizonMS int64,
	yield func(agent string, spans []FactSpan) error) error {
	if len(ranges) == 0 {
		return nil
	}
	byAgent := map[string][]schemas.Interval{}
	whole := ranges[0].Interval
	for _, r := range ranges {
		byAgent[r.AgentID] = append(byAgent[r.AgentID], r.Interval)
		whole = schemas.Interval{Start: min(whole.Start, r.Start), End: max(whole.End, r.End)}
	}
	q := FactQuery{Start: whole.Start, End: whole.End.Add(horizonMS)}
	for agent := range byAgent {
		q.Agents = append(q.Agents, agent)
	}
	slices.Sort(q.Agents)
	var spans []FactSpan
	err := s.Facts(ctx, q, func(agent string, facts []schemas.Fact) error {
		spans = nextFacts(spans[:0], facts, schemas.Union(byAgent[agent]), horizonMS)
		if len(spans) == 0 {
			return nil
		}
		return yield(agent, spans)
	})
	return wrap("look for what follows facts", err)
}

// nextFacts walks the facts backwards, remembering where each field was last named.
func nextFacts(spans []FactSpan, facts []schemas.Fact, ranges []schemas.Interval, horizonMS int64) []FactSpan {
	var named [3]schemas.Instant
	k := len(ranges) - 1
	for i := len(facts) - 1; i >= 0; i-- {
		f := &facts[i]
		span := FactSpan{At: f.At, Fields: fieldsOf(f)}
		for n := range named {
			if span.Fields&(1<<n) == 0 {
				continue
			}
			if named[n] == 0 || named[n].Sub(f.At) > horizonMS {
				span.Next = -1
			} else if span.Next >= 0 {
				span.Next = max(span.Next, named[n])
			}
			named[n] = f.At
		}
		span.Next = max(span.Next, 0)
		for k >= 0 && ranges[k].Start > f.At {
			k--
		}
		if k >= 0 && ranges[k].Contains(f.At) {
			spans = append(spans, span)
		}
	}
	slices.Reverse(spans)
	return spans
}

func fieldsOf(f *schemas.Fact) schemas.Fields {
	c := schemas.Change{Presence: f.Presence, Status: f.Status, Routing: f.Routing}
	return c.Fields()
}
