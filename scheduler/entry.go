package scheduler

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// maxUnrecorded bounds the runs of one job that wait for the ledger to come back.
const maxUnrecorded = 10_000

// entry is one job at work: at its due times in loop, by hand in runNow. Whoever has the turn looks at the clock, runs
// the job, and writes to the ledger.
type entry struct {
	s    *Scheduler
	job  Job
	plan *plan

	turn chan struct{} // holds a token while somebody has the turn, who alone may touch what follows
	// cursor is the newest due time that was looked at; before the ledger was asked, the start of the scheduler.
	cursor time.Time
	asked  bool
	// late: what runs catches up, so that due times that come meanwhile wait instead of being skipped.
	late bool
	// unrecorded are runs that the ledger has yet to take, oldest first.
	unrecorded []Run

	mu sync.Mutex // guards what follows
	// since is when the run that is going on began, zero without one. began is closed meanwhile.
	since time.Time
	began chan struct{}
	last  Run
	// done is the newest due time that needs nothing more: done, or let go by CatchUpNone. Before any it is the start of
	// the scheduler.
	done time.Time
}

func newEntry(s *Scheduler, job Job, plan *plan) *entry {
	return &entry{s: s, job: job, plan: plan, turn: make(chan struct{}, 1), began: make(chan struct{})}
}

// begin is called before the first look at the clock.
func (e *entry) begin(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cursor, e.done = now, now
}

// overdue returns the due time that should have been done by now and is not; zero when there is none.
func (e *entry) overdue(now time.Time) time.Time {
	if e.job.AlarmAfter == 0 || e.done.IsZero() {
		return time.Time{}
	}
	due := e.plan.Next(e.done)
	if due.IsZero() || now.Sub(due) < e.job.AlarmAfter {
		return time.Time{}
	}
	return due
}

func (e *entry) status(now time.Time) Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	return Status{
		Name:         e.job.Name,
		Timing:       e.job.Timing,
		Next:         e.plan.Next(now),
		RunningSince: e.since,
		Last:         e.last,
		OverdueSince: e.overdue(now),
	}
}

// loop does what is due at every due time, and looks at the clock at least at every heartbeat, until ctx ends.
func (e *entry) loop(ctx context.Context) {
	for {
		select {
		case e.turn <- struct{}{}:
		case <-ctx.Done():
			return
		}
		e.work(ctx)
		wait := e.s.cfg.Heartbeat
		if next := e.plan.Next(e.cursor); e.asked && !next.IsZero() {
			wait = min(wait, next.Sub(e.s.deps.Clock()))
		}
		<-e.turn
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// work runs what is due until nothing is.
func (e *entry) work(ctx context.Context) {
	e.flush(ctx)
	if !e.ask(ctx) {
		return
	}
	for ctx.Err() == nil {
		due := e.take(e.s.deps.Clock())
		for _, r := range due.missed {
			e.record(ctx, r)
		}
		for _, at := range due.run {
			if ctx.Err() != nil {
				return // the rest stays open in the ledger
			}
			e.execute(ctx, at, false)
		}
		if len(due.run) == 0 {
			return
		}
	}
}

// ask reads from the ledger, once, which due time was the last. While it does not answer nothing is run: the heartbeat
// asks again, and CatchUp decides about what was missed meanwhile.
func (e *entry) ask(ctx context.Context) bool {
	if e.asked {
		return true
	}
	limited, cancel := context.WithTimeout(ctx, e.s.cfg.LedgerLimit)
	defer cancel()
	last, found, err := e.s.deps.Ledger.LastRun(limited, e.job.Name)
	var done time.Time
	var ever bool
	if err == nil {
		done, ever, err = e.s.deps.Ledger.LastDone(limited, e.job.Name)
	}
	if err != nil {
		e.log().WithError(err).Warn("job waits for its ledger")
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = true
	if ever {
		e.done = done
	}
	if found {
		e.resume(last, ever)
	}
	return true
}

// resume goes on after the last run that the ledger knows: what was let go needs nothing more, and a job that has never
// been done is overdue from what failed last.
func (e *entry) resume(last Run, ever bool) {
	e.cursor = last.Due
	switch {
	case last.Outcome == OutcomeInterrupted:
		e.cursor = last.Due.Add(-time.Nanosecond)
	case last.Outcome == OutcomeMissed && e.job.CatchUp == CatchUpNone && last.Due.After(e.done):
		e.done = last.Due
	}
	if !ever && last.again() {
		e.done = last.Due.Add(-time.Nanosecond)
	}
}

// dues is what one look at the clock found.
type dues struct {
	run    []time.Time
	missed []Run
}

// take returns the due times since the cursor, sorted into those to run and those missed, and moves the cursor.
func (e *entry) take(now time.Time) (d dues) {
	most := 1
	if e.job.CatchUp == CatchUpAll {
		most = e.s.cfg.MaxCatchUp
	}
	var first, newest time.Time
	missed := 0
	miss := func(at time.Time) {
		if missed++; missed == 1 {
			first = at
		}
		newest = at
	}
	for at := range e.come(now) {
		if d.run = append(d.run, at); len(d.run) > most {
			miss(d.run[0])
			d.run = d.run[1:]
		}
	}
	e.late = len(d.run) > 0 && now.Sub(d.run[0]) > e.s.cfg.Grace
	if e.late && e.job.CatchUp == CatchUpNone {
		miss(d.run[0])
		d.run, e.late = nil, false
	}
	if missed == 0 {
		return d
	}
	if e.job.CatchUp == CatchUpNone {
		e.mu.Lock()
		if newest.After(e.done) {
			e.done = newest
		}
		e.mu.Unlock()
	}
	d.missed = []Run{{Job: e.job.Name, Due: newest.UTC(), Outcome: OutcomeMissed,
		Error: fmt.Sprintf("%d due times missed since %s", missed, first.Format(time.RFC3339))}}
	return d
}

// come yields the due times after the cursor that have come, and moves the cursor.
func (e *entry) come(now time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for at := e.plan.Next(e.cursor); !at.IsZero() && !at.After(now); at = e.plan.Next(at) {
			if e.cursor = at; !yield(at) {
				return
			}
		}
	}
}

// execute runs the job for one due time and records what became of it. A crash before that leaves the run open, and the
// due times that it covered.
func (e *entry) execute(ctx context.Context, due time.Time, manual bool) Run {
	run := Run{Job: e.job.Name, Due: due.UTC(), Started: e.s.deps.Clock().UTC(), Manual: manual}
	e.mu.Lock()
	e.since = run.Started
	close(e.began)
	e.mu.Unlock()
	e.attempt(ctx, due, &run)
	for !manual && run.again() && run.Attempts <= e.job.Retries && e.pause(ctx, &run) {
		e.attempt(ctx, due, &run)
	}
	e.mu.Lock()
	e.since, e.began, e.last = time.Time{}, make(chan struct{}), run
	if run.Outcome == OutcomeDone && run.Due.After(e.done) {
		e.done = run.Due
	}
	e.mu.Unlock()
	e.report(run)
	e.record(ctx, run)
	if e.asked && !e.late && run.Outcome != OutcomeInterrupted {
		e.skip(ctx)
	}
	return run
}

// skip records the due times that came while a run that was on time went on.
func (e *entry) skip(ctx context.Context) {
	for at := range e.come(e.s.deps.Clock()) {
		e.log().WithField("due", at.UTC()).Warn("job skipped")
		e.record(ctx, Run{Job: e.job.Name, Due: at.UTC(), Outcome: OutcomeSkipped,
			Error: "the run before was still going on"})
	}
}

// again says whether another attempt may help.
func (r *Run) again() bool { return r.Outcome == OutcomeFailed || r.Outcome == OutcomeTimedOut }

// attempt does the job once and notes in run what became of it.
func (e *entry) attempt(ctx context.Context, due time.Time, run *Run) {
	limited, cancel := context.WithTimeout(ctx, e.job.Limit)
	defer cancel()
	rows, err := e.guarded(limited, due)
	run.Ended, run.Rows, run.Outcome, run.Error = e.s.deps.Clock().UTC(), rows, OutcomeDone, ""
	run.Attempts++
	if err == nil {
		return
	}
	run.Error, run.Outcome = err.Error(), OutcomeFailed
	switch {
	case ctx.Err() != nil:
		run.Outcome = OutcomeInterrupted
	case limited.Err() != nil:
		run.Outcome = OutcomeTimedOut
	}
}

// pause waits before the next attempt; false says that the scheduler stops, so that the due time stays open.
func (e *entry) pause(ctx context.Context, run *Run) bool {
	e.log().WithFields(logrus.Fields{"due": run.Due, "attempt": run.Attempts, "error": run.Error}).Warn(
		"job is tried again")
	select {
	case <-time.After(e.job.RetryAfter):
		return true
	case <-ctx.Done():
		run.Outcome = OutcomeInterrupted
		return false
	}
}

// guarded makes an error of a panic, with the place where it happened.
func (e *entry) guarded(ctx context.Context, due time.Time) (rows int64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return e.job.Do(ctx, due)
}

func (e *entry) report(run Run) {
	l := e.log().WithFields(logrus.Fields{"due": run.Due, "outcome": run.Outcome, "rows": run.Rows,
		"seconds": run.Ended.Sub(run.Started).Seconds()})
	if run.Outcome == OutcomeDone {
		l.Info("job ran")
		return
	}
	l.WithField("error", run.Error).Error("job did not succeed")
}

func (e *entry) log() logrus.FieldLogger { return e.s.deps.Log.WithField("job", e.job.Name) }

// runNow runs the job once outside its plan. It is ErrRunning while a run is going on; it waits while the clock is only
// looked at or the ledger written to, as at every heartbeat.
func (e *entry) runNow(ctx context.Context) (Run, error) {
	e.mu.Lock()
	began := e.began
	e.mu.Unlock()
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
		return e.execute(ctx, e.s.deps.Clock().Truncate(time.Millisecond), true), nil
	case <-began:
		return Run{}, ErrRunning
	case <-ctx.Done():
		return Run{}, ctx.Err()
	}
}

// record writes the run to the ledger, also when the scheduler is stopping. What the ledger does not take is tried
// again at the next heartbeat.
func (e *entry) record(ctx context.Context, run Run) {
	if len(e.unrecorded) >= maxUnrecorded {
		e.unrecorded = e.unrecorded[1:]
	}
	e.unrecorded = append(e.unrecorded, run)
	e.flush(ctx)
}

func (e *entry) flush(ctx context.Context) {
	for len(e.unrecorded) > 0 {
		run := e.unrecorded[0]
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.s.cfg.LedgerLimit)
		err := e.s.deps.Ledger.Record(limited, run)
		cancel()
		if err != nil {
			e.log().WithError(err).WithField("due", run.Due).Warn("job run not recorded yet")
			return
		}
		e.unrecorded = e.unrecorded[1:]
	}
}
