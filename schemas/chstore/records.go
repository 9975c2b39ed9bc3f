package chstore

import (
	"context"

	"rollcall/schemas"
)

func findingColumns() []column[schemas.Finding] {
	type row = schemas.Finding
	return []column[row]{
		text("id", func(f *row) *string { return &f.ID }),
		instant("recorded_at", func(f *row) *schemas.Instant { return &f.RecordedAt }),
		fewText("kind", func(f *row) *string { return &f.Kind }),
		text("source", func(f *row) *string { return &f.Source }),
		text("agent_id", func(f *row) *string { return &f.AgentID }),
		instant("at", func(f *row) *schemas.Instant { return &f.At }),
		text("detail", func(f *row) *string { return &f.Detail }),
	}
}

// WriteFindings adds findings. They change no judged day and need no journal row.
func (s *Store) WriteFindings(ctx context.Context, findings []schemas.Finding) error {
	return insert(ctx, s, "findings_store", findingColumns(), findings)
}

// Findings gives the newest findings, newest first, at most limit.
func (s *Store) Findings(ctx context.Context, limit int) ([]schemas.Finding, error) {
	rows, err := all(ctx, s, query("findings"), params{}.number("limit", int64(limit)), findingColumns())
	return rows, wrap("read findings", err)
}

// JobRun is one entry of the scheduler's ledger: a run of Job that was due at DueAt, or was asked for (Trigger). The row with
// the latest UpdatedAt counts; EndedAt is 0 while it runs.
type JobRun struct {
	ID, Job                              string
	DueAt, StartedAt, EndedAt, UpdatedAt schemas.Instant
	State, Trigger, Detail               string
}

func jobRunColumns() []column[JobRun] {
	return []column[JobRun]{
		text("job", func(r *JobRun) *string { return &r.Job }),
		instant("due_at", func(r *JobRun) *schemas.Instant { return &r.DueAt }),
		text("id", func(r *JobRun) *string { return &r.ID }),
		instant("started_at", func(r *JobRun) *schemas.Instant { return &r.StartedAt }),
		instant("ended_at", func(r *JobRun) *schemas.Instant { return &r.EndedAt }),
		instant("updated_at", func(r *JobRun) *schemas.Instant { return &r.UpdatedAt }),
		fewText("state", func(r *JobRun) *string { return &r.State }),
		fewText("trigger", func(r *JobRun) *string { return &r.Trigger }),
		text("detail", func(r *JobRun) *string { return &r.Detail }),
	}
}

// WriteJobRuns adds runs, or newer versions of runs (same Job, DueAt and ID).
func (s *Store) WriteJobRuns(ctx context.Context, runs []JobRun) error {
	return insert(ctx, s, "job_runs_store", jobRunColumns(), runs)
}

// JobRuns gives the runs of a job ("" = of every job) that were due last, latest first, at most limit.
func (s *Store) JobRuns(ctx context.Context, job string, limit int) ([]JobRun, error) {
	rows, err := all(ctx, s, query("job_runs"), params{}.text("job", job).number("limit", int64(limit)), jobRunColumns())
	return rows, wrap("read job runs", err)
}

// LastJobRun gives the run of the job in the state with the newest due time; false when there is none.
func (s *Store) LastJobRun(ctx context.Context, job, state string) (JobRun, bool, error) {
	rows, err := all(ctx, s, query("job_run_last"), params{}.text("job", job).text("state", state), jobRunColumns())
	if err != nil || len(rows) == 0 {
		return JobRun{}, false, wrap("read the last job run", err)
	}
	return rows[0], true, nil
}
