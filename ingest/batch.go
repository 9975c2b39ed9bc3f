package ingest

import (
	"errors"

	"rollcall/schemas"
)

// Batch is what one call brings: changes, or gaps, or what feeds say about themselves, one of the three, and findings
// about it. Actor is who called, Origin by which way ("api"); both go into the journal.
type Batch struct {
	Actor, Origin string
	Changes       []schemas.Change
	Gaps          []schemas.Gap
	Feeds         []schemas.Feed
	Findings      []schemas.Finding
}

// Receipt says what became of a batch.
type Receipt struct {
	// ID is the batch's id, a UUID of version 7; empty when nothing had to be stored.
	ID string
	// ReceivedAt is the received_at of the batch's first change, gap or feed.
	ReceivedAt schemas.Instant
	// Accepted and Duplicates count changes: new ones, and those whose key was in the batch or in the window of recent
	// keys before.
	Accepted, Duplicates int
}

// ErrFull says that no batch can be accepted now: the disk is full, or as much is waiting for the store as may wait.
// Whatever was accepted is safe; the caller should try again later (503).
var ErrFull = errors.New("the spool is full")
