package app

import (
	"net/http"

	"rollcall/ingest"
	"rollcall/ingest/httpin"
	"rollcall/reports/web"
	"rollcall/schemas/access"
)

// mountDesk puts the calls by which people set presence and status behind the web's frame.
func (d *Daemon) mountDesk() error {
	desk, err := httpin.NewDesk(httpin.DeskDeps{Spool: d.spool, Board: d.board, Clock: Clock,
		Principal: func(r *http.Request) access.Principal { return web.PrincipalOf(r.Context()) },
		Words:     func() *ingest.Words { return d.words.Load() }})
	if err != nil {
		return err
	}
	return d.web.MountDesk(desk)
}
