package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"rollcall/schemas"
)

// writer is where Run is in the oldest segment. Only Run moves it; offset and segment are guarded by Spool.mu.
type writer struct {
	in *records // open reader of the oldest segment, nil when none is open
	// offset is the end of what the sink took of the oldest segment; 0 means none of it.
	offset int64
	// held is a batch that was read and did not fit into the merge, with its size.
	held     *stored
	heldSize int64
}

// left says whether the segment, the oldest, holds something that the sink has not taken.
func (w *writer) left(g *segment) bool { return max(w.offset, segmentHeader) < g.synced }

// stop closes the reader; reading goes on at offset.
func (w *writer) stop() error {
	in := w.in
	w.in, w.held = nil, nil
	if in == nil {
		return nil
	}
	return in.file.Close()
}

// merge is what goes to the sink in one insert.
type merge struct {
	stored         // of the last batch, with the items of all
	actors         []string
	origins        []string
	batches, bytes int64
}

// Run writes what waits to the sink, in order, until ctx ends; then it returns nil and what waits stays on disk. While
// the sink fails it tries again, for ever, with growing pauses. An error means that a segment cannot be read any more;
// Accept still works then, but nothing more is written. Only one Run may go at a time.
func (s *Spool) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		pause := time.NewTimer(s.cfg.MergeFor)
		wrote, err := s.writeOne(ctx)
		switch {
		case err != nil:
			pause.Stop()
			return err
		case wrote:
			s.gather(ctx, pause.C)
		default:
			s.rest(ctx)
		}
		pause.Stop()
	}
	return nil
}

// rest sleeps until something comes. When nothing comes for a while the written segment is retired.
func (s *Spool) rest(ctx context.Context) {
	idle := time.NewTimer(s.cfg.RetireAfter)
	defer idle.Stop()
	select {
	case <-ctx.Done():
	case <-s.wake:
	case <-idle.C:
		s.disk.Lock()
		if s.lock != nil {
			s.retire()
		}
		s.disk.Unlock()
	}
}

// gather sleeps until the pause is over or enough for a full insert waits.
func (s *Spool) gather(ctx context.Context, pause <-chan time.Time) {
	for s.Stats().PendingChanges < int64(s.cfg.MergeChanges) {
		select {
		case <-ctx.Done():
			return
		case <-pause:
			return
		case <-s.wake:
		}
	}
}

// writeOne writes one insert and says whether there was one. The error is that of a segment; the sink's are dealt with
// here, and when ctx ends nothing was written.
func (s *Spool) writeOne(ctx context.Context) (bool, error) {
	m, err := s.collect()
	if m == nil || err != nil {
		return false, s.explain("read what waits", err)
	}
	pauses := &backoff.ExponentialBackOff{InitialInterval: s.cfg.BackoffMin, MaxInterval: s.cfg.BackoffMax, Multiplier: 2}
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		err := s.write(ctx, m)
		s.report(err)
		return struct{}{}, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, wait time.Duration) {
		s.deps.Log.WithError(err).WithField("batches", m.batches).WithField("again_in", wait).
			Warn("store does not take what waits in the spool")
	}))
	if err != nil { // ctx has ended
		return false, s.writer.stop()
	}
	return true, s.advance(m)
}

// report records the sink's error for Stats.
func (s *Spool) report(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.SinkError = ""
	if err != nil {
		s.stats.SinkError = err.Error()
	}
}

// collect merges the batches at the front that fit into one insert: of one kind and of one segment. nil means that
// nothing waits.
func (s *Spool) collect() (*merge, error) {
	var m *merge
	for {
		if err := s.hold(m == nil); err != nil {
			return nil, err
		}
		next := s.writer.held
		if next == nil || m != nil && !m.fits(next, s.cfg.MergeChanges) {
			return m, nil
		}
		if m == nil {
			m = &merge{}
		}
		m.add(next, s.writer.heldSize)
		s.writer.held = nil
	}
}

// hold reads the next batch into held, unless one is held; nil is left there when none waits. From one segment it goes
// on to the next only where mayMove.
func (s *Spool) hold(mayMove bool) error {
	w := &s.writer
	for w.held == nil {
		g, limit := s.front()
		if g == nil {
			return nil
		}
		if w.in == nil {
			f, err := s.files.Open(g.name())
			if err != nil {
				return err
			}
			w.in = &records{file: f, number: g.number, offset: max(w.offset, segmentHeader)}
		}
		w.in.limit = limit
		before := w.in.offset
		payload, _, err := w.in.next()
		switch {
		case errors.Is(err, io.EOF):
			if !mayMove || !s.move() {
				return nil
			}
			continue
		case err != nil:
			return &damageError{Folder: s.cfg.Dir, Segment: g.name(), Offset: w.in.offset, Reason: err.Error()}
		}
		b, err := decodePayload(payload)
		if err != nil {
			return fmt.Errorf("segment %s at offset %d: %w", g.name(), before, err)
		}
		w.held, w.heldSize = &b, w.in.offset-before
	}
	return nil
}

// front returns the oldest segment and the end of what is synced in it.
func (s *Spool) front() (*segment, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.segments) == 0 {
		return nil, 0
	}
	return s.segments[0], s.segments[0].synced
}

// move goes on to the next segment, and says whether there is one.
func (s *Spool) move() bool {
	before, _ := s.front()
	s.disk.Lock()
	s.drop()
	s.disk.Unlock()
	after, _ := s.front()
	return before != after
}

// fits says whether the batch can go into the same insert.
func (m *merge) fits(b *stored, limit int) bool {
	return m.kind == b.kind && len(m.Changes)+len(b.Changes) <= limit && m.bytes < maxRecordBytes
}

func (m *merge) add(b *stored, size int64) {
	b.Changes = append(m.Changes, b.Changes...)
	b.Gaps = append(m.Gaps, b.Gaps...)
	b.Feeds = append(m.Feeds, b.Feeds...)
	b.Findings = append(m.Findings, b.Findings...)
	m.stored = *b
	m.batches++
	m.bytes += size
	m.actors, m.origins = addOnce(m.actors, b.Actor), addOnce(m.origins, b.Origin)
}

func addOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// write puts a merge into the sink.
func (s *Spool) write(ctx context.Context, m *merge) error {
	if len(m.Findings) > 0 {
		if err := s.deps.Sink.WriteFindings(ctx, m.Findings); err != nil {
			return fmt.Errorf("write findings: %w", err)
		}
	}
	var err error
	switch m.kind {
	case kindChanges:
		err = s.deps.Sink.WriteChanges(ctx, m.journal(schemas.JournalChanges), m.Changes)
	case kindGaps:
		err = s.deps.Sink.WriteGaps(ctx, m.journal(schemas.JournalGaps), m.Gaps)
	case kindFeeds:
		m.Feeds = joinFeeds(m.Feeds)
		err = s.deps.Sink.WriteFeeds(ctx, m.journal(schemas.JournalComplete), m.Feeds)
	case kindFindings:
	}
	if err != nil {
		return fmt.Errorf("write batch %s: %w", m.id, err)
	}
	return nil
}

// advance notes that the sink has taken a merge.
func (s *Spool) advance(m *merge) error {
	s.mu.Lock()
	w, st := &s.writer, &s.stats
	w.offset = max(w.offset, segmentHeader) + m.bytes
	st.PendingBatches -= m.batches
	st.PendingBytes -= m.bytes
	st.PendingChanges -= int64(len(m.Changes))
	st.Written += int64(len(m.Changes))
	close(s.progress)
	s.progress = make(chan struct{})
	s.mu.Unlock()

	err := s.hold(true)
	s.mu.Lock()
	switch {
	case w.held != nil:
		st.OldestReceivedAt = w.held.first
	case st.PendingBatches == 0:
		st.OldestReceivedAt = 0
	}
	s.mu.Unlock()
	return s.explain("read what waits", err)
}

// joinFeeds leaves one entry a source: the furthest complete_up_to, the last time it was seen, the last fields it
// declared.
func joinFeeds(feeds []schemas.Feed) []schemas.Feed {
	at := map[string]int{}
	joined := feeds[:0]
	for _, f := range feeds {
		i, ok := at[f.Source]
		if !ok {
			at[f.Source] = len(joined)
			joined = append(joined, f)
			continue
		}
		j := &joined[i]
		j.CompleteUpTo = max(j.CompleteUpTo, f.CompleteUpTo)
		j.LastSeen, j.RecordedAt = max(j.LastSeen, f.LastSeen), max(j.RecordedAt, f.RecordedAt)
		if f.Fields != 0 {
			j.Fields = f.Fields
		}
	}
	return joined
}

// journal makes the row of a merge. Agents and ranges are left to the sink for changes, those of the gaps for gaps, and
// none for what feeds say of themselves, which changes no figure.
func (m *merge) journal(k schemas.JournalKind) schemas.JournalRow {
	row := schemas.JournalRow{ID: m.id.String(), RecordedAt: m.last, Kind: k,
		Actor: strings.Join(m.actors, ", "), Origin: strings.Join(m.origins, ", ")}
	ranges := map[string]schemas.Interval{}
	for i := range m.Gaps {
		g := &m.Gaps[i]
		v := schemas.Interval{Start: g.Start, End: g.End}
		ranges[g.AgentID], row.Range = ranges[g.AgentID].Hull(v), row.Range.Hull(v)
	}
	row.Agents = slices.Sorted(maps.Keys(ranges))
	if len(row.Agents) > 0 && row.Agents[0] == "" { // a gap of all agents
		row.Agents = nil
	}
	for _, agent := range row.Agents {
		row.Ranges = append(row.Ranges, ranges[agent])
	}
	row.Detail = feedDetail(m.Feeds)
	return row
}

func feedDetail(feeds []schemas.Feed) string {
	var texts []string
	for _, f := range feeds {
		if f.CompleteUpTo != 0 {
			texts = append(texts, f.Source+" is complete up to "+f.CompleteUpTo.String())
		} else {
			texts = append(texts, f.Source+" is there")
		}
	}
	return strings.Join(texts, "; ")
}
