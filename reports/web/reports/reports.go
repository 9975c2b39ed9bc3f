package reports

import (
	"embed"

	"rollcall/reports/web"
	"rollcall/schemas/access"
)

//go:embed templates/*.html static/*
var assets embed.FS

// Deps are what the pages and calls of reports work with.
type Deps struct {
	// Reports may be nil: then no reports are made here. Mails may be nil: then there are no subscriptions.
	Reports Maker
	Mails   Subscriptions
}

// routes are the calls and pages of reports.
type routes struct {
	*web.Server
	deps      Deps
	pages     *web.Pages
	jobs      *jobs
	streaming chan struct{}
}

// Mount adds reports on demand, as jobs and as streams, mail subscriptions, and the page of both.
func Mount(s *web.Server, l Limits, d Deps) error {
	r := &routes{Server: s, deps: d, streaming: make(chan struct{}, l.MostStreams)}
	if d.Mails != nil {
		r.mountSubscriptions()
	}
	if d.Reports == nil {
		return nil
	}
	var err error
	if r.jobs, err = newJobs(s.Life(), s.Go, l, d.Reports, s.Now, s.Log()); err != nil {
		return err
	}
	if r.pages, err = s.Pages(assets); err != nil {
		return err
	}
	s.AddNav(web.NavItem{Path: "/reports", Label: "Reports", Action: access.ActionReport})
	r.mountJobs()
	r.mountFiles()
	return r.mountPage()
}
