package admin

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// feedState is a feed as the API has it.
type feedState struct {
	Source       string           `json:"source" example:"acd"`
	LastSeen     *schemas.Instant `json:"last_seen" format:"date-time" doc:"its last heartbeat, change or snapshot; null for one that was only imported"`
	CompleteUpTo *schemas.Instant `json:"complete_up_to" format:"date-time" doc:"it has reported everything before; null until it said so"`
	Fields       []string         `json:"fields" doc:"the state fields that it declares to supply; empty without a declaration"`
	Silent       bool             `json:"silent" doc:"it reports nothing, and its agents are unknown"`
	SilentSince  *schemas.Instant `json:"silent_since" format:"date-time" doc:"its last sign of life before the silence; null while it is heard"`
	// OverruledChanges and OverruledAgents are about the last schemas.OverruledDays.
	OverruledChanges uint64 `json:"overruled_changes" doc:"its changes on the judged days of the last 30 that did not count, because another source is preferred and said something else"`
	OverruledAgents  uint64 `json:"overruled_agents" doc:"how many agents these are about"`
	watched          bool   // there are signs of life to go by
}

// feeds joins what the store says of the feeds, by source, with the signs of life of this moment. The second result is
// what did not count, also of sources that are no feeds.
func (s *routes) feeds(ctx context.Context) ([]feedState, []schemas.OverruledSource, error) {
	feeds, err := s.deps.Store.Feeds(ctx)
	if err != nil {
		return nil, nil, err
	}
	overruled, err := s.deps.Store.Overruled(ctx, schemas.UTC.Date(schemas.InstantOf(s.Now()))-schemas.OverruledDays)
	if err != nil {
		return nil, nil, err
	}
	states := map[string]feedState{}
	for _, f := range feeds {
		states[f.Source] = feedState{Source: f.Source, LastSeen: web.OrNil(f.LastSeen),
			CompleteUpTo: web.OrNil(f.CompleteUpTo), Fields: f.Fields.Names()}
	}
	for _, sign := range s.Signs() {
		st, ok := states[sign.Source]
		if !ok {
			st = feedState{Source: sign.Source, Fields: []string{}}
		}
		if st.LastSeen == nil || sign.LastSeen > *st.LastSeen { // changes and snapshots are signs, too
			st.LastSeen = web.OrNil(sign.LastSeen)
		}
		st.SilentSince, st.Silent, st.watched = web.OrNil(sign.SilentSince), sign.SilentSince != 0, true
		states[sign.Source] = st
	}
	for _, o := range overruled {
		if st, ok := states[o.Source]; ok {
			st.OverruledChanges, st.OverruledAgents = o.Changes, o.Agents
			states[o.Source] = st
		}
	}
	return slices.SortedFunc(maps.Values(states),
		func(a, b feedState) int { return cmp.Compare(a.Source, b.Source) }), overruled, nil
}

// mountFeeds adds the list of feeds.
func (s *routes) mountFeeds() {
	web.Call(s.Server, "GET /api/v1/feeds", "list-feeds", web.Route{Action: access.ActionSeeFeeds},
		func(ctx context.Context, _ *struct{}) (*web.List[feedState], error) {
			states, _, err := s.feeds(ctx)
			if err != nil {
				return nil, s.Unavailable(err, "the feeds cannot be read")
			}
			p := web.PrincipalOf(ctx)
			return web.ListOf(slices.DeleteFunc(states, func(st feedState) bool {
				return access.Allow(p, access.ActionSeeFeeds, access.Target{Source: st.Source}) != nil
			})), nil
		})
}
