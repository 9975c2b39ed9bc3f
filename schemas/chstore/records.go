package chstore

import (
	"context"

	"rollcall/schemas"
)

func findingFields(f *schemas.Finding) []field {
	return []field{
		{"id", &f.ID},
		{"recorded_at", &f.RecordedAt},
		{"kind", &f.Kind},
		{"source", &f.Source},
		{"agent_id", &f.AgentID},
		{"at", &f.At},
		{"detail", &f.Detail},
	}
}

// WriteFindings adds findings. They change no judged day and need no journal row.
func (s *Store) WriteFindings(ctx context.Context, findings []schemas.Finding) error {
	return insert(ctx, s, "findings_store", findingFields, findings)
}

// Findings returns the newest findings, newest first, at most limit.
func (s *Store) Findings(ctx context.Context, limit int) ([]schemas.Finding, error) {
	rows, err := all(ctx, s, query("findings").number("limit", int64(limit)), findingFields)
	return rows, wrap("read findings", err)
}

// JobRun is one entry of the scheduler's ledger: a run of Job that was due at DueAt, or was asked for (Trigger). The
// row with the latest UpdatedAt counts; EndedAt is 0 while it runs.
type JobRun struct {
	ID, Job                              string
	DueAt, StartedAt, EndedAt, UpdatedAt schemas.Instant
	State, Trigger, Detail               string
}

func jobRunFields(r *JobRun) []field {
	return []field{
		{"job", &r.Job},
		{"due_at", &r.DueAt},
		{"id", &r.ID},
		{"started_at", &r.StartedAt},
		{"ended_at", &r.EndedAt},
		{"updated_at", &r.UpdatedAt},
		{"state", &r.State},
		{"trigger", &r.Trigger},
		{"detail", &r.Detail},
	}
}

// WriteJobRuns adds runs, or newer versions of runs (same Job, DueAt and ID).
func (s *Store) WriteJobRuns(ctx context.Context, runs []JobRun) error {
	return insert(ctx, s, "job_runs_store", jobRunFields, runs)
}

// JobRuns returns the runs of a job ("" = of every job) that were due last, latest first, at most limit.
func (s *Store) JobRuns(ctx context.Context, job string, limit int) ([]JobRun, error) {
	rows, err := all(ctx, s, query("job_runs").text("job", job).number("limit", int64(limit)), jobRunFields)
	return rows, wrap("read job runs", err)
}

// LastJobRun returns the run of the job in the state with the newest due time; false when there is none.
func (s *Store) LastJobRun(ctx context.Context, job, state string) (JobRun, bool, error) {
	rows, err := all(ctx, s, query("job_run_last").text("job", job).text("state", state), jobRunFields)
	if err != nil || len(rows) == 0 {
		return JobRun{}, false, wrap("read the last job run", err)
	}
	return rows[0], true, nil
}
