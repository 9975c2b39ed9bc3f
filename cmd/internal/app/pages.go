package app

import (
	"context"
	"fmt"

	"rollcall/ingest/decisions"
	webadmin "rollcall/reports/web/admin"
	"rollcall/scheduler"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// secondaries returns the organisation's own statuses as they are in force.
func (d *Daemon) secondaries() []schemas.SecondaryStatus { return d.mapping.Load().Statuses() }

// admin is the store, the decisions and the scheduler as the pages of administration see them.
type admin struct {
	*chstore.Store
	meanings decisions.Meanings
	d        *Daemon
}

func (d *Daemon) admin() admin {
	return admin{d.store, decisions.Meanings{Store: d.store, Refresh: d.readTables, Mapping: d.mapping.Load,
		Accept: d.spool.Accept}, d}
}

// Feeds returns the feeds as they are now.
func (a admin) Feeds(ctx context.Context) ([]schemas.Feed, error) { return a.Store.Feeds(ctx, 0) }

// MapState decides what a state text stands for.
func (a admin) MapState(ctx context.Context, m schemas.Meaning, row schemas.JournalRow) (reread int, err error) {
	return a.meanings.Map(ctx, m, row)
}

// Meanings returns what has been decided that state texts stand for.
func (a admin) Meanings(ctx context.Context) ([]schemas.Meaning, error) { return a.meanings.List(ctx) }

// Unmapped returns state texts and activity codes without a meaning, the most frequent first.
func (a admin) Unmapped(ctx context.Context) ([]webadmin.Unmapped, error) {
	texts, err := a.meanings.Unmapped(ctx, Now())
	list := make([]webadmin.Unmapped, len(texts))
	for i, t := range texts {
		list[i] = webadmin.Unmapped(t)
	}
	return list, err
}

// MapActivity stores the category of an activity code.
func (a admin) MapActivity(ctx context.Context, c schemas.ActivityCode, row schemas.JournalRow) error {
	return a.WriteActivityCodes(ctx, row, []schemas.ActivityCode{c})
}

// Jobs lists the jobs.
func (a admin) Jobs() []scheduler.Status { return a.d.jobs.Jobs() }

// JobRuns returns the last runs of a job.
func (a admin) JobRuns(ctx context.Context, job string, limit int) ([]scheduler.Run, error) {
	return jobLedger{a.Store}.runs(ctx, job, limit)
}

// RunJob begins a run that ends with the scheduler at the latest.
func (a admin) RunJob(job string) error {
	for _, st := range a.d.jobs.Jobs() {
		if st.Name == job && !st.RunningSince.IsZero() {
			return fmt.Errorf("run job %q: %w", job, scheduler.ErrRunning)
		}
	}
	go func() {
		if _, err := a.d.jobs.RunNow(context.Background(), job); err != nil {
			a.d.log.WithError(err).WithField("job", job).Warn("job did not begin")
		}
	}()
	return nil
}
