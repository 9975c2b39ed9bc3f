// Package silence notices feeds that fall silent and stores each silence as a gap, which grows while it lasts, ends
// with the next sign of life and is retracted as far as a completion covers it.
//
// Nouns: a sign of life is anything a source sends; a heartbeat is a sign that promises another one. The [Watch]
// reports to the board which feeds are silent and since when, and stores the gaps through the spool.
//
// Stored are gaps whose ids are made of source and start, so that a longer version replaces a shorter one. Instants are
// milliseconds since the Unix epoch, UTC.
//
// Guarantees:
//
//   - Only a feed that has sent a heartbeat, or is configured by name, can be silent. States that people set in
//     Rollcall, and files, have no silence.
//   - The board knows of a silence, and of its end, before the store does; a restart continues the silence it finds.
//   - A gap is retracted only where a completion says that the feed has reported everything up to an instant.
//
// # Why
//
// An agent whose feed is down has not stopped working. Without a gap the last state would be held against them, or for
// them, for hours; with one the time is unknown, and the figures say so.
package silence
