package chstore

import (
	"context"

	"rollcall/schemas"
)

// WriteFindings adds findings. They change no judged day and need no journal row.
func (s *Store) WriteFindings(ctx context.Context, findings []schemas.Finding) error {
	return insert(ctx, s, "findings_store", fieldsOf, findings)
}

// Findings returns the newest findings, newest first, at most limit.
func (s *Store) Findings(ctx context.Context, limit int) ([]schemas.Finding, error) {
	return all(ctx, s, "read findings", query("findings").number("limit", int64(limit)), fieldsOf[schemas.Finding])
}

// JobRun is one entry of the scheduler's ledger: a run of Job that was due at DueAt, or was asked for (Trigger). The
// row with the latest UpdatedAt counts; EndedAt is 0 while it runs.
type JobRun struct {
	ID, Job                              string
	DueAt, StartedAt, EndedAt, UpdatedAt schemas.Instant
	State, Trigger, Detail               string
}

// WriteJobRuns adds runs, or newer versions of runs (same Job, DueAt and ID).
func (s *Store) WriteJobRuns(ctx context.Context, runs []JobRun) error {
	return insert(ctx, s, "job_runs_store", fieldsOf, runs)
}

// JobRuns returns the runs of a job ("" = of every job) that were due last, latest first, at most limit.
func (s *Store) JobRuns(ctx context.Context, job string, limit int) ([]JobRun, error) {
	return all(ctx, s, "read job runs", query("job_runs").text("job", job).number("limit", int64(limit)), fieldsOf[JobRun])
}

// LastJobRun returns the run of the job in the state with the newest due time; false when there is none.
func (s *Store) LastJobRun(ctx context.Context, job, state string) (JobRun, bool, error) {
	q := query("job_run_last").text("job", job).text("state", state)
	rows, err := all(ctx, s, "read the last job run", q, fieldsOf[JobRun])
	if err != nil || len(rows) == 0 {
		return JobRun{}, false, err
	}
	return rows[0], true, nil
}
