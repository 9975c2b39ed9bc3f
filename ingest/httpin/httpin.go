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
	// RetryAfter is how long a caller should wait when the spool can take nothing.
	RetryAfter time.Duration
}

// DefaultConfig allows 8 MiB and 10,000 changes a batch, 16 bodies at once, snapshots of 32 MiB and 100,000 agents, and
// a retry after 30 s.
func DefaultConfig() Config {
	return Config{
		MaxBodyBytes:      8 << 20,
		MaxChanges:        10_000,
		MaxConcurrent:     16,
		RetryAfter:        30 * time.Second,
		MaxSnapshotBytes:  32 << 20,
		MaxSnapshotAgents: 100_000,
	}
}

// Validate returns an error for a limit that cannot work.
func (c Config) Validate() error {
	if min(c.MaxSnapshotBytes, c.MaxBodyBytes) < 1 || min(c.MaxSnapshotAgents, c.MaxChanges, c.MaxConcurrent) < 1 ||
		c.RetryAfter < time.Second {
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

// Spool is where accepted batches go (satisfied by spool.Spool).
type Spool interface {
	Accept(ctx context.Context, b ingest.Batch) (ingest.Receipt, error)
}

// Deps is what the handlers need from others.
type Deps struct {
	Spool Spool
	// Principal returns the caller. An error that is a *schemas.Problem is sent as it is; another is 401.
	Principal func(*http.Request) (Principal, error)
	// Mapping returns the organisation's mapping of state texts as it is now; nil for none.
	Mapping func() *ingest.Mapping
	Clock   func() time.Time
	// Seen, which may be nil, is called for every sign of life of a source, after what it brought is on disk. completeUpTo
	// is what a completion said, else 0.
	Seen func(source string, completeUpTo schemas.Instant)
	// Heartbeat, which may be nil, is called for heartbeats instead: a source that sends them is missed when they stop.
	Heartbeat func(source string)
	// Supplied returns the agents on the live board whom a source has reported, and which fields it supplies for each;
	// false while that is not known. Without it snapshots find nobody absent.
	Supplied func(source string) (map[string]schemas.Fields, bool)
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
	if deps.Spool == nil || deps.Principal == nil || deps.Mapping == nil || deps.Clock == nil {
		return nil, errors.New("httpin: spool, principal, mapping and clock must be given")
	}
	whole := &Handlers{cfg: cfg, deps: deps, busy: make(chan struct{}, 2)}
	whole.cfg.MaxBodyBytes, whole.cfg.MaxChanges = cfg.MaxSnapshotBytes, cfg.MaxSnapshotAgents
	return &Handlers{cfg, deps, make(chan struct{}, cfg.MaxConcurrent), whole}, nil
}

// seen passes a sign of life on.
func (h *Handlers) seen(source string, completeUpTo schemas.Instant) {
	if h.deps.Seen != nil {
		h.deps.Seen(source, completeUpTo)
	}
}

// now is the instant of receipt, for the rules that know one.
func (h *Handlers) now() schemas.Instant { return schemas.InstantOf(h.deps.Clock()) }

// answer runs a call of somebody who may push facts.
func (h *Handlers) answer(w http.ResponseWriter, r *http.Request, call func(Principal) (any, error)) {
	h.run(w, r, func() (any, error) {
		p, err := h.caller(r)
		if err != nil {
			return nil, err
		}
		return call(p)
	})
}

// run runs a call when fewer than the limit are running, and writes what it returns.
func (h *Handlers) run(w http.ResponseWriter, r *http.Request, call func() (any, error)) {
	select {
	case h.busy <- struct{}{}:
		defer func() { <-h.busy }()
	case <-r.Context().Done():
		return // nobody listens
	}
	result, err := call()
	if err != nil {
		h.fail(w, err)
		return
	}
	send(w, http.StatusOK, "application/json", result)
}

// caller returns the principal if it may push facts at all.
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
		// What the disk said is for the operator, who finds it in Stats and log; the feed has to know that nothing was
		// accepted.
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
