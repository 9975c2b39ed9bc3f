package web

import (
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// navItem is one entry of the header's navigation.
type navItem struct{ Path, Label string }

// navOf lists the pages that a role has, in the order of the header. The first is where a sign-in lands.
func navOf(p access.Principal) []navItem {
	switch p.Role {
	case "", schemas.RoleFeed:
		return nil
	case schemas.RoleAgent:
		return []navItem{{"/me", "My day"}, {"/directory", "Colleagues"}}
	default:
	}
	items := []navItem{{"/", "Live board"}, {"/directory", "Directory"}}
	if access.Allow(p, access.ActionAdminister, access.Target{}) == nil {
		items = append(items, navItem{"/admin", "Administration"})
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
