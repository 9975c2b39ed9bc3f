package chstore

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"rollcall/schemas"
)

// Circumstances reads the small tables that a judgement needs besides facts and schedules, as recorded by knownAt (0 =
// now); of gaps and corrections those that overlap within.
func (s *Store) Circumstances(ctx context.Context, within schemas.Interval,
	knownAt schemas.Instant) (schemas.Circumstances, error) {
	return s.circumstances(ctx, query("memberships").knownAt(knownAt), agentSources(knownAt), within, knownAt)
}

// CircumstancesOf is Circumstances with what concerns one agent only, for explaining a day without reading the whole
// organisation. Of the other agents' feeds it says, under no agent, that they have reported somebody.
func (s *Store) CircumstancesOf(ctx context.Context, agent string, within schemas.Interval) (schemas.Circumstances,
	error) {
	c, err := s.circumstances(ctx, query("memberships_of").text("agent", agent),
		query("agent_sources_of").text("agent", agent), within, 0)
	c.Corrections = slices.DeleteFunc(c.Corrections, func(x schemas.Correction) bool { return x.AgentID != agent })
	c.Gaps = slices.DeleteFunc(c.Gaps, func(g schemas.Gap) bool { return g.AgentID != "" && g.AgentID != agent })
	return c, wrap(fmt.Sprintf("read what concerns agent %q", agent), err)
}

// circumstances reads the tables at the same time. All are read to their end even if one fails, because a query that is
// given up costs its connection.
func (s *Store) circumstances(ctx context.Context, members, sources statement, within schemas.Interval,
	knownAt schemas.Instant) (c schemas.Circumstances, err error) {
	var group errgroup.Group
	readInto(&group, &c.Members, func() ([]schemas.Membership, error) {
		return all(ctx, s, "read the roster", members, fieldsOf[schemas.Membership])
	})
	readInto(&group, &c.Sources, func() ([]schemas.AgentSource, error) {
		return all(ctx, s, "read which feed reports whom", sources, fieldsOf[schemas.AgentSource])
	})
	readInto(&group, &c.Policies, func() ([]schemas.PolicyVersion, error) { return s.Policies(ctx, knownAt) })
	readInto(&group, &c.Corrections, func() ([]schemas.Correction, error) { return s.Corrections(ctx, within, knownAt) })
	readInto(&group, &c.Gaps, func() ([]schemas.Gap, error) { return s.Gaps(ctx, within, knownAt) })
	readInto(&group, &c.Feeds, func() ([]schemas.Feed, error) { return s.Feeds(ctx, knownAt) })
	err = group.Wait()
	return c, err
}

func readInto[T any](group *errgroup.Group, list *[]T, read func() ([]T, error)) {
	group.Go(func() (err error) {
		*list, err = read()
		return err
	})
}
