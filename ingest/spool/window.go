package spool

import (
	"encoding/binary"
	"hash/maphash"

	"rollcall/schemas"
)

// window remembers the keys of recent changes, a bounded number of them, to recognise duplicates. Keys are stored as
// 128 bits of a keyed hash, so that two different keys are never taken for one in practice.
type window struct {
	seeds [2]maphash.Seed
	seen  map[[2]uint64]uint64 // key to content
	ring  []windowKey          // in order of arrival
	next  int
}

type windowKey struct {
	key     [2]uint64
	content uint64
}

// verdict is what the window says of a key.
type verdict uint8

const (
	keyFresh     verdict = iota // not in the window
	keyDuplicate                // there, with the same content
	keyConflict                 // there, with other content
)

func newWindow(keys int) *window {
	return &window{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		seen:  map[[2]uint64]uint64{}, ring: make([]windowKey, keys),
	}
}

// look says whether the key (source, agent, at, id) of a change is known and returns what add needs.
func (w *window) look(c *schemas.Change) (verdict, windowKey) {
	var buf [512]byte
	b := appendText(appendText(appendText(buf[:0], c.Source), c.AgentID), c.ID)
	b = binary.AppendVarint(b, int64(c.At))
	k := windowKey{key: [2]uint64{maphash.Bytes(w.seeds[0], b), maphash.Bytes(w.seeds[1], b)}}
	b = appendText(appendText(appendText(b[:0], c.Secondary), c.Note), c.Raw)
	b = append(b, byte(c.Presence), byte(c.Status), byte(c.Routing))
	k.content = maphash.Bytes(w.seeds[0], b)
	known, ok := w.seen[k.key]
	switch {
	case !ok:
		return keyFresh, k
	case known == k.content:
		return keyDuplicate, k
	default:
		return keyConflict, k
	}
}

// add remembers a fresh key in the place of the oldest.
func (w *window) add(k windowKey) {
	delete(w.seen, w.ring[w.next].key)
	w.ring[w.next] = k
	w.seen[k.key] = k.content
	w.next = (w.next + 1) % len(w.ring)
}

// forget takes back the n keys that were added last.
func (w *window) forget(n int) {
	for range min(n, len(w.ring)) {
		w.next = (w.next + len(w.ring) - 1) % len(w.ring)
		delete(w.seen, w.ring[w.next].key)
		w.ring[w.next] = windowKey{}
	}
}
