package web

import (
	"embed"
	"errors"
	"rollcall/schemas/access"
)

//go:embed templates/reports/*.html
var reportsFiles embed.FS

// ReportsDeps are what the pages and calls of reports work with.
type ReportsDeps struct {
	// Reports may be nil: then no reports are made here. Mails may be nil: then there are no subscriptions.
	Reports ReportDesk
	Mails   Subscriptions
}

// reportRoutes are the calls and pages of reports.
type reportRoutes struct {
	*Server
	deps      ReportsDeps
	pages     *Pages
	jobs      *reportJobs
	streaming chan struct{}
}

// MountReports adds reports on demand, as jobs and as streams, mail subscriptions, and the page of both.
func MountReports(s *Server, l ReportLimits, d ReportsDeps) error {
	r := &reportRoutes{Server: s, deps: d, streaming: make(chan struct{}, l.MostStreams)}
	if d.Mails != nil {
		r.mountSubscriptions()
	}
	if d.Reports == nil {
		return nil
	}
	var err error
	if r.jobs, err = newReportJobs(s.Life(), s.Go, l, d.Reports, s.Now, s.Log()); err != nil {
		return err
	}
	if r.pages, err = s.Pages(reportsFiles); err != nil {
		return err
	}
	s.AddNav(NavItem{Path: "/reports", Label: "Reports", Action: access.ActionReport})
	r.mountJobs()
	return errors.Join(r.mountFiles(), r.mountPage())
}
