package chstore

import (
	"context"
	"fmt"

	"rollcall/schemas"
)

// Circumstances reads the small tables that a judgement needs besides facts and schedules, as recorded by knownAt (0 =
// now); of gaps and corrections those that overlap within.
func (s *Store) Circumstances(ctx context.Context, within schemas.Interval,
	knownAt schemas.Instant) (c schemas.Circumstances, err error) {
	if c.Members, err = s.Memberships(ctx, knownAt); err != nil {
		return c, fmt.Errorf("reading the roster: %w", err)
	}
	if c.Policies, err = s.Policies(ctx, knownAt); err != nil {
		return c, fmt.Errorf("reading the policies: %w", err)
	}
	if c.Corrections, err = s.Corrections(ctx, within, knownAt); err != nil {
		return c, fmt.Errorf("reading the corrections: %w", err)
	}
	if c.Gaps, err = s.Gaps(ctx, within, knownAt); err != nil {
		return c, fmt.Errorf("reading the feed gaps: %w", err)
	}
	if c.Feeds, err = s.Feeds(ctx, knownAt); err != nil {
		return c, fmt.Errorf("reading the feeds: %w", err)
	}
	if c.Sources, err = s.AgentSources(ctx, knownAt); err != nil {
		return c, fmt.Errorf("reading which feed reports whom: %w", err)
	}
	return c, nil
}
