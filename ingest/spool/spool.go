package spool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/schemas"
)

// Config is how a spool works. Sizes are bytes.
type Config struct {
	// Dir is the folder of the spool, which no other process may share.
	Dir string
	// SegmentBytes is the size from which on a new segment is begun.
	SegmentBytes int64
	// MaxPendingBytes is how much may wait for the store; above it Accept answers ingest.ErrFull.
	MaxPendingBytes int64
	// MergeChanges and MergeFor say when small batches have been gathered long enough to be written as one insert.
	MergeChanges int
	MergeFor     time.Duration
	// WindowKeys is how many keys of recent changes are remembered in order to count duplicates.
	WindowKeys int
	// BackoffMin and BackoffMax are the first and the longest pause after the sink failed; each is twice the one before.
	BackoffMin, BackoffMax time.Duration
	// RetireAfter is how long a segment of which everything is written may stay before it is replaced by an empty one.
	RetireAfter time.Duration
}

// DefaultConfig returns a spool in dir: 16 MiB a segment, at most 1 GiB waiting (some ten million changes), inserts of
// 50,000 changes or 200 ms, 200,000 recent keys (about 15 MB), pauses from 100 ms to 10 s.
func DefaultConfig(dir string) Config {
	return Config{
		Dir:             dir,
		SegmentBytes:    16 << 20,
		MaxPendingBytes: 1 << 30,
		MergeChanges:    50_000,
		MergeFor:        200 * time.Millisecond,
		WindowKeys:      200_000,
		BackoffMin:      100 * time.Millisecond,
		BackoffMax:      10 * time.Second,
		RetireAfter:     2 * time.Second,
	}
}

// Validate returns the first setting that cannot work.
func (c Config) Validate() error {
	switch {
	case c.Dir == "":
		return errors.New("spool: no folder is given")
	case c.SegmentBytes < segmentHeader || c.MaxPendingBytes < c.SegmentBytes:
		return fmt.Errorf("spool: %d bytes a segment and %d pending: pending must be the larger, and both above %d",
			c.SegmentBytes, c.MaxPendingBytes, segmentHeader)
	case c.MergeChanges < 1 || c.MergeFor < 0 || c.WindowKeys < 1:
		return errors.New("spool: merges and the window of recent keys must be at least 1")
	case c.BackoffMin <= 0 || c.BackoffMax < c.BackoffMin || c.RetireAfter <= 0:
		return errors.New("spool: pauses must be longer than 0, the longest not shorter than the first")
	}
	return nil
}

// Sink is the store as the spool sees it. Every call may come twice, with the same ids and times; a call that returns
// nil has made everything durable, the journal row last.
type Sink interface {
	// WriteChanges stores the changes, of several with one key the one with the earliest received_at, and the row, whose
	// agents and ranges it works out from the changes (RULES.md section 10).
	WriteChanges(ctx context.Context, row schemas.JournalRow, changes []schemas.Change) error
	// WriteGaps stores feed gaps and the row.
	WriteGaps(ctx context.Context, row schemas.JournalRow, gaps []schemas.Gap) error
	// WriteFeeds stores what feeds say of themselves, one entry a source, and the row. A feed without CompleteUpTo or
	// Fields leaves what it said of them before.
	WriteFeeds(ctx context.Context, row schemas.JournalRow, feeds []schemas.Feed) error
	// WriteFindings stores findings; one with an id that is there already replaces it.
	WriteFindings(ctx context.Context, findings []schemas.Finding) error
}

// Deps is what a spool needs from others.
type Deps struct {
	Sink  Sink
	Log   logrus.FieldLogger
	Clock func() time.Time
	// OnDurable, which may be nil, is called with every accepted batch of changes in order of acceptance, after it is on
	// disk and before Accept returns. journalID is the batch's id; its journal row will have this id or that of a later
	// batch. It is not called for batches found on disk at Open, whose journal rows hold no later batches. It must not
	// block, nor change the batch.
	OnDurable func(journalID string, changes []schemas.Change)
	// Files is the folder; nil means folder(Config.Dir).
	Files Files
}

// Stats says how a spool is doing.
type Stats struct {
	// PendingBatches, PendingChanges and PendingBytes wait on disk for the store.
	PendingBatches, PendingChanges, PendingBytes int64
	// OldestReceivedAt is the received_at of the first batch that waits, 0 when none does.
	OldestReceivedAt schemas.Instant
	// Segments is the number of files.
	Segments int
	// Accepted, Duplicates, Written and Syncs count since Open: changes taken, changes known already, changes that
	// reached the store, and fsyncs that made batches durable.
	Accepted, Duplicates, Written, Syncs int64
	// SinkError is why the store did not take the last write, empty when it did.
	SinkError string
	// AcceptError is why the last batch could not be taken on disk, empty when it could.
	AcceptError string
}

// segment is one file of the spool.
type segment struct {
	number uint64
	// synced is the offset up to which it is known to be on disk.
	synced int64
	// records is how many it holds.
	records int64
}

func (g *segment) name() string { return segmentName(g.number) }

// Spool takes batches on disk and hands them on to the sink. Accept, Stats and Flush may be called by many at once.
type Spool struct {
	cfg   Config
	deps  Deps
	files Files

	queueMu sync.Mutex
	queue   []*request // guarded by queueMu

	// disk is held by the one caller that writes for all who wait; it guards what follows.
	disk   sync.Mutex
	lock   io.Closer // nil while the spool is not open
	active *activeSegment
	next   uint64 // number of the next segment
	times  receipts
	recent *window
	buf    []byte

	mu       sync.Mutex // guards what follows; taken after disk
	segments []*segment // oldest first
	stats    Stats
	progress chan struct{} // closed when something was written
	taken    int64         // batches ever taken on disk, those found at Open included
	wake     chan struct{}

	writer writer // of the one Run
}

// New makes a spool that is not open yet. It touches nothing.
func New(cfg Config, deps Deps) (*Spool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Sink == nil || deps.Log == nil || deps.Clock == nil {
		return nil, errors.New("spool: sink, log and clock must be given")
	}
	if deps.Files == nil {
		deps.Files = folder(cfg.Dir)
	}
	return &Spool{
		cfg:      cfg,
		deps:     deps,
		files:    deps.Files,
		recent:   newWindow(cfg.WindowKeys),
		wake:     make(chan struct{}, 1),
		progress: make(chan struct{}),
	}, nil
}

// Stats returns the figures of this moment.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.Segments = len(s.segments)
	return st
}

// Flush returns when everything that was accepted before the call has reached the sink. Run must be going.
func (s *Spool) Flush(ctx context.Context) error {
	s.mu.Lock()
	target := s.taken
	s.mu.Unlock()
	for {
		s.mu.Lock()
		done, progress := s.taken-s.stats.PendingBatches >= target, s.progress
		s.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-progress:
		case <-ctx.Done():
			return fmt.Errorf("spool %s: wait for the store: %w", s.cfg.Dir, ctx.Err())
		}
	}
}

// Close ends acceptance and releases the folder. Run must have returned. What waits stays on disk for the next Open.
func (s *Spool) Close() error {
	s.disk.Lock()
	defer s.disk.Unlock()
	if s.lock == nil {
		return nil
	}
	s.retire()
	err := cmp.Or(s.closeActive(), s.writer.stop(), s.lock.Close())
	s.lock = nil
	return s.explain("close", err)
}
