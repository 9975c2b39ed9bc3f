// Package web answers over HTTP: the pages for people, the JSON API under /api/v1 and its stream of live events.
//
// Its nouns: a [Route] (method and pattern, the action that access.Allow is asked about, and the target that the request
// touches), the [Server] that holds all routes, a [Board] (the live store that pages and streams read), [Days] (what the
// judge says of today), [Results] (the judged days in the store), [Admin] (what the administration reads and writes), a
// [Filter] (which agents a reader wants to see) and a reader (one open stream).
//
// It stores nothing but sessions, in memory: a restart signs everybody out. Instants on the wire are RFC 3339, lengths of
// time are seconds. Errors are RFC 9457 problem documents, for pages a page. What it guarantees: no route answers without
// having asked access.Allow; no field leaves that the asker may not see, and no filter works on such a field; a slow reader
// of a stream holds up nobody and costs no more memory than a fast one; a request's secrets are never logged; sign-ins,
// those that fail too, are given to the journal with actor and origin; requests are limited by address and by credential;
// stopping is bounded.
//
// # Why
//
// Every route registers in its own file, with its action, through [Server.Mount], which puts authentication, authorisation,
// limits and headers around it. There is no other way in, so that a test which walks [Server.Routes] sees everything.
//
// A stream asks the board "what is newer than my number" at most every 250 ms instead of being sent every change: the
// latest state per agent, resuming after a lost connection and bounded memory then need no queue at all.
package web
