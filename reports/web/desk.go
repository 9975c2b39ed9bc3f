package web

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Desk are the calls by which people set presence and status (satisfied by httpin.Desk).
type Desk interface {
	PutStatus(w http.ResponseWriter, r *http.Request)
}

// deskBodyBytes is the longest body for one agent that the frame lets through; the handler has a limit of its own below it.
const deskBodyBytes = 17 << 10

// wishedState is the body of a change, as the description of the API shows it.
type wishedState struct {
	Presence  string `json:"presence,omitempty" enum:"available,busy,away,offline" doc:"general availability; left out, it stays as it is" example:"away"`
	Status    string `json:"status,omitempty" enum:"available,break,meal,meeting,training,off_queue" doc:"routing availability; left out, it stays as it is" example:"break"`
	Secondary string `json:"secondary,omitempty" maxLength:"128" doc:"a label of the organisation under the status; without a status it brings its own"`
	Note      string `json:"note,omitempty" maxLength:"1024" doc:"one line to colleagues; a change without one clears it" example:"back at 11"`
}

// MountDesk adds the calls by which people set presence and status.
func (s *Server) MountDesk(d Desk) error {
	return s.Mount(Route{Method: http.MethodPut, Pattern: "/api/v1/agents/{id}/status", Action: access.ActionChangeStatus, Target: s.agentTarget,
		MostBodyBytes: deskBodyBytes, Handler: http.HandlerFunc(d.PutStatus), Doc: s.putStatusDoc()})
}

func (s *Server) putStatusDoc() *huma.Operation {
	return &huma.Operation{OperationID: "put-agent-status", Method: http.MethodPut, Path: "/api/v1/agents/{id}/status", Tags: []string{"changes"},
		Summary: "Set an agent's presence and status",
		Description: "By the agent, a supervisor of theirs or an admin. At least one of presence and status, or a note alone. 200 means that " +
			"the change is on disk and on the live board; the answer is the agent's new row. During a contact a change to break is accepted: " +
			"the agent is not routable at once, and not_routable_because says that the contact may be finished.",
		Parameters:  []*huma.Param{{Name: "id", In: "path", Required: true, Description: "the agent", Schema: &huma.Schema{Type: huma.TypeString}}},
		RequestBody: &huma.RequestBody{Required: true, Content: s.jsonOf(wishedState{}, "wished-state")},
		Responses: s.deskAnswers(schemas.LiveAgent{}, "LiveAgent", map[string]string{
			"404": "The agent is on no roster now.", "422": "A rule is broken, such as available while offline; the detail says what would be right."})}
}

// jsonOf describes a JSON body of the type of a value.
func (s *Server) jsonOf(v any, hint string) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(v), true, hint)}}
}

// deskAnswers describes the answers that every call of the desk has, and more.
func (s *Server) deskAnswers(v any, hint string, more map[string]string) map[string]*huma.Response {
	out := map[string]*huma.Response{"200": {Description: "On disk and on the live board.", Content: s.jsonOf(v, hint)}}
	for status, text := range map[string]string{"400": "The body does not parse; the detail gives the offset.",
		"401": "The token is missing or unknown.", "403": "The caller may not do this, or not to these agents.",
		"413": "The body is too large.", "503": "Nothing was stored; Retry-After says when to try again."} {
		out[status] = s.problemResponse(text)
	}
	for status, text := range more {
		out[status] = s.problemResponse(text)
	}
	return out
}
