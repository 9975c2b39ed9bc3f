package scheduler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// book is a ledger in memory that outlives the schedulers of a test, as the store outlives the process.
type book struct {
	mu   sync.Mutex
	runs []Run
	down bool
	slow time.Duration // how long LastRun takes
}

func (b *book) LastRun(_ context.Context, job string) (Run, bool, error) {
	time.Sleep(b.slow)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return Run{}, false, errors.New("store is away")
	}
	var last Run
	for _, r := range b.runs {
		if r.Job == job && !r.Manual && r.Due.After(last.Due) {
			last = r
		}
	}
	return last, last.Job != "", nil
}

func (b *book) LastDone(_ context.Context, job string) (time.Time, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return time.Time{}, false, errors.New("store is away")
	}
	var done time.Time
	for _, r := range b.runs {
		if r.Job == job && r.Outcome == OutcomeDone && r.Due.After(done) {
			done = r.Due
		}
	}
	return done, !done.IsZero(), nil
}

func (b *book) Record(_ context.Context, run Run) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return errors.New("store is away")
	}
	i := slices.IndexFunc(b.runs, func(r Run) bool { return r.Job == run.Job && r.Due.Equal(run.Due) })
	if i >= 0 {
		b.runs[i] = run
		return nil
	}
	b.runs = append(b.runs, run)
	return nil
}

func (b *book) setDown(down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = down
}

// story writes the runs as "day hour:minute outcome", in order of recording.
func (b *book) story() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []string
	for _, r := range b.runs {
		lines = append(lines, r.Due.Format("2 15:04 ")+string(r.Outcome))
	}
	return lines
}

func quiet() logrus.FieldLogger {
	l := logrus.New()
	l.SetOutput(io.Discard)
	return l
}

func ok(context.Context, time.Time) (int64, error) { return 1, nil }

func job(name, expression, zone string, up CatchUp, do func(context.Context, time.Time) (int64, error)) Job {
	return Job{Name: name, Timing: Timing{Cron: expression, Zone: zone, Limit: time.Hour, CatchUp: up}, Do: do}
}

func newScheduler(t *testing.T, cfg Config, b *book, jobs ...Job) *Scheduler {
	t.Helper()
	s, err := New(cfg, jobs, Deps{Ledger: b, Log: quiet(), Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// live runs the scheduler for a while and stops it, as one life of the process.
func live(t *testing.T, s *Scheduler, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, b *book, want ...string) {
	t.Helper()
	if got := b.story(); !slices.Equal(got, want) {
		t.Fatalf("the ledger says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// failsOnce returns work that fails at the first attempt of every due time.
func failsOnce() func(context.Context, time.Time) (int64, error) {
	var failed time.Time
	return func(_ context.Context, due time.Time) (int64, error) {
		if !due.Equal(failed) {
			failed = due
			return 0, errors.New("not yet")
		}
		return 1, nil
	}
}

// Three years in four zones: the local half past two has its run on every date, once, whatever the clocks did, and
// though each fails at first.
func TestYearsOfCronInFourZones(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cfg := &book{}, DefaultConfig()
		cfg.Heartbeat = 24 * time.Hour // a machine that never sleeps needs none, and the test is quicker
		var jobs []Job
		for _, z := range zones {
			j := job(z, "30 2 * * *", z, CatchUpNone, failsOnce())
			j.Retries, j.RetryAfter = 2, time.Minute
			jobs = append(jobs, j)
		}
		live(t, newScheduler(t, cfg, b, jobs...), 3*365*24*time.Hour)
		for _, z := range zones {
			loc, err := time.LoadLocation(z)
			if err != nil {
				t.Fatal(err)
			}
			var dates []string
			for _, r := range b.runs {
				if r.Job == z {
					local := r.Due.In(loc)
					dates = append(dates, local.Format(time.DateOnly))
					if r.Outcome != OutcomeDone || r.Attempts != 2 || r.Started.Sub(r.Due) > time.Second {
						t.Fatalf("%s: %+v", z, r)
					}
					if h := local.Format("15:04"); h != "02:30" && h != "03:00" {
						t.Fatalf("%s ran at %s", z, local)
					}
				}
			}
			day, err := time.Parse(time.DateOnly, dates[0])
			if err != nil || len(dates) < 3*365-1 {
				t.Fatalf("%s: %d runs from %s: %v", z, len(dates), dates[0], err)
			}
			for _, d := range dates {
				if d != day.Format(time.DateOnly) {
					t.Fatalf("%s: got %s, want a run on %s", z, d, day.Format(time.DateOnly))
				}
				day = day.AddDate(0, 0, 1)
			}
		}
	})
}

// Bubbles of synctest begin at midnight UTC of 2000-01-01, day 1 in the stories below.

func TestLongRunSkipsTheDueTimesThatItCovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, together, most := &book{}, 0, 0
		var mu sync.Mutex
		long := func(_ context.Context, due time.Time) (int64, error) {
			mu.Lock()
			together++
			most = max(most, together)
			mu.Unlock()
			if due.Minute() == 0 {
				time.Sleep(25 * time.Minute)
			}
			mu.Lock()
			together--
			mu.Unlock()
			return 1, nil
		}
		live(t, newScheduler(t, DefaultConfig(), b, job("compute", "0,10,20,30 1 * * *", "UTC", CatchUpNone, long)),
			100*time.Minute)
		if most != 1 {
			t.Fatalf("%d runs of one job at once", most)
		}
		same(t, b, "1 01:00 done", "1 01:10 skipped", "1 01:20 skipped", "1 01:30 done")
	})
}

func TestCatchUpAfterTheProcessWasAway(t *testing.T) {
	for _, c := range []struct {
		up   CatchUp
		want []string
	}{
		{CatchUpNone, []string{"1 06:00 done", "4 06:00 missed", "5 06:00 done"}},
		{CatchUpLatest, []string{"1 06:00 done", "3 06:00 missed", "4 06:00 done", "5 06:00 done"}},
		{CatchUpAll, []string{"1 06:00 done", "2 06:00 done", "3 06:00 done", "4 06:00 done", "5 06:00 done"}},
	} {
		t.Run(string(c.up), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &book{}
				daily := job("mail", "0 6 * * *", "UTC", c.up, ok)
				live(t, newScheduler(t, DefaultConfig(), b, daily), 12*time.Hour)
				time.Sleep(3 * 24 * time.Hour)
				live(t, newScheduler(t, DefaultConfig(), b, daily), 24*time.Hour)
				same(t, b, c.want...)
				if b.runs[1].Outcome == OutcomeMissed &&
					!strings.Contains(b.runs[1].Error, "due times missed since 2000-01-02T06:00:00Z") {
					t.Fatalf("the missed row says %q", b.runs[1].Error)
				}
			})
		})
	}
}

func TestTheFirstStartEverCatchesUpWithNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		live(t, newScheduler(t, DefaultConfig(), b, job("compute", "@hourly", "UTC", CatchUpAll, ok)), 150*time.Minute)
		same(t, b, "1 01:00 done", "1 02:00 done")
	})
}

// Yesterday's report takes ten minutes to make up for, just before today's is due: today's must not be skipped.
func TestCatchingUpDoesNotCostTheNextRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{runs: []Run{{Job: "mail", Due: time.Now().Add(-42 * time.Hour), Outcome: OutcomeDone}}}
		slow := func(context.Context, time.Time) (int64, error) { time.Sleep(10 * time.Minute); return 1, nil }
		time.Sleep(5*time.Hour + 55*time.Minute)
		live(t, newScheduler(t, DefaultConfig(), b, job("mail", "0 6 * * *", "UTC", CatchUpLatest, slow)), time.Hour)
		same(t, b, "30 06:00 done", "31 06:00 done", "1 06:00 done")
	})
}

func TestCatchUpAllIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cfg := &book{runs: []Run{{Job: "j", Due: time.Now(), Outcome: OutcomeDone}}}, DefaultConfig()
		cfg.MaxCatchUp = 2
		time.Sleep(90*24*time.Hour + time.Minute)
		live(t, newScheduler(t, cfg, b, job("j", "*/5 * * * *", "UTC", CatchUpAll, ok)), time.Minute)
		same(t, b, "1 00:00 done", "30 23:50 missed", "30 23:55 done", "31 00:00 done")
		if !strings.HasPrefix(b.runs[1].Error, "25918 due times") {
			t.Fatalf("the missed row says %q", b.runs[1].Error)
		}
	})
}

func TestPanicErrorAndTimeLimitAreOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		panics := job("panics", "0 1 * * *", "UTC", CatchUpNone, func(context.Context, time.Time) (int64, error) {
			teams := make([]int64, len(b.runs))
			return teams[len(teams)], nil
		})
		fails := job("fails", "0 2 * * *", "UTC", CatchUpNone, func(context.Context, time.Time) (int64, error) {
			return 7, errors.New("smtp is away")
		})
		hangs := job("hangs", "0 3 * * *", "UTC", CatchUpNone, func(ctx context.Context, _ time.Time) (int64, error) {
			<-ctx.Done()
			return 0, fmt.Errorf("read days: %w", ctx.Err())
		})
		s := newScheduler(t, DefaultConfig(), b, panics, fails, hangs)
		live(t, s, 5*time.Hour)
		same(t, b, "1 01:00 failed", "1 02:00 failed", "1 03:00 timed_out")
		if e := b.runs[0].Error; !strings.Contains(e, "index out of range") || !strings.Contains(e, "scheduler_test.go") {
			t.Errorf("the panic is recorded as %q", e)
		}
		if r := b.runs[1]; r.Error != "smtp is away" || r.Rows != 7 {
			t.Errorf("the failure is recorded as %+v", r)
		}
		if r := b.runs[2]; r.Ended.Sub(r.Started) != time.Hour {
			t.Errorf("the limit of an hour ended the run after %s", r.Ended.Sub(r.Started))
		}
		if last := s.Jobs()[1].Last; last.Error != "smtp is away" {
			t.Errorf("the list shows %+v", last)
		}
	})
}

// A run that the stop cuts short stays open, and so do the due times that it covered: the next life does it again,
// under the same key.
func TestInterruptedRunIsDoneAgainByTheNextLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		polite := func(ctx context.Context, _ time.Time) (int64, error) {
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(8 * time.Minute):
				return 1, nil
			}
		}
		j := job("compute", "0,5 1 * * *", "UTC", CatchUpAll, polite)
		live(t, newScheduler(t, DefaultConfig(), b, j), 66*time.Minute)
		same(t, b, "1 01:00 interrupted")
		live(t, newScheduler(t, DefaultConfig(), b, j), time.Hour)
		same(t, b, "1 01:00 done", "1 01:05 done")
	})
}

func TestStopIsBoundedAndNamesWhatWillNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deaf := func(context.Context, time.Time) (int64, error) { time.Sleep(6 * time.Hour); return 0, nil }
		s := newScheduler(t, DefaultConfig(), &book{}, job("deaf", "0 1 * * *", "UTC", CatchUpNone, deaf),
			job("idle", "@daily", "UTC", CatchUpNone, ok))
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
		defer cancel()
		began := time.Now()
		err := s.Run(ctx)
		if err == nil || !strings.HasSuffix(err.Error(), "still running: deaf") {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(began); took != 2*time.Hour+8*time.Second {
			t.Fatalf("stopped after %s", took)
		}
		time.Sleep(6 * time.Hour) // let it end, or the leak test would find it
	})
}

// The ledger is away at the start and again at the end of a run: nothing runs unasked, nothing goes unrecorded.
func TestLedgerThatIsAwayDelaysButLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{runs: []Run{{Job: "j", Due: time.Now().Add(-2 * time.Hour), Outcome: OutcomeDone}}, down: true}
		s := newScheduler(t, DefaultConfig(), b, job("j", "@hourly", "UTC", CatchUpLatest, ok))
		go func() {
			time.Sleep(10 * time.Minute)
			b.setDown(false)
			time.Sleep(40 * time.Minute)
			b.setDown(true)
			time.Sleep(20 * time.Minute)
			b.setDown(false)
		}()
		live(t, s, 75*time.Minute)
		same(t, b, "31 22:00 done", "31 23:00 missed", "1 00:00 done", "1 01:00 done")
		if r := b.runs[2]; r.Started.Minute() != 10 {
			t.Fatalf("the due time of midnight ran at %s, want within a heartbeat of the ledger's return at 00:10", r.Started)
		}
	})
}

func TestRunNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, hold := &book{}, make(chan struct{})
		waits := func(ctx context.Context, _ time.Time) (int64, error) {
			select {
			case <-hold:
				return 42, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		s := newScheduler(t, DefaultConfig(), b, job("compute", "30 * * * *", "UTC", CatchUpNone, waits),
			job("mail", "@daily", "UTC", CatchUpNone, ok))
		if _, err := s.RunNow(t.Context(), "computer"); err == nil ||
			!strings.Contains(err.Error(), "there are compute, mail") {
			t.Fatalf("an unknown job: %v", err)
		}
		result := make(chan Run, 1)
		go func() {
			run, err := s.RunNow(t.Context(), "compute")
			if err != nil {
				t.Error(err)
			}
			result <- run
		}()
		synctest.Wait()
		if _, err := s.RunNow(t.Context(), "compute"); !errors.Is(err, ErrRunning) {
			t.Fatalf("a second one at once: %v", err)
		}
		if st := s.Jobs(); st[0].RunningSince.IsZero() || !st[1].RunningSince.IsZero() || st[0].Next.Minute() != 30 {
			t.Fatalf("the list says %+v", st)
		}
		close(hold)
		if run := <-result; run.Outcome != OutcomeDone || run.Rows != 42 || !run.Manual {
			t.Fatalf("got %+v", run)
		}
		same(t, b, "1 00:00 done")
		live(t, s, time.Minute)
		if _, err := s.RunNow(t.Context(), "mail"); err == nil || !strings.Contains(err.Error(), "has stopped") {
			t.Fatalf("after the stop: %v", err)
		}
	})
}

func TestManualRunEndsWithTheScheduler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		s := newScheduler(t, DefaultConfig(), b,
			job("j", "@daily", "UTC", CatchUpNone, func(ctx context.Context, _ time.Time) (int64, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			}))
		go func() {
			if run, err := s.RunNow(context.Background(), "j"); err != nil || run.Outcome != OutcomeInterrupted {
				t.Errorf("got %+v, %v", run, err)
			}
		}()
		live(t, s, time.Minute)
		same(t, b, "1 00:00 interrupted")
	})
}

// A heartbeat waits for a slow ledger: a manual run asked for meanwhile waits for the heartbeat, and is not refused as
// if the job were running.
func TestManualRunWaitsForAHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{slow: 3 * time.Second}
		s := newScheduler(t, DefaultConfig(), b, job("j", "@daily", "UTC", CatchUpNone, ok))
		go func() {
			time.Sleep(time.Second)
			run, err := s.RunNow(context.Background(), "j")
			if err != nil || run.Outcome != OutcomeDone || run.Due.Second() != 3 {
				t.Errorf("got %+v, %v; want done, as soon as the ledger has answered", run, err)
			}
		}()
		go func() {
			time.Sleep(2 * time.Second)
			gone, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			defer cancel()
			if run, err := s.RunNow(gone, "j"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("whoever asked has left: got %+v, %v", run, err)
			}
		}()
		live(t, s, time.Minute)
		same(t, b, "1 00:00 done")
	})
}

func TestEverythingWrongIsSaidAtOnce(t *testing.T) {
	jobs := []Job{
		job("a", "TZ=UTC", "UTC", CatchUpNone, ok),
		job("b", "0 6 31 2 *", "UTC", "sometimes", ok),
		job("", "@daily", "", CatchUpNone, nil),
		job("twice", "@daily", "UTC", CatchUpNone, ok), job("twice", "@daily", "UTC", CatchUpNone, ok),
	}
	jobs[0].Limit = 0
	_, err := New(Config{}, jobs, Deps{})
	for _, says := range []string{"carries a time zone", "never comes true", `"sometimes" is none of`, "names no place",
		"has no name",
		"has nothing to do", "is there twice", "limit 0s", "heartbeat 0s", "max_catch_up 0"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("the error does not say %q: %v", says, err)
		}
	}
}
