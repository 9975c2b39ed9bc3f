package live

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// StateChanges are the calls by which people set presence and status (satisfied by httpin.StatusSetter).
type StateChanges interface {
	PutStatus(w http.ResponseWriter, r *http.Request)
	PutMany(w http.ResponseWriter, r *http.Request)
	UndoMany(w http.ResponseWriter, r *http.Request)
}

// The longest bodies, for one agent and for many, that the frame lets through; the handlers have limits of their own
// below.
const (
	stateBodyBytes = 17 << 10
	bulkBodyBytes  = 3 << 20
)

// wishedState is the body of a change, as the description of the API shows it.
type wishedState struct {
	Presence  string `json:"presence,omitempty" enum:"available,busy,away,offline" doc:"general availability; left out, it stays as it is" example:"away"`
	Status    string `json:"status,omitempty" enum:"available,break,meal,meeting,training,off_queue" doc:"routing availability; left out, it stays as it is" example:"break"`
	Secondary string `json:"secondary,omitempty" maxLength:"128" doc:"a label of the organisation under the status; without a status it brings its own"`
	Note      string `json:"note,omitempty" maxLength:"1024" doc:"one line to colleagues; a change without one clears it" example:"back at 11"`
}

// wishedStates is the body of a change of many.
type wishedStates struct {
	Presence  string `json:"presence,omitempty" enum:"available,busy,away,offline" doc:"general availability; left out, it stays as it is" example:"away"`
	Status    string `json:"status,omitempty" enum:"available,break,meal,meeting,training,off_queue" doc:"routing availability; left out, it stays as it is" example:"break"`
	Secondary string `json:"secondary,omitempty" maxLength:"128" doc:"a label of the organisation under the status; without a status it brings its own"`
	Note      string `json:"note,omitempty" maxLength:"1024" doc:"one line to colleagues; a change without one clears it" example:"back at 11"`
	Select    struct {
		Agents         []string `json:"agents,omitempty" doc:"these agents" example:"[\"ana\",\"ben\"]"`
		Team           []string `json:"team,omitempty" doc:"agents of these teams"`
		Site           []string `json:"site,omitempty" doc:"agents of these sites"`
		Presence       []string `json:"presence,omitempty" doc:"agents of these presences"`
		Status         []string `json:"status,omitempty" doc:"agents of these statuses"`
		AdherenceState []string `json:"adherence_state,omitempty" doc:"agents of these adherence states"`
	} `json:"select" doc:"who is meant: those whom every list that is given admits; at least one list"`
}

// The answer to a change of many, as the description of the API shows it.
type (
	manyState struct {
		Presence  schemas.Presence `json:"presence,omitempty"`
		Status    schemas.Status   `json:"status,omitempty"`
		Secondary string           `json:"secondary,omitempty"`
		Note      string           `json:"note,omitempty"`
	}
	manyResult struct {
		ID     string         `json:"id,omitempty" doc:"names the change for its undo; absent in a dry run and where nothing was changed"`
		UndoOf string         `json:"undo_of,omitempty" doc:"the change that was taken back"`
		DryRun bool           `json:"dry_run"`
		Counts map[string]int `json:"counts" doc:"agents by outcome"`
		Items  []struct {
			AgentID string     `json:"agent_id"`
			Name    string     `json:"name,omitempty"`
			Team    string     `json:"team,omitempty"`
			Outcome string     `json:"outcome" enum:"changed,would_change,already_so,refused,restored,kept"`
			Because string     `json:"because,omitempty" doc:"why an agent was refused or kept, or what to know of them"`
			Before  *manyState `json:"before,omitempty"`
			After   *manyState `json:"after,omitempty"`
		} `json:"items" doc:"by agent id"`
	}
)

// mountChanges adds the calls by which people set presence and status.
func (s *routes) mountChanges(d StateChanges) error {
	const bulk = "/api/v1/status-changes/bulk"
	many := func(path string, handler http.HandlerFunc, doc *huma.Operation) error {
		return s.Mount(web.Route{
			Method:        http.MethodPost,
			Pattern:       path,
			Action:        access.ActionChangeMany,
			MostBodyBytes: bulkBodyBytes,
			Handler:       handler,
			Doc:           doc,
		})
	}
	return errors.Join(
		s.Mount(web.Route{
			Method:        http.MethodPut,
			Pattern:       "/api/v1/agents/{id}/status",
			Action:        access.ActionChangeStatus,
			Target:        s.agentTarget,
			MostBodyBytes: stateBodyBytes,
			Handler:       http.HandlerFunc(d.PutStatus),
			Doc:           s.putStatusDoc(),
		}),
		many(bulk, d.PutMany, s.putManyDoc(bulk)),
		many(bulk+"/{id}/undo", d.UndoMany, s.undoManyDoc(bulk+"/{id}/undo")),
	)
}

func (s *routes) putManyDoc(path string) *huma.Operation {
	return &huma.Operation{
		OperationID: "put-many-statuses",
		Method:      http.MethodPost,
		Path:        path,
		Tags:        []string{"changes"},
		Summary:     "Set the presence and status of many agents",
		Description: "By supervisors, in their scope, and admins. With dry_run=true it says for each agent what would " +
			"happen, who is refused " +
			"and why. All that can be set is set, as one, or nothing where that fails. At most 10,000 agents.",
		Parameters: []*huma.Param{{Name: "dry_run", In: "query", Schema: &huma.Schema{Type: huma.TypeBoolean},
			Description: "only say what would happen"}},
		RequestBody: &huma.RequestBody{Required: true, Content: s.jsonOf(wishedStates{}, "wished-states")},
		Responses: s.answers(manyResult{}, "many-result",
			map[string]string{"422": "A rule is broken; the detail says what would be right."}),
	}
}

func (s *routes) undoManyDoc(path string) *huma.Operation {
	return &huma.Operation{
		OperationID: "undo-many-statuses",
		Method:      http.MethodPost,
		Path:        path,
		Tags:        []string{"changes"},
		Summary:     "Take a change of many agents back",
		Description: "Sets those agents back whose state still comes from that change, and says of the others since when " +
			"it does not. Possible " +
			"for 24 hours, as long as the daemon is not restarted and not very many changes come after it.",
		Parameters: []*huma.Param{{Name: "id", In: "path", Required: true, Description: "the id of the change",
			Schema: &huma.Schema{Type: huma.TypeString}}},
		Responses: s.answers(manyResult{}, "many-result",
			map[string]string{"404": "No such change of the caller's agents can be undone.",
				"422": "A body was sent."}),
	}
}

func (s *routes) putStatusDoc() *huma.Operation {
	return &huma.Operation{
		OperationID: "put-agent-status",
		Method:      http.MethodPut,
		Path:        "/api/v1/agents/{id}/status",
		Tags:        []string{"changes"},
		Summary:     "Set an agent's presence and status",
		Description: "By the agent, a supervisor of theirs or an admin. At least one of presence and status, or a note " +
			"alone. 200 means that " +
			"the change is on disk and on the live board; the answer is the agent's new row. During a contact a change to " +
			"break is accepted: " +
			"the agent is not routable at once, and not_routable_because says that the contact may be finished.",
		Parameters: []*huma.Param{{Name: "id", In: "path", Required: true, Description: "the agent",
			Schema: &huma.Schema{Type: huma.TypeString}}},
		RequestBody: &huma.RequestBody{Required: true, Content: s.jsonOf(wishedState{}, "wished-state")},
		Responses: s.answers(schemas.LiveAgent{}, "LiveAgent", map[string]string{
			"404": "The agent is on no roster now.",
			"422": "A rule is broken, such as available while offline; the detail says what would be right."}),
	}
}

// jsonOf describes a JSON body of the type of a value.
func (s *routes) jsonOf(v any, hint string) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{
		"application/json": {Schema: s.API().OpenAPI().Components.Schemas.Schema(reflect.TypeOf(v), true, hint)}}
}

// answers describes the answers that every call has, and more.
func (s *routes) answers(v any, hint string, more map[string]string) map[string]*huma.Response {
	out := map[string]*huma.Response{"200": {Description: "On disk and on the live board.", Content: s.jsonOf(v, hint)}}
	for status, text := range map[string]string{"400": "The body does not parse; the detail gives the offset.",
		"401": "The token is missing or unknown.", "403": "The caller may not do this, or not to these agents.",
		"413": "The body is too large.", "503": "Nothing was stored; Retry-After says when to try again."} {
		out[status] = s.ProblemResponse(text)
	}
	for status, text := range more {
		out[status] = s.ProblemResponse(text)
	}
	return out
}
