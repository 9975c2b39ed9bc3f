package scheduler

import (
	"context"
	"time"
)

// Outcome says what became of a due time.
type Outcome string

// The outcomes.
const (
	// OutcomeDone: the job returned without an error.
	OutcomeDone Outcome = "done"
	// OutcomeFailed: the job returned an error or panicked.
	OutcomeFailed Outcome = "failed"
	// OutcomeTimedOut: the job returned an error after its limit had passed.
	OutcomeTimedOut Outcome = "timed_out"
	// OutcomeInterrupted: the scheduler was stopped while the job ran; the due time stays open.
	OutcomeInterrupted Outcome = "interrupted"
	// OutcomeSkipped: the job was still running when it was due again.
	OutcomeSkipped Outcome = "skipped"
	// OutcomeMissed: it could not be run in time and the job's CatchUp did not ask for it.
	OutcomeMissed Outcome = "missed"
)

// Run is what became of one due time of one job. Job and Due are its key.
type Run struct {
	Job string `json:"job"`
	// Due is the instant that the job's plan named, in UTC; of a manual run, the instant at which it was asked for.
	Due time.Time `json:"due"`
	// Started and Ended are zero for what never ran.
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Outcome Outcome   `json:"outcome"`
	Rows    int64     `json:"rows"`
	// Attempts counts how often it was tried, 0 for what never ran.
	Attempts int `json:"attempts"`
	// Error is the error's text, the panic and where it happened, or how many due times a row of missed ones stands for.
	Error  string `json:"error,omitempty"`
	Manual bool   `json:"manual,omitempty"`
}

// Ledger stores runs. It is called from several goroutines.
type Ledger interface {
	// LastRun returns the recorded run of the job with the newest due time, manual runs left out. Without any, the bool is
	// false.
	LastRun(ctx context.Context, job string) (Run, bool, error)
	// LastDone returns the newest due time that the job has done, manual runs included. Without any, the bool is false.
	LastDone(ctx context.Context, job string) (time.Time, bool, error)
	// Record stores a run; a later one with the same job and due time takes its place.
	Record(ctx context.Context, run Run) error
}
