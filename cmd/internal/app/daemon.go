package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"rollcall/adherence/batch"
	"rollcall/adherence/live"
	"rollcall/cmd/internal/config"
	"rollcall/cmd/rollcall/help"
	"rollcall/ingest"
	"rollcall/ingest/silence"
	"rollcall/ingest/spool"
	"rollcall/ingest/watchfolder"
	"rollcall/reports/hooks"
	"rollcall/reports/mail"
	"rollcall/reports/web"
	"rollcall/scheduler"
	"rollcall/schemas"
	"rollcall/schemas/access"
	"rollcall/schemas/chstore"
	"rollcall/schemas/engine"
)

// Daemon is `rollcall serve`: the API, the pages, the way in, the live board and the scheduler.
type Daemon struct {
	config config.Config
	log    *logrus.Logger

	engine   *engine.Engine // nil with a server
	store    *chstore.Store
	register *access.Register
	spool    *spool.Spool
	board    *live.Board
	batch    *batch.Batch
	watch    *silence.Watch
	hooks    *hooks.Hooks
	folders  *watchfolder.Watch
	mail     *mail.Mailer
	web      *web.Server
	jobs     *scheduler.Scheduler
	journal  *journalQueue
	mapping  atomic.Pointer[ingest.Mapping]
	state    state
	ready    chan struct{} // closed when the daemon is ready for the first time
}

// NewDaemon puts the parts together; nothing runs yet. version is shown in the description of the API.
func NewDaemon(c config.Config, log *logrus.Logger, version string) (*Daemon, error) {
	d := &Daemon{config: c, log: log, ready: make(chan struct{}),
		journal: &journalQueue{log: log, rows: make(chan schemas.JournalRow, mostJournalRows)}}
	d.mapping.Store(ingest.NewMapping(nil))
	for _, step := range []func() error{
		d.makeStore, d.makeAccess, d.makeSpool, d.makeBoard, d.makeFeeds, d.makeHooks, d.makeFolders, d.makeMail, d.makeJobs,
		func() error { return d.makeWeb(version) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// makeStore prepares the engine, if there is no server, and the connection.
func (d *Daemon) makeStore() (err error) {
	d.store, d.engine, err = connect(d.config, func(ec engine.Config) (*engine.Engine, error) {
		ec.Mode = engine.Daemon
		return engine.New(ec, engine.Deps{Log: d.log})
	})
	if err == nil {
		d.journal.write = d.store.WriteJournal
	}
	return err
}

// makeAccess prepares users and tokens; their copy on disk serves until the store answers.
func (d *Daemon) makeAccess() (err error) {
	d.register, err = NewRegister(d.config, d.store)
	return err
}

// NewRegister makes the register of users and tokens over the store and its copy in store.dir.
func NewRegister(c config.Config, s *chstore.Store) (*access.Register, error) {
	return access.New(access.DefaultConfig(),
		access.Deps{Store: credentials{s}, File: access.NewFile(c.Store.Dir), Now: Now})
}

func (d *Daemon) makeSpool() (err error) {
	d.spool, err = spool.New(spool.DefaultConfig(filepath.Join(d.config.Store.Dir, "spool")),
		spool.Deps{Sink: d.store, Log: d.log, Clock: Clock,
			OnDurable: func(id string, changes []schemas.Change) { d.board.Apply(id, changes) }})
	return err
}

func (d *Daemon) makeBoard() (err error) {
	lc := live.DefaultConfig()
	if lc.Zone, err = zone(d.config); err != nil {
		return err
	}
	d.board = live.New(lc, live.Deps{Store: d.store, Clock: Clock})
	d.batch, err = NewBatch(d.config, d.store)
	return err
}

func (d *Daemon) makeWeb(version string) error {
	wc := web.DefaultConfig()
	h := d.config.HTTP
	wc.Listen, wc.TLSCert, wc.TLSKey, wc.PublicURL = h.Listen, h.TLSCert, h.TLSKey, h.PublicURL
	wc.ReminderLead = d.config.Reminders.Lead
	if d.config.Feeds.SilentAfter > 0 {
		wc.FeedSilent = d.config.Feeds.SilentAfter
	}
	var err error
	if wc.TrustedProxies, err = web.ParseProxies(h.TrustedProxies); err != nil {
		return fmt.Errorf("http.trusted_proxies: %w", err)
	}
	topics, err := help.Topics()
	if err != nil {
		return err
	}
	var pages []web.HelpTopic
	for _, t := range topics {
		pages = append(pages, web.HelpTopic(t))
	}
	metrics := figures{prometheus.NewRegistry()}
	d.web, err = web.New(wc, web.Deps{
		Help:       pages,
		Access:     d.register,
		Ready:      d.state.reasons,
		FeedHealth: d.watch.Feeds,
		Alarms:     d.alarms,
		Journal:    d.journal.add,
		Now:        Clock,
		Log:        d.log,
		Metrics:    metrics.Registry,
		Version:    version,
	})
	if err != nil {
		return err
	}
	for _, c := range d.components() {
		if c.measure != nil {
			c.measure(metrics)
		}
	}
	return d.mountWeb()
}

// Listen takes what on disk is the daemon's own, then opens the listener, so that an address with port 0 is known
// before Run and no address is announced by a daemon that cannot run.
func (d *Daemon) Listen(ctx context.Context) (net.Addr, error) {
	if err := d.register.Load(); err != nil {
		return nil, err
	}
	if err := d.spool.Open(); err != nil {
		return nil, err
	}
	at, err := d.web.Listen(ctx)
	if err != nil {
		return nil, errors.Join(err, d.spool.Close())
	}
	return at, nil
}

// Agent returns the row of an agent on the live board.
func (d *Daemon) Agent(id string) (*schemas.LiveAgent, bool) { return d.board.Agent(id) }

// Push takes a batch as the calls of feeds do, once the daemon is ready. When ctx ends it returns nil.
func (d *Daemon) Push(ctx context.Context, b ingest.Batch) error {
	select {
	case <-ctx.Done():
		return nil
	case <-d.ready:
	}
	source := ""
	if len(b.Changes) > 0 {
		source = b.Changes[0].Source // the spool takes the changes over
	}
	if _, err := d.spool.Accept(ctx, b); ctx.Err() != nil {
		return nil //nolint:nilerr // stopping
	} else if err != nil {
		return err
	}
	if source != "" {
		d.watch.Seen(source, 0)
	}
	for _, f := range b.Feeds {
		d.watch.Heartbeat(f.Source)
	}
	return nil
}

// URL returns the address under which people reach the daemon that listens at the address.
func (d *Daemon) URL(at net.Addr) string {
	switch {
	case d.config.HTTP.PublicURL != "":
		return d.config.HTTP.PublicURL
	case d.config.HTTP.TLSCert != "":
		return "https://" + at.String()
	}
	return "http://" + at.String()
}
