package web

import (
	"embed"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

//go:embed templates/days/*.html
var daysFiles embed.FS

// DaysDeps are what the pages and calls of judged days work with. Results and Agents are needed.
type DaysDeps struct {
	Results Results
	// Agents finds the present row of an agent (satisfied by the live board).
	Agents interface {
		Agent(id string) (*schemas.LiveAgent, bool)
	}
	// Decisions may be nil: then nothing is decided or explained here. Sums may be nil: then there are no pages; they need both.
	Decisions Decisions
	Sums      DaySums
}

// dayRoutes are the calls and pages of judged days.
type dayRoutes struct {
	*Server
	deps  DaysDeps
	pages *Pages
	// judging holds one place: a what-if reads and judges much, so one is under way at a time.
	judging chan struct{}
}

// MountDays adds the judged days with their explanations, corrections and policies, and the pages that show them.
func MountDays(s *Server, d DaysDeps) error {
	pages, err := s.Pages(daysFiles)
	if err != nil {
		return err
	}
	r := &dayRoutes{Server: s, deps: d, pages: pages, judging: make(chan struct{}, 1)}
	r.mountResults()
	if d.Decisions != nil {
		r.mountPolicies()
		r.mountCorrections()
		r.mountExplain()
	}
	if d.Sums == nil {
		return nil
	}
	s.AddNav(NavItem{Path: "/adherence", Label: "Adherence", Action: access.ActionSeeAdherence, Agents: "My adherence"})
	// The pages have a place of their own, so that a program's what-if keeps no person waiting.
	r = &dayRoutes{Server: s, deps: d, pages: pages, judging: make(chan struct{}, 1)}
	return r.mountPages()
}
