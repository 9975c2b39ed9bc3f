package chstore

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"rollcall/schemas"
)

// CircumstancesOf is Circumstances with what concerns one agent only, for explaining a day without reading the whole
// organisation. Of the other agents' feeds it says, under no agent, that they have reported somebody. The
// tables are read at the same time.
func (s *Store) CircumstancesOf(ctx context.Context, agent string, within schemas.Interval) (c schemas.Circumstances,
	err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		c.Members, err = all(ctx, s, query("memberships_of").text("agent", agent), membershipFields)
		return wrap("read the roster", err)
	})
	group.Go(func() (err error) {
		c.Sources, err = all(ctx, s, query("agent_sources_of").text("agent", agent), agentSourceFields)
		return wrap("read which feed reports the agent", err)
	})
	group.Go(func() (err error) {
		c.Policies, err = s.Policies(ctx, 0)
		return err
	})
	group.Go(func() (err error) {
		c.Corrections, err = s.Corrections(ctx, within, 0)
		c.Corrections = slices.DeleteFunc(c.Corrections, func(x schemas.Correction) bool { return x.AgentID != agent })
		return err
	})
	group.Go(func() (err error) {
		c.Gaps, err = s.Gaps(ctx, within, 0)
		c.Gaps = slices.DeleteFunc(c.Gaps, func(g schemas.Gap) bool { return g.AgentID != "" && g.AgentID != agent })
		return err
	})
	group.Go(func() (err error) {
		c.Feeds, err = s.Feeds(ctx, 0)
		return err
	})
	if err = group.Wait(); err != nil {
		return c, fmt.Errorf("reading what concerns agent %q: %w", agent, err)
	}
	return c, nil
}
