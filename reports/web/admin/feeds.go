package admin

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// feedState is a feed as the API gives it.
type feedState struct {
	Source       string           `json:"source" example:"acd"`
	LastSeen     *schemas.Instant `json:"last_seen" format:"date-time" doc:"its last heartbeat, change or snapshot; null for one that was only imported"`
	CompleteUpTo *schemas.Instant `json:"complete_up_to" format:"date-time" doc:"it has told everything before; null until it said so"`
	Fields       []string         `json:"fields" doc:"the state fields that it declares to supply; empty without a declaration"`
	Silent       bool             `json:"silent" doc:"it says nothing, and its agents are unknown"`
	SilentSince  *schemas.Instant `json:"silent_since" format:"date-time" doc:"its last sign before the silence; null while it speaks"`
}

type feedsOutput struct {
	Body struct {
		Items []feedState `json:"items" doc:"by source"`
	}
}

// mountFeeds adds the list of feeds.
func (s *routes) mountFeeds() {
	web.Serve(s.Server, web.Route{Action: access.ActionSeeFeeds}, huma.Operation{
		Method:      http.MethodGet,
		Path:        "/api/v1/feeds",
		OperationID: "list-feeds",
		Summary:     "The feeds",
		Tags:        []string{"feeds"},
		Errors:      []int{http.StatusServiceUnavailable},
		Description: "When each was last heard of, how far it is complete, and whether it is silent. A feed sees itself " +
			"only.",
	},
		s.listFeeds)
}

// listFeeds joins what the store says of the feeds with the signs of life of this moment.
func (s *routes) listFeeds(ctx context.Context, _ *struct{}) (*feedsOutput, error) {
	feeds, err := s.deps.Store.Feeds(ctx)
	if err != nil {
		return nil, s.Unavailable(err, "the feeds cannot be read")
	}
	p := web.PrincipalOf(ctx)
	states := map[string]feedState{}
	for _, f := range feeds {
		states[f.Source] = feedState{Source: f.Source, LastSeen: web.OrNil(f.LastSeen),
			CompleteUpTo: web.OrNil(f.CompleteUpTo), Fields: web.FieldNames(f.Fields)}
	}
	for _, sign := range s.Signs() {
		st, ok := states[sign.Source]
		if !ok {
			st = feedState{Source: sign.Source, Fields: []string{}}
		}
		st.LastSeen, st.SilentSince = web.OrNil(sign.LastSeen), web.OrNil(sign.SilentSince)
		st.Silent = st.SilentSince != nil
		states[sign.Source] = st
	}
	out := &feedsOutput{}
	out.Body.Items = []feedState{}
	for _, st := range states {
		if access.Allow(p, access.ActionSeeFeeds, access.Target{Source: st.Source}) == nil {
			out.Body.Items = append(out.Body.Items, st)
		}
	}
	slices.SortFunc(out.Body.Items, func(a, b feedState) int { return cmp.Compare(a.Source, b.Source) })
	return out, nil
}
