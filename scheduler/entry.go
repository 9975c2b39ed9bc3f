package scheduler

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// maxUnrecorded bounds the runs of one job that wait for the ledger to come back.
const maxUnrecorded = 10_000

// entry is one job at work. A due time is looked at once: cursor is the newest that was.
type entry struct {
	s    *Scheduler
	job  Job
	plan *plan

	mu sync.Mutex
	// cursor is exact once the ledger was asked; before, it is the start of the scheduler.
	cursor time.Time
	asked  bool
	// busy while one goroutine looks at the clock or runs the job; late while that run catches up, so that due times
	// wait instead of being skipped.
	busy, late bool
	// changed is closed, and made anew, when a run begins or busy ends: a manual run waits for either.
	changed chan struct{}
	// again: somebody who found the entry busy wants the clock to be looked at once more.
	again bool
	since time.Time
	last  Run
	// done is the newest due time that needs nothing more: done, or let go by CatchUpNone. Before any it is the start of
	// the scheduler.
	done time.Time
	// unrecorded are runs that the ledger has yet to take, oldest first. Only the goroutine that made the entry busy
	// empties it.
	unrecorded []Run
	// skipped are due times that came while the job was running; settle records them after the run.
	skipped []Run
}

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

// wake looks at the clock and does what is due.
func (e *entry) wake(ctx context.Context) {
	if !e.seize() {
		return
	}
	for again := true; again; again = e.release() {
		e.work(ctx)
	}
}

// work runs what is due until nothing is. It is called by the goroutine that made the entry busy.
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
			e.settle(ctx, e.execute(ctx, at, false))
		}
		if len(due.run) == 0 {
			return
		}
	}
}

// seize makes the entry busy. If it is busy already, due times that have come are skipped when a run that was on time
// is still going on, and else left to the goroutine that is at work.
func (e *entry) seize() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.busy {
		e.busy = true
		return true
	}
	if e.late || !e.asked || e.since.IsZero() {
		e.again = true
		return false
	}
	now := e.s.deps.Clock()
	for at := e.plan.Next(e.cursor); !at.IsZero() && !at.After(now) &&
		len(e.skipped) < maxUnrecorded; at = e.plan.Next(at) {
		e.cursor = at
		e.skipped = append(e.skipped, Run{Job: e.job.Name, Due: at.UTC(), Outcome: OutcomeSkipped,
			Error: "the run before was still going on"})
	}
	return false
}

// release ends being busy, unless somebody asked to look again meanwhile.
func (e *entry) release() (again bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	again, e.again, e.late = e.again, false, false
	e.busy = again
	e.signal()
	return again
}

// ask reads from the ledger, once, which due time was the last. While it does not answer nothing is run: the heartbeat
// asks again, and CatchUp decides about what was missed meanwhile.
func (e *entry) ask(ctx context.Context) bool {
	e.mu.Lock()
	asked := e.asked
	e.mu.Unlock()
	if asked {
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
	// late: something in run is past its grace.
	late bool
}

// take returns the due times since the cursor, sorted into those to run and those missed, and moves the cursor.
func (e *entry) take(now time.Time) dues {
	e.mu.Lock()
	defer e.mu.Unlock()
	keep := 1
	if e.job.CatchUp == CatchUpAll {
		keep = e.s.cfg.MaxCatchUp
	}
	var d dues
	var first, newest time.Time
	missed := 0
	miss := func(at time.Time) {
		if missed++; missed == 1 {
			first = at
		}
		newest = at
	}
	for at := e.plan.Next(e.cursor); !at.IsZero() && !at.After(now); at = e.plan.Next(at) {
		e.cursor = at
		if d.run = append(d.run, at); len(d.run) > keep {
			miss(d.run[0])
			d.run = d.run[1:]
		}
	}
	d.late = len(d.run) > 0 && now.Sub(d.run[0]) > e.s.cfg.Grace
	if d.late && e.job.CatchUp == CatchUpNone {
		miss(d.run[0])
		d.run, d.late = nil, false
	}
	if missed > 0 && e.job.CatchUp == CatchUpNone && newest.After(e.done) {
		e.done = newest
	}
	if missed > 0 {
		d.missed = []Run{{Job: e.job.Name, Due: newest.UTC(), Outcome: OutcomeMissed,
			Error: fmt.Sprintf("%d due times missed since %s", missed, first.Format(time.RFC3339))}}
	}
	e.late = d.late
	return d
}

// execute runs the job for one due time and returns what became of it.
func (e *entry) execute(ctx context.Context, due time.Time, manual bool) Run {
	run := Run{Job: e.job.Name, Due: due.UTC(), Started: e.s.deps.Clock().UTC(), Manual: manual}
	e.mu.Lock()
	e.since = run.Started
	e.signal()
	e.mu.Unlock()
	e.attempt(ctx, due, &run)
	for !manual && run.again() && run.Attempts <= e.job.Retries && e.pause(ctx, &run) {
		e.attempt(ctx, due, &run)
	}
	e.mu.Lock()
	e.since, e.last = time.Time{}, run
	if run.Outcome == OutcomeDone && run.Due.After(e.done) {
		e.done = run.Due
	}
	e.mu.Unlock()
	e.report(run)
	return run
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

// runNow runs the job once outside its plan.
func (e *entry) runNow(ctx context.Context) (Run, error) {
	if err := e.seizeIdle(ctx); err != nil {
		return Run{}, fmt.Errorf("run job %q: %w", e.job.Name, err)
	}
	defer e.free()
	run := e.execute(ctx, e.s.deps.Clock().Truncate(time.Millisecond), true)
	e.settle(ctx, run)
	return run, nil
}

// seizeIdle makes the entry busy for a manual run. It is ErrRunning while a run is going on; it waits while a goroutine
// only looks at the clock or writes to the ledger, as every heartbeat does.
func (e *entry) seizeIdle(ctx context.Context) error {
	for {
		e.mu.Lock()
		busy, running, changed := e.busy, !e.since.IsZero(), e.changed
		e.busy = true
		e.mu.Unlock()
		switch {
		case running:
			return ErrRunning
		case !busy:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// signal wakes the manual runs that wait in seizeIdle. The caller holds mu.
func (e *entry) signal() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// free ends being busy after a manual run; the next heartbeat sees what fell due meanwhile.
func (e *entry) free() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy, e.again = false, false
	e.signal()
}

// settle records a run, and after it the due times that it covered: a crash in between must leave the run open. So does
// an interruption, which leaves them open as well.
func (e *entry) settle(ctx context.Context, run Run) {
	e.record(ctx, run)
	e.mu.Lock()
	skipped := e.skipped
	e.skipped = nil
	e.mu.Unlock()
	if run.Outcome == OutcomeInterrupted {
		return
	}
	for _, r := range skipped {
		e.log().WithField("due", r.Due).Warn("job skipped")
		e.record(ctx, r)
	}
}

// record writes the run to the ledger, also when the scheduler is stopping. What the ledger does not take is tried
// again at the next heartbeat.
func (e *entry) record(ctx context.Context, run Run) {
	e.mu.Lock()
	if len(e.unrecorded) >= maxUnrecorded {
		e.unrecorded = e.unrecorded[1:]
	}
	e.unrecorded = append(e.unrecorded, run)
	e.mu.Unlock()
	e.flush(ctx)
}

func (e *entry) flush(ctx context.Context) {
	for {
		e.mu.Lock()
		if len(e.unrecorded) == 0 {
			e.mu.Unlock()
			return
		}
		run := e.unrecorded[0]
		e.mu.Unlock()
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.s.cfg.LedgerLimit)
		err := e.s.deps.Ledger.Record(limited, run)
		cancel()
		if err != nil {
			e.log().WithError(err).WithField("due", run.Due).Warn("job run not recorded yet")
			return
		}
		e.mu.Lock()
		e.unrecorded = e.unrecorded[1:]
		e.mu.Unlock()
	}
}
