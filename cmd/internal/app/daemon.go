package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"golang.org/x/sync/errgroup"

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
	"rollcall/schemas/access"
	"rollcall/schemas/chstore"
	"rollcall/schemas/engine"
)

// stopTime bounds the whole stop of the daemon.
const stopTime = 10 * time.Second

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
	post     *mail.Mailer
	web      *web.Server
	jobs     *scheduler.Scheduler
	notes    *notes
	words    atomic.Pointer[ingest.Mapping]
	state    state
	ready    chan struct{} // closed when the daemon is ready for the first time
}

// NewDaemon puts the parts together; nothing runs yet. version is shown in the description of the API.
func NewDaemon(c config.Config, log *logrus.Logger, version string) (*Daemon, error) {
	d := &Daemon{config: c, log: log, ready: make(chan struct{})}
	d.notes = newNotes(d)
	d.words.Store(ingest.NewMapping(nil))
	steps := []func() error{d.makeStore, d.makeAccess, d.makeSpool, d.makeBoard, d.makeWatch, d.makeHooks, d.makeFolders, d.makePost, d.makeJobs,
		func() error { return d.makeWeb(version) }}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// makeStore prepares the engine, if there is no server, and the connection.
func (d *Daemon) makeStore() error {
	cfg := chstore.DefaultConfig()
	if d.config.Store.URL != config.Embedded {
		at, err := chstore.ParseURL(d.config.Store.URL)
		if err != nil {
			return fmt.Errorf("store.url: %w", err)
		}
		cfg.Endpoint = chstore.Fixed(at)
	} else {
		ec := engineConfig(d.config)
		ec.Mode = engine.Daemon
		var err error
		if d.engine, err = engine.New(ec, engine.Deps{Log: d.log}); err != nil {
			return err
		}
		cfg.Endpoint = embedded(d.engine)
	}
	var err error
	d.store, err = chstore.New(cfg)
	return err
}

// makeAccess prepares users and tokens; their copy on disk serves until the store answers.
func (d *Daemon) makeAccess() error {
	var err error
	d.register, err = NewRegister(d.config, d.store)
	return err
}

// NewRegister makes the register of users and tokens over the store and its copy in store.dir.
func NewRegister(c config.Config, s *chstore.Store) (*access.Register, error) {
	return access.New(access.DefaultConfig(), access.Deps{Store: credentials{s}, File: access.NewFile(c.Store.Dir), Now: Now})
}

func (d *Daemon) makeSpool() error {
	var err error
	d.spool, err = spool.New(spool.DefaultConfig(filepath.Join(d.config.Store.Dir, "spool")),
		spool.Deps{Sink: d.store, Log: d.log, Clock: Clock, OnDurable: func(id string, changes []change) { d.board.Apply(id, changes) }})
	return err
}

func (d *Daemon) makeBoard() error {
	lc := live.DefaultConfig()
	var err error
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
	metrics := prometheus.NewRegistry()
	d.measure(metrics)
	d.measureFeeds(metrics)
	d.measureHooks(metrics)
	d.measureFolders(metrics)
	d.measurePost(metrics)
	d.measureAlarms(metrics)
	topics, err := help.Topics()
	if err != nil {
		return err
	}
	var pages []web.HelpTopic
	for _, t := range topics {
		pages = append(pages, web.HelpTopic(t))
	}
	d.web, err = web.New(wc, web.Deps{Help: pages, Access: d.register, Ready: d.state.reasons,
		FeedSigns: d.watch.Feeds, Alarms: d.alarms, Journal: d.notes.take, Now: Clock, Log: d.log, Metrics: metrics, Version: version})
	if err != nil {
		return err
	}
	return d.mountWeb()
}

// Listen takes what on disk is the daemon's own, then opens the listener, so that an address with port 0 is known before
// Run and nobody is told an address by a daemon that cannot run.
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

// Run serves, after Listen, until ctx ends, then stops everything within ten seconds; what was accepted stays on disk.
// Pushed changes and sign-ins are taken at once, whether ClickHouse answers or not.
func (d *Daemon) Run(ctx context.Context) error {
	d.state.set("store", "the store is starting")
	group, ctx := errgroup.WithContext(ctx)
	// The engine and the spool end last: they get their own context, cancelled when everything before them has ended.
	late, endLate := context.WithCancel(context.WithoutCancel(ctx))
	lateGroup := &errgroup.Group{}
	if d.engine != nil {
		lateGroup.Go(func() error { return d.engine.Run(late) })
	}
	spoolCtx, endSpool := context.WithCancel(late)
	spoolDone := make(chan error, 1)
	go func() {
		err := d.spool.Run(spoolCtx)
		if err != nil {
			d.state.set("spool", "the spool cannot be read, what comes in waits on disk: "+err.Error())
			d.log.WithError(err).Error("the spool cannot be read; what comes in waits on disk")
		}
		spoolDone <- err
	}()
	group.Go(func() error { return d.web.Run(ctx) })
	group.Go(func() error { return d.board.Run(ctx) })
	group.Go(func() error { return d.runWatch(ctx) })
	group.Go(func() error { return d.runHooks(ctx) })
	group.Go(func() error { return d.runFolders(ctx) })
	group.Go(func() error { return d.runPost(ctx) })
	group.Go(func() error { return d.runAlarms(ctx) })
	group.Go(func() error { return d.follow(ctx) })
	group.Go(func() error { return d.notes.run(ctx) })
	group.Go(func() error { return d.watchEngine(ctx, lateGroup) })
	err := group.Wait()
	if d.state.has("store") {
		d.log.Info("the store is away; what waits stays on disk for the next start")
	} else {
		d.flush()
	}
	endSpool()
	err = errors.Join(err, <-spoolDone, d.spool.Close(), d.store.Close())
	endLate()
	if d.engine != nil {
		err = errors.Join(err, lateGroup.Wait())
	}
	return err
}

// flush gives the spool a moment to write what waits; what does not make it stays on disk for the next start.
func (d *Daemon) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime/5)
	defer cancel()
	d.notes.drain(ctx)
	if err := d.spool.Flush(ctx); err != nil {
		d.log.WithError(err).WithField("pending_changes", d.spool.Stats().PendingChanges).Info("changes wait on disk for the next start")
	}
}

// watchEngine ends the daemon when the engine cannot be kept running.
func (d *Daemon) watchEngine(ctx context.Context, engineGroup *errgroup.Group) error {
	if d.engine == nil {
		return nil
	}
	ended := make(chan error, 1)
	go func() { ended <- engineGroup.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

// URL gives the address under which people reach the daemon that listens at the address.
func (d *Daemon) URL(at net.Addr) string {
	switch {
	case d.config.HTTP.PublicURL != "":
		return d.config.HTTP.PublicURL
	case d.config.HTTP.TLSCert != "":
		return "https://" + at.String()
	}
	return "http://" + at.String()
}
