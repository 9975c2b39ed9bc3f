package live

import (
	"embed"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

//go:embed templates/*.html static/*
var assets embed.FS

// Deps are what the live pages and calls work with. Board, Days and Secondaries are needed.
type Deps struct {
	Board Board
	Days  Days
	// Secondaries returns the organisation's own statuses.
	Secondaries func() []schemas.SecondaryStatus
	// Changes, Pushes and Past are left out where nothing serves them.
	Changes StateChanges
	Pushes  Pushes
	Past    Past
}

// routes are the pages and calls of the present moment.
type routes struct {
	*web.Server
	deps  Deps
	pages *web.Pages
	// encoded are rows as JSON, streams the places for open streams.
	encoded rowCache
	streams chan struct{}
}

// Mount adds the live board and its streams, the pages of agents and of colleagues, and the calls that change states.
func Mount(s *web.Server, d Deps) error {
	pages, err := s.Pages(assets)
	if err != nil {
		return err
	}
	r := &routes{Server: s, deps: d, pages: pages, streams: make(chan struct{}, s.Config().MostStreams)}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "rollcall_http_streams", Help: "Live streams open now."},
		func() float64 { return float64(len(r.streams)) })
	if err := s.Metrics().Register(open); err != nil {
		return fmt.Errorf("live: %w", err)
	}
	s.AddNav(web.NavItem{Path: "/me", Label: "My day", Action: access.ActionOwnDay, Agents: "My day"})
	s.AddNav(web.NavItem{Path: "/", Label: "Live board", Action: access.ActionSeePresence})
	s.AddNav(web.NavItem{Path: "/directory", Label: "Directory", Action: access.ActionSeePresence, Agents: "Colleagues"})
	r.mountAgents()
	r.mountStream()
	if d.Changes != nil {
		r.mountChanges(d.Changes)
	}
	if d.Pushes != nil {
		r.mountPushes(d.Pushes)
	}
	if d.Past != nil {
		r.mountPast(d.Past)
	}
	return errors.Join(r.mountMe(),
		s.MountPage("GET /{$}", access.ActionSeePresence, r.showBoard),
		s.MountPage("GET /silent", access.ActionSeePresence, r.showSilent),
		s.MountPage("GET "+bulkPath, access.ActionChangeMany, r.showBulk),
		s.MountPage("GET /directory", access.ActionSeePresence, r.showDirectory))
}
