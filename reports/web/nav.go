package web

import (
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// NavItem is a page that the navigation may lead to: everybody has it who may do its action somewhere. Agents see it
// under a label of their own, and not at all where that is empty.
type NavItem struct {
	Path, Label string
	Action      access.Action
	Agents      string
}

// AddNav adds a page to the navigation, behind those that are there. Call it before Run.
func (s *Server) AddNav(item NavItem) { s.nav = append(s.nav, item) }

// navOf lists the pages that a principal has, in the order of the header. The first is where a sign-in leads.
func (s *Server) navOf(p access.Principal) []NavItem {
	var items []NavItem
	for _, page := range s.nav {
		if p.Role == schemas.RoleAgent {
			page.Label = page.Agents
		}
		if page.Label != "" && !p.Nobody() && access.Allow(p, page.Action, access.Somewhere()) == nil {
			items = append(items, page)
		}
	}
	return items
}

// landing returns the page that a sign-in leads to when no other was asked for.
func (s *Server) landing(p access.Principal) string {
	if items := s.navOf(p); len(items) > 0 {
		return items[0].Path
	}
	return "/"
}
