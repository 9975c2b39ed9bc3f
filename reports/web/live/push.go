package live

import (
	"net/http"

	"rollcall/ingest/httpin"
	"rollcall/reports/web"
	"rollcall/schemas/access"
)

// Pushes are the calls by which feeds send facts and report about themselves (satisfied by httpin.Handlers).
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
	snapshotState struct {
		AgentID   string `json:"agent_id" maxLength:"128" doc:"the agent; once a snapshot" example:"ana"`
		Presence  string `json:"presence,omitempty" doc:"available, busy, away, offline, unknown; one of the three states is required" example:"available"`
		Status    string `json:"status,omitempty" doc:"available, break, meal, meeting, training, off_queue, unknown" example:"available"`
		Routing   string `json:"routing,omitempty" doc:"off_queue, idle, interacting, communicating, not_responding, unknown" example:"idle"`
		Secondary string `json:"secondary,omitempty" maxLength:"128" doc:"the organisation's own label under the status"`
	}
	pushedSnapshot struct {
		At     string          `json:"at" format:"date-time" doc:"the instant at which all of it was so" example:"2026-03-02T09:00:00Z"`
		Absent string          `json:"absent,omitempty" enum:"keep,unknown,offline" default:"keep" doc:"what becomes of agents whom the feed has reported before and who are not in it" example:"unknown"`
		Source string          `json:"source,omitempty" maxLength:"128" doc:"the token's own; only an admin may name another" example:"acd"`
		Agents []snapshotState `json:"agents" maxItems:"100000" doc:"every agent whose state the feed knows"`
	}
	feedUpTo struct {
		UpTo   string   `json:"up_to,omitempty" format:"date-time" doc:"the feed has reported everything before this instant" example:"2026-03-02T09:00:00Z"`
		Fields []string `json:"fields,omitempty" doc:"the state fields that the feed supplies: presence, status, routing"`
	}
	feedGap struct {
		From   string   `json:"from" format:"date-time" doc:"the first instant of which nothing is known" example:"2026-03-02T09:00:00Z"`
		To     string   `json:"to" format:"date-time" doc:"the end, no longer part of it" example:"2026-03-02T09:10:00Z"`
		Agents []string `json:"agents,omitempty" doc:"only these agents; all where it is missing"`
		Fields []string `json:"fields,omitempty" doc:"only these state fields"`
	}
)

// The longest pushed bodies that the frame lets through; the handlers have limits of their own below them.
const (
	pushBodyBytes     = 9 << 20
	snapshotBodyBytes = 33 << 20
)

// What the calls take, as the description of the API shows it.
type (
	changesInput  struct{ Body []pushedChange }
	snapshotInput struct{ Body pushedSnapshot }
	feedInput     struct {
		Source string `path:"source" maxLength:"128" doc:"the feed"`
		Body   feedUpTo
	}
	gapInput struct {
		Source string `path:"source" maxLength:"128" doc:"the feed"`
		Body   feedGap
	}
)

// mountPushes adds the calls of feeds.
func (s *routes) mountPushes(p Pushes) {
	push := web.Route{Action: access.ActionPush, MostBodyBytes: pushBodyBytes, Handler: http.HandlerFunc(p.StatusChanges)}
	web.Call[changesInput, web.One[httpin.ChangesResult]](s.Server, "POST /api/v1/status-changes", "push-status-changes",
		push, nil)
	push.MostBodyBytes, push.Handler = snapshotBodyBytes, http.HandlerFunc(p.Snapshots)
	web.Call[snapshotInput, web.One[httpin.SnapshotResult]](s.Server, "POST /api/v1/snapshots", "push-snapshot", push, nil)
	feed := web.Route{Action: access.ActionReportFeed, MostBodyBytes: pushBodyBytes,
		Target: func(r *http.Request) access.Target { return access.Target{Source: r.PathValue("source")} }}
	const path = "POST /api/v1/feeds/{source}/"
	feed.Handler = http.HandlerFunc(p.Heartbeat)
	web.Call[feedInput, web.One[httpin.FeedResult]](s.Server, path+"heartbeat", "feed-heartbeat", feed, nil)
	feed.Handler = http.HandlerFunc(p.Complete)
	web.Call[feedInput, web.One[httpin.FeedResult]](s.Server, path+"complete", "feed-complete", feed, nil)
	feed.Handler = http.HandlerFunc(p.Gaps)
	web.Call[gapInput, web.One[httpin.FeedResult]](s.Server, path+"gaps", "feed-gaps", feed, nil)
}
