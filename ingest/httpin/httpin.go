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
	"rollcall/schemas/access"
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

// Spool is where accepted batches go (satisfied by spool.Spool).
type Spool interface {
	Accept(ctx context.Context, b ingest.Batch) (ingest.Receipt, error)
}

// Deps is what the handlers need from others.
type Deps struct {
	Spool Spool
	// Principal returns who calls, as the frame of the server found out.
	Principal func(*http.Request) access.Principal
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

func (d *Deps) validate() error {
	if d.Spool == nil || d.Principal == nil || d.Mapping == nil || d.Clock == nil {
		return errors.New("httpin: spool, principal, mapping and clock must be given")
	}
	return nil
}

// now is the instant of receipt, for the rules that know one.
func (d *Deps) now() schemas.Instant { return schemas.InstantOf(d.Clock()) }

// Handlers are the calls that feeds make. The one who mounts them has checked that the caller may ingest; the methods
// check once more that it is a feed or an admin, and that the source is its own.
type Handlers struct {
	deps               Deps
	batches, snapshots gate
}

// New makes the handlers.
func New(cfg Config, deps Deps) (*Handlers, error) {
	if err := errors.Join(cfg.Validate(), deps.validate()); err != nil {
		return nil, err
	}
	return &Handlers{deps, gate{cfg.MaxBodyBytes, cfg.MaxChanges, cfg.RetryAfter, make(chan struct{}, cfg.MaxConcurrent)},
		gate{cfg.MaxSnapshotBytes, cfg.MaxSnapshotAgents, cfg.RetryAfter, make(chan struct{}, 2)}}, nil
}

// seen passes a sign of life on.
func (h *Handlers) seen(source string, completeUpTo schemas.Instant) {
	if h.deps.Seen != nil {
		h.deps.Seen(source, completeUpTo)
	}
}

// answer runs a call of somebody who may push facts.
func (h *Handlers) answer(g *gate, w http.ResponseWriter, r *http.Request, call func(access.Principal) (any, error)) {
	g.run(w, r, func() (any, error) {
		p := h.deps.Principal(r)
		switch {
		case p.Nobody():
			return nil, schemas.NewProblem(http.StatusUnauthorized, "this needs the token of a feed")
		case p.Role != schemas.RoleFeed && p.Role != schemas.RoleAdmin:
			return nil, schemas.NewProblem(http.StatusForbidden,
				fmt.Sprintf("%s has role %s; only feeds and admins push facts", p.Name, p.Role))
		}
		return call(p)
	})
}

// gate is the way in for the bodies of one kind: how large they may be, and how many are worked on at once.
type gate struct {
	mostBytes  int64
	most       int // changes, or agents
	retryAfter time.Duration
	busy       chan struct{}
}

// run runs a call when fewer than the limit are running, and writes what it returns.
func (g *gate) run(w http.ResponseWriter, r *http.Request, call func() (any, error)) {
	select {
	case g.busy <- struct{}{}:
		defer func() { <-g.busy }()
	case <-r.Context().Done():
		return // nobody listens
	}
	result, err := call()
	if err != nil {
		g.fail(w, err)
		return
	}
	send(w, http.StatusOK, "application/json", result)
}

// fail writes an error as a problem.
func (g *gate) fail(w http.ResponseWriter, err error) {
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
		w.Header().Set("Retry-After", fmt.Sprint(int(g.retryAfter/time.Second)))
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
