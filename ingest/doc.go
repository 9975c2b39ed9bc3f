// Package ingest says what a fact is, for every way in: feeds over HTTP, files, and people on the board all normalise
// with it.
//
// Nouns: a [Mapping] turns the state texts of a feed or a file ([Texts]) into presence, status, routing and secondary
// status; a text it does not know is [Unmapped] and stays with the fact as raw text (schemas.Change.Raw). A [Batch] is
// what one call brings (status changes, or feed gaps, or what feeds say about themselves) and a [Receipt] the answer to
// it. [Contradiction] names states that cannot be true together.
//
// The package stores nothing and reads no clock. Instants are milliseconds since the Unix epoch, UTC.
//
// Guarantees: a text is never guessed. What is not mapped becomes unknown and a finding, and once the organisation has
// decided what the text stands for, [Mapping.Reread] returns the fact that says so, beside the first one.
//
// Below it: spool (batches on disk until the store has them), decisions (policies, corrections, meanings), silence
// (feeds that stop reporting), files, imports, httpin, simulate, watchfolder.
//
// # Why
//
// If each way in had its own idea of "On Queue", the same agent would be judged differently depending on how the fact
// arrived. So the tables stand here once, and no way in can map a state without them.
package ingest
