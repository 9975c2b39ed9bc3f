package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/schemas"
)

// component is one part of the daemon: how it runs and stops, what it measures, and the alarms that it can raise. Every
// function may be nil.
type component struct {
	name string
	// base says that everything after it in the list stands on it: it ends only after all of those have ended.
	base bool
	// run blocks until its context ends. An error ends the daemon.
	run func(ctx context.Context) error
	// flush is called before the context of run ends, close after run has returned.
	flush func()
	close func() error
	// measure registers figures, alarms returns what an admin has to know now.
	measure func(figures)
	alarms  func() []schemas.Alarm
}

// components lists the parts in the order in which they start. They stop in the reverse order: first everything that is
// no base, all at once, then the bases, one after the other.
func (d *Daemon) components() []component {
	list := []component{
		{name: "store", base: true, close: d.store.Close},
		{
			name:    "spool",
			base:    true,
			run:     d.runSpool,
			flush:   d.flush,
			close:   d.spool.Close,
			measure: d.measureSpool,
		},
		{name: "journal", run: d.journal.run, measure: d.measureJournal},
		{name: "web", run: d.web.Run, measure: d.measureReadiness},
		{name: "board", run: d.board.Run},
		{name: "feeds", run: d.whenReady(d.watch.Run), measure: d.measureFeeds, alarms: d.silentFeeds},
		{name: "webhooks", run: d.whenReady(d.hooks.Run), measure: d.measureHooks},
		{name: "folders", run: d.whenReady(d.folders.Run), measure: d.measureFolders, alarms: d.folders.Alarms},
		{name: "mail", run: d.whenReady(d.mail.Run), measure: d.measureMail, alarms: d.mail.Alarms},
		{name: "jobs", run: d.whenReady(d.runJobs), alarms: d.overdueJobs},
		{name: "alarms", run: d.runAlarms, measure: d.measureAlarms},
		{name: "follower", run: d.follow},
	}
	if d.engine == nil {
		return list
	}
	return append([]component{{name: "engine", base: true, run: d.engine.Run}}, list...)
}

// whenReady returns a run that begins when the store has answered for the first time.
func (d *Daemon) whenReady(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		case <-d.ready:
			return run(ctx)
		}
	}
}

// running is a component that was started.
type running struct {
	component
	end   context.CancelFunc
	ended chan struct{}
	err   error // of run, once ended is closed
}

// stopTime bounds the stop of the daemon. A component whose turn comes late has leastStop all the same: a job that does
// not end must not cost the spool and the engine their orderly stop.
const (
	stopTime  = 10 * time.Second
	leastStop = time.Second
)

// Run serves, after Listen, until ctx ends, then stops everything within ten seconds, and a few more where something
// does not end; what was accepted stays on disk. Pushed changes and sign-ins are accepted at once, whether ClickHouse
// answers or not.
func (d *Daemon) Run(ctx context.Context) error {
	d.state.set("store", "the store is starting")
	ctx, fail := context.WithCancel(ctx)
	defer fail()
	var stack []*running
	for _, c := range d.components() {
		r := &running{component: c, end: func() {}, ended: make(chan struct{})}
		own := ctx
		if c.base {
			own, r.end = context.WithCancel(context.WithoutCancel(ctx))
		}
		go func() {
			defer close(r.ended)
			if c.run == nil {
				return
			}
			if r.err = c.run(own); r.err != nil {
				fail()
			}
		}()
		stack = append(stack, r)
	}
	<-ctx.Done()
	limit := Clock().Add(stopTime)
	var errs []error
	for _, r := range slices.Backward(stack) {
		errs = append(errs, d.stop(limit, r))
	}
	return errors.Join(errs...)
}

// stop ends one component and returns when it has ended; what has not at the limit is left behind.
func (d *Daemon) stop(limit time.Time, r *running) error {
	began := Clock()
	if r.flush != nil {
		r.flush()
	}
	r.end()
	select {
	case <-r.ended:
	case <-time.After(max(limit.Sub(Clock()), leastStop)):
		return fmt.Errorf("%s did not stop within %s; what was accepted is on disk", r.name, stopTime)
	}
	err := r.err
	if r.close != nil {
		err = errors.Join(err, r.close())
	}
	d.log.WithField("component", r.name).WithField("took_ms", Clock().Sub(began).Milliseconds()).Info("stopped")
	return err
}

// runSpool writes what waits to the store. When a segment cannot be read the daemon goes on: what comes in is still
// accepted.
func (d *Daemon) runSpool(ctx context.Context) error {
	err := d.spool.Run(ctx)
	if err != nil {
		d.state.set("spool", "the spool cannot be read, what comes in waits on disk: "+err.Error())
		d.log.WithError(err).Error("the spool cannot be read; what comes in waits on disk")
		<-ctx.Done()
	}
	return err
}

// flush lets the spool write what waits, for a moment and if the store is there; the rest stays on disk for the next
// start.
func (d *Daemon) flush() {
	if d.state.has("store") {
		d.log.Info("the store is away; what waits stays on disk for the next start")
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTime/5)
	defer cancel()
	d.journal.drain(ctx)
	if err := d.spool.Flush(ctx); err != nil {
		d.log.WithError(err).WithField("pending_changes",
			d.spool.Stats().PendingChanges).Info("changes wait on disk for the next start")
	}
}
