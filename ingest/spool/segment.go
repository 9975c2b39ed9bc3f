package spool

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The names of files in a spool's folder: twenty digits and what the file is.
const (
	segmentSuffix    = ".seg"
	damagedSuffix    = ".damaged"    // after .seg: the operator asks to take over what is readable
	quarantineSuffix = ".quarantine" // after .seg: done; the bytes are there for people
	partSuffix       = ".part"       // after .seg: being made
)

func segmentName(number uint64) string { return fmt.Sprintf("%020d%s", number, segmentSuffix) }

// parseName splits a file's name into the segment's number and what follows .seg.
func parseName(name string) (number uint64, suffix string, ok bool) {
	digits, suffix, ok := strings.Cut(name, segmentSuffix)
	if !ok || len(digits) != 20 {
		return 0, "", false
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, suffix, err == nil
}

// activeSegment is the segment that is written.
type activeSegment struct {
	file   File
	number uint64
	// size is the offset up to which it is written and synced.
	size int64
	// torn says that bytes may lie beyond size, which must go before anything else is written.
	torn bool
	// suspect says that an fsync failed: the operating system may have forgotten what it could not write.
	suspect bool
}

// append writes b at the end and syncs. After an error the segment is torn.
func (a *activeSegment) append(b []byte) error {
	a.torn = true
	if _, err := a.file.Write(b); err != nil {
		return err
	}
	if err := a.file.Sync(); err != nil {
		a.suspect = true
		return err
	}
	a.torn = false
	a.size += int64(len(b))
	return nil
}

// goesOn says whether more can be written to the segment once it is repaired. An empty one can always be used, so that
// a full disk does not gather empty segments.
func (a *activeSegment) goesOn(limit int64) bool {
	return a.size == segmentHeader || a.size < limit && !a.suspect
}

// repair cuts off what a failed append left.
func (a *activeSegment) repair() error {
	if !a.torn {
		return nil
	}
	if err := cmp.Or(a.file.Truncate(a.size), a.file.Sync()); err != nil {
		return err
	}
	a.torn = false
	return nil
}

// ready sees to it that there is a whole segment to write to, the active one or a new one. After a failed write the old
// one is cut back first, so that only the newest segment can ever have a torn end. The caller holds s.disk.
func (s *Spool) ready() error {
	if s.lock == nil {
		return errClosed
	}
	if a := s.active; a != nil && a.goesOn(s.cfg.SegmentBytes) {
		return s.explain("cut off a failed write", a.repair())
	}
	if err := s.closeActive(); err != nil {
		return s.explain("cut off a failed write", err)
	}
	return s.explain("begin a segment", s.begin())
}

// closeActive repairs and closes the active segment, so that there is none.
func (s *Spool) closeActive() error {
	if s.active == nil {
		return nil
	}
	if err := s.active.repair(); err != nil {
		return err
	}
	err := s.active.file.Close()
	s.active = nil
	return err
}

// begin makes a new segment, its header and its name on disk, and makes it the active one.
func (s *Spool) begin() error {
	g := &segment{number: s.next, synced: segmentHeader}
	s.next++
	f, err := s.create(g.name())
	if err != nil {
		return err
	}
	s.active = &activeSegment{file: f, number: g.number, size: segmentHeader}
	s.mu.Lock()
	s.segments = append(s.segments, g)
	s.mu.Unlock()
	return nil
}

// create makes a segment's file; on an error nothing is left of it, as far as that can be done.
func (s *Spool) create(name string) (File, error) {
	f, err := s.files.Create(name)
	if err != nil {
		return nil, err
	}
	number, _, _ := parseName(name)
	if _, err = f.Write(appendSegmentHeader(nil, number, s.times.last)); err == nil {
		err = cmp.Or(f.Sync(), s.files.SyncDir())
	}
	if err != nil {
		return nil, cmp.Or(err, f.Close(), s.files.Remove(name))
	}
	return f, nil
}

// retire replaces an active segment of which everything is written by an empty one, so that a restart repeats nothing.
// Failing to is no harm: the records come again, with the same ids. The caller holds s.disk.
func (s *Spool) retire() {
	s.mu.Lock()
	idle := len(s.segments) > 0 && s.stats.PendingBatches == 0 &&
		(len(s.segments) > 1 || s.segments[0].records > 0)
	s.mu.Unlock()
	if !idle {
		return
	}
	if s.active == nil || s.active.size > segmentHeader {
		if cmp.Or(s.closeActive(), s.begin()) != nil {
			return
		}
	}
	s.drop()
}

// drop removes the segments at the front of which everything is written. The newest one stays: it holds how far
// received_at has come.
func (s *Spool) drop() {
	for {
		s.mu.Lock()
		if len(s.segments) < 2 || s.writer.left(s.segments[0]) {
			s.mu.Unlock()
			return
		}
		g := s.segments[0]
		s.mu.Unlock()
		err := cmp.Or(s.writer.stop(), s.files.Remove(g.name()))
		if err != nil {
			s.deps.Log.WithError(err).WithField("segment", g.name()).Warn("spool cannot remove a segment that is written")
			return
		}
		s.mu.Lock()
		s.segments, s.writer.offset = s.segments[1:], 0
		s.mu.Unlock()
	}
}

// records reads the records of a segment one after the other.
type records struct {
	file   Reader
	number uint64
	// offset is where the next record begins, limit where the readable part ends.
	offset, limit int64
	head          [recordHeader]byte
	buf           []byte
}

// next returns the payload of the next record, which is valid until the call after, and its synced. At the limit the
// error is io.EOF; where no whole record lies it wraps errRecord, and offset stays.
func (r *records) next() (payload []byte, synced int64, err error) {
	rest := r.limit - r.offset
	if rest == 0 {
		return nil, 0, io.EOF
	}
	head := r.head[:min(rest, recordHeader)]
	if err = readAt(r.file, head, r.offset); err != nil {
		return nil, 0, err
	}
	n, synced, err := recordLength(head, rest-recordHeader)
	if err != nil {
		return nil, 0, err
	}
	if cap(r.buf) < n {
		r.buf = make([]byte, n)
	}
	payload = r.buf[:n]
	if err := readAt(r.file, payload, r.offset+recordHeader); err != nil {
		return nil, 0, err
	}
	if err := (place{r.number, r.offset}).verify(head, payload); err != nil {
		return nil, 0, err
	}
	r.offset += int64(recordHeader + n)
	return payload, synced, nil
}

func readAt(f io.ReaderAt, b []byte, offset int64) error {
	n, err := f.ReadAt(b, offset)
	if n == len(b) || err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// salvaged finds whole records from offset on by looking for their magic, whatever lies between, and calls found with
// each payload and its synced; found returns false to stop.
func salvaged(data []byte, number uint64, offset int64, found func(payload []byte, synced int64) bool) {
	for offset < int64(len(data)) {
		i := bytes.Index(data[offset:], []byte(recordMagic))
		if i < 0 {
			return
		}
		offset += int64(i)
		head := data[offset:min(int64(len(data)), offset+recordHeader)]
		n, synced, err := recordLength(head, int64(len(data))-offset-recordHeader)
		if err == nil {
			payload := data[offset+recordHeader:][:n]
			if (place{number, offset}).verify(head, payload) == nil {
				if !found(payload, synced) {
					return
				}
				offset += int64(recordHeader + n)
				continue
			}
		}
		offset++
	}
}
