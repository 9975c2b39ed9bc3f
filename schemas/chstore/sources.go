package chstore

import (
	"context"
	"slices"

	"rollcall/schemas"
)

// AgentSources returns the feeds of every agent as known at an instant, by agent and source. For an instant of the past
// every fact is looked at; now costs one row per agent and feed.
func (s *Store) AgentSources(ctx context.Context, known schemas.Instant) ([]schemas.AgentSource,
	error) {
	return all(ctx, s, "read the feeds of agents", agentSources(known), fieldsOf[schemas.AgentSource])
}

func agentSources(known schemas.Instant) statement {
	if known != 0 {
		return query("agent_sources_known").knownAt(known)
	}
	return query("agent_sources")
}

// AgentRange is a stretch of one agent's time.
type AgentRange struct {
	AgentID string
	schemas.Interval
}

// FactSpan is how long a fact may matter: it names Fields at At, and at Next its source has named each of them again;
// Next is 0 when that does not happen within the horizon that was asked for.
type FactSpan struct {
	At     schemas.Instant
	Source string
	Fields schemas.Fields
	Next   schemas.Instant
}

// NextFacts returns, for every agent of the ranges, the facts that lie in them, in order of time, each with the instant
// from which it no longer matters (RULES.md section 10). Nothing later than horizonMS after a fact is looked at. Copies
// of facts are not distinguished: they have the same span.
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
	q := FactQuery{Start: whole.Start, End: whole.End.Add(horizonMS), Names: &schemas.FactNames{}}
	for agent := range byAgent {
		q.Agents = append(q.Agents, agent)
	}
	slices.Sort(q.Agents)
	var spans []FactSpan
	err := s.Facts(ctx, q, func(agent string, facts []schemas.Fact) error {
		spans = nextFacts(spans[:0], facts, schemas.Union(byAgent[agent]), horizonMS, q.Names)
		if len(spans) == 0 {
			return nil
		}
		return yield(agent, spans)
	})
	return wrap("look for what follows facts", err)
}

// nextFacts walks the facts backwards, remembering where each source last named each field.
func nextFacts(spans []FactSpan, facts []schemas.Fact, ranges []schemas.Interval, horizonMS int64,
	names *schemas.FactNames) []FactSpan {
	var bySource [schemas.MostSources + 1][3]schemas.Instant
	k := len(ranges) - 1
	for i := len(facts) - 1; i >= 0; i-- {
		f := &facts[i]
		span := FactSpan{At: f.At, Source: names.Sources.Text(uint32(f.Source)), Fields: named(f)}
		next := &bySource[f.Source]
		for n := range next {
			if span.Fields&(1<<n) == 0 {
				continue
			}
			if next[n] == 0 || next[n].Sub(f.At) > horizonMS {
				span.Next = -1
			} else if span.Next >= 0 {
				span.Next = max(span.Next, next[n])
			}
			next[n] = f.At
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

func named(f *schemas.Fact) schemas.Fields {
	c := schemas.Change{Presence: f.Presence, Status: f.Status, Routing: f.Routing}
	return c.Fields()
}
