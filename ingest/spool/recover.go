package spool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
)

// Open takes the folder for this process, makes whole what a crash tore, and is then ready for Accept. Every segment is
// read through once.
//
// Errors are one sentence each: the folder is another process's (errOwned), cannot be written, or holds a segment in
// which a record that was acknowledged cannot be read (*damageError). A full disk is no error here: what waits can
// still go out.
func (s *Spool) Open() error {
	s.disk.Lock()
	lock, err := s.files.Lock()
	if err != nil {
		s.disk.Unlock()
		return s.explain("open", err)
	}
	findings, err := s.recover()
	if err != nil {
		s.disk.Unlock()
		return s.explain("open", cmp.Or(err, lock.Close()))
	}
	s.lock = lock
	s.disk.Unlock()
	if len(findings) == 0 {
		return nil
	}
	if _, err := s.Accept(context.Background(),
		ingest.Batch{Actor: "spool", Origin: "recovery", Findings: findings}); err != nil {
		s.deps.Log.WithError(err).Warn("spool cannot store its own findings")
	}
	return nil
}

// recover reads the folder and returns its findings.
func (s *Spool) recover() ([]schemas.Finding, error) {
	numbers, err := s.tidy()
	if err != nil {
		return nil, err
	}
	var findings []schemas.Finding
	segments, last, pending := []*segment{}, schemas.Instant(0), Stats{}
	for i, number := range numbers {
		r := recovery{Spool: s, segment: segment{number: number}, newest: i == len(numbers)-1}
		if err := r.read(); err != nil {
			return nil, err
		}
		last = max(last, r.last)
		if r.finding != nil {
			findings = append(findings, *r.finding)
		}
		if r.empty {
			continue
		}
		segments = append(segments, &r.segment)
		if pending.OldestReceivedAt == 0 {
			pending.OldestReceivedAt = r.first
		}
		pending.PendingBatches += r.records
		pending.PendingBytes += r.synced - segmentHeader
		pending.PendingChanges += r.changes
	}
	s.times = receipts{}
	s.times.move(last + 1)
	s.mu.Lock()
	s.segments, s.stats, s.taken = segments, pending, pending.PendingBatches
	s.mu.Unlock()
	s.signal()
	return findings, nil
}

// tidy removes half-made files, takes over what is readable in damaged ones and returns the segments in order.
func (s *Spool) tidy() ([]uint64, error) {
	names, err := s.files.ReadDir()
	if err != nil {
		return nil, err
	}
	here := map[string]bool{}
	var damaged []uint64
	for _, name := range names {
		number, suffix, ok := parseName(name)
		if !ok {
			continue
		}
		s.next = max(s.next, number+1)
		here[name] = true
		switch suffix {
		case partSuffix:
			if err := s.files.Remove(name); err != nil {
				return nil, err
			}
		case damagedSuffix:
			damaged = append(damaged, number)
		}
	}
	for _, number := range damaged {
		if err := s.salvage(number, here[segmentName(number)]); err != nil {
			return nil, fmt.Errorf("take over what is readable in %s: %w", segmentName(number)+damagedSuffix, err)
		}
		here[segmentName(number)] = true
	}
	var numbers []uint64
	for name := range here {
		if number, suffix, _ := parseName(name); suffix == "" {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// salvage makes a segment of every whole record of a damaged one, unless that was done before, and sets the damaged
// bytes aside. Each step may be repeated.
func (s *Spool) salvage(number uint64, done bool) error {
	name := segmentName(number)
	if !done {
		if err := s.rewrite(name, number); err != nil {
			return err
		}
	}
	return cmp.Or(s.files.Rename(name+damagedSuffix, name+quarantineSuffix), s.files.SyncDir())
}

func (s *Spool) rewrite(name string, number uint64) error {
	data, err := s.readAll(name + damagedSuffix)
	if err != nil {
		return err
	}
	water, err := readSegmentHeader(data, number)
	if err != nil {
		water = 0 // the records say it too
	}
	out := appendSegmentHeader(nil, number, water)
	count := 0
	salvaged(data, number, 0, func(payload []byte, _ int64) bool {
		out = appendPayloadRecord(out, place{number, int64(len(out))}, 0, payload)
		count++
		return true
	})
	f, err := s.files.Create(name + partSuffix)
	if err != nil {
		return err
	}
	if _, err = f.Write(out); err == nil {
		err = f.Sync()
	}
	if err = cmp.Or(err, f.Close()); err != nil {
		return err
	}
	s.deps.Log.WithField("segment", name).WithField("records",
		count).Warn("spool took over what is readable in a damaged segment")
	return cmp.Or(s.files.Rename(name+partSuffix, name), s.files.SyncDir())
}

func (s *Spool) readAll(name string) ([]byte, error) {
	f, err := s.files.Open(name)
	if err != nil {
		return nil, err
	}
	size, err := f.Size()
	if err != nil {
		return nil, cmp.Or(err, f.Close())
	}
	data := make([]byte, size)
	return data, cmp.Or(readAt(f, data, 0), f.Close())
}

// recovery reads one segment at Open.
type recovery struct {
	*Spool
	segment
	newest      bool
	empty       bool // it was never finished and is gone
	first, last schemas.Instant
	changes     int64
	finding     *schemas.Finding
}

func (r *recovery) read() error {
	f, err := r.files.Open(r.name())
	if err != nil {
		return err
	}
	size, err := f.Size()
	if err == nil {
		err = r.check(f, size)
	}
	if err = cmp.Or(err, f.Close()); err != nil {
		return err
	}
	if r.empty {
		r.deps.Log.WithField("segment", r.name()).Info("spool removes a segment that a crash left without a header")
		return r.files.Remove(r.name())
	}
	if r.newest {
		return r.cut(size)
	}
	return nil
}

// check reads header and records, and sets synced to the end of the readable part.
func (r *recovery) check(f Reader, size int64) error {
	head := make([]byte, min(size, segmentHeader))
	if err := readAt(f, head, 0); err != nil {
		return err
	}
	water, err := readSegmentHeader(head, r.number)
	if err != nil {
		r.empty = size <= segmentHeader // the header is on disk before any record
		if r.empty {
			return nil
		}
		return r.damage(0, err)
	}
	r.last = water
	in := records{file: f, number: r.number, offset: segmentHeader, limit: size}
	for {
		payload, _, err := in.next()
		r.synced = in.offset
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errRecord):
			return r.judge(f, size, err)
		case err != nil:
			return err
		}
		if err := r.count(payload); err != nil {
			return fmt.Errorf("segment %s before offset %d: %w", r.name(), in.offset, err)
		}
	}
}

// count takes a record into the figures.
func (r *recovery) count(payload []byte) error {
	b, rest, err := decodeHead(payload)
	if err != nil {
		return err
	}
	in := decoder{b: rest}
	_, _ = in.text(), in.text()
	r.changes += int64(min(in.uvarint(), maxRecordBytes))
	r.last = max(r.last, b.last)
	if r.records == 0 {
		r.first = b.first
	}
	r.records++
	return nil
}

// judge distinguishes a torn end, which was never acknowledged, from damage: only the newest segment can have a torn
// end, and no record after it says that it had been synced.
func (r *recovery) judge(f Reader, size int64, cause error) error {
	if !r.newest {
		return r.damage(r.synced, cause)
	}
	rest := make([]byte, size)
	if err := readAt(f, rest[r.synced:], r.synced); err != nil {
		return err
	}
	acknowledged := false
	salvaged(rest, r.number, r.synced, func(_ []byte, synced int64) bool {
		acknowledged = synced > r.synced
		return !acknowledged
	})
	if acknowledged {
		return r.damage(r.synced, cause)
	}
	return nil
}

func (r *recovery) damage(offset int64, cause error) error {
	return &damageError{Folder: r.cfg.Dir, Segment: r.name(), Offset: offset, Reason: cause.Error()}
}

// cut cuts a torn end off the newest segment. It also syncs what is whole: after a kill it may be in memory only, and
// from now on it counts as known.
func (r *recovery) cut(size int64) error {
	f, err := r.files.Append(r.name())
	if err != nil {
		return err
	}
	if torn := size - r.synced; torn > 0 {
		r.deps.Log.WithField("segment", r.name()).WithField("offset", r.synced).WithField("bytes", torn).
			Warn("spool cuts off a record that a crash tore; it was never acknowledged")
		r.finding = &schemas.Finding{Kind: findingTorn, Detail: fmt.Sprintf(
			"segment %s ended in %d bytes of a record that a crash tore; it was never acknowledged and is cut off", r.name(),
			torn)}
		err = f.Truncate(r.synced)
	}
	return cmp.Or(err, f.Sync(), f.Close())
}

// findingTorn is the kind of the finding about a record that a crash tore.
const findingTorn = "torn_record"
