package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"rollcall/adherence/batch"
	"rollcall/cmd/internal/config"
	"rollcall/reports"
	"rollcall/scheduler"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// job is one job as the configuration has it, with what it does.
type job struct {
	name string
	when scheduler.Timing
	do   func(ctx context.Context, due time.Time) (int64, error)
}

// makeJobs registers every job that has a cron expression; each kind is one line here and a function of its own.
func (d *Daemon) makeJobs() error {
	all := []job{
		{"compute", d.config.Jobs.Compute, d.compute},
		{"daily", d.dailyJob(), d.mail.Due},
		{"staffing", d.config.Jobs.Staffing, d.staffing},
		{"retention", d.retentionJob(), d.retain},
	}
	for i := range d.config.Jobs.Reports {
		r := &d.config.Jobs.Reports[i]
		all = append(all, job{r.Name, r.Timing,
			func(ctx context.Context, due time.Time) (int64, error) { return d.reportToFolder(ctx, r, due) }})
	}
	var jobs []scheduler.Job
	for _, j := range all {
		if j.when.Cron != "" {
			jobs = append(jobs, scheduler.Job{Name: j.name, Timing: j.when, Do: j.do})
		}
	}
	var err error
	d.jobs, err = scheduler.New(scheduler.DefaultConfig(), jobs,
		scheduler.Deps{Ledger: jobLedger{d.store}, Log: d.log, Clock: Clock})
	return err
}

// runJobs runs jobs as they fall due.
func (d *Daemon) runJobs(ctx context.Context) error {
	if err := d.jobs.Run(ctx); err != nil {
		d.log.WithError(err).Warn("the scheduler did not stop in order")
	}
	return nil
}

// overdueJobs reports the jobs that should have been done by now.
func (d *Daemon) overdueJobs() []schemas.Alarm {
	var out []schemas.Alarm
	for _, j := range d.jobs.Jobs() {
		if j.OverdueSince.IsZero() {
			continue
		}
		text := fmt.Sprintf("job %s has not done what was due at %s", j.Name,
			j.OverdueSince.In(j.Next.Location()).Format("2006-01-02 15:04 MST"))
		switch {
		case !j.RunningSince.IsZero():
			text += "; it is running"
		case j.Last.Error != "":
			text += ": " + j.Last.Error
		}
		out = append(out, schemas.Alarm{Kind: "job", Subject: j.Name, Text: text, Since: schemas.InstantOf(j.OverdueSince)})
	}
	return out
}

// staffing stores the staffing of the last and the next days as far as it has changed.
func (d *Daemon) staffing(ctx context.Context, due time.Time) (int64, error) {
	answers, err := NewAnswers(d.config, d.store)
	if err != nil {
		return 0, err
	}
	return reports.StoreStaffing(ctx, answers, d.store, schemas.UTC.Date(schemas.InstantOf(due)), answers.Now)
}

// retentionJob returns when the retention runs: never while everything is stored for ever.
func (d *Daemon) retentionJob() scheduler.Timing {
	j := d.config.Jobs.Retention
	if d.config.Retention == (config.Retention{}) {
		j.Cron = ""
	}
	return j
}

// retain deletes what is past its retention.
func (d *Daemon) retain(ctx context.Context, _ time.Time) (int64, error) {
	plan, err := batch.PlanRetention(ctx, d.store, d.config.Retention.Days(), Now())
	if err != nil {
		return 0, err
	}
	rows, err := batch.Retain(ctx, d.store, plan, "job retention", Clock)
	if rows > 0 {
		d.log.WithField("rows", rows).Info("what was past its retention is deleted")
	}
	return int64(rows), err
}

// compute judges what is dirty. The due time says only that it is time to look; while an agent is erased the next one
// does.
func (d *Daemon) compute(ctx context.Context, _ time.Time) (int64, error) {
	now := Now()
	d.flushBefore(ctx)
	sum, err := d.batch.Compute(ctx, batch.Run{ID: newID(), Now: now}, Results(ctx, d.store))
	if errors.Is(err, batch.ErrErasing) {
		d.log.Info(err.Error())
		err = nil
	}
	if err == nil && sum.Written+sum.Deleted > 0 {
		d.log.WithField("days", sum.Written).WithField("restated", sum.Restated).Info("judged what had changed")
	}
	return int64(sum.Written + sum.Deleted), err
}

// flushTime is how long compute waits for what was accepted to be in the store.
const flushTime = 10 * time.Second

// flushBefore brings what was accepted so far into the store: results say up to when they know everything, and a report
// that is verified is judged again by all that was accepted by then.
func (d *Daemon) flushBefore(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	if err := d.spool.Flush(limited); err != nil && ctx.Err() == nil {
		d.log.WithError(err).Warn("judged without what still waits on disk")
	}
}

// jobLedger stores the scheduler's runs in the table job_runs: one row for each job and due time.
type jobLedger struct{ *chstore.Store }

// runSpace makes the id of a run from job and due time, so that a later record takes the place of an earlier one.
var runSpace = uuid.MustParse("5f0f4a52-9a0e-4c39-8b06-0c9f8a6f3b11")

// Record stores a run.
func (l jobLedger) Record(ctx context.Context, r scheduler.Run) error {
	detail, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("recording a run of job %s: %w", r.Job, err)
	}
	trigger := "schedule"
	if r.Manual {
		trigger = "manual"
	}
	due := schemas.InstantOf(r.Due)
	row := chstore.JobRun{
		ID:        uuid.NewSHA1(runSpace, []byte(r.Job+"\x00"+trigger+"\x00"+due.String())).String(),
		Job:       r.Job,
		DueAt:     due,
		StartedAt: instant(r.Started),
		EndedAt:   instant(r.Ended),
		UpdatedAt: Now(),
		State:     string(r.Outcome),
		Trigger:   trigger,
		Detail:    string(detail),
	}
	return l.WriteJobRuns(ctx, []chstore.JobRun{row})
}

func instant(t time.Time) schemas.Instant {
	if t.IsZero() {
		return 0
	}
	return schemas.InstantOf(t)
}

// LastDone returns the newest due time that the job has done.
func (l jobLedger) LastDone(ctx context.Context, job string) (time.Time, bool, error) {
	run, found, err := l.LastJobRun(ctx, job, string(scheduler.OutcomeDone))
	return run.DueAt.Time(), found, err
}

// LastRun returns the newest scheduled run of the job.
func (l jobLedger) LastRun(ctx context.Context, job string) (scheduler.Run, bool, error) {
	runs, err := l.runs(ctx, job, 200)
	if i := slices.IndexFunc(runs, func(r scheduler.Run) bool { return !r.Manual }); i >= 0 {
		return runs[i], true, nil
	}
	return scheduler.Run{}, false, err
}

// runs returns the runs of a job that were due last, the newest first.
func (l jobLedger) runs(ctx context.Context, job string, limit int) ([]scheduler.Run, error) {
	rows, err := l.JobRuns(ctx, job, limit)
	if err != nil {
		return nil, err
	}
	runs := make([]scheduler.Run, len(rows))
	for i := range rows {
		if err := json.Unmarshal([]byte(rows[i].Detail), &runs[i]); err != nil {
			return nil, fmt.Errorf("reading run %s of job %s: %w", rows[i].ID, job, err)
		}
	}
	return runs, nil
}

// newID returns a new random id.
func newID() string { return uuid.NewString() }

// reportToFolder writes the report of the days before the one that the due time lies in, in the job's zone. The same
// due time again writes the same file again.
func (d *Daemon) reportToFolder(ctx context.Context, r *config.ReportJob, due time.Time) (int64, error) {
	zone, err := schemas.LoadZone(r.Zone)
	if err != nil {
		return 0, err
	}
	to := zone.Date(schemas.InstantOf(due)) - 1
	from := to - schemas.Date(max(r.Days, 1)) + 1 //nolint:gosec // at most two years of days
	span := from.String()
	if from != to {
		span += "_" + to.String()
	}
	q := reports.Query{
		From:    from,
		To:      to,
		Teams:   r.Teams,
		Sites:   r.Sites,
		Against: cmp.Or(r.Against, reports.AgainstCurrent),
		TeamsAs: cmp.Or(r.TeamsAs, reports.TeamsThen),
	}
	file := filepath.Join(r.Dir, fmt.Sprintf("%s-%s.%s", r.Name, span, cmp.Or(r.Format, "xlsx")))
	made, err := SaveReport(ctx, &Answers{Store: d.store, Batch: d.batch, Now: Now()}, q, file)
	if err != nil {
		return 0, err
	}
	d.log.WithField("file", file).WithField("days", made.Total.Days).WithField("hash", made.Hash).Info("report written")
	return int64(made.Total.Days), nil
}
