// Package ingest is the way in: it turns the words of feeds and files into facts (normalise.go) and takes batches of
// facts on disk before anybody is told that they were accepted (the spool).
//
// Nouns: a [Batch] is what one call brings (status changes, or feed gaps, or what feeds say of themselves). The [Spool]
// keeps batches as records in segment files until its writer has put them into the [Sink], the store. [Words] maps state
// texts to the words of RULES.md. [Decisions] takes what people decide: versions of the rules ([PolicyOrder]) and
// corrections ([CorrectionOrder]), which are asked for, granted, refused and reverted as one [CorrectionUnit].
//
// The spool stores, in its own folder, segments that are named by ascending numbers (00000000000000000001.seg). A segment
// has a header and records; a record has a length, a CRC-32C and one batch (record.go has the layout). What is not yet
// written to the store is on disk only. Instants are milliseconds since the Unix epoch, UTC; sizes are bytes.
//
// Guarantees:
//
//   - [Spool.Accept] returns when the batch has been fsynced, and the folder too where the segment is new. Callers at the
//     same time share one fsync.
//   - Every accepted fact reaches the sink at least once, with the received_at that it was accepted with, in the order of
//     acceptance, whatever is killed or loses power. A batch is let go of only after the sink took it with its journal
//     row. Replay repeats the same journal ids.
//   - received_at never runs backwards, also when the clock does and across restarts. Of two facts of one agent at one
//     instant the later line of a batch has the later received_at.
//   - A record that a crash tore was never acknowledged: it is cut off, logged and reported as a finding. A damaged record
//     that was acknowledged stops [Spool.Open] with a [DamageError], which says how to go on.
//   - A decision is checked as a whole, written once with the journal row that names every day it can change, and never
//     overwritten; a correction that is only requested changes no figure.
//   - Memory does not grow with what waits. When MaxPendingBytes wait, or the disk is full, Accept answers [ErrFull].
//
// A [Watch] notices feeds that fall silent and stores each silence as a gap, which grows while it lasts, ends with the next
// sign of life and is taken back as far as a completion covers it (RULES.md section 3).
//
// # Why
//
// A feed that got its 200 forgets the fact. The store may be away at that moment, or this process may be killed a moment
// later, so the answer may depend on nothing but a disk of our own.
//
// Inserts are merged, because ClickHouse wants few large ones and feeds send many small ones. A merged insert has one
// journal row, whose id is that of the last batch in it. Batches are written in order, so a row with that id says that
// every batch up to it is in the store, however replay cuts the merges: a row that is written again with other contents
// can repeat a dirty mark but never take one away.
package ingest
