package live

import (
	"errors"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/reports/web"
	"rollcall/schemas/access"
)

// Pushes are the calls by which feeds bring facts and tell of themselves (satisfied by httpin.Handlers).
type Pushes interface {
	StatusChanges(w http.ResponseWriter, r *http.Request)
	Heartbeat(w http.ResponseWriter, r *http.Request)
	Complete(w http.ResponseWriter, r *http.Request)
	Gaps(w http.ResponseWriter, r *http.Request)
	Snapshots(w http.ResponseWriter, r *http.Request)
}

// The bodies of the calls, as the description of the API shows them.
type (
	pushedChange struct {
		ID        string `json:"id,omitempty" maxLength:"128" doc:"unique within source, agent and instant; made of the content where it is missing" example:"evt-4711"`
		Source    string `json:"source,omitempty" maxLength:"128" doc:"the token's own; only an admin may name another" example:"acd"`
		AgentID   string `json:"agent_id" maxLength:"128" doc:"the agent" example:"ana"`
		At        string `json:"at" format:"date-time" doc:"from 2000-01-01 to an hour from now" example:"2026-03-02T09:00:00Z"`
		Presence  string `json:"presence,omitempty" doc:"available, busy, away, offline, unknown; one of the three states is required" example:"available"`
		Status    string `json:"status,omitempty" doc:"available, break, meal, meeting, training, off_queue, unknown" example:"available"`
		Routing   string `json:"routing,omitempty" doc:"off_queue, idle, interacting, communicating, not_responding, unknown" example:"idle"`
		Secondary string `json:"secondary,omitempty" maxLength:"128" doc:"the organisation's own label under the status"`
		Note      string `json:"note,omitempty" maxLength:"1024" doc:"a note to colleagues"`
	}
	pushedRejection struct {
		Index   int    `json:"index" doc:"the row's place in the body, from 0"`
		Field   string `json:"field"`
		Message string `json:"message" doc:"what is wrong, and what would be right"`
	}
	pushResult struct {
		Accepted   int               `json:"accepted" doc:"changes that are now on disk" example:"1"`
		Duplicates int               `json:"duplicates" doc:"changes that were known already" example:"0"`
		Rejected   []pushedRejection `json:"rejected"`
	}
	snapshotState struct {
		AgentID   string `json:"agent_id" maxLength:"128" doc:"the agent; once a snapshot" example:"ana"`
		Presence  string `json:"presence,omitempty" doc:"available, busy, away, offline, unknown; one of the three states is required" example:"available"`
		Status    string `json:"status,omitempty" doc:"available, break, meal, meeting, training, off_queue, unknown" example:"available"`
		Routing   string `json:"routing,omitempty" doc:"off_queue, idle, interacting, communicating, not_responding, unknown" example:"idle"`
		Secondary string `json:"secondary,omitempty" maxLength:"128" doc:"the organisation's own label under the status"`
	}
	pushedSnapshot struct {
		At     string          `json:"at" format:"date-time" doc:"the instant at which all of it was so" example:"2026-03-02T09:00:00Z"`
		Absent string          `json:"absent,omitempty" enum:"keep,unknown,offline" default:"keep" doc:"what becomes of agents of whom the feed has told before and who are not in it" example:"unknown"`
		Source string          `json:"source,omitempty" maxLength:"128" doc:"the token's own; only an admin may name another" example:"acd"`
		Agents []snapshotState `json:"agents" maxItems:"100000" doc:"every agent whose state the feed knows"`
	}
	snapshotResult struct {
		Accepted   int               `json:"accepted" doc:"states that are now on disk" example:"1"`
		Duplicates int               `json:"duplicates" doc:"states that were known already" example:"0"`
		Rejected   []pushedRejection `json:"rejected"`
		Absent     int               `json:"absent" doc:"agents not in the snapshot of whom it was stored that they are unknown or offline" example:"0"`
	}
	feedUpTo struct {
		UpTo   string   `json:"up_to,omitempty" format:"date-time" doc:"the feed has told everything before this instant" example:"2026-03-02T09:00:00Z"`
		Fields []string `json:"fields,omitempty" doc:"the state fields that the feed supplies: presence, status, routing"`
	}
	feedGap struct {
		From   string   `json:"from" format:"date-time" doc:"the first instant of which nothing is known" example:"2026-03-02T09:00:00Z"`
		To     string   `json:"to" format:"date-time" doc:"the end, no longer part of it" example:"2026-03-02T09:10:00Z"`
		Agents []string `json:"agents,omitempty" doc:"only these agents; all where it is missing"`
		Fields []string `json:"fields,omitempty" doc:"only these state fields"`
	}
	feedResult struct {
		Source       string `json:"source" example:"acd"`
		CompleteUpTo string `json:"complete_up_to,omitempty" format:"date-time"`
		Gaps         int    `json:"gaps,omitempty"`
	}
)

// The longest pushed bodies that the frame lets through; the handlers have limits of their own below them.
const (
	pushBodyBytes     = 9 << 20
	snapshotBodyBytes = 33 << 20
)

// mountPushes adds the calls of feeds.
func (s *routes) mountPushes(p Pushes) error {
	own := func(r *http.Request) access.Target { return access.Target{Source: r.PathValue("source")} }
	feed := func(name, summary string, body any, handler http.HandlerFunc) error {
		path := "/api/v1/feeds/{source}/" + name
		return s.Mount(web.Route{
			Method:        http.MethodPost,
			Pattern:       path,
			Action:        access.ActionTellFeed,
			Target:        own,
			MostBodyBytes: pushBodyBytes,
			Handler:       handler,
			Doc:           s.pushDoc("feed-"+name, path, summary, body, feedResult{}),
		})
	}
	return errors.Join(
		s.Mount(web.Route{
			Method:        http.MethodPost,
			Pattern:       "/api/v1/status-changes",
			Action:        access.ActionPush,
			MostBodyBytes: pushBodyBytes,
			Handler:       http.HandlerFunc(p.StatusChanges),
			Doc: s.pushDoc("push-status-changes", "/api/v1/status-changes",
				"Push up to 10,000 status changes, as a JSON array or NDJSON. 200 means on disk.", []pushedChange{}, pushResult{}),
		}),
		s.Mount(web.Route{
			Method:        http.MethodPost,
			Pattern:       "/api/v1/snapshots",
			Action:        access.ActionPush,
			MostBodyBytes: snapshotBodyBytes,
			Handler:       http.HandlerFunc(p.Snapshots),
			Doc: s.pushDoc("push-snapshot", "/api/v1/snapshots",
				"Say the state of all agents of a feed at an instant, up to 100,000. The same snapshot again changes nothing.",
				pushedSnapshot{}, snapshotResult{}),
		}),
		feed("heartbeat", "Say that the feed is there and has told everything up to now, or up to up_to.", feedUpTo{},
			p.Heartbeat),
		feed("complete", "Say that the feed has told everything before up_to.", feedUpTo{}, p.Complete),
		feed("gaps", "Say that the feed knows nothing of a stretch of time.", feedGap{}, p.Gaps),
	)
}

// pushDoc describes a call whose body the handler reads itself.
func (s *routes) pushDoc(id, path, summary string, body, result any) *huma.Operation {
	registry := s.API().OpenAPI().Components.Schemas
	content := func(v any) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(reflect.TypeOf(v), true, id)}}
	}
	op := &huma.Operation{
		OperationID: id,
		Method:      http.MethodPost,
		Path:        path,
		Summary:     summary,
		Tags:        []string{"feeds"},
		RequestBody: &huma.RequestBody{Required: true, Content: content(body)},
		Responses: map[string]*huma.Response{"200": {Description: "Everything accepted is on disk.",
			Content: content(result)},
			"400": {Description: "The body does not parse; the detail gives the offset."},
			"401": {Description: "The token is missing or unknown."},
			"403": {Description: "The caller may not speak for this feed."}, "413": {Description: "The body is too large."},
			"503": {Description: "The disk is full; nothing was accepted. Retry-After says when to try again."}},
	}
	if strings.Contains(path, "{source}") {
		op.Parameters = []*huma.Param{{Name: "source", In: "path", Required: true, Schema: &huma.Schema{Type: "string"},
			Description: "the feed"}}
	}
	return op
}
