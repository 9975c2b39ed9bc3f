package silence

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/ingest"
	"rollcall/schemas"
)

// Config says when a feed is silent and how the gap of its silence is kept.
type Config struct {
	// SilentAfter is how long a feed may say nothing that has ever sent a heartbeat, since who sends heartbeats says that they
	// will go on; 0 watches none. A feed that only tells of changes says nothing by its silence.
	SilentAfter time.Duration
	// Each is, for feeds by name, how long they may say nothing, with heartbeats or without; 0 never watches the feed.
	Each map[string]time.Duration
	// ExtendEvery is how often the gap of a silence that lasts is stored longer than before. After an hour it is more rarely:
	// every sixtieth of the silence, at most every quarter of an hour.
	ExtendEvery time.Duration
	// LongestGap is from which length on a silence goes on in another record, so that the days to judge again stay few.
	LongestGap time.Duration
	// GivenUpAfter is after which silence a feed counts as taken out of service: no more gaps are stored of it.
	GivenUpAfter time.Duration
}

// DefaultConfig gives 2 minutes, stored each minute in records of 6 hours, given up after 30 days.
func DefaultConfig() Config {
	return Config{SilentAfter: 2 * time.Minute, ExtendEvery: time.Minute, LongestGap: 6 * time.Hour, GivenUpAfter: 30 * 24 * time.Hour}
}

// Validate gives the first setting that cannot work.
func (c Config) Validate() error {
	for source, after := range c.Each {
		if after < 0 || after > 0 && after < time.Second {
			return fmt.Errorf("watch: %s until feed %q is silent is too short; write at least 1s, or 0 never to watch it", after, source)
		}
	}
	switch {
	case c.SilentAfter < 0 || c.SilentAfter > 0 && c.SilentAfter < time.Second:
		return fmt.Errorf("watch: %s until a feed is silent is too short; write at least 1s, or 0 to switch it off", c.SilentAfter)
	case c.ExtendEvery < time.Second || c.LongestGap < c.ExtendEvery || c.GivenUpAfter < c.LongestGap:
		return fmt.Errorf("watch: each must be longer than the one before, from 1 s on: %s, %s, %s", c.ExtendEvery, c.LongestGap, c.GivenUpAfter)
	}
	return nil
}

// Store is what a watch begins with (satisfied by chstore.Store).
type Store interface {
	// Feeds gives the feeds as they last described themselves.
	Feeds(ctx context.Context, known schemas.Instant) ([]schemas.Feed, error)
	// Gaps gives the gaps that overlap the interval and were not taken back.
	Gaps(ctx context.Context, in schemas.Interval, known schemas.Instant) ([]schemas.Gap, error)
	// AgentSources gives which source told of whom, and when last.
	AgentSources(ctx context.Context, known schemas.Instant) ([]schemas.AgentSource, error)
}

// Deps is what a Watch needs from others.
type Deps struct {
	Store Store
	// Accept takes gaps on disk; Spool.Accept is one.
	Accept func(ctx context.Context, b ingest.Batch) (ingest.Receipt, error)
	// Silence hears which feeds are silent, each since when, whenever that changes; it must not call the watch.
	Silence func(map[string]schemas.Instant)
	// Fallen, which may be nil, hears once of each silence, that a restart does not begin anew; it must not wait.
	Fallen func(source string, since schemas.Instant)
	// Told says whether a source has told of any agent; of one that has not a silence is known, but no gap is stored.
	Told  func(source string) bool
	Log   logrus.FieldLogger
	Clock func() time.Time
}

// Watch notices feeds that fall silent: one that has sent a heartbeat, or is configured by name, and then sends nothing for a
// while, be it heartbeats, changes or snapshots.
// From its last sign on its agents are unknown, not out, at once on the board and as a gap in the store; the gap ends with
// the next sign, and what a completion covers of it is taken back (RULES.md section 3). What people set in Rollcall itself
// and files have no silence. Heard may be called by many at once; only one Run may go.
type Watch struct {
	cfg     Config
	deps    Deps
	started schemas.Instant // signs of before are the store's
	loaded  bool            // of the one Run
	wake    chan struct{}

	mu    sync.Mutex
	feeds map[string]*watched
}

// watched is what is known of one feed.
type watched struct {
	// first and seen are its first and last signs; first of this life of the daemon.
	first, seen schemas.Instant
	// complete is the furthest that a completion has said since the gaps were looked at; 0 is nothing new.
	complete schemas.Instant
	// silence is the one that goes on (its end is 0) or whose end is not stored yet; it begins at 0 when there is none.
	silence schemas.Interval
	// gaps are those stored of its silences that were not taken back, oldest first; open says that the last one belongs to
	// silence.
	gaps []schemas.Gap
	open bool
	// beats says that the feed has ever sent a heartbeat.
	beats bool
}

// patience gives how long the feed may say nothing; 0 for ever.
func (w *Watch) patience(source string, f *watched) time.Duration {
	if after, named := w.cfg.Each[source]; named {
		return after
	}
	if f.beats {
		return w.cfg.SilentAfter
	}
	return 0
}

// silent gives since when the feed is silent now, 0 while it is not.
func (f *watched) silent() schemas.Instant {
	if f.silence.End != 0 {
		return 0
	}
	return f.silence.Start
}

// New makes a watch; it does nothing yet but take the signs that it hears of.
func New(cfg Config, deps Deps) (*Watch, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Store == nil || deps.Accept == nil || deps.Silence == nil || deps.Told == nil || deps.Log == nil || deps.Clock == nil {
		return nil, errors.New("watch: store, accept, silence, told, log and clock must be given")
	}
	return &Watch{cfg: cfg, deps: deps, started: schemas.InstantOf(deps.Clock()), feeds: map[string]*watched{}, wake: make(chan struct{}, 1)}, nil
}

func (w *Watch) now() schemas.Instant { return schemas.InstantOf(w.deps.Clock()) }

// sourceFile is the source of imported files that name none.
const sourceFile = "file"

// watchable says whether a source can be silent at all.
func watchable(source string) bool { return !schemas.OwnSource(source) && source != sourceFile }

// Beat takes a heartbeat of a source, which is a sign of life, too: from now on its silence means something.
func (w *Watch) Beat(source string) {
	if !watchable(source) {
		return
	}
	w.mu.Lock()
	w.feed(source).beats = true
	w.mu.Unlock()
	w.Heard(source, 0)
}

// Heard takes a sign of life of a source, after what it brought is on disk. completeUpTo is what a completion said, else 0.
// The board hears of the end of a silence before Heard returns; the store soon after.
func (w *Watch) Heard(source string, completeUpTo schemas.Instant) {
	if !watchable(source) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f, now := w.feed(source), w.now()
	if f.first == 0 {
		f.first = now
	}
	f.seen, f.complete = max(f.seen, now), max(f.complete, completeUpTo)
	ends := f.silent() != 0
	if ends {
		w.deps.Log.WithField("source", source).WithField("silent_since", f.silence.Start.String()).Info("a silent feed speaks again")
		f.silence.End = now
		w.tell()
	}
	if ends || completeUpTo != 0 {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

func (w *Watch) feed(source string) *watched {
	f, ok := w.feeds[source]
	if !ok {
		f = &watched{}
		w.feeds[source] = f
	}
	return f
}

// tell says which feeds are silent. The caller holds the lock.
func (w *Watch) tell() {
	since := map[string]schemas.Instant{}
	for source, f := range w.feeds {
		if start := f.silent(); start != 0 {
			since[source] = start
		}
	}
	w.deps.Silence(since)
}

// Feeds gives every feed that has shown life, by source: when last, and since when it is silent.
func (w *Watch) Feeds() []schemas.FeedSign {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]schemas.FeedSign, 0, len(w.feeds))
	for _, source := range slices.Sorted(maps.Keys(w.feeds)) {
		if f := w.feeds[source]; f.seen != 0 {
			out = append(out, schemas.FeedSign{Source: source, LastSeen: f.seen, SilentSince: f.silent()})
		}
	}
	return out
}

// lookEvery is how often the clock is looked at.
const lookEvery = 500 * time.Millisecond

// Run watches until ctx ends. It begins with what the store knows, so that a silence while nobody watched is noticed too;
// a store that is away is asked again.
func (w *Watch) Run(ctx context.Context) error {
	if w.cfg.SilentAfter == 0 && len(w.cfg.Each) == 0 {
		return nil
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if !w.loaded {
			if err := w.load(ctx); err != nil {
				w.deps.Log.WithError(err).Debug("feeds are not watched yet")
			}
		}
		if w.loaded {
			w.look(ctx)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-w.wake:
		}
	}
	if w.loaded { // what was heard of last
		w.look(context.WithoutCancel(ctx))
	}
	return nil
}

// look notices who has fallen silent, and stores what has changed of the gaps.
func (w *Watch) look(ctx context.Context) {
	now := w.now()
	for _, source := range w.notice(now) {
		if err := w.keep(ctx, source, now); err != nil {
			if ctx.Err() == nil {
				w.deps.Log.WithError(err).WithField("source", source).Warn("the gap of a silent feed could not be stored; it is tried again")
			}
			return
		}
	}
}

// notice finds the feeds that have fallen silent, and lists those of whose gaps something may have to be stored.
func (w *Watch) notice(now schemas.Instant) (sources []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fallen := false
	for source, f := range w.feeds {
		after := w.patience(source, f)
		if f.silence.Start == 0 && f.seen != 0 && after > 0 && now.Sub(f.seen) > after.Milliseconds() {
			f.silence, fallen = schemas.Interval{Start: f.seen}, true
			w.deps.Log.WithField("source", source).WithField("last_seen", f.seen.String()).Warn("a feed is silent; its agents are unknown")
			w.fallen(source, f.seen)
		}
		if f.silence.Start != 0 || f.complete != 0 {
			sources = append(sources, source)
		}
	}
	if fallen {
		w.tell()
	}
	slices.Sort(sources)
	return sources
}

func (w *Watch) fallen(source string, since schemas.Instant) {
	if w.deps.Fallen != nil {
		w.deps.Fallen(source, since)
	}
}

// keep stores what has changed of one feed's gaps.
func (w *Watch) keep(ctx context.Context, source string, now schemas.Instant) error {
	w.mu.Lock()
	before := *w.feeds[source]
	w.mu.Unlock()
	next := before
	next.gaps = slices.Clone(before.gaps)
	write := w.stretch(&next, source, now)
	write = newest(append(write, next.takeBack()...))
	if len(write) > 0 {
		if _, err := w.deps.Accept(ctx, ingest.Batch{Actor: "watch", Origin: "silence of " + source, Gaps: write}); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.feeds[source]
	f.gaps, f.open = next.gaps, next.open
	if f.silence == before.silence {
		f.silence = next.silence
	}
	if f.complete == before.complete {
		f.complete = 0
	}
	return nil
}
