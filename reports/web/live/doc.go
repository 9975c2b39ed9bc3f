// Package live holds the pages and calls of the present moment: the board and its stream, an agent's own day,
// colleagues, changes of many agents, the replay of a past instant, and the calls by which people and feeds change
// states.
//
// Its nouns: a [Board] (the live store), a [Filter] (which agents a reader wants to see), a view (a row as one
// principal may see it, whole or as a colleague does) and a follower (one open stream). It stores nothing. Instants on
// the wire are RFC 3339. What it guarantees: no field leaves that the asker may not see, and no filter works on such a
// field; a slow follower holds up nobody and costs no more memory than a fast one; a stream ends with its credential.
//
// # Why
//
// A stream asks the board "what is newer than my version" at most every 250 ms instead of being sent every change: the
// latest state per agent, resuming after a lost connection and bounded memory then need no queue at all.
package live
