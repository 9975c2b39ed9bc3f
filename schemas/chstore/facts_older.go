package chstore

import (
	"context"
	"slices"

	"rollcall/schemas"
)

// OlderChanges returns the facts before the Start of a query that are, for an agent and source, the newest to name a
// field, and others of the same instants: what was said so long ago that a stretch of facts does not show it, and may
// still hold. The query names its agents, whose facts come in byte order of the agents, those of one in the order of
// RULES.md section 3, one per key. They are found by key, however old they are; as known at an instant of the past, by
// a look at all facts of the agents.
func (s *Store) OlderChanges(ctx context.Context, q FactQuery, yield func(*schemas.Change) error) error {
	agents := q.Agents
	q.Start, q.End = monthStart(q.Start), q.Start
	if q.KnownAt != 0 {
		q.Start = 0
	}
	found, doubtful, err := s.older(ctx, q)
	if err == nil && len(doubtful) > 0 {
		q.Start, q.Agents = 0, doubtful
		var again map[string][]schemas.Change
		again, _, err = s.older(ctx, q)
		for _, agent := range doubtful {
			found[agent] = again[agent]
		}
	}
	if err != nil {
		return wrap("read older facts", err)
	}
	for _, agent := range slices.Compact(slices.Sorted(slices.Values(agents))) {
		for i := range found[agent] {
			if err := yield(&found[agent][i]); err != nil {
				return stoppable(err)
			}
		}
	}
	return nil
}

// newestFacts says when a source last named each field of an agent, 0 for never.
type newestFacts struct {
	AgentID, Source string
	At              [3]schemas.Instant `ch:"presence_at,status_at,routing_at"`
}

// older returns the newest facts before the End of the query by agent. Before its Start, which is that of a month, they
// are looked up in what the store keeps of each month. That knows receipts which do not count, because another of their
// key came earlier: agents for whom one is the newest are doubtful.
func (s *Store) older(ctx context.Context, q FactQuery) (found map[string][]schemas.Change, doubtful []string,
	err error) {
	ask := query("newest_facts").texts("selected", "agent_id", q.Agents).knownAt(q.KnownAt).
		number("start", int64(q.Start)).number("end", int64(q.End))
	newest, err := all(ctx, s, "look for the newest facts", ask, fieldsOf[newestFacts])
	if err != nil || len(newest) == 0 {
		return nil, nil, err
	}
	var instants []unsureFact
	for i := range newest {
		for _, at := range newest[i].At {
			if at != 0 {
				instants = append(instants, unsureFact{newest[i].AgentID, at})
			}
		}
	}
	found = map[string][]schemas.Change{}
	err = s.changes(ctx, "read the newest facts", settling(instants, q.KnownAt), func(c *schemas.Change) error {
		found[c.AgentID] = append(found[c.AgentID], *c)
		return nil
	})
	for i := range newest {
		if n := &newest[i]; q.Start != 0 && !n.among(found[n.AgentID]) {
			doubtful = append(doubtful, n.AgentID)
		}
	}
	return found, slices.Compact(doubtful), err
}

// among reports whether the changes hold a fact for each field.
func (n *newestFacts) among(changes []schemas.Change) bool {
	for f, at := range n.At {
		if at != 0 && !slices.ContainsFunc(changes, func(c schemas.Change) bool {
			return c.Source == n.Source && c.At == at && c.Fields()>>f&1 == 1
		}) {
			return false
		}
	}
	return true
}

// monthStart returns the first instant of the month of an instant.
func monthStart(at schemas.Instant) schemas.Instant {
	year, month, _ := at.Time().Date()
	return midnight(schemas.MakeDate(year, month, 1))
}

// LongAbsence is somebody of whom a source said at At that they are offline.
type LongAbsence struct {
	AgentID, Source string
	At              schemas.Instant
}

// LongAbsences lists, the oldest first, of whom a source said before the interval that they are offline, and named no
// presence in it, but said something else of them since it began.
func (s *Store) LongAbsences(ctx context.Context, v schemas.Interval) ([]LongAbsence, error) {
	return all(ctx, s, "look for long absences", query("long_absences").within(v), fieldsOf[LongAbsence])
}
