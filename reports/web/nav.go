package web

import (
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// navItem is one entry of the header's navigation.
type navItem struct{ Path, Label string }

// navPage is a page that the navigation may lead to: whoever may do its action somewhere has it. Agents see it under a label
// of their own, and not at all where that is empty.
type navPage struct {
	navItem
	Action access.Action
	Agents string
}

// navPages lists the pages in the order of the header; a new page adds its line here.
func navPages() []navPage {
	return []navPage{
		{navItem{"/me", "My day"}, access.ActionOwnDay, "My day"},
		{navItem{"/", "Live board"}, access.ActionSeePresence, ""},
		{navItem{"/directory", "Directory"}, access.ActionSeePresence, "Colleagues"},
		{navItem{"/schedules", "Schedules"}, access.ActionSeePlans, ""},
		{navItem{"/adherence", "Adherence"}, access.ActionSeeAdherence, "My adherence"},
		{navItem{"/reports", "Reports"}, access.ActionReport, ""},
		{navItem{"/admin", "Administration"}, access.ActionAdminister, ""},
	}
}

// navOf lists the pages that a principal has, in the order of the header. The first is where a sign-in lands.
func navOf(p access.Principal) []navItem {
	var items []navItem
	for _, page := range navPages() {
		if p.Role == schemas.RoleAgent {
			page.Label = page.Agents
		}
		if page.Label != "" && !p.Nobody() && access.Allow(p, page.Action, access.Somewhere()) == nil {
			items = append(items, page.navItem)
		}
	}
	return items
}

// landing gives the page that a sign-in leads to when no other was asked for.
func landing(p access.Principal) string {
	if items := navOf(p); len(items) > 0 {
		return items[0].Path
	}
	return "/"
}
