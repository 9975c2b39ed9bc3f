package spool

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"rollcall/ingest"
	"rollcall/schemas"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(acceptUntilKilled); dir != "" {
		acceptForEver(dir)
	}
	goleak.VerifyTestMain(m)
}

// shelf is a store in memory.
type shelf struct {
	mu       sync.Mutex
	away     error
	rows     []schemas.JournalRow
	changes  []schemas.Change
	gaps     []schemas.Gap
	feeds    []schemas.Feed
	findings []schemas.Finding
	tries    []time.Time // of calls, the store being away or not
}

func (s *shelf) WriteChanges(_ context.Context, row schemas.JournalRow, changes []schemas.Change) error {
	return s.take(row, func() { s.changes = append(s.changes, changes...) })
}

func (s *shelf) WriteGaps(_ context.Context, row schemas.JournalRow, gaps []schemas.Gap) error {
	return s.take(row, func() { s.gaps = append(s.gaps, gaps...) })
}

func (s *shelf) WriteFeeds(_ context.Context, row schemas.JournalRow, feeds []schemas.Feed) error {
	return s.take(row, func() { s.feeds = append(s.feeds, feeds...) })
}

func (s *shelf) WriteFindings(_ context.Context, findings []schemas.Finding) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.findings = append(s.findings, findings...)
	return s.away
}

func (s *shelf) take(row schemas.JournalRow, store func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries = append(s.tries, time.Now())
	if s.away != nil {
		return s.away
	}
	s.rows = append(s.rows, row)
	store()
	return nil
}

func (s *shelf) goAway(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = err
}

// found returns the details of findings of a kind.
func (s *shelf) found(kind string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var details []string
	for _, f := range s.findings {
		if f.Kind == kind {
			details = append(details, f.Detail)
		}
	}
	return details
}

func newSpool(t testing.TB, sink Sink, files Files, change func(*Config)) *Spool {
	t.Helper()
	cfg := DefaultConfig("spool")
	if f, ok := files.(folder); ok {
		cfg.Dir = string(f)
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg, Deps{Sink: sink, Log: quiet(), Clock: time.Now, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func openSpool(t testing.TB, sink Sink, files Files, change func(*Config)) *Spool {
	t.Helper()
	s := newSpool(t, sink, files, change)
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// drainAll writes everything that waits.
func drainAll(t testing.TB, s *Spool) {
	t.Helper()
	for {
		wrote, err := s.writeOne(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !wrote {
			return
		}
	}
}

func mustAccept(t testing.TB, s *Spool, changes ...schemas.Change) ingest.Receipt {
	t.Helper()
	r, err := s.Accept(t.Context(), ingest.Batch{Actor: "acd-feed", Origin: "api", Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ana(at schemas.Instant, status schemas.Status) schemas.Change {
	return schemas.Change{Source: "acd", AgentID: "ana", At: at, Status: status}
}

func never(int) int { return 0 }

// The same batch twice is one batch; other content under a known key is counted as a duplicate, reported, and does not
// replace the first receipt.
func TestDuplicatesAndConflicts(t *testing.T) {
	store := &shelf{}
	s := openSpool(t, store, newDisk(never), nil)
	first := ana(1000, schemas.StatusBreak)
	first.ID = "e1"
	other := ana(1000, schemas.StatusMeal)
	other.ID = "e1"
	if r := mustAccept(t, s, first, ana(1000, schemas.StatusMeal), ana(1000, schemas.StatusMeal)); r.Accepted != 2 ||
		r.Duplicates != 1 {
		t.Errorf("two changes and a copy: %+v", r)
	}
	if r := mustAccept(t, s, first, other); r.Accepted != 0 || r.Duplicates != 2 || r.ID != "" {
		t.Errorf("a copy and a contradiction: %+v", r)
	}
	drainAll(t, s)
	if len(store.changes) != 2 || store.changes[0].Status != schemas.StatusBreak {
		t.Errorf("the store has %+v", store.changes)
	}
	if found := store.found(schemas.FindingConflict); len(found) != 1 || !strings.Contains(found[0], `"e1"`) {
		t.Errorf("conflicts found: %q", found)
	}
}

// Two lines about one instant: the later one has the later received_at, within a batch and from batch to batch.
func TestLaterLineIsReceivedLater(t *testing.T) {
	store := &shelf{}
	files := newDisk(never)
	s := newSpool(t, store, files, nil)
	s.deps.Clock = func() time.Time { return time.UnixMilli(5000) }
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	mustAccept(t, s, ana(1, schemas.StatusBreak), ana(2, schemas.StatusBreak), ana(1, schemas.StatusMeal))
	mustAccept(t, s, ana(1, schemas.StatusTraining))
	drainAll(t, s)
	var got []schemas.Instant
	for _, c := range store.changes {
		got = append(got, c.ReceivedAt)
	}
	if len(got) != 4 || got[0] != 5000 || got[1] != 5000 || got[2] != 5001 || got[3] != 5002 {
		t.Errorf("received at %v", got)
	}
	if row := store.rows[0]; row.RecordedAt != 5002 {
		t.Errorf("the row is recorded at %d, before its last fact", row.RecordedAt)
	}
}

// A clock that falls back is reported once; received_at waits for it.
func TestClockFallsBack(t *testing.T) {
	store := &shelf{}
	s := newSpool(t, store, newDisk(never), nil)
	now := time.UnixMilli(10_000_000)
	s.deps.Clock = func() time.Time { return now }
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	before := mustAccept(t, s, ana(1, schemas.StatusBreak)).ReceivedAt
	now = now.Add(-time.Hour)
	for i := range schemas.Instant(3) {
		if after := mustAccept(t, s, ana(2+i, schemas.StatusBreak)).ReceivedAt; after < before {
			t.Errorf("received_at ran back from %s to %s", before, after)
		}
	}
	drainAll(t, s)
	if found := store.found(schemas.FindingBackwardsClock); len(found) != 1 {
		t.Errorf("found %q, want it once", found)
	}
}

// Full: an error that says so, nothing half-accepted, and all goes on when there is room again.
func TestFull(t *testing.T) {
	store, files := &shelf{}, newDisk(never)
	s := openSpool(t, store, files, nil)
	mustAccept(t, s, ana(1, schemas.StatusBreak))
	files.room = 50
	for range 5 {
		_, err := s.Accept(t.Context(), ingest.Batch{Changes: []schemas.Change{ana(2, schemas.StatusBreak)}})
		if !errors.Is(err, ingest.ErrFull) || !strings.Contains(err.Error(), "free some disk space") {
			t.Fatalf("a full disk: %v", err)
		}
	}
	if st := s.Stats(); st.AcceptError == "" || st.Segments != 1 {
		t.Errorf("a full disk shows as %+v", st)
	}
	files.room = 5000
	if r := mustAccept(t, s, ana(2, schemas.StatusBreak)); r.Accepted != 1 {
		t.Errorf("what was refused is called a duplicate: %+v", r)
	}
	drainAll(t, s)
	if len(store.changes) != 2 {
		t.Errorf("the store has %+v", store.changes)
	}
}

// More than may wait is refused, until the store has taken some.
func TestTooMuchWaits(t *testing.T) {
	store := &shelf{}
	s := openSpool(t, store, newDisk(never), func(c *Config) { c.SegmentBytes, c.MaxPendingBytes = 200, 300 })
	var err error
	accepted := 0
	for at := schemas.Instant(1); err == nil; at++ {
		if _, err = s.Accept(t.Context(), ingest.Batch{Changes: []schemas.Change{ana(at, schemas.StatusBreak)}}); err == nil {
			accepted++
		}
	}
	if !errors.Is(err, ingest.ErrFull) || accepted == 0 || s.Stats().PendingBytes > 300 {
		t.Fatalf("after %d: %v, %+v", accepted, err, s.Stats())
	}
	drainAll(t, s)
	mustAccept(t, s, ana(99, schemas.StatusBreak))
	if len(store.changes) != accepted {
		t.Errorf("accepted %d, stored %d", accepted, len(store.changes))
	}
}

// A folder that cannot be used is one clear sentence.
func TestFoldersThatCannotBeUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "spool")
	owner := openSpool(t, &shelf{}, folder(dir), nil)
	err := newSpool(t, &shelf{}, folder(dir), nil).Open()
	if !errors.Is(err, errOwned) || !strings.Contains(err.Error(), "process ") ||
		!strings.Contains(err.Error(), "store.dir") {
		t.Errorf("an owned folder: %v", err)
	}
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.Accept(t.Context(),
		ingest.Batch{Changes: []schemas.Change{ana(1, schemas.StatusBreak)}}); !errors.Is(err, errClosed) {
		t.Errorf("a closed spool: %v", err)
	}
	openSpool(t, &shelf{}, folder(dir), nil)

	files := newDisk(never)
	files.fail = syscall.EROFS
	if err := newSpool(t, &shelf{}, files, nil).Open(); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("a read-only folder: %v", err)
	}
}

// Three segments of three batches each, the second batch of the first segment flipped by one bit.
func damaged(t *testing.T, dir string) (segment string, bytes []byte) {
	t.Helper()
	s := openSpool(t, &shelf{}, folder(dir), nil)
	for at := range schemas.Instant(9) {
		if at%3 == 0 {
			s.cfg.SegmentBytes = segmentHeader // begin another
		}
		mustAccept(t, s, ana(at+1, schemas.StatusBreak))
		s.cfg.SegmentBytes = 1 << 20
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, segmentName(0))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := (len(data) - segmentHeader) / 3
	data[segmentHeader+size+size/2] ^= 4
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, data
}

// Damage stops the spool with a sentence that names the place and the way on; the way on loses the damaged record
// alone.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	segment, data := damaged(t, dir)
	err := newSpool(t, &shelf{}, folder(dir), nil).Open()
	var damage *damageError
	if !errors.As(err, &damage) || damage.Segment != segmentName(0) ||
		damage.Offset != int64(segmentHeader+(len(data)-segmentHeader)/3) {
		t.Fatalf("open: %v", err)
	}
	if now, _ := os.ReadFile(segment); !bytes.Equal(now, data) {
		t.Error("refusing changed the damaged segment")
	}
	if err := os.Rename(segment, segment+damagedSuffix); err != nil {
		t.Fatal(err)
	}
	store := &shelf{}
	s := openSpool(t, store, folder(dir), nil)
	drainAll(t, s)
	var got []schemas.Instant
	for _, c := range store.changes {
		got = append(got, c.At)
	}
	if len(got) != 8 || got[0] != 1 || got[1] != 3 || got[7] != 9 {
		t.Errorf("taken over: %v", got)
	}
	if left, _ := os.ReadFile(segment + quarantineSuffix); !bytes.Equal(left, data) {
		t.Error("the damaged bytes are gone")
	}
}

// A damaged record in the newest segment is known from a torn one by what later records know.
func TestDamageInTheNewestSegment(t *testing.T) {
	for _, c := range []struct {
		name string
		flip int // record
		want string
	}{
		{"followed by a record that knew it was synced", 1, "is damaged at offset"},
		{"the last one", 2, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, store := t.TempDir(), &shelf{}
			s := openSpool(t, store, folder(dir), nil)
			for at := range schemas.Instant(3) {
				mustAccept(t, s, ana(at+1, schemas.StatusBreak))
			}
			s.Close()
			path := filepath.Join(dir, segmentName(0))
			data, _ := os.ReadFile(path)
			size := (len(data) - segmentHeader) / 3
			data[segmentHeader+c.flip*size+recordHeader+2] ^= 1
			os.WriteFile(path, data, 0o600)
			s = newSpool(t, store, folder(dir), nil)
			err := s.Open()
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("open: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			drainAll(t, s)
			if found := store.found(findingTorn); len(found) != 1 || len(store.changes) != 2 {
				t.Errorf("found %q, stored %d", found, len(store.changes))
			}
		})
	}
}

// A clean end leaves nothing to repeat.
func TestCloseLeavesNothingToRepeat(t *testing.T) {
	store, files := &shelf{}, newDisk(never)
	s := openSpool(t, store, files, nil)
	mustAccept(t, s, ana(1, schemas.StatusBreak))
	drainAll(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openSpool(t, store, files, nil)
	drainAll(t, s)
	if len(store.changes) != 1 {
		t.Errorf("stored %d times", len(store.changes))
	}
}

// run starts the writer and stops it at the end of the test.
func run(t *testing.T, s *Spool) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	}
}

// Small batches become one insert, written within the time that is allowed for it, with one row.
func TestSmallBatchesAreMerged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		s := openSpool(t, store, newDisk(never), nil)
		defer run(t, s)()
		mustAccept(t, s, ana(1, schemas.StatusBreak))
		synctest.Wait()
		if len(store.rows) != 1 {
			t.Fatal("the first batch waits for others")
		}
		mustAccept(t, s, ana(50, schemas.StatusBreak))
		mustAccept(t, s, ana(70, schemas.StatusMeal))
		last := mustAccept(t, s, ana(40, schemas.StatusBreak))
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(store.rows) != 2 {
			t.Fatalf("%d rows", len(store.rows))
		}
		row := store.rows[1]
		if row.ID != last.ID || row.Actor != "acd-feed" || row.Origin != "api" || row.Kind != schemas.JournalChanges ||
			row.RecordedAt < last.ReceivedAt || len(store.changes) != 4 {
			t.Errorf("row %+v, last batch %+v", row, last)
		}
	})
}

// While the store is away, tries get rarer; when it is back, everything is written and the segment goes.
func TestStoreAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, files := &shelf{away: errors.New("no route")}, newDisk(never)
		s := openSpool(t, store, files, nil)
		defer run(t, s)()
		mustAccept(t, s, ana(1, schemas.StatusBreak))
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(store.tries); n < 8 || n > 15 {
			t.Errorf("%d tries in a minute", n)
		}
		if pause := store.tries[len(store.tries)-1].Sub(store.tries[len(store.tries)-2]); pause != s.cfg.BackoffMax {
			t.Errorf("the pause is %s", pause)
		}
		if st := s.Stats(); st.PendingBatches != 1 || !strings.Contains(st.SinkError, "no route") ||
			st.OldestReceivedAt == 0 {
			t.Errorf("stats %+v", st)
		}
		store.goAway(nil)
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * s.cfg.RetireAfter)
		synctest.Wait()
		if st := s.Stats(); st.PendingBatches != 0 || st.SinkError != "" || st.Segments != 1 || len(store.changes) != 1 {
			t.Errorf("stats %+v", st)
		}
		if files.names[segmentName(0)] != nil {
			t.Error("the written segment is still there")
		}
	})
}

// Callers at the same time share an fsync.
func TestCallersShareAnFsync(t *testing.T) {
	s := openSpool(t, &shelf{}, newDisk(never), nil)
	s.disk.Lock()
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() { mustAccept(t, s, ana(schemas.Instant(i+1), schemas.StatusBreak)) })
	}
	for n := 0; n < 20; {
		s.queueMu.Lock()
		n = len(s.queue)
		s.queueMu.Unlock()
	}
	s.disk.Unlock()
	wait.Wait()
	if st := s.Stats(); st.Syncs != 1 || st.Accepted != 20 {
		t.Errorf("%+v", st)
	}
}

// What feeds say of themselves goes its own way: gaps with the agents they concern, feeds one entry a source.
func TestGapsAndFeeds(t *testing.T) {
	store := &shelf{}
	s := openSpool(t, store, newDisk(never), nil)
	for _, b := range []ingest.Batch{
		{Actor: "acd-feed", Gaps: []schemas.Gap{{ID: "1", Source: "acd", AgentID: "ana", Start: 10, End: 20}}},
		{Actor: "wfm-feed", Gaps: []schemas.Gap{{ID: "2", Source: "wfm", Start: 30, End: 40}}},
		{Actor: "acd-feed", Feeds: []schemas.Feed{{Source: "acd", CompleteUpTo: 100, Fields: schemas.FieldRouting,
			LastSeen: 1}}},
		{Actor: "acd-feed", Feeds: []schemas.Feed{{Source: "acd", CompleteUpTo: 90}}},
	} {
		if _, err := s.Accept(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	drainAll(t, s)
	if len(store.rows) != 2 || len(store.gaps) != 2 || len(store.feeds) != 1 {
		t.Fatalf("rows %+v, gaps %+v, feeds %+v", store.rows, store.gaps, store.feeds)
	}
	if r := store.rows[0]; r.Agents != nil || r.Range != (schemas.Interval{Start: 10, End: 40}) ||
		r.Actor != "acd-feed, wfm-feed" {
		t.Errorf("a gap of all agents makes the row %+v", r)
	}
	if f := store.feeds[0]; f.CompleteUpTo != 100 || f.Fields != schemas.FieldRouting || f.LastSeen <= 1 {
		t.Errorf("feed %+v", f)
	}
	if r := store.rows[1]; !r.Range.Empty() || !strings.Contains(r.Detail, "acd is complete up to") {
		t.Errorf("row %+v", r)
	}
	if _, err := s.Accept(t.Context(), ingest.Batch{Gaps: store.gaps, Feeds: store.feeds}); err == nil {
		t.Error("a batch of two kinds was taken")
	}
}

// A configuration that cannot work is refused.
func TestConfig(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no folder": func(c *Config) { c.Dir = "" }, "less pending than a segment": func(c *Config) { c.MaxPendingBytes = 5 },
		"no merge": func(c *Config) { c.MergeChanges = 0 }, "no pause": func(c *Config) { c.BackoffMin = 0 },
	} {
		cfg := DefaultConfig("x")
		change(&cfg)
		if _, err := New(cfg, Deps{Sink: &shelf{}, Log: logrus.New(), Clock: time.Now}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
