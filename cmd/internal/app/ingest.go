package app

import (
	"net/http"

	"rollcall/ingest"
	"rollcall/ingest/httpin"
	"rollcall/reports/web"
)

// mountIngest puts the calls of feeds behind the web's frame.
func (d *Daemon) mountIngest() error {
	h, err := httpin.New(httpin.DefaultConfig(), httpin.Deps{Spool: d.spool, Clock: Clock, Principal: caller,
		Words: func() *ingest.Mapping { return d.words.Load() }, Told: d.board.Told, Heard: d.watch.Heard, Beat: d.watch.Beat})
	if err != nil {
		return err
	}
	return d.web.MountPush(h)
}

// caller gives the principal that the frame has authenticated.
func caller(r *http.Request) (httpin.Principal, error) {
	p := web.PrincipalOf(r.Context())
	return httpin.Principal{Name: p.Name, Role: p.Role, Source: p.Source}, nil
}
