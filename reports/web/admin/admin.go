package web

import (
	"embed"
	"errors"

	"rollcall/schemas/access"
)

//go:embed templates/admin/*.html
var adminFiles embed.FS

// AdminDeps are what the administration works with. Access and Store are needed.
type AdminDeps struct {
	// Access has the users and tokens.
	Access *access.Register
	Store  Admin
	// Webhooks may be nil: then nothing is said of them.
	Webhooks Webhooks
}

// adminRoutes are the pages and calls of the administration.
type adminRoutes struct {
	*Server
	deps  AdminDeps
	pages *Pages
}

// MountAdmin adds the administration.
func MountAdmin(s *Server, d AdminDeps) error {
	pages, err := s.Pages(adminFiles)
	if err != nil {
		return err
	}
	r := &adminRoutes{s, d, pages}
	s.AddNav(NavItem{Path: "/admin", Label: "Administration", Action: access.ActionAdminister})
	r.mountFeeds()
	r.mountJobs()
	errs := []error{r.mountPages()}
	if d.Webhooks != nil {
		errs = append(errs, r.mountWebhooks(d.Webhooks))
	}
	return errors.Join(errs...)
}
