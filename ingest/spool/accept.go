package spool

import (
	"context"
	"errors"
	"fmt"

	"rollcall/ingest"
	"rollcall/schemas"
)

// kindOf returns which of the three a batch holds.
func kindOf(b *ingest.Batch) (kind, error) {
	k := kindFindings
	for i, n := range [...]int{len(b.Changes), len(b.Gaps), len(b.Feeds)} {
		switch {
		case n == 0:
		case k != kindFindings:
			return 0, errors.New("a batch holds either changes, gaps or feeds, not two of them")
		default:
			k = kindChanges + kind(i) //nolint:gosec // the three kinds follow one another
		}
	}
	return k, nil
}

// request is a batch on its way to the disk.
type request struct {
	stored
	receipt ingest.Receipt
	size    int64 // of its record; 0 when there is nothing to write
	added   int   // keys that it added to the window
	done    bool
	err     error
}

// maxGroupChanges bounds what one fsync carries, and so the memory for it.
const maxGroupChanges = 50_000

// Accept writes the batch to disk and returns when it is there. It sets the id of changes that have none and
// received_at everywhere, drops changes whose key is known (the first receipt counts; other content under a known key
// becomes a finding), and takes over the slices of b: the caller must not use them any more. The changes must have
// passed Check.
//
// Errors: ingest.ErrFull when disk or limit are full, errClosed, or what the disk said. After an error nothing was
// acknowledged and the batch may be sent again. ctx is looked at once, before; an fsync cannot be called back.
func (s *Spool) Accept(ctx context.Context, b ingest.Batch) (ingest.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return ingest.Receipt{}, err
	}
	k, err := kindOf(&b)
	if err != nil {
		return ingest.Receipt{}, err
	}
	for i := range b.Changes {
		if c := &b.Changes[i]; c.ID == "" {
			c.ID = c.ContentID()
		}
	}
	r := &request{stored: stored{Batch: b, kind: k}}
	s.queueMu.Lock()
	s.queue = append(s.queue, r)
	s.queueMu.Unlock()

	s.disk.Lock()
	defer s.disk.Unlock()
	for !r.done { // else another caller wrote it together with its own
		s.commit(s.takeGroup())
	}
	return r.receipt, r.err
}

// takeGroup takes the requests that wait, oldest first.
func (s *Spool) takeGroup() []*request {
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	n, changes := 0, 0
	for n < len(s.queue) && (n == 0 || changes+len(s.queue[n].Changes) <= maxGroupChanges) {
		changes += len(s.queue[n].Changes)
		n++
	}
	group := s.queue[:n:n]
	s.queue = s.queue[n:]
	if len(s.queue) == 0 {
		s.queue = nil
	}
	return group
}

// commit makes a group durable with one write and one fsync and settles each of its requests. The caller holds s.disk.
func (s *Spool) commit(group []*request) {
	err := s.ready()
	if err == nil {
		s.encode(group)
		if len(s.buf) > 0 {
			err = s.explain("write a batch", s.active.append(s.buf))
		}
	}
	if err != nil {
		for _, r := range group {
			s.refuse(r, err)
		}
	}
	s.settle(group, err)
	for _, r := range group {
		r.done = true
		if r.err == nil && len(r.Changes) > 0 && s.deps.OnDurable != nil {
			s.deps.OnDurable(r.receipt.ID, r.Changes)
		}
	}
}

// refuse fails a request, whose keys must be the last that the window added.
func (s *Spool) refuse(r *request, err error) {
	s.recent.forget(r.added)
	r.added, r.size, r.receipt = 0, 0, ingest.Receipt{}
	if r.err == nil {
		r.err = err
	}
}

// encode appends the records of the group to the emptied s.buf.
func (s *Spool) encode(group []*request) {
	s.buf = s.buf[:0]
	left := s.cfg.MaxPendingBytes - s.Stats().PendingBytes
	for _, r := range group {
		s.admit(r)
		if r.kind == kindFindings && len(r.Findings) == 0 {
			continue // nothing new; what it repeats is durable when this group is
		}
		at := place{s.active.number, s.active.size + int64(len(s.buf))}
		start := len(s.buf)
		var err error
		s.buf, err = appendRecord(s.buf, at, s.active.size, &r.stored)
		if err == nil && int64(len(s.buf)) > left {
			s.buf = s.buf[:start]
			err = fmt.Errorf("spool %s: %w: %d bytes wait for the store, %d may", s.cfg.Dir, ingest.ErrFull,
				s.cfg.MaxPendingBytes-left+int64(start), s.cfg.MaxPendingBytes)
		}
		if err != nil {
			s.refuse(r, err)
			continue
		}
		r.size = int64(len(s.buf) - start)
	}
	if cap(s.buf) > 4<<20 && len(s.buf) < cap(s.buf)/8 {
		s.buf = append([]byte(nil), s.buf...) // the memory of a rare large batch is given back
	}
}

// admit sets the times and id of a request and drops the changes that are known.
func (s *Spool) admit(r *request) {
	if f := s.times.begin(schemas.InstantOf(s.deps.Clock())); f != nil {
		r.Findings = append(r.Findings, *f)
	}
	r.first = s.times.last
	fresh := r.Changes[:0]
	for _, c := range r.Changes {
		verdict, k := s.recent.look(&c)
		if verdict != keyFresh {
			r.receipt.Duplicates++
			if verdict == keyConflict {
				r.Findings = append(r.Findings, conflictFinding(&c))
			}
			continue
		}
		s.recent.add(k)
		r.added++
		c.ReceivedAt = s.times.of(&c)
		fresh = append(fresh, c)
	}
	r.Changes = fresh
	if len(fresh) > 0 {
		r.first = fresh[0].ReceivedAt
	} else if r.kind == kindChanges {
		r.kind = kindFindings
	}
	s.stamp(r)
}

// stamp sets the times of what is no change, and the receipt.
func (s *Spool) stamp(r *request) {
	r.last = s.times.last
	for i := range r.Gaps {
		r.Gaps[i].RecordedAt = r.first
	}
	for i := range r.Feeds {
		r.Feeds[i].RecordedAt = r.first
		if r.Feeds[i].LastSeen != 0 { // a heartbeat; a completion says only how far it reaches
			r.Feeds[i].LastSeen = r.first
		}
	}
	for i := range r.Findings {
		completeFinding(&r.Findings[i], r.last)
	}
	r.id = s.times.id()
	r.receipt.ReceivedAt, r.receipt.Accepted = r.first, len(r.Changes)
	if r.kind != kindFindings {
		r.receipt.ID = r.id.String()
	}
}

// settle counts what became of a group and wakes the writer.
func (s *Spool) settle(group []*request, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := &s.stats
	st.AcceptError = ""
	if err != nil {
		st.AcceptError = err.Error()
		return
	}
	g := s.segments[len(s.segments)-1]
	for _, r := range group {
		if r.err != nil {
			st.AcceptError = r.err.Error()
			continue
		}
		st.Accepted += int64(r.receipt.Accepted)
		st.Duplicates += int64(r.receipt.Duplicates)
		if r.size == 0 {
			continue
		}
		if st.PendingBatches == 0 {
			st.OldestReceivedAt = r.first
		}
		g.records++
		s.taken++
		st.PendingBatches++
		st.PendingChanges += int64(len(r.Changes))
		st.PendingBytes += r.size
	}
	if g.synced < s.active.size {
		g.synced = s.active.size
		st.Syncs++
	}
	s.signal()
}

// signal wakes the writer if it sleeps.
func (s *Spool) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
