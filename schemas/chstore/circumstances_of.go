package chstore

import (
	"context"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// CircumstancesOf is Circumstances with what concerns one agent only, for explaining a day without reading the whole
// organisation. Of the other agents' feeds it says, under no agent, that they have told of somebody.
func (s *Store) CircumstancesOf(ctx context.Context, agent string, within schemas.Interval) (c schemas.Circumstances, err error) {
	one := params{}.text("agent", agent)
	if c.Members, err = all(ctx, s, query("memberships_of"), one, membershipColumns()); err != nil {
		return c, fmt.Errorf("reading the roster of %q: %w", agent, err)
	}
	if c.Sources, err = all(ctx, s, query("agent_sources_of"), one, agentSourceColumns()); err != nil {
		return c, fmt.Errorf("reading which feed tells of %q: %w", agent, err)
	}
	forgetNever(c.Sources)
	if c.Policies, err = s.Policies(ctx, 0); err != nil {
		return c, err
	}
	if c.Corrections, err = s.Corrections(ctx, within, 0); err != nil {
		return c, err
	}
	c.Corrections = slices.DeleteFunc(c.Corrections, func(x schemas.Correction) bool { return x.AgentID != agent })
	if c.Gaps, err = s.Gaps(ctx, within, 0); err != nil {
		return c, err
	}
	c.Gaps = slices.DeleteFunc(c.Gaps, func(g schemas.Gap) bool { return g.AgentID != "" && g.AgentID != agent })
	c.Feeds, err = s.Feeds(ctx, 0)
	return c, err
}
