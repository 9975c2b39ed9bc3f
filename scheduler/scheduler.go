package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// Config is how patient the scheduler is.
type Config struct {
	// StopLimit is how long Run waits for running jobs after its context ended.
	StopLimit time.Duration
	// Heartbeat is how often the wall clock is looked at between due times: a machine that slept, or whose clock was
	// set, is noticed within it.
	Heartbeat time.Duration
	// Grace is how late a run may start and still be on time.
	Grace time.Duration
	// MaxCatchUp is the largest number of missed due times of one job that CatchUpAll runs; older ones are recorded as
	// missed.
	MaxCatchUp int
	// LedgerLimit is how long one call of the ledger may take.
	LedgerLimit time.Duration
}

// DefaultConfig stops within 8 s, looks at the clock every 30 s, calls a minute late on time, catches up at most 1000.
func DefaultConfig() Config {
	return Config{StopLimit: 8 * time.Second, Heartbeat: 30 * time.Second, Grace: time.Minute, MaxCatchUp: 1000,
		LedgerLimit: 5 * time.Second}
}

// Validate returns an error that names every value that cannot be.
func (c Config) Validate() error {
	var errs []error
	for name, d := range map[string]time.Duration{"stop_limit": c.StopLimit, "heartbeat": c.Heartbeat, "grace": c.Grace,
		"ledger_limit": c.LedgerLimit} {
		if d < time.Second {
			errs = append(errs, fmt.Errorf("%s %s is shorter than a second", name, d))
		}
	}
	if c.MaxCatchUp < 1 {
		errs = append(errs, fmt.Errorf("max_catch_up %d is less than 1", c.MaxCatchUp))
	}
	return errors.Join(errs...)
}

// Deps is what the scheduler is given.
type Deps struct {
	Ledger Ledger
	Log    logrus.FieldLogger
	// Clock returns the current time.
	Clock func() time.Time
}

// ErrRunning says that the job is running already.
var ErrRunning = errors.New("is running already")

// Scheduler runs jobs. Make it with [New].
type Scheduler struct {
	cfg     Config
	deps    Deps
	entries []*entry

	mu      sync.Mutex
	stopped bool
	active  sync.WaitGroup // loops and manual runs
	stop    context.CancelFunc
	base    context.Context // ends when the scheduler stops: manual runs end with it
}

// New checks configuration and jobs, all of them, and returns a scheduler that does nothing yet.
func New(cfg Config, jobs []Job, deps Deps) (*Scheduler, error) {
	err := cfg.Validate()
	s := &Scheduler{cfg: cfg, deps: deps}
	s.base, s.stop = context.WithCancel(context.Background())
	seen := map[string]bool{}
	for _, j := range jobs {
		plan, e := j.validate()
		if err = errors.Join(err, e); e != nil {
			continue
		}
		if seen[j.Name] {
			err = errors.Join(err, fmt.Errorf("job %q is there twice", j.Name))
		}
		seen[j.Name] = true
		s.entries = append(s.entries, newEntry(s, j, plan))
	}
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("make scheduler: %w", err)
	}
	return s, nil
}

// Run catches up with what was missed and then runs jobs as they fall due, until ctx ends. It then waits for running
// jobs, whose contexts have ended too, at most Config.StopLimit, and returns an error that names those that would not
// end. It can be called once.
func (s *Scheduler) Run(ctx context.Context) error {
	began := s.deps.Clock()
	for _, e := range s.entries {
		e.begin(began)
		if s.enter() == nil {
			go func() {
				defer s.active.Done()
				e.loop(ctx)
			}()
		}
	}
	<-ctx.Done()
	return s.drain()
}

// enter counts one more run unless the scheduler has stopped.
func (s *Scheduler) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return errors.New("the scheduler has stopped")
	}
	s.active.Add(1)
	return nil
}

// drain waits until nothing runs any more, or long enough.
func (s *Scheduler) drain() error {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.stop()
	idle := make(chan struct{})
	go func() {
		s.active.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-time.After(s.cfg.StopLimit):
	}
	var names []string
	for _, st := range s.Jobs() {
		if !st.RunningSince.IsZero() {
			names = append(names, st.Name)
		}
	}
	return fmt.Errorf("stop scheduler: after %s still running: %s", s.cfg.StopLimit, strings.Join(names, ", "))
}

// RunNow runs the named job once, now, and returns what became of it; the error is about asking, not about the job.
// While it runs, due times of the job are skipped. It needs no Run. A job that is running already is ErrRunning.
func (s *Scheduler) RunNow(ctx context.Context, name string) (Run, error) {
	i := slices.IndexFunc(s.entries, func(e *entry) bool { return e.job.Name == name })
	if i < 0 {
		var names []string
		for _, e := range s.entries {
			names = append(names, e.job.Name)
		}
		return Run{}, fmt.Errorf("run job %q: there is no such job; there are %s", name, strings.Join(names, ", "))
	}
	if err := s.enter(); err != nil {
		return Run{}, fmt.Errorf("run job %q: %w", name, err)
	}
	defer s.active.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.base, cancel)()
	run, err := s.entries[i].runNow(ctx)
	if err != nil {
		return run, fmt.Errorf("run job %q: %w", name, err)
	}
	return run, nil
}

// Status is what a page shows of a job.
type Status struct {
	Name string
	Timing
	// Next is the next due time, in the job's zone.
	Next time.Time
	// RunningSince is zero while the job does not run.
	RunningSince time.Time
	// Last is the last run that ended since this process started; its Job is empty before the first.
	Last Run
	// OverdueSince is the due time that should have been done by now (Timing.AlarmAfter) and is not; zero when all is
	// well.
	OverdueSince time.Time
}

// Jobs lists the jobs in the order in which they were given.
func (s *Scheduler) Jobs() []Status {
	now := s.deps.Clock()
	list := make([]Status, len(s.entries))
	for i, e := range s.entries {
		list[i] = e.status(now)
	}
	return list
}
