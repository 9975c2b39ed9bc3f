package app

import (
	"errors"
	"net/http"

	"rollcall/ingest"
	"rollcall/ingest/httpin"
	"rollcall/reports/web"
	"rollcall/schemas/access"
)

// mountDesk puts the calls by which people set presence and status, and the replay of the board, behind the web's frame.
func (d *Daemon) mountDesk() error {
	desk, err := httpin.NewDesk(httpin.DeskDeps{Spool: d.spool, Board: d.board, Clock: Clock,
		Principal: func(r *http.Request) access.Principal { return web.PrincipalOf(r.Context()) },
		Words:     func() *ingest.Mapping { return d.words.Load() }})
	if err != nil {
		return err
	}
	return errors.Join(d.web.MountDesk(desk), d.web.MountPast(d.board))
}
