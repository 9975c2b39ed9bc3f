package days

import (
	"embed"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

//go:embed templates/*.html static/*
var assets embed.FS

// Deps are what the pages and calls of judged days work with. Results and Agents are needed.
type Deps struct {
	Results Results
	// Agents finds the present row of an agent (satisfied by the live board).
	Agents interface {
		Agent(id string) (*schemas.LiveAgent, bool)
	}
	// Decisions may be nil: then nothing is decided or explained here. Sums may be nil: then there are no pages; they need
	// both.
	Decisions Decisions
	Sums      Sums
}

// routes are the calls and pages of judged days.
type routes struct {
	*web.Server
	deps  Deps
	pages *web.Pages
	// judging holds one place: a what-if reads and judges much, so one is under way at a time.
	judging chan struct{}
}

// Mount adds the judged days with their explanations, corrections and policies, and the pages that show them.
func Mount(s *web.Server, d Deps) error {
	pages, err := s.Pages(assets)
	if err != nil {
		return err
	}
	r := &routes{Server: s, deps: d, pages: pages, judging: make(chan struct{}, 1)}
	r.mountResults()
	if d.Decisions != nil {
		r.mountPolicies()
		r.mountCorrections()
		r.mountExplain()
	}
	if d.Sums == nil {
		return nil
	}
	s.AddNav(web.NavItem{Path: "/adherence", Label: "Adherence", Action: access.ActionSeeAdherence,
		Agents: "My adherence"})
	// The pages have a place of their own, so that a program's what-if keeps no person waiting.
	r = &routes{Server: s, deps: d, pages: pages, judging: make(chan struct{}, 1)}
	return r.mountPages()
}
