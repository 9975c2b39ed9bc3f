package spool

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/google/uuid"

	"rollcall/ingest"
	"rollcall/schemas"
)

// The layout of a segment, all integers little-endian.
//
//	header: "RCSPOOL1", number of the segment (8), received_at that no record before it exceeds (8), CRC-32C (4)
//	record: "RcR1", length of the payload (4), synced (8), CRC-32C (4), payload
//
// The CRC of a record covers the segment's number, the record's offset, length, synced and payload, so that a record is
// valid only where it was written. synced is the offset up to which the segment was known to be on disk when the record
// was written: a record that says so proves that everything before that offset was acknowledged.
//
//	payload: kind (1), batch id (16), first received_at (8), last received_at (8), actor, origin, items, findings
//
// Changes are items of their own layout (appendChange); gaps, feeds and findings, which are rare, are JSON.
const (
	segmentMagic   = "RCSPOOL1"
	segmentHeader  = 28
	recordMagic    = "RcR1"
	recordHeader   = 20
	payloadMin     = 33
	maxRecordBytes = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// kind is what a record holds besides findings. The numbers are on disk.
type kind uint8

const (
	kindChanges  kind = 1
	kindGaps     kind = 2
	kindFeeds    kind = 3
	kindFindings kind = 4
)

// stored is a batch with what the spool gave it.
type stored struct {
	ingest.Batch
	kind        kind
	id          uuid.UUID
	first, last schemas.Instant
}

func appendSegmentHeader(b []byte, number uint64, highWater schemas.Instant) []byte {
	start := len(b)
	b = append(b, segmentMagic...)
	b = binary.LittleEndian.AppendUint64(b, number)
	b = binary.LittleEndian.AppendUint64(b, uint64(highWater)) //nolint:gosec // bits only
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// readSegmentHeader returns the high water of received_at.
func readSegmentHeader(b []byte, number uint64) (schemas.Instant, error) {
	switch {
	case len(b) < segmentHeader:
		return 0, errors.New("the header is cut off")
	case crc32.Checksum(b[:24], castagnoli) != binary.LittleEndian.Uint32(b[24:]):
		return 0, errors.New("the header has a wrong checksum")
	case string(b[:8]) != segmentMagic:
		return 0, fmt.Errorf("the header says %q, not %q: another version of the spool wrote it", b[:8], segmentMagic)
	case binary.LittleEndian.Uint64(b[8:]) != number:
		return 0, fmt.Errorf("the header says that it is segment %d", binary.LittleEndian.Uint64(b[8:]))
	}
	return schemas.Instant(binary.LittleEndian.Uint64(b[16:])), nil //nolint:gosec // bits only
}

// place is where a record lies: the number of its segment and its offset there.
type place struct {
	segment uint64
	offset  int64
}

// checksum is the CRC of the record at p, whose header (up to the CRC) and payload are given.
func (p place) checksum(header, payload []byte) uint32 {
	var at [16]byte
	binary.LittleEndian.PutUint64(at[:], p.segment)
	binary.LittleEndian.PutUint64(at[8:], uint64(p.offset)) //nolint:gosec // offsets are not negative
	c := crc32.Update(0, castagnoli, at[:])
	c = crc32.Update(c, castagnoli, header)
	return crc32.Update(c, castagnoli, payload)
}

// appendRecord appends the batch as the record that lies at p. On an error b is returned as it was.
func appendRecord(b []byte, p place, synced int64, s *stored) ([]byte, error) {
	start := len(b)
	b, err := appendPayload(appendRecordHeader(b, synced), s)
	if err != nil {
		return b[:start], err
	}
	if n := len(b) - start - recordHeader; n > maxRecordBytes {
		return b[:start], fmt.Errorf("a batch of %d bytes is larger than a record may be, %d; split it", n, maxRecordBytes)
	}
	p.sealRecord(b[start:])
	return b, nil
}

// appendPayloadRecord appends a record of a payload that was read from another place.
func appendPayloadRecord(b []byte, p place, synced int64, payload []byte) []byte {
	start := len(b)
	b = append(appendRecordHeader(b, synced), payload...)
	p.sealRecord(b[start:])
	return b
}

func appendRecordHeader(b []byte, synced int64) []byte {
	b = append(b, recordMagic...)
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(synced)) //nolint:gosec // offsets are not negative
	return append(b, 0, 0, 0, 0)
}

// sealRecord fills in length and checksum.
func (p place) sealRecord(record []byte) {
	binary.LittleEndian.PutUint32(record[4:], uint32(len(record)-recordHeader)) //nolint:gosec // at most maxRecordBytes
	binary.LittleEndian.PutUint32(record[16:], p.checksum(record[:16], record[recordHeader:]))
}

func appendPayload(b []byte, s *stored) ([]byte, error) {
	b = append(b, byte(s.kind))
	b = append(b, s.id[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.first)) //nolint:gosec // bits only
	b = binary.LittleEndian.AppendUint64(b, uint64(s.last))  //nolint:gosec // bits only
	b = appendText(appendText(b, s.Actor), s.Origin)
	b = binary.AppendUvarint(b, uint64(len(s.Changes)))
	for i := range s.Changes {
		b = appendChange(b, &s.Changes[i])
	}
	b, err := appendList(b, s.Gaps)
	if err == nil {
		b, err = appendList(b, s.Feeds)
	}
	if err == nil {
		b, err = appendList(b, s.Findings)
	}
	return b, err
}

// appendList writes what is rare as a text of JSON, empty for an empty list.
func appendList[T any](b []byte, list []T) ([]byte, error) {
	if len(list) == 0 {
		return appendText(b, ""), nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		return b, fmt.Errorf("write a batch as a record: %w", err)
	}
	return appendText(b, string(text)), nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendChange writes a change: five texts and the raw text, instants as varints, states as the numbers of their
// constants.
func appendChange(b []byte, c *schemas.Change) []byte {
	b = appendText(b, c.ID)
	b = appendText(b, c.Source)
	b = appendText(b, c.AgentID)
	b = appendText(b, c.Secondary)
	b = appendText(b, c.Note)
	b = appendText(b, c.Raw)
	b = binary.AppendVarint(b, int64(c.At))
	b = binary.AppendVarint(b, int64(c.ReceivedAt))
	return append(b, byte(c.Presence), byte(c.Status), byte(c.Routing))
}

// errRecord says that bytes are no record.
var errRecord = errors.New("is not a whole record")

// recordLength returns the length of the payload and synced of a record's header, given that rest bytes follow the
// header.
func recordLength(header []byte, rest int64) (length int, synced int64, err error) {
	if len(header) < recordHeader || string(header[:4]) != recordMagic {
		return 0, 0, fmt.Errorf("what lies there %w", errRecord)
	}
	n := binary.LittleEndian.Uint32(header[4:])
	if n < payloadMin || n > maxRecordBytes || int64(n) > rest {
		return 0, 0, fmt.Errorf("what lies there %w: it would be %d bytes long", errRecord, n)
	}
	return int(n), int64(binary.LittleEndian.Uint64(header[8:])), nil //nolint:gosec // only compared
}

// verify says whether header and payload are a record that was written at p.
func (p place) verify(header, payload []byte) error {
	if p.checksum(header[:16], payload) != binary.LittleEndian.Uint32(header[16:]) {
		return fmt.Errorf("what lies there %w: its checksum is wrong", errRecord)
	}
	return nil
}

// decodeHead reads what comes before the items: kind, id and the first and last received_at.
func decodeHead(payload []byte) (s stored, rest []byte, err error) {
	if len(payload) < payloadMin {
		return s, nil, errRecord
	}
	s.kind = kind(payload[0])
	if s.kind < kindChanges || s.kind > kindFindings {
		return s, nil, fmt.Errorf("record of the unknown kind %d: a newer version wrote it", payload[0])
	}
	copy(s.id[:], payload[1:])
	s.first = schemas.Instant(binary.LittleEndian.Uint64(payload[17:])) //nolint:gosec // bits only
	s.last = schemas.Instant(binary.LittleEndian.Uint64(payload[25:]))  //nolint:gosec // bits only
	return s, payload[payloadMin:], nil
}

// decodePayload reads a whole batch.
func decodePayload(payload []byte) (stored, error) {
	s, rest, err := decodeHead(payload)
	if err != nil {
		return s, err
	}
	r := decoder{b: rest}
	s.Actor, s.Origin = r.text(), r.text()
	n := r.uvarint()
	if n > uint64(len(r.b))/11+1 { // a change takes at least 11 bytes: 8 empty texts and numbers, 3 states
		r.bad = true
	}
	if !r.bad && n > 0 {
		s.Changes = make([]schemas.Change, n)
	}
	for i := range s.Changes {
		r.change(&s.Changes[i])
	}
	for _, list := range []any{&s.Gaps, &s.Feeds, &s.Findings} {
		if text := r.text(); text != "" {
			if err := json.Unmarshal([]byte(text), list); err != nil {
				return s, fmt.Errorf("read a record: %w", err)
			}
		}
	}
	if r.bad || len(r.b) > 0 {
		return s, fmt.Errorf("the contents of record %s do not add up: another version wrote it", s.id)
	}
	return s, nil
}

// decoder takes values off the front of b; once something does not fit, bad is set and every value is zero.
type decoder struct {
	b   []byte
	bad bool
}

func (r *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *decoder) instant() schemas.Instant {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return schemas.Instant(v)
}

func (r *decoder) text() string {
	n := r.uvarint()
	if n > uint64(min(len(r.b), math.MaxInt32)) {
		r.b, r.bad = nil, true
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *decoder) change(c *schemas.Change) {
	c.ID, c.Source, c.AgentID, c.Secondary, c.Note, c.Raw = r.text(), r.text(), r.text(), r.text(), r.text(), r.text()
	c.At, c.ReceivedAt = r.instant(), r.instant()
	if len(r.b) < 3 {
		r.b, r.bad = nil, true
		return
	}
	c.Presence, c.Status, c.Routing = schemas.Presence(r.b[0]), schemas.Status(r.b[1]), schemas.Routing(r.b[2])
	r.b = r.b[3:]
}
