package hooks

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/schemas"
)

// Board is the live board, as far as it is watched (satisfied by live.Board).
type Board interface {
	Changes(since uint64) schemas.LiveChanges
	Changed(since uint64) <-chan struct{}
}

// Store holds deliveries (satisfied by chstore.Store).
type Store interface {
	WriteWebhookDeliveries(ctx context.Context, rows []schemas.WebhookDelivery) error
	// WebhookDeliveries returns those of a state made since an instant, newest first; id, unless empty, that one alone.
	WebhookDeliveries(ctx context.Context, state schemas.WebhookState, id string, since schemas.Instant,
		limit int) ([]schemas.WebhookDelivery, error)
}

// Deps are what Hooks need from outside.
type Deps struct {
	Board Board
	Store Store
	Clock func() time.Time
	Log   logrus.FieldLogger
}

// Hooks notifies the configured hooks of events. Its methods may be called from several goroutines.
type Hooks struct {
	cfg     Config
	deps    Deps
	queues  map[string]*queue // by address
	figures figures

	mu    sync.Mutex
	fresh []schemas.WebhookDelivery          // not written yet, in order
	marks map[string]schemas.WebhookDelivery // newer versions that are not written yet
	wake  chan struct{}
	// restored is closed when the deliveries of an earlier run are in their queues.
	restored chan struct{}
	replays  sync.Mutex
	// watch and version are up to where the board has been looked at; they belong to Run once it has started.
	watch   *watch
	version uint64
}

type figures struct{ delivered, failed, dead, dropped atomic.Uint64 }

// Stats are the figures since the start, and of now.
type Stats struct {
	// Delivered, Dead and Dropped count deliveries; FailedAttempts the attempts that will be followed by another.
	Delivered, FailedAttempts, Dead, Dropped uint64
	// Queued are deliveries that are to be sent, without those under way; Waiting those that the store does not have yet.
	Queued, Waiting int
}

// New returns Hooks that do nothing yet.
func New(cfg Config, deps Deps) (*Hooks, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	h := &Hooks{
		cfg:      cfg,
		deps:     deps,
		queues:   map[string]*queue{},
		marks:    map[string]schemas.WebhookDelivery{},
		wake:     make(chan struct{}, 1),
		restored: make(chan struct{}),
	}
	for i := range cfg.Hooks {
		h.queues[cfg.Hooks[i].URL] = newQueue(h, &cfg.Hooks[i])
	}
	return h, nil
}

// Begin takes what the board shows now, which is no event; whatever changes from then on is one. It is called when the
// board has been read, before Run and once.
func (h *Hooks) Begin() {
	seen := h.deps.Board.Changes(0)
	h.watch, h.version = newWatch(h.cfg.Hooks), seen.Version
	h.watch.begin(seen.Rows, h.now())
}

// Run watches, writes and sends, after Begin, until ctx ends. It ends within a few seconds and returns no error.
func (h *Hooks) Run(ctx context.Context) error {
	var group sync.WaitGroup
	for _, q := range h.queues {
		group.Go(func() { q.run(ctx) })
	}
	group.Go(func() { h.recordAll(ctx) })
	if len(h.cfg.Hooks) > 0 {
		h.look(ctx)
	}
	group.Wait()
	h.recordRest(ctx)
	return nil
}

// look watches the board until ctx ends.
func (h *Hooks) look(ctx context.Context) {
	pause := time.NewTicker(h.cfg.LookEvery)
	defer pause.Stop()
	for {
		var due <-chan time.Time
		if at, ok := h.watch.next(); ok {
			due = time.After(wait(at, h.now()))
		}
		select {
		case <-ctx.Done():
		case <-h.deps.Board.Changed(h.version):
		case <-due:
		}
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		seen := h.deps.Board.Changes(h.version)
		h.version = seen.Version
		if notices := h.watch.changed(seen.Rows, h.now()); len(notices) > 0 {
			h.take(notices)
		}
	}
}

func (h *Hooks) now() schemas.Instant { return schemas.InstantOf(h.deps.Clock()) }

// FeedSilent reports that a feed has been silent since an instant. It does not wait.
func (h *Hooks) FeedSilent(source string, since schemas.Instant) {
	h.notify(notice{event: EventSilent, at: h.now(), feed: &feedSilent{source, since}})
}

// Alarm reports an alarm that was raised. It does not wait.
func (h *Hooks) Alarm(a schemas.Alarm) { h.notify(notice{event: EventAlarm, at: h.now(), alarm: &a}) }

// notify passes a notice that concerns no agent to those who want it.
func (h *Hooks) notify(n notice) {
	for i := range h.cfg.Hooks {
		if h.cfg.Hooks[i].wants(n.event, "") {
			n.hooks = append(n.hooks, i)
		}
	}
	if len(n.hooks) > 0 {
		h.take([]notice{n})
	}
}

// Stats returns the figures.
func (h *Hooks) Stats() Stats {
	s := Stats{Delivered: h.figures.delivered.Load(), FailedAttempts: h.figures.failed.Load(), Dead: h.figures.dead.Load(),
		Dropped: h.figures.dropped.Load()}
	for _, q := range h.queues {
		s.Queued += len(q.rows)
	}
	h.mu.Lock()
	s.Waiting = len(h.fresh)
	h.mu.Unlock()
	return s
}

// Dead returns the newest dead letters of the last 14 days, newest first, at most limit.
func (h *Hooks) Dead(ctx context.Context, limit int) ([]schemas.WebhookDelivery, error) {
	return h.deps.Store.WebhookDeliveries(ctx, schemas.WebhookDead, "", h.now().Add(-remembered), limit)
}

// What Replay can fail of, besides the store.
var (
	ErrNoDead   = errors.New("there is no such dead letter")
	ErrNotReady = errors.New("the deliveries of before the start are still being read; try again in a moment")
	ErrNoHook   = errors.New("the webhook is no longer in the configuration")
	ErrFull     = errors.New("too many deliveries wait for this webhook; try again later")
)

// Replay queues a dead letter again, with all its attempts before it, behind those that wait. It returns the delivery
// as it is now. The errors are ErrNoDead, ErrNotReady, ErrNoHook, ErrFull and the store's.
func (h *Hooks) Replay(ctx context.Context, id string) (*schemas.WebhookDelivery, error) {
	select {
	case <-h.restored:
	default:
		return nil, ErrNotReady
	}
	h.replays.Lock() // of two replays of one dead letter, the second finds it no longer dead
	defer h.replays.Unlock()
	rows, err := h.deps.Store.WebhookDeliveries(ctx, schemas.WebhookDead, id, h.now().Add(-remembered), 1)
	if err != nil {
		return nil, err
	}
	if id == "" || len(rows) == 0 {
		return nil, fmt.Errorf("replay %q: %w", id, ErrNoDead)
	}
	d := rows[0]
	q, ok := h.queues[d.Hook]
	switch {
	case !ok:
		return nil, fmt.Errorf("replay %q: %w", id, ErrNoHook)
	case len(q.rows) == cap(q.rows):
		return nil, fmt.Errorf("replay %q: %w", id, ErrFull)
	}
	d.State, d.Attempts, d.LastError = schemas.WebhookQueued, 0, ""
	d.Version, d.UpdatedAt = d.Version+1, h.now()
	if err := h.deps.Store.WriteWebhookDeliveries(ctx, []schemas.WebhookDelivery{d}); err != nil {
		return nil, err
	}
	q.offer(d)
	return &d, nil
}
