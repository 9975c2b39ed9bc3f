// Package httpin takes what feeds push over HTTP: batches of status changes, snapshots of the whole state, and what a
// feed knows about itself (heartbeat, completeness, gaps). It reads raw bodies, reports each broken row by
// itself, and answers 200 only when everything that it calls accepted is on disk.
//
// Nouns: a row is one change of a batch, numbered from 0 in the order of the body; a [Principal] is who calls, as the
// frame of the server found out. The package stores nothing; [Spool] does. Instants are RFC 3339 in bodies and
// milliseconds since the epoch inside. The formats are schemas/wire/*.schema.json.
//
// A [StatusSetter] takes what people set: one agent's presence and status (PutStatus), or many agents' at once
// (PutMany) and back (UndoMany). Its facts have the sources "self" (the agent) and "supervisor" (anybody else); the
// journal's origin says from where and for whom. What an undo needs stays in memory: 24 hours, at most 50,000 agents. A
// state that contradicts itself (ingest.Contradiction) is refused to people with what would be right; from feeds it is
// accepted and becomes a finding.
//
// Guarantees:
//
//   - A body that does not parse is refused as a whole (400, with the byte offset), as is one over a limit (413);
//     nothing of it is accepted.
//   - Of a body that parses, every row is accepted, a duplicate, or rejected with its index, field and reason. Nothing
//     is dropped, clipped or guessed: unknown fields, fields given twice and text that is not UTF-8 reject the row.
//   - A row speaks for the caller's own source; only an admin may name another.
//   - No body takes more memory than its limit; at most MaxConcurrent are worked on at once, others wait.
//   - Every error is a problem document of RFC 9457. When the spool can take nothing it is 503 with Retry-After.
//
// # Why
//
// encoding/json takes the last of two equal keys, ignores the case of names, replaces bytes that are no UTF-8, and
// returns one error for a whole body. A feed that is refused ten thousand changes for one of them stops; a feed whose
// mistake is swallowed lies. So the syntax is encoding/json's, and the reading of a row is ours (object.go).
package httpin
