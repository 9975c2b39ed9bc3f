package live

import (
	"net/http"

	"rollcall/ingest/httpin"
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

// stateChange is the body of a change.
type stateChange struct {
	Presence  string `json:"presence,omitempty" enum:"available,busy,away,offline" doc:"general availability; left out, it stays as it is" example:"away"`
	Status    string `json:"status,omitempty" enum:"available,break,meal,meeting,training,off_queue" doc:"routing availability; left out, it stays as it is" example:"break"`
	Secondary string `json:"secondary,omitempty" maxLength:"128" doc:"a label of the organisation under the status; without a status it brings its own"`
	Note      string `json:"note,omitempty" maxLength:"1024" doc:"one line to colleagues; a change without one clears it" example:"back at 11"`
}

// bulkChange is the body of a change of many.
type bulkChange struct {
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

// What the calls take, as the description of the API shows it.
type (
	changeInput struct {
		ID   string `path:"id" maxLength:"128" doc:"the agent"`
		Body stateChange
	}
	bulkInput struct {
		DryRun bool `query:"dry_run" doc:"only say what would happen"`
		Body   bulkChange
	}
	bulkUndoInput struct {
		ID string `path:"id" maxLength:"128" doc:"the id of the change"`
	}
)

// mountChanges adds the calls by which people set presence and status.
func (s *routes) mountChanges(d StateChanges) {
	web.Call[changeInput, web.One[schemas.LiveAgent]](s.Server, "PUT /api/v1/agents/{id}/status", "put-agent-status",
		web.Route{Action: access.ActionChangeStatus, Target: s.agentTarget, MostBodyBytes: stateBodyBytes,
			Handler: http.HandlerFunc(d.PutStatus)}, nil)
	many := web.Route{Action: access.ActionChangeMany, MostBodyBytes: bulkBodyBytes, Handler: http.HandlerFunc(d.PutMany)}
	web.Call[bulkInput, web.One[httpin.BulkResult]](s.Server, "POST /api/v1/status-changes/bulk", "put-many-statuses",
		many, nil)
	many.Handler = http.HandlerFunc(d.UndoMany)
	web.Call[bulkUndoInput, web.One[httpin.BulkResult]](s.Server, "POST /api/v1/status-changes/bulk/{id}/undo",
		"undo-many-statuses", many, nil)
}
