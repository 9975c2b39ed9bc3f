package scheduler

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A report server that is away for seven minutes: the run of 06:00 is tried again each five minutes and is done at
// 06:10.
func TestAFailedRunIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		back := time.Now().Add(6*time.Hour + 7*time.Minute)
		j := job("mail", "0 6 * * *", "UTC", CatchUpNone, func(context.Context, time.Time) (int64, error) {
			if time.Now().Before(back) {
				return 0, errors.New("the server is away")
			}
			return 3, nil
		})
		j.Retries, j.RetryAfter = 4, 5*time.Minute
		live(t, newScheduler(t, DefaultConfig(), b, j), 24*time.Hour)
		same(t, b, "1 06:00 done")
		if r := b.runs[0]; r.Attempts != 3 || r.Error != "" || r.Rows != 3 || r.Ended.Sub(r.Due) != 10*time.Minute {
			t.Fatalf("the run is %+v; it should be done at the third attempt, ten minutes late", r)
		}
	})
}

// Retries end: what fails each time is failed, once, with the last error.
func TestRetriesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, calls := &book{}, 0
		j := job("mail", "0 6 * * *", "UTC", CatchUpNone, func(context.Context, time.Time) (int64, error) {
			calls++
			return 0, errors.New("no")
		})
		j.Retries, j.RetryAfter = 2, time.Minute
		live(t, newScheduler(t, DefaultConfig(), b, j), 24*time.Hour)
		same(t, b, "1 06:00 failed")
		if calls != 3 || b.runs[0].Attempts != 3 {
			t.Fatalf("%d calls, the run is %+v; want three attempts", calls, b.runs[0])
		}
	})
}

// A stop in the pause before the next attempt leaves the due time open: the next start does it.
func TestAStopBetweenAttemptsLeavesTheDueTimeOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		j := job("mail", "0 6 * * *", "UTC", CatchUpLatest,
			func(context.Context, time.Time) (int64, error) { return 0, errors.New("no") })
		j.Retries, j.RetryAfter = 3, time.Hour
		live(t, newScheduler(t, DefaultConfig(), b, j), 6*time.Hour+time.Minute)
		same(t, b, "1 06:00 interrupted")
		j.Do = ok
		live(t, newScheduler(t, DefaultConfig(), b, j), time.Hour)
		same(t, b, "1 06:00 done")
	})
}

// A job that does not come to its end is overdue a quarter of an hour after its due time, over a restart too, until it
// is done.
func TestAJobIsOverdueUntilItIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, works := &book{}, false
		j := job("mail", "0 6 * * *", "UTC", CatchUpLatest, func(context.Context, time.Time) (int64, error) {
			if works {
				return 1, nil
			}
			return 0, errors.New("no")
		})
		j.AlarmAfter = 15 * time.Minute
		due := time.Now().Add(6 * time.Hour)
		overdue := func(s *Scheduler) time.Time { return s.Jobs()[0].OverdueSince }
		s := newScheduler(t, DefaultConfig(), b, j)
		go func() { time.Sleep(6*time.Hour + 14*time.Minute); quietFor(t, s) }()
		go func() {
			time.Sleep(6*time.Hour + 15*time.Minute)
			if at := overdue(s); !at.Equal(due) {
				t.Errorf("a quarter of an hour late, the job is overdue since %s, want %s", at, due)
			}
		}()
		live(t, s, 7*time.Hour)

		s = newScheduler(t, DefaultConfig(), b, j)
		works = true
		go func() { time.Sleep(24 * time.Hour); quietFor(t, s) }() // the next day's run was done
		live(t, s, 25*time.Hour)
	})
}

// A restart remembers: what was overdue before it is so after it, and a run by hand ends that.
func TestOverdueIsRememberedAndEndedByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		b := &book{runs: []Run{{Job: "mail", Due: start.Add(-42 * time.Hour), Outcome: OutcomeDone},
			{Job: "mail", Due: start.Add(-18 * time.Hour), Outcome: OutcomeFailed}}}
		j := job("mail", "0 6 * * *", "UTC", CatchUpLatest, ok)
		j.AlarmAfter = time.Minute
		s := newScheduler(t, DefaultConfig(), b, j)
		go func() {
			time.Sleep(time.Second)
			if at := s.Jobs()[0].OverdueSince; !at.Equal(start.Add(-18 * time.Hour)) {
				t.Errorf("overdue since %s, want the run that failed a day ago", at)
			}
			if _, err := s.RunNow(context.Background(), "mail"); err != nil {
				t.Error(err)
			}
			quietFor(t, s)
		}()
		live(t, s, time.Hour)
	})
}

// What CatchUpNone lets go is not overdue.
func TestWhatIsLetGoIsNotOverdue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{runs: []Run{{Job: "mail", Due: time.Now().Add(-48 * time.Hour), Outcome: OutcomeDone}}}
		j := job("mail", "0 6 * * *", "UTC", CatchUpNone, ok)
		j.AlarmAfter = time.Minute
		s := newScheduler(t, DefaultConfig(), b, j)
		go func() { time.Sleep(time.Hour); quietFor(t, s) }()
		live(t, s, 2*time.Hour)
	})
}

// quietFor fails when the first job is overdue.
func quietFor(t *testing.T, s *Scheduler) {
	t.Helper()
	if at := s.Jobs()[0].OverdueSince; !at.IsZero() {
		t.Errorf("overdue since %s, want nothing overdue", at)
	}
}

// A restart remembers what was let go too, and that a job that has never been done has failed.
func TestWhatARestartKnowsOfOverdue(t *testing.T) {
	for name, c := range map[string]struct {
		up      CatchUp
		runs    []Run
		overdue time.Duration // before the start; 0 for not at all
	}{
		"let go": {CatchUpNone, []Run{{Due: at(42), Outcome: OutcomeDone}, {Due: at(18), Outcome: OutcomeMissed}},
			0},
		"failed after": {CatchUpNone,
			[]Run{{Due: at(42), Outcome: OutcomeMissed}, {Due: at(18), Outcome: OutcomeFailed}}, 18 * time.Hour},
		"never done, failed": {CatchUpLatest, []Run{{Due: at(18), Outcome: OutcomeTimedOut}}, 18 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				b := &book{}
				for _, r := range c.runs {
					r.Job, r.Due = "mail", start.Add(-time.Duration(r.Due.Unix())*time.Second)
					b.runs = append(b.runs, r)
				}
				j := job("mail", "0 6 * * *", "UTC", c.up, ok)
				j.AlarmAfter = time.Minute
				s := newScheduler(t, DefaultConfig(), b, j)
				go func() {
					time.Sleep(time.Second)
					want := time.Time{}
					if c.overdue > 0 {
						want = start.Add(-c.overdue)
					}
					if got := s.Jobs()[0].OverdueSince; !got.Equal(want) {
						t.Errorf("overdue since %s, want %s", got, want)
					}
				}()
				live(t, s, time.Minute)
			})
		})
	}
}

// at writes so many hours before the start of a story.
func at(hours int) time.Time { return time.Unix(int64(hours)*3600, 0) }
