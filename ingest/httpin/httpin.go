package httpin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rollcall/ingest"
	"rollcall/schemas"
)

// Config bounds what one call may bring.
type Config struct {
	// MaxBodyBytes is the longest body, as sent and, where it is compressed, unpacked.
	MaxBodyBytes int64
	// MaxChanges is the largest number of changes of one batch.
	MaxChanges int
	// MaxConcurrent is how many bodies are worked on at once; further calls wait.
	MaxConcurrent int
	// MaxSnapshotBytes and MaxSnapshotAgents bound a snapshot; two are worked on at once.
	MaxSnapshotBytes  int64
	MaxSnapshotAgents int
	// RetryAfter is what a caller is told to wait when the spool can take nothing.
	RetryAfter time.Duration
}

// DefaultConfig gives 8 MiB, 10,000 changes, 16 bodies at once, 30 s; snapshots of 32 MiB and
// 100,000 agents.
func DefaultConfig() Config {
	return Config{MaxBodyBytes: 8 << 20, MaxChanges: 10_000, MaxConcurrent: 16, RetryAfter: 30 * time.Second,
		MaxSnapshotBytes: 32 << 20, MaxSnapshotAgents: 100_000}
}

// Validate gives the first setting that cannot work.
func (c Config) Validate() error {
	if c.MaxSnapshotBytes < 1 || c.MaxSnapshotAgents < 1 || c.MaxBodyBytes < 1 || c.MaxChanges < 1 || c.MaxConcurrent < 1 || c.RetryAfter < time.Second {
		return fmt.Errorf("httpin: every limit must be at least 1, and the time to retry after 1 s: %+v", c)
	}
	return nil
}

// Principal is who calls.
type Principal struct {
	// Name is the actor of journal rows.
	Name string
	Role schemas.Role
	// Source is the feed that the caller speaks for; an admin may have none.
	Source string
}

// Spool is where accepted batches go; spool.Spool satisfies it.
type Spool interface {
	Accept(ctx context.Context, b ingest.Batch) (ingest.Receipt, error)
}

// Deps is what the handlers need from others.
type Deps struct {
	Spool Spool
	// Principal gives the caller. An error that is a *schemas.Problem is sent as it is; another is 401.
	Principal func(*http.Request) (Principal, error)
	// Words gives the organisation's words as they are now; it may give nil.
	Words func() *ingest.Mapping
	Clock func() time.Time
	// Heard, which may be nil, hears of every sign of life of a source, after what it brought is on disk. completeUpTo is
	// what a completion said, else 0.
	Heard func(source string, completeUpTo schemas.Instant)
	// Beat, which may be nil, hears of heartbeats instead: who sends them is missed when they stop.
	Beat func(source string)
	// Told gives the agents on the live board of whom a source has told, and which fields it supplies of each; false while
	// that is not known. Without it snapshots call nobody absent.
	Told func(source string) (map[string]schemas.Fields, bool)
}

// Handlers are the calls that feeds make. The one who mounts them has checked that the caller may ingest; the methods
// check once more that it is a feed or an admin, and that the source is its own.
type Handlers struct {
	cfg  Config
	deps Deps
	busy chan struct{}
	// whole has the limits of snapshots.
	whole *Handlers
}

// New makes the handlers.
func New(cfg Config, deps Deps) (*Handlers, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Spool == nil || deps.Principal == nil || deps.Words == nil || deps.Clock == nil {
		return nil, errors.New("httpin: spool, principal, words and clock must be given")
	}
	whole := &Handlers{cfg: cfg, deps: deps, busy: make(chan struct{}, 2)}
	whole.cfg.MaxBodyBytes, whole.cfg.MaxChanges = cfg.MaxSnapshotBytes, cfg.MaxSnapshotAgents
	return &Handlers{cfg, deps, make(chan struct{}, cfg.MaxConcurrent), whole}, nil
}

// heard passes a sign of life on.
func (h *Handlers) heard(source string, completeUpTo schemas.Instant) {
	if h.deps.Heard != nil {
		h.deps.Heard(source, completeUpTo)
	}
}

// now is the instant of receipt, for the rules that know one.
func (h *Handlers) now() schemas.Instant { return schemas.InstantOf(h.deps.Clock()) }

// answer runs a call when there is room for it and writes what it gives.
func (h *Handlers) answer(w http.ResponseWriter, r *http.Request, call func(Principal) (any, error)) {
	select {
	case h.busy <- struct{}{}:
		defer func() { <-h.busy }()
	case <-r.Context().Done():
		return // nobody listens
	}
	p, err := h.caller(r)
	var result any
	if err == nil {
		result, err = call(p)
	}
	if err != nil {
		h.fail(w, err)
		return
	}
	send(w, http.StatusOK, "application/json", result)
}

// caller gives the principal if it may ingest at all.
func (h *Handlers) caller(r *http.Request) (Principal, error) {
	p, err := h.deps.Principal(r)
	if err != nil {
		var problem *schemas.Problem
		if errors.As(err, &problem) {
			return p, problem
		}
		return p, schemas.NewProblem(http.StatusUnauthorized, err.Error())
	}
	if p.Role != schemas.RoleFeed && p.Role != schemas.RoleAdmin {
		return p, schemas.NewProblem(http.StatusForbidden,
			fmt.Sprintf("%s has role %s; only feeds and admins push facts", p.Name, p.Role))
	}
	return p, nil
}

// fail writes an error as a problem.
func (h *Handlers) fail(w http.ResponseWriter, err error) {
	var problem *schemas.Problem
	if !errors.As(err, &problem) {
		// What the disk said is for the operator, who finds it in Stats and log; the feed has to know that nothing was kept.
		detail := "the batch could not be stored and nothing of it was accepted; send it again later"
		if errors.Is(err, ingest.ErrFull) {
			detail = "the spool is full and nothing of the batch was accepted; send it again later"
		}
		problem = schemas.NewProblem(http.StatusServiceUnavailable, detail)
	}
	switch problem.Status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", fmt.Sprint(int(h.cfg.RetryAfter/time.Second)))
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="rollcall"`)
	}
	send(w, problem.Status, schemas.ProblemType, problem)
}

func send(w http.ResponseWriter, status int, contentType string, v any) {
	text, err := json.Marshal(v)
	if err != nil { // our own types; cannot be
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // the caller may have gone; what is accepted stays accepted
}
