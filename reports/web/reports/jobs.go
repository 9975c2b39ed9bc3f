package reports

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/sirupsen/logrus"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Limits bound the reports that are made on demand.
type Limits struct {
	// Dir is where finished files lie. It is this program's own: what is in it at the start is removed.
	Dir string
	// MostRunning is how many are made at once, MostWaiting how many wait behind them, MostEach how many of those may be
	// of one asker.
	MostRunning, MostWaiting, MostEach int
	// Keep is how long a finished one is kept, MostKept how many of everybody together: the oldest goes first.
	Keep     time.Duration
	MostKept int
	// Time bounds making one, and sending one as a stream; MostStreams how many are sent at once.
	Time        time.Duration
	MostStreams int
}

// DefaultLimits fit a machine with two cores: one report is made while pages are answered.
func DefaultLimits(dir string) Limits {
	return Limits{
		Dir:         dir,
		MostRunning: 1,
		MostWaiting: 20,
		MostEach:    5,
		Keep:        24 * time.Hour,
		MostKept:    100,
		Time:        15 * time.Minute,
		MostStreams: 4,
	}
}

// Validate returns the first limit that cannot work.
func (l *Limits) Validate() error {
	if l.Dir == "" || min(l.MostRunning, l.MostWaiting, l.MostEach, l.MostKept, l.MostStreams) < 1 ||
		min(l.Keep, l.Time) <= 0 {
		return fmt.Errorf("reports: a folder, and limits above 0, are needed: %+v", *l)
	}
	return nil
}

// Made is what is known of a finished report.
type Made struct {
	// Days counts its agent-days; Hash is empty for reports without one.
	Days int
	Hash string
}

// jobState is how far a report is.
type jobState string

const (
	stateWaiting   jobState = "waiting"
	stateRunning   jobState = "running"
	stateDone      jobState = "done"
	stateFailed    jobState = "failed"
	stateCancelled jobState = "cancelled"
)

// job is one report that somebody asked for. Its fields are guarded by the jobs' lock.
type job struct {
	id, askedByID, askedBy string
	order                  Order
	state                  jobState
	done, of               int
	asked, started, ended  schemas.Instant
	made                   Made
	bytes                  int64
	failure                string
	file                   string
	cancel                 context.CancelFunc
}

// over says that nothing more happens to the report.
func (j *job) over() bool { return j.state != stateWaiting && j.state != stateRunning }

// jobs are the reports of this life of the program, the newest last.
type jobs struct {
	limits Limits
	maker  Maker
	now    func() time.Time
	log    logrus.FieldLogger
	// born is when this life began: reports of earlier ones are gone.
	born schemas.Instant
	// life ends with the server; running has a place for each that is made at once.
	life    context.Context
	running chan struct{}
	// opening is done once the folder is this life's own; unopened is why it could not be.
	opening  sync.Once
	unopened error
	work     func(func())

	mu   sync.Mutex
	jobs []*job
}

// Errors of reports that are asked for or about.
var (
	errTooMany = errors.New("too many reports are waiting")
	errNone    = errors.New("there is no such report")
	errGone    = errors.New("the report is gone")
)

// newJobs touches nothing on disk yet: a second program that is started by mistake must not take away the files of the
// one that runs.
func newJobs(life context.Context, work func(func()), l Limits, r Maker, now func() time.Time,
	log logrus.FieldLogger) (*jobs, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	return &jobs{
		limits:  l,
		maker:   r,
		now:     now,
		log:     log,
		born:    schemas.InstantOf(now()),
		life:    life,
		work:    work,
		running: make(chan struct{}, l.MostRunning),
	}, nil
}

// open makes the folder, and empties it of what an earlier life left in it, once: before the first report.
func (r *jobs) open() error {
	r.opening.Do(func() {
		r.unopened = emptyFolder(r.limits.Dir)
		if r.unopened != nil {
			r.log.WithError(r.unopened).Error("the folder of reports cannot be used")
		}
	})
	return r.unopened
}

// emptyFolder makes a folder and removes the files in it.
func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // a folder of store.dir
		return fmt.Errorf("make the folder of reports: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read the folder of reports: %w", err)
	}
	var errs []error
	for _, e := range entries {
		if e.Type().IsRegular() {
			errs = append(errs, os.Remove(filepath.Join(dir, e.Name()))) //nolint:gosec // a folder of store.dir
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove the reports of the time before the restart: %w", err)
	}
	return nil
}

// add begins a report, or says that too many wait.
func (r *jobs) add(p access.Principal, o Order) (job, error) {
	if err := r.open(); err != nil {
		return job{}, err
	}
	r.sweep()
	r.mu.Lock()
	defer r.mu.Unlock()
	pending, own := 0, 0
	for _, j := range r.jobs {
		if j.over() {
			continue
		}
		if pending++; j.askedByID == p.ID {
			own++
		}
	}
	if own >= r.limits.MostEach {
		return job{}, fmt.Errorf("%w: %d of yours are not made yet; wait for one, or cancel one", errTooMany, own)
	}
	if pending >= r.limits.MostRunning+r.limits.MostWaiting {
		return job{}, fmt.Errorf("%w: %d; try again in a minute", errTooMany, pending)
	}
	ctx, cancel := context.WithTimeout(r.life, r.limits.Time)
	j := &job{
		id:        uuid.Must(uuid.NewV7()).String(),
		askedByID: p.ID,
		askedBy:   p.Name,
		order:     o,
		state:     stateWaiting,
		asked:     schemas.InstantOf(r.now()),
		cancel:    cancel,
	}
	j.file = filepath.Join(r.limits.Dir, j.id+"."+o.Format)
	r.jobs = append(r.jobs, j)
	r.work(func() { r.run(ctx, j) })
	return *j, nil
}

// run waits for a place, makes the report and says what became of it.
func (r *jobs) run(ctx context.Context, j *job) {
	defer j.cancel()
	select {
	case r.running <- struct{}{}:
		defer func() { <-r.running }()
	case <-ctx.Done():
		r.finish(ctx, j, Made{}, ctx.Err())
		return
	}
	r.mu.Lock()
	if j.over() {
		r.mu.Unlock()
		return
	}
	j.state, j.started = stateRunning, schemas.InstantOf(r.now())
	r.mu.Unlock()
	made, err := r.maker.Save(ctx, j.order, j.file, func(done, of int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		j.done, j.of = done, of
	})
	r.finish(ctx, j, made, err)
}

// finish notes the outcome. A report that was cancelled meanwhile stays cancelled, and its file goes.
func (r *jobs) finish(ctx context.Context, j *job, made Made, err error) {
	var bytes int64
	if err == nil {
		var info fs.FileInfo
		if info, err = os.Stat(j.file); err == nil {
			bytes = info.Size()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	j.ended = schemas.InstantOf(r.now())
	switch {
	case j.state == stateCancelled:
		r.remove(j)
	case err == nil:
		j.state, j.made, j.bytes = stateDone, made, bytes
		time.AfterFunc(r.limits.Keep+time.Second, r.sweep)
	case r.life.Err() != nil:
		j.state, j.failure = stateFailed, "the program was stopped; ask again"
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		j.state, j.failure = stateFailed, fmt.Sprintf("it took longer than %s; ask for fewer days or teams", r.limits.Time)
	default:
		j.state, j.failure = stateFailed, reportFailure(err)
		r.log.WithError(err).WithField("report", j.id).WithField("kind", j.order.Kind).Error("a report could not be made")
	}
}

// reportFailure words why a report could not be made, for who asked: what is theirs in full, what is not without
// insides.
func reportFailure(err error) string {
	var problem *schemas.Problem
	switch {
	case errors.As(err, &problem):
		return problem.Detail
	case isDiskFull(err):
		return "the disk of the server is full; nothing was written. Tell whoever runs Rollcall, then ask again"
	}
	return "it could not be made; the log of the server says why. Ask again, and if it happens again tell whoever runs " +
		"Rollcall"
}

// remove takes a file off the disk; what is not there is gone already.
func (r *jobs) remove(j *job) {
	if err := os.Remove(j.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.log.WithError(err).WithField("report", j.id).Warn("the file of a report could not be removed")
	}
}

// sweep drops what has been kept long enough, and the oldest of what is too many.
func (r *jobs) sweep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := schemas.InstantOf(r.now().Add(-r.limits.Keep))
	over := 0
	for _, j := range r.jobs {
		if j.over() {
			over++
		}
	}
	r.jobs = slices.DeleteFunc(r.jobs, func(j *job) bool {
		if !j.over() || j.ended >= old && over <= r.limits.MostKept {
			return false
		}
		over--
		r.remove(j)
		return true
	})
}

// mayHave says whether the principal may see the report: they asked for it, or administer.
func (j *job) mayHave(p access.Principal) bool {
	if access.Allow(p, access.ActionAdminister, access.Target{}) == nil {
		return true
	}
	again := j.order // a scope that has become smaller since may no longer cover it
	return j.askedByID == p.ID && again.narrow(p) == nil
}

// list returns what the principal may see, the newest first.
func (r *jobs) list(p access.Principal) []job {
	_ = r.open() // it is in the log; there is nothing to list then
	r.sweep()
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []job
	for _, j := range r.jobs {
		if j.mayHave(p) {
			out = append(out, *j)
		}
	}
	slices.Reverse(out)
	return out
}

// find returns one report. What belongs to somebody else is not there for the asker.
func (r *jobs) find(p access.Principal, id string) (job, error) {
	r.sweep()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range r.jobs {
		if j.id == id && j.mayHave(p) {
			return *j, nil
		}
	}
	if at, ok := instantOfID(id); ok && at < r.born {
		return job{}, fmt.Errorf(
			"%w: it was asked for before the last restart of the server, which keeps none; ask for it again", errGone)
	}
	return job{}, fmt.Errorf("%w: reports are kept for %s; GET /api/v1/reports lists yours", errNone, r.limits.Keep)
}

// instantOfID returns the instant at which a version 7 UUID was made.
func instantOfID(id string) (schemas.Instant, bool) {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 {
		return 0, false
	}
	return schemas.InstantOf(time.Unix(u.Time().UnixTime())), true
}

// drop cancels a report that is not made yet, and forgets one that is.
func (r *jobs) drop(p access.Principal, id string) error {
	if _, err := r.find(p, id); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.jobs, func(j *job) bool { return j.id == id })
	if i < 0 {
		return nil
	}
	j := r.jobs[i]
	if !j.over() {
		j.state, j.ended = stateCancelled, schemas.InstantOf(r.now())
		j.cancel()
		return nil
	}
	r.remove(j)
	r.jobs = slices.Delete(r.jobs, i, i+1)
	return nil
}

// ahead counts the reports that are made before this one.
func (r *jobs) ahead(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, j := range r.jobs {
		if j.id == id {
			break
		}
		if !j.over() {
			n++
		}
	}
	return n
}

// progress returns the share that is done in whole per cent: 100 only when it is all there.
func (j *job) progress() int {
	if j.state == stateDone {
		return 100
	}
	return int(min(99, int64(j.done)*100/int64(cmp.Or(j.of, 1))))
}
