package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// CatchUp says what to do with due times that passed while they could not be run: the process was down, the machine
// slept, or the ledger could not be read.
type CatchUp string

// The ways to catch up.
const (
	// CatchUpNone lets them go.
	CatchUpNone CatchUp = "none"
	// CatchUpLatest runs the newest of them.
	CatchUpLatest CatchUp = "latest"
	// CatchUpAll runs every one, oldest first, up to Config.MaxCatchUp.
	CatchUpAll CatchUp = "all"
)

// Timing is the part of a job that people configure; the yaml tags are the keys of the configuration.
type Timing struct {
	// Cron is an expression of five fields, @daily and the like, or "@every" with a duration of whole seconds; Zone is the
	// IANA zone on whose wall clock it is read.
	Cron string `yaml:"cron"`
	Zone string `yaml:"time_zone"`
	// CatchUp says what becomes of due times that passed while they could not be run.
	CatchUp CatchUp `yaml:"catch_up"`
	// Limit is the longest that one run may take; its context ends then. It must be positive.
	Limit time.Duration `yaml:"limit"`
	// Retries is how often a run that failed or took too long is tried again for the same due time, RetryAfter the pause
	// before each; 0 tries once.
	Retries    int           `yaml:"retries"`
	RetryAfter time.Duration `yaml:"retry_after"`
	// AlarmAfter is how long after a due time the job must have done it; later it is overdue. 0 never says so.
	AlarmAfter time.Duration `yaml:"alarm_after"`
}

// mostRetries bounds Retries: a job that fails as often needs a person.
const mostRetries = 100

// Validate returns everything that is wrong with the timing, or nil.
func (t Timing) Validate() error {
	_, err := t.plan()
	return err
}

func (t Timing) plan() (*plan, error) {
	p, err := parsePlan(t.Cron, t.Zone)
	if t.Limit <= 0 {
		err = errors.Join(err, fmt.Errorf("limit %s is not positive; write how long a run may take, such as 10m", t.Limit))
	}
	if t.Retries < 0 || t.Retries > mostRetries {
		err = errors.Join(err, fmt.Errorf("retries %d is not 0 to %d", t.Retries, mostRetries))
	}
	if t.RetryAfter < 0 || t.AlarmAfter < 0 {
		err = errors.Join(err, fmt.Errorf("retry_after %s or alarm_after %s is negative", t.RetryAfter, t.AlarmAfter))
	}
	switch t.CatchUp {
	case CatchUpNone, CatchUpLatest, CatchUpAll:
	default:
		err = errors.Join(err, fmt.Errorf("catch_up %q is none of none, latest, all", t.CatchUp))
	}
	return p, err
}

// Job is something to do at the due times of its timing.
type Job struct {
	// Name is unique within a scheduler and is half of the ledger's key.
	Name string
	Timing
	// Do does it. Of two calls with one due time the second must do no harm. It should end soon after its context does,
	// and returns the number of rows that it wrote, whatever they are.
	Do func(ctx context.Context, due time.Time) (rows int64, err error)
}

// validate returns the plan of the job, or everything that is wrong with it, named.
func (j *Job) validate() (*plan, error) {
	p, err := j.plan()
	if j.Name == "" {
		err = errors.Join(err, errors.New("has no name"))
	}
	if j.Do == nil {
		err = errors.Join(err, errors.New("has nothing to do"))
	}
	if err != nil {
		return nil, fmt.Errorf("job %q: %w", j.Name, err)
	}
	return p, nil
}
