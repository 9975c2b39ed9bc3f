package app

import (
	"errors"
	"net/http"
	"path/filepath"

	"rollcall/ingest/httpin"
	"rollcall/reports/web"
	webadmin "rollcall/reports/web/admin"
	webdays "rollcall/reports/web/days"
	weblive "rollcall/reports/web/live"
	webreports "rollcall/reports/web/reports"
	"rollcall/schemas/access"
)

// mountWeb puts the features behind the web's frame, in the order of its navigation.
func (d *Daemon) mountWeb() error {
	deps := httpin.Deps{
		Spool:     d.spool,
		Principal: func(r *http.Request) access.Principal { return web.PrincipalOf(r.Context()) },
		Mapping:   d.mapping.Load,
		Clock:     Clock,
		Seen:      d.watch.Seen,
		Heartbeat: d.watch.Heartbeat,
		Supplied:  d.board.Reported,
	}
	pushes, err := httpin.New(httpin.DefaultConfig(), deps)
	if err != nil {
		return err
	}
	changes, err := httpin.NewStatusSetter(deps, d.board)
	if err != nil {
		return err
	}
	decisions, err := NewDecisions(d.config, d.store)
	if err != nil {
		return err
	}
	decisions.batch = d.batch // one judge serves jobs and pages
	limits := webreports.DefaultLimits(filepath.Join(d.config.Store.Dir, "reports"))
	return errors.Join(
		weblive.Mount(d.web, weblive.Deps{
			Board:       d.board,
			Days:        d.board,
			Secondaries: d.secondaries,
			Changes:     changes,
			Pushes:      pushes,
			Past:        d.board,
		}),
		d.mountImports(),
		webdays.Mount(d.web, webdays.Deps{Results: results{d.store}, Agents: d.board,
			Decisions: decisions, Sums: heads{d.store}}),
		webreports.Mount(d.web, limits, webreports.Deps{Reports: reportMaker{d.config, d.store}, Mails: d.mail}),
		webadmin.Mount(d.web, webadmin.Deps{Access: d.register, Store: d.admin(), Webhooks: d.hooks}),
	)
}
