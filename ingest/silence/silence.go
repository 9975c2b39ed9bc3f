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

// Config says when a feed is silent and how the gap of its silence is stored.
type Config struct {
	// SilentAfter is how long a feed that has ever sent a heartbeat may say nothing, since a heartbeat promises another; 0
	// watches none of them. A feed that only sends changes says nothing by its silence.
	SilentAfter time.Duration
	// Each is, for feeds by name, how long they may say nothing, with heartbeats or without; 0 never watches the feed.
	Each map[string]time.Duration
	// ExtendEvery is how often the gap of a silence that lasts is stored longer than before. After an hour it is less
	// often: every sixtieth of the silence, at most every quarter of an hour.
	ExtendEvery time.Duration
	// LongestGap is the length from which a silence continues in another record, so that the days to judge again stay few.
	LongestGap time.Duration
	// GivenUpAfter is the silence after which a feed counts as taken out of service: no more gaps are stored for it.
	GivenUpAfter time.Duration
}

// DefaultConfig allows 2 minutes of silence, extends gaps every minute in records of 6 hours and gives a feed up after
// 30 days.
func DefaultConfig() Config {
	return Config{
		SilentAfter:  2 * time.Minute,
		ExtendEvery:  time.Minute,
		LongestGap:   6 * time.Hour,
		GivenUpAfter: 30 * 24 * time.Hour,
	}
}

// Validate returns an error for the first setting that cannot work.
func (c Config) Validate() error {
	for source, after := range c.Each {
		if after < 0 || after > 0 && after < time.Second {
			return fmt.Errorf("watch: %s until feed %q is silent is too short; write at least 1s, or 0 never to watch it", after,
				source)
		}
	}
	switch {
	case c.SilentAfter < 0 || c.SilentAfter > 0 && c.SilentAfter < time.Second:
		return fmt.Errorf("watch: %s until a feed is silent is too short; write at least 1s, or 0 to switch it off",
			c.SilentAfter)
	case c.ExtendEvery < time.Second || c.LongestGap < c.ExtendEvery || c.GivenUpAfter < c.LongestGap:
		return fmt.Errorf("watch: each must be longer than the one before, from 1 s on: %s, %s, %s", c.ExtendEvery,
			c.LongestGap, c.GivenUpAfter)
	}
	return nil
}

// Store is what a watch starts from (satisfied by chstore.Store).
type Store interface {
	// Feeds returns the feeds as they last described themselves.
	Feeds(ctx context.Context, known schemas.Instant) ([]schemas.Feed, error)
	// Gaps returns the gaps that overlap the interval and were not retracted.
	Gaps(ctx context.Context, in schemas.Interval, known schemas.Instant) ([]schemas.Gap, error)
	// AgentSources returns which source reported which agent, and when last.
	AgentSources(ctx context.Context, known schemas.Instant) ([]schemas.AgentSource, error)
}

// Deps is what a Watch needs from others.
type Deps struct {
	Store Store
	// Accept takes gaps on disk (spool.Spool has one).
	Accept func(ctx context.Context, b ingest.Batch) (ingest.Receipt, error)
	// Silence is called with the feeds that are silent, each since when, whenever that changes; it must not call the
	// watch.
	Silence func(map[string]schemas.Instant)
	// Fell, which may be nil, is called once for each silence, which a restart does not begin anew; it must not wait.
	Fell func(source string, since schemas.Instant)
	// Supplies says whether a source has reported any agent; without one its silence is known, but no gap is stored.
	Supplies func(source string) bool
	Log      logrus.FieldLogger
	Clock    func() time.Time
}

// Watch notices feeds that fall silent. From the last sign of life on the agents of a silent feed are unknown, not out,
// at once on the board and as a gap in the store; the gap ends with the next sign, and what a completion covers of it
// is retracted (RULES.md section 3). Seen and Heartbeat may be called concurrently; only one Run may go.
type Watch struct {
	cfg     Config
	deps    Deps
	started schemas.Instant // signs from before are the store's
	loaded  bool            // by the one Run
	wake    chan struct{}

	mu    sync.Mutex
	feeds map[string]*watched
}

// watched is what is known about one feed.
type watched struct {
	// first and seen are its first and last signs; first since this start of the daemon.
	first, seen schemas.Instant
	// complete is the furthest that a completion has reached since the gaps were last checked; 0 for none.
	complete schemas.Instant
	// silence is the one that goes on (its end is 0) or whose end is not stored yet; its start is 0 when there is none.
	silence schemas.Interval
	// gaps are those stored for its silences and not retracted, oldest first; open says that the last one belongs to
	// silence.
	gaps []schemas.Gap
	open bool
	// beats says that the feed has ever sent a heartbeat.
	beats bool
}

// silentAfter returns how long the feed may say nothing; 0 for ever.
func (w *Watch) silentAfter(source string, f *watched) time.Duration {
	if after, named := w.cfg.Each[source]; named {
		return after
	}
	if f.beats {
		return w.cfg.SilentAfter
	}
	return 0
}

// silent returns since when the feed is silent now, 0 while it is not.
func (f *watched) silent() schemas.Instant {
	if f.silence.End != 0 {
		return 0
	}
	return f.silence.Start
}

// New makes a watch; until Run it only takes signs of life.
func New(cfg Config, deps Deps) (*Watch, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Store == nil || deps.Accept == nil || deps.Silence == nil || deps.Supplies == nil || deps.Log == nil ||
		deps.Clock == nil {
		return nil, errors.New("watch: store, accept, silence, supplies, log and clock must be given")
	}
	w := &Watch{cfg: cfg, deps: deps, feeds: map[string]*watched{}, wake: make(chan struct{}, 1)}
	w.started = w.now()
	return w, nil
}

func (w *Watch) now() schemas.Instant { return schemas.InstantOf(w.deps.Clock()) }

// sourceFile is the source of imported files that do not name one.
const sourceFile = "file"

// watchable says whether a source can be silent at all.
func watchable(source string) bool { return !schemas.OwnSource(source) && source != sourceFile }

// Heartbeat takes a heartbeat of a source, which is a sign of life, too: from now on its silence means something.
func (w *Watch) Heartbeat(source string) {
	if !watchable(source) {
		return
	}
	w.mu.Lock()
	w.feed(source).beats = true
	w.mu.Unlock()
	w.Seen(source, 0)
}

// Seen takes a sign of life of a source, after what it brought is on disk. completeUpTo is what a completion said, else
// 0. The board knows of the end of a silence before Seen returns; the store soon after.
func (w *Watch) Seen(source string, completeUpTo schemas.Instant) {
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
		w.deps.Log.WithField("source", source).WithField("silent_since",
			f.silence.Start.String()).Info("a silent feed speaks again")
		f.silence.End = now
		w.report()
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

// report says which feeds are silent. The caller holds the lock.
func (w *Watch) report() {
	since := map[string]schemas.Instant{}
	for source, f := range w.feeds {
		if start := f.silent(); start != 0 {
			since[source] = start
		}
	}
	w.deps.Silence(since)
}

// Feeds returns every feed that has shown a sign of life, by source: when last, and since when it is silent.
func (w *Watch) Feeds() []schemas.FeedHealth {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]schemas.FeedHealth, 0, len(w.feeds))
	for _, source := range slices.Sorted(maps.Keys(w.feeds)) {
		if f := w.feeds[source]; f.seen != 0 {
			out = append(out, schemas.FeedHealth{Source: source, LastSeen: f.seen, SilentSince: f.silent()})
		}
	}
	return out
}

// checkEvery is how often the clock is read.
const checkEvery = 500 * time.Millisecond

// Run watches until ctx ends. It starts from what the store knows, so that a silence while nothing watched is noticed
// too; a store that is away is asked again.
func (w *Watch) Run(ctx context.Context) error {
	if w.cfg.SilentAfter == 0 && len(w.cfg.Each) == 0 {
		return nil
	}
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if !w.loaded {
			if err := w.load(ctx); err != nil {
				w.deps.Log.WithError(err).Debug("feeds are not watched yet")
			}
		}
		if w.loaded {
			w.check(ctx)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-w.wake:
		}
	}
	if w.loaded { // the last signs
		w.check(context.WithoutCancel(ctx))
	}
	return nil
}

// check finds the feeds that have fallen silent, and stores the gaps that have changed.
func (w *Watch) check(ctx context.Context) {
	now := w.now()
	for _, source := range w.silences(now) {
		if err := w.store(ctx, source, now); err != nil {
			if ctx.Err() == nil {
				w.deps.Log.WithError(err).WithField("source",
					source).Warn("the gap of a silent feed could not be stored; it is tried again")
			}
			return
		}
	}
}

// silences finds the feeds that have fallen silent, and lists those whose gaps may have to be stored.
func (w *Watch) silences(now schemas.Instant) (sources []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	changed := false
	for source, f := range w.feeds {
		after := w.silentAfter(source, f)
		if f.silence.Start == 0 && f.seen != 0 && after > 0 && now.Sub(f.seen) > after.Milliseconds() {
			f.silence, changed = schemas.Interval{Start: f.seen}, true
			w.deps.Log.WithField("source", source).WithField("last_seen",
				f.seen.String()).Warn("a feed is silent; its agents are unknown")
			w.fell(source, f.seen)
		}
		if f.silence.Start != 0 || f.complete != 0 {
			sources = append(sources, source)
		}
	}
	if changed {
		w.report()
	}
	slices.Sort(sources)
	return sources
}

func (w *Watch) fell(source string, since schemas.Instant) {
	if w.deps.Fell != nil {
		w.deps.Fell(source, since)
	}
}

// store stores what has changed of one feed's gaps.
func (w *Watch) store(ctx context.Context, source string, now schemas.Instant) error {
	w.mu.Lock()
	before := *w.feeds[source]
	w.mu.Unlock()
	next := before
	next.gaps = slices.Clone(before.gaps)
	write := w.extend(&next, source, now)
	write = newest(append(write, next.retract()...))
	if len(write) > 0 {
		if _, err := w.deps.Accept(ctx,
			ingest.Batch{Actor: "watch", Origin: "silence of " + source, Gaps: write}); err != nil {
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
