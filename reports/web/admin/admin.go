package admin

import (
	"embed"

	"rollcall/reports/web"
	"rollcall/schemas/access"
)

//go:embed templates/*.html
var assets embed.FS

// Deps are what the administration works with. Access and Store are needed.
type Deps struct {
	// Access has the users and tokens.
	Access *access.Register
	Store  Store
	// Webhooks may be nil: then nothing is said of them.
	Webhooks Webhooks
}

// routes are the pages and calls of the administration.
type routes struct {
	*web.Server
	deps  Deps
	pages *web.Pages
}

// Mount adds the administration.
func Mount(s *web.Server, d Deps) error {
	pages, err := s.Pages(assets)
	if err != nil {
		return err
	}
	r := &routes{s, d, pages}
	s.AddNav(web.NavItem{Path: "/admin", Label: "Administration", Action: access.ActionAdminister})
	r.mountFeeds()
	r.mountJobs()
	if d.Webhooks != nil {
		r.mountWebhooks()
	}
	return r.mountPages()
}
