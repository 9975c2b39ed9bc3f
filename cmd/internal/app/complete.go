package app

import (
	"context"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// Completeness tells, for any agent, how far each of their feeds is complete, as the store had it at knownAt, 0 for
// now.
func Completeness(ctx context.Context, s *chstore.Store, knownAt schemas.Instant) (func(agent string) map[string]*schemas.Instant, error) {
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

// Completeness tells, for any agent, how far each of their feeds is complete.
func (r results) Completeness(ctx context.Context) (func(agent string) map[string]*schemas.Instant, error) {
	return Completeness(ctx, r.Store, 0)
}
