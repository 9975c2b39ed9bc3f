// Package spool takes batches of facts onto disk before it says that they were accepted, and writes them to the
// store when the store is there.
//
// Nouns: the [Spool] stores each ingest.Batch as a record in a segment file until its writer ([Spool.Run]) has put it
// into the [Sink], the store. [Files] is the folder it writes to; folder is the real one.
//
// It stores, in a folder of its own, segments named by ascending numbers (00000000000000000001.seg). A segment has a
// header and records; a record has a length, a CRC-32C and one batch (record.go has the layout). What is not yet
// written to the store is on disk only. Instants are milliseconds since the Unix epoch, UTC; sizes are bytes.
//
// Guarantees:
//
//   - [Spool.Accept] returns when the batch has been fsynced, and the folder too where the segment is new. Concurrent
//     callers share one fsync.
//   - Every accepted fact reaches the sink at least once, with the received_at that it was accepted with, in the order
//     of acceptance, whatever is killed or loses power. A batch is let go of only after the sink took it with its
//     journal row. Replay repeats the same journal ids.
//   - received_at never runs backwards, even when the clock does, and across restarts. Of two facts of one agent at one
//     instant the later line of a batch has the later received_at.
//   - A record that a crash tore was never acknowledged: it is cut off, logged and reported as a finding. A damaged
//     record that was acknowledged stops [Spool.Open] with a damageError, which says how to go on.
//   - Memory does not grow with the backlog. When MaxPendingBytes are waiting, or the disk is full, Accept returns
//     ingest.ErrFull.
//
// # Why
//
// A feed that got its 200 forgets the fact. The store may be away at that moment, or this process may be killed a
// moment later, so the answer may depend on nothing but a disk of our own.
//
// Inserts are merged, because ClickHouse wants few large ones and feeds send many small ones. A merged insert has one
// journal row, whose id is that of the last batch in it. Batches are written in order, so a row with that id says that
// every batch up to it is in the store, however replay cuts the merges: a row that is written again with other contents
// can repeat a dirty mark but never take one away.
package spool
