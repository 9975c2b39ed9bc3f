package spool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"pgregory.net/rapid"

	"rollcall/ingest"
	"rollcall/schemas"
)

// factKey is the key of a fact.
type factKey struct {
	source, agent, id string
	at                schemas.Instant
}

func keyOf(c *schemas.Change) factKey { return factKey{c.Source, c.AgentID, c.ID, c.At} }

// fact is a change as it was received, or as it was sent where received is 0.
type fact struct {
	factKey
	presence schemas.Presence
	note     string
	received schemas.Instant
}

func factOf(c *schemas.Change) fact {
	return fact{keyOf(c), c.Presence, c.Note, c.ReceivedAt}
}

// world is a spool, its disk, its store and everything that was ever said about facts.
type world struct {
	t     *rapid.T
	disk  *disk
	spool *Spool
	now   time.Time

	sent map[fact]bool // received is 0
	// durable is what OnDurable was called with, in order, and the batch of each.
	durable []fact
	batches []string
	// stored is what the sink took with a journal row; reached also what it took without.
	stored, reached map[fact]bool
	rows            map[string]bool
	lastNew         schemas.Instant
	sinkFails       int // 0 not, 1 before, 2 after the facts and before the row
	cancel          context.CancelFunc
	problem         string
}

func newWorld(t *rapid.T) *world {
	w := &world{
		t:       t,
		now:     time.UnixMilli(1_700_000_000_000),
		sent:    map[fact]bool{},
		rows:    map[string]bool{},
		stored:  map[fact]bool{},
		reached: map[fact]bool{},
	}
	w.disk = newDisk(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") })
	w.start()
	return w
}

func quiet() *logrus.Logger {
	log := logrus.New()
	log.SetLevel(logrus.PanicLevel)
	return log
}

// start opens a new spool on the disk, through as many power cuts as come.
func (w *world) start() {
	for {
		cfg := DefaultConfig("spool")
		cfg.SegmentBytes, cfg.MergeChanges, cfg.WindowKeys = 400, 8, 5
		s, err := New(cfg, Deps{Sink: w, Log: quiet(), Clock: func() time.Time { return w.now }, OnDurable: w.heard,
			Files: w.disk})
		if err != nil {
			w.t.Fatal(err)
		}
		if err = s.Open(); err == nil {
			w.spool = s
			return
		}
		if !errors.Is(err, errPower) {
			w.t.Fatalf("open after a crash: %v", err)
		}
		w.disk.restart()
	}
}

func (w *world) heard(id string, changes []schemas.Change) {
	for i := range changes {
		w.durable = append(w.durable, factOf(&changes[i]))
		w.batches = append(w.batches, id)
	}
}

func (w *world) WriteChanges(_ context.Context, row schemas.JournalRow, changes []schemas.Change) error {
	if w.sinkFails == 1 {
		w.cancel()
		return errors.New("the store is away")
	}
	for i := range changes {
		f := factOf(&changes[i])
		if !w.reached[f] {
			if f.received < w.lastNew {
				w.problem = fmt.Sprintf("%v came after a fact received at %d", f, w.lastNew)
			}
			w.lastNew = f.received
		}
		w.reached[f] = true
		sent := f
		sent.received = 0
		if !w.sent[sent] {
			w.problem = fmt.Sprintf("%v was never sent", f)
		}
	}
	if w.sinkFails == 2 {
		w.cancel()
		return errors.New("the store went away")
	}
	for i := range changes {
		f := factOf(&changes[i])
		if w.rows[row.ID] && !w.stored[f] {
			w.problem = fmt.Sprintf("%v has no row but %s, which may have been used up before", f, row.ID)
		}
		w.stored[f] = true
	}
	w.rows[row.ID] = true
	if i := slices.Index(w.batches, row.ID); i >= 0 {
		for j, f := range w.durable[:i] {
			if !w.stored[f] {
				w.problem = fmt.Sprintf("row %s is there, %v of the earlier batch %s is not", row.ID, f, w.batches[j])
			}
		}
	}
	return nil
}

func (w *world) WriteGaps(context.Context, schemas.JournalRow, []schemas.Gap) error   { return nil }
func (w *world) WriteFeeds(context.Context, schemas.JournalRow, []schemas.Feed) error { return nil }
func (w *world) WriteFindings(context.Context, []schemas.Finding) error               { return nil }

// draw makes a batch of few agents, instants and ids, so that keys meet.
func (w *world) draw() []schemas.Change {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) schemas.Change {
		c := schemas.Change{
			ID:       rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(t, "id"),
			Source:   "acd",
			AgentID:  rapid.SampledFrom([]string{"ana", "ben", "cyd"}).Draw(t, "agent"),
			At:       schemas.Instant(rapid.IntRange(1, 4).Draw(t, "at")),
			Presence: schemas.Presence(rapid.IntRange(1, 5).Draw(t, "presence")),
			Note:     rapid.StringN(0, 40, 60).Draw(t, "note"),
		}
		if c.ID == "" {
			c.ID = c.ContentID()
		}
		return c
	}), 1, 6).Draw(w.t, "changes")
}

// accept sends batches at the same time; those without an error must be stored.
func (w *world) accept(batches [][]schemas.Change) {
	for _, b := range batches {
		for i := range b {
			w.sent[factOf(&b[i])] = true
		}
	}
	before := len(w.durable)
	var wait sync.WaitGroup
	receipts, errs := make([]ingest.Receipt, len(batches)), make([]error, len(batches))
	w.spool.disk.Lock() // until all wait, so that one fsync serves them
	for i, b := range batches {
		wait.Go(func() {
			receipts[i], errs[i] = w.spool.Accept(context.Background(), ingest.Batch{Actor: "feed", Changes: slices.Clone(b)})
		})
		for w.queued() <= i {
			runtime.Gosched()
		}
	}
	w.spool.disk.Unlock()
	wait.Wait()
	called := map[string]bool{}
	for _, id := range w.batches[before:] {
		called[id] = true
	}
	for i, err := range errs {
		if err == nil && receipts[i].Accepted > 0 && !called[receipts[i].ID] {
			w.t.Fatalf("batch %s was accepted and OnDurable not called", receipts[i].ID)
		}
		if err != nil && !errors.Is(err, errPower) && !errors.Is(err, ingest.ErrFull) && !errors.Is(err, syscall.EIO) {
			w.t.Fatalf("accept: %v", err)
		}
		if err == nil {
			w.known(batches[i])
		}
	}
}

func (w *world) queued() int {
	w.spool.queueMu.Lock()
	defer w.spool.queueMu.Unlock()
	return len(w.spool.queue)
}

// known checks that OnDurable was called for each acknowledged key, in this batch or before.
func (w *world) known(b []schemas.Change) {
	for i := range b {
		if !slices.ContainsFunc(w.durable, func(f fact) bool { return f.factKey == keyOf(&b[i]) }) {
			w.t.Fatalf("%v was acknowledged as a duplicate of nothing", keyOf(&b[i]))
		}
	}
}

func (w *world) drain() bool {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.cancel = cancel
	wrote, err := w.spool.writeOne(ctx)
	if err != nil && !errors.Is(err, errPower) {
		w.t.Fatalf("drain: %v", err)
	}
	return wrote
}

// check holds at the end, when everything was drained.
func (w *world) check() {
	if w.problem != "" {
		w.t.Fatal(w.problem)
	}
	last := map[agentAt]schemas.Instant{}
	for i, f := range w.durable {
		if !w.stored[f] {
			w.t.Fatalf("%v was acknowledged and never reached the store as it was", f)
		}
		if i > 0 && f.received < w.durable[i-1].received {
			w.t.Fatalf("received_at ran back: %v after %v", f, w.durable[i-1])
		}
		k := agentAt{f.agent, f.at}
		if f.received == last[k] {
			w.t.Fatalf("%v has the received_at of an earlier line about the same instant", f)
		}
		last[k] = f.received
	}
}

// Whatever is done in whatever order, with the power going at any call to the disk: what was acknowledged reaches the
// store, as it was and in order, and the spool opens again by itself.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			w.sinkFails, w.disk.room, w.disk.syncFail = 0, -1, nil
			switch rapid.SampledFrom([]string{"accept", "accept", "together", "drain", "drain", "refuse", "half", "kill",
				"close", "retire", "power", "full", "sync", "clock"}).Draw(t, "step") {
			case "accept":
				w.accept([][]schemas.Change{w.draw()})
			case "together":
				w.accept([][]schemas.Change{w.draw(), w.draw(), w.draw()})
			case "drain":
				w.drain()
			case "refuse":
				w.sinkFails = 1
				w.drain()
			case "half":
				w.sinkFails = 2
				w.drain()
			case "kill":
				w.disk.locked = false
				w.start()
			case "close":
				if err := w.spool.Close(); err != nil && !w.disk.off {
					t.Fatal(err)
				}
				w.disk.locked = false
				w.start()
			case "retire":
				w.spool.disk.Lock()
				w.spool.retire()
				w.spool.disk.Unlock()
			case "power":
				w.disk.fuse = rapid.IntRange(1, 25).Draw(t, "fuse")
			case "full":
				w.disk.room = rapid.IntRange(0, 400).Draw(t, "room")
				w.accept([][]schemas.Change{w.draw(), w.draw()})
				w.accept([][]schemas.Change{w.draw()})
			case "sync":
				w.disk.syncFail = syscall.EIO
				w.accept([][]schemas.Change{w.draw(), w.draw()})
				w.disk.syncFail = nil
				w.accept([][]schemas.Change{w.draw()})
			case "clock":
				w.now = w.now.Add(time.Duration(rapid.IntRange(-40, 50).Draw(t, "ms")) * time.Millisecond)
			}
			if w.disk.off {
				w.disk.restart()
				w.start()
			}
		}
		w.disk.fuse, w.disk.room, w.sinkFails = -1, -1, 0
		for w.drain() {
		}
		if st := w.spool.Stats(); st.PendingBatches != 0 || st.PendingBytes != 0 || st.PendingChanges != 0 ||
			st.OldestReceivedAt != 0 {
			t.Fatalf("everything is written, and still pending: %+v", st)
		}
		w.check()
	})
}
