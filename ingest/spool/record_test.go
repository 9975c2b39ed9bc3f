package spool

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"reflect"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"rollcall/schemas"
)

// memory is a file that is read.
type memory struct{ *bytes.Reader }

func (m memory) Size() (int64, error) { return m.Reader.Size(), nil }
func (m memory) Close() error         { return nil }

func drawStored(t *rapid.T) stored {
	text := rapid.StringN(0, 30, 60)
	instant := func(name string) schemas.Instant { return schemas.Instant(rapid.Int64().Draw(t, name)) }
	s := stored{kind: kindChanges, first: instant("first"), last: instant("last")}
	copy(s.id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	s.Actor, s.Origin = text.Draw(t, "actor"), text.Draw(t, "origin")
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		s.Changes = append(s.Changes, schemas.Change{
			ID:         text.Draw(t, "id"),
			Source:     text.Draw(t, "source"),
			AgentID:    text.Draw(t, "agent"),
			At:         instant("at"),
			Presence:   schemas.Presence(rapid.Byte().Draw(t, "presence")),
			Status:     schemas.Status(rapid.Byte().Draw(t, "status")),
			Routing:    schemas.Routing(rapid.Byte().Draw(t, "routing")),
			Secondary:  text.Draw(t, "secondary"),
			Note:       text.Draw(t, "note"),
			Raw:        text.Draw(t, "raw"),
			ReceivedAt: instant("received"),
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "findings") {
		s.Findings = append(s.Findings,
			schemas.Finding{ID: text.Draw(t, "id"), Kind: text.Draw(t, "kind"), Detail: text.Draw(t, "detail"),
				At: schemas.Instant(rapid.Int64Range(0, 1e12).Draw(t, "at"))})
	}
	return s
}

// What is written is read back, whatever it says; cut anywhere or with any bit turned it is no record.
func TestRecordsAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := place{uint64(rapid.IntRange(0, 9).Draw(t, "segment")), int64(rapid.IntRange(0, 9).Draw(t, "offset"))}
		want := drawStored(t)
		data, err := appendRecord(make([]byte, p.offset), p, 5, &want)
		if err != nil {
			t.Fatal(err)
		}
		read := func(data []byte, p place) ([]byte, error) {
			in := records{file: memory{bytes.NewReader(data)}, number: p.segment, offset: p.offset, limit: int64(len(data))}
			payload, _, failed := in.next()
			return payload, failed
		}
		payload, err := read(data, p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodePayload(payload)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("wrote %+v\nread  %+v", want, got)
		}
		record := data[p.offset:]
		if _, err := read(data[:int(p.offset)+rapid.IntRange(1, len(record)-1).Draw(t, "cut")], p); err == nil {
			t.Fatal("a record that is cut off was read")
		}
		if _, err := read(data, place{p.segment + 1, p.offset}); err == nil {
			t.Fatal("a record of another segment was read")
		}
		record[rapid.IntRange(0, len(record)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := read(data, p); err == nil {
			t.Fatal("a record with a wrong bit was read")
		}
	})
}

// The bytes on disk are those that earlier versions wrote: a folder outlives an update.
func TestLayoutOnDiskStays(t *testing.T) {
	s := stored{kind: kindChanges, id: uuid.UUID{0: 1, 15: 2}, first: 3, last: 4}
	s.Actor, s.Origin = "a", "o"
	s.Changes = []schemas.Change{{ID: "i", Source: "s", AgentID: "g", At: 5, Presence: schemas.PresenceOffline,
		Status: schemas.StatusOffQueue, Routing: schemas.RoutingNotResponding, Secondary: "c", Note: "n", Raw: "r",
		ReceivedAt: 6}}
	data := appendSegmentHeader(nil, 7, 8)
	data, err := appendRecord(data, place{7, segmentHeader}, segmentHeader, &s)
	if err != nil {
		t.Fatal(err)
	}
	const want = "524353504f4f4c310700000000000000080000000000000048bff68a" + // segment header
		"526352313a0000001c00000000000000bf4c92cd" + // record header
		"010100000000000000000000000000000203000000000000000400000000000000" + // kind, id, received
		"0161016f010169017301670163016e01720a0c050706000000"
	if got := hex.EncodeToString(data); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Any bytes at all: reading ends, returns whole records only, and takes no more memory than there are bytes.
func FuzzSegment(f *testing.F) {
	s := stored{kind: kindChanges}
	s.Changes = []schemas.Change{{ID: "1", Source: "acd", AgentID: "ana", At: 1}}
	data, _ := appendRecord(appendSegmentHeader(nil, 1, 1), place{1, segmentHeader}, segmentHeader, &s)
	f.Add(data)
	f.Add(data[:len(data)-3])
	f.Add(append(data, data[segmentHeader:]...))
	f.Fuzz(func(t *testing.T, data []byte) {
		readSegmentHeader(data, 1)
		whole := 0
		salvaged(data, 1, 0, func(payload []byte, _ int64) bool {
			whole += len(payload)
			decodePayload(payload)
			return true
		})
		if whole > len(data) {
			t.Errorf("%d bytes of records in %d", whole, len(data))
		}
		if len(data) < segmentHeader {
			return
		}
		in := records{file: memory{bytes.NewReader(data)}, number: 1, offset: segmentHeader, limit: int64(len(data))}
		for {
			before := in.offset
			payload, _, err := in.next()
			if err != nil {
				if in.offset != before || cap(in.buf) > len(data) {
					t.Errorf("offset %d after %d, %d bytes held", in.offset, before, cap(in.buf))
				}
				if errors.Is(err, io.EOF) && in.offset != int64(len(data)) {
					t.Errorf("ended at %d of %d", in.offset, len(data))
				}
				return
			}
			decodePayload(payload)
		}
	})
}

// FuzzPayload reads the inside of records, which a checksum protects on disk.
func FuzzPayload(f *testing.F) {
	s := stored{kind: kindChanges}
	s.Changes = []schemas.Change{{ID: "1", Source: "acd", AgentID: "ana", At: 1}}
	payload, _ := appendPayload(nil, &s)
	f.Add(payload)
	f.Fuzz(func(t *testing.T, payload []byte) {
		s, err := decodePayload(payload)
		if err != nil {
			return
		}
		again, err := appendPayload(nil, &s)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := decodePayload(again); err != nil || !reflect.DeepEqual(twice, s) {
			t.Errorf("read %+v, then %+v, %v", s, twice, err)
		}
	})
}
