package spool

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"

	"rollcall/schemas"
)

// receipts assigns received_at: never lower than before, and of two facts of one agent at one instant the later line
// has the later one, because received_at decides between them (RULES.md section 3).
type receipts struct {
	last schemas.Instant
	// assigned are the (agent, instant) that were received at last.
	assigned map[agentAt]struct{}
	behind   bool // the clock was found to be behind
	// sequence numbers the ids made within one millisecond, stamped says which.
	sequence uint16
	stamped  schemas.Instant
}

type agentAt struct {
	agent string
	at    schemas.Instant
}

// mostAssigned bounds assigned while the clock stands still.
const mostAssigned = 50_000

// begin moves on to now. A clock that fell back by more than a minute is a finding, once.
func (t *receipts) begin(now schemas.Instant) *schemas.Finding {
	if now >= t.last {
		t.move(now)
		t.behind = false
		return nil
	}
	if t.behind || t.last.Sub(now) < schemas.MinuteMS {
		return nil
	}
	t.behind = true
	return &schemas.Finding{Kind: schemas.FindingBackwardsClock, At: now,
		Detail: fmt.Sprintf("the clock says %s, but facts were received at %s already; received_at stays there", now, t.last)}
}

func (t *receipts) move(to schemas.Instant) {
	if to > t.last || t.assigned == nil {
		t.last, t.assigned = to, map[agentAt]struct{}{}
	}
}

// of returns the received_at of a change.
func (t *receipts) of(c *schemas.Change) schemas.Instant {
	k := agentAt{c.AgentID, c.At}
	if _, ok := t.assigned[k]; ok || len(t.assigned) >= mostAssigned {
		t.move(t.last + 1)
	}
	t.assigned[k] = struct{}{}
	return t.last
}

// id makes a UUID of version 7 whose time is the last received_at: ids ascend in order of receipt.
func (t *receipts) id() uuid.UUID {
	if t.stamped != t.last {
		t.stamped, t.sequence = t.last, 0
	}
	var id uuid.UUID
	_, _ = rand.Read(id[8:]) // never fails
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(t.last)) //nolint:gosec // not negative
	copy(id[:6], ms[2:])
	binary.BigEndian.PutUint16(id[6:], 0x7000|t.sequence&0x0fff)
	id[8] = 0x80 | id[8]&0x3f
	t.sequence++
	return id
}

// completeFinding sets the time of a finding and, unless it has one, an id made of its content, so that the same
// finding is stored once.
func completeFinding(f *schemas.Finding, at schemas.Instant) {
	f.RecordedAt = at
	if f.ID == "" {
		f.ID = schemas.HashID(f.Kind, f.Source, f.AgentID, f.At.String(), f.Detail)
	}
}

// conflictFinding reports a change whose key was received before with other content.
func conflictFinding(c *schemas.Change) schemas.Finding {
	return schemas.Finding{Kind: schemas.FindingConflict, Source: c.Source, AgentID: c.AgentID, At: c.At,
		Detail: fmt.Sprintf("id %q came again with other content: presence %q, status %q, routing %q, secondary %q; the "+
			"first receipt counts",
			c.ID, c.Presence, c.Status, c.Routing, c.Secondary)}
}
