package live

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Board is the live store as pages and streams read it. It never hands out a row that it alters later.
type Board interface {
	// Changes returns every row that changed after the version since, each once in its newest state, those that are Gone
	// included; 0 returns the whole board without them. One call is one consistent moment.
	Changes(since uint64) schemas.LiveChanges
	// Agent returns one agent's newest row; false when it is not known or gone.
	Agent(id string) (*schemas.LiveAgent, bool)
	// Changed returns a channel that is closed once a version newer than since exists.
	Changed(since uint64) <-chan struct{}
}

// noRows is a version that no change is newer than: it asks a board for its Life, Version and AsOf alone.
const noRows = ^uint64(0)

// colleague is what a colleague sees of an agent.
type colleague struct {
	AgentID  string           `json:"agent_id" doc:"the agent"`
	Name     string           `json:"name" doc:"the name in the roster"`
	Team     string           `json:"team,omitempty" doc:"the team"`
	Site     string           `json:"site,omitempty" doc:"the site"`
	TimeZone string           `json:"time_zone,omitempty" doc:"the agent's zone, an IANA name"`
	Presence schemas.Presence `json:"presence,omitempty" doc:"general availability"`
	Since    struct {
		Presence schemas.Instant `json:"presence,omitempty"`
	} `json:"since" doc:"since when"`
	Note string          `json:"note,omitempty" doc:"a line from the agent to colleagues"`
	AsOf schemas.Instant `json:"as_of" doc:"the instant for which all this holds"`
}

// asColleague keeps what a colleague sees.
func asColleague(a *schemas.LiveAgent) colleague {
	c := colleague{
		AgentID:  a.AgentID,
		Name:     a.Name,
		Team:     a.Team,
		Site:     a.Site,
		TimeZone: a.TimeZone,
		Presence: a.Presence,
		Note:     a.Note,
		AsOf:     a.AsOf,
	}
	c.Since.Presence = a.Since.Presence
	return c
}

// MarshalJSON writes the whole row, or what a colleague sees.
func (v view) MarshalJSON() ([]byte, error) {
	if v.whole {
		return json.Marshal(v.LiveAgent)
	}
	return json.Marshal(asColleague(v.LiveAgent))
}

// Schema describes both forms.
func (view) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{r.Schema(reflect.TypeFor[schemas.LiveAgent](), true, "LiveAgent"),
		r.Schema(reflect.TypeFor[colleague](), true, "Colleague")}}
}

// at returns the row as of the instant for which the board holds.
func (v view) at(asOf schemas.Instant) view {
	if asOf > v.AsOf {
		c := *v.LiveAgent
		c.AsOf = asOf
		v.LiveAgent = &c
	}
	return v
}

// filterInput are the query parameters of a Filter.
type filterInput struct {
	Agent          []string `query:"agent,explode" doc:"only this agent; may be given several times"`
	Team           []string `query:"team,explode" doc:"only agents of this team; may be given several times"`
	Site           []string `query:"site,explode" doc:"only agents of this site; may be given several times"`
	Presence       []string `query:"presence,explode" doc:"only agents of this presence"`
	Status         []string `query:"status,explode" doc:"only agents of this status"`
	AdherenceState []string `query:"adherence_state,explode" doc:"only agents of this adherence state"`
	filter         Filter
}

// Resolve reads the filter.
func (in *filterInput) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	f, bad := ParseFilter(u.Query())
	in.filter = f
	return errorsOf(bad)
}

// agentsOutput is the answer of GET /agents.
type agentsOutput struct {
	Body struct {
		Items   []view          `json:"items" doc:"the agents, by id"`
		AsOf    schemas.Instant `json:"as_of" doc:"the instant for which the list holds"`
		EventID string          `json:"event_id" doc:"as Last-Event-ID it makes /live/stream go on from here"`
	}
}

// agentInput names an agent.
type agentInput struct {
	ID string `path:"id" maxLength:"128" doc:"the agent"`
}

// mountAgents adds the live states.
func (s *routes) mountAgents() {
	see := web.Route{Action: access.ActionSeePresence}
	web.Call(s.Server, "GET /api/v1/agents", "list-agents", see, s.listAgents)
	see.Target = s.agentTarget
	web.Call(s.Server, "GET /api/v1/agents/{id}", "get-agent", see, s.getAgent)
}

// agentTarget returns the agent that the path names, with team and site as the board has them. An agent that the board
// does not know is in nobody's team.
func (s *routes) agentTarget(r *http.Request) access.Target {
	id := r.PathValue("id")
	if a, ok := s.deps.Board.Agent(id); ok {
		return access.Target{AgentID: id, Team: a.Team, Site: a.Site}
	}
	return access.Target{AgentID: id}
}

func (s *routes) listAgents(ctx context.Context, in *filterInput) (*agentsOutput, error) {
	c := s.deps.Board.Changes(0)
	out := &agentsOutput{}
	out.Body.AsOf, out.Body.EventID = c.AsOf, eventID(c.Life, c.Version)
	out.Body.Items = views(web.PrincipalOf(ctx), &in.filter, c.Rows)
	slices.SortFunc(out.Body.Items, func(a, b view) int { return cmp.Compare(a.AgentID, b.AgentID) })
	for i, v := range out.Body.Items {
		out.Body.Items[i] = v.at(c.AsOf)
	}
	return out, nil
}

func (s *routes) getAgent(ctx context.Context, in *agentInput) (*web.One[view], error) {
	a, ok := s.deps.Board.Agent(in.ID)
	if !ok {
		return nil, schemas.NewProblem(http.StatusNotFound, fmt.Sprintf("agent %q is on no roster now", in.ID))
	}
	viewer := viewerOf(web.PrincipalOf(ctx))
	v, ok := viewer.view(a)
	if !ok { // moved out of scope since the target was looked up
		return nil, schemas.NewProblem(http.StatusForbidden, fmt.Sprintf("agent %q is not in your scope", in.ID))
	}
	return &web.One[view]{Body: v.at(s.deps.Board.Changes(noRows).AsOf)}, nil
}
