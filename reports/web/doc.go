// Package web is the frame of the pages for people and the JSON API under /api/v1: listening, routes, sign-in and
// sessions, the guard in front of every route, the shell around every page, problems, the description of the API. What
// is shown and done is in one package per feature below it, each with its templates, styles and scripts: live, days,
// imports, reports, admin.
//
// Its nouns: a [Route] (method and pattern, the action that access.Allow is asked about, and the target that the
// request touches), the [Server] that holds all routes, [Pages] (the templates of a feature) and a [Frame] (what the
// shell around a page shows).
//
// It stores nothing but sessions, in memory: a restart signs everybody out. Instants on the wire are RFC 3339, lengths
// of time are seconds. Errors are RFC 9457 problem documents, for pages a page. What it guarantees: no route answers
// without having asked access.Allow; a request's secrets are never logged; sign-ins, those that fail too, go to
// the journal with actor and origin; requests are limited by address and by credential; stopping is bounded.
//
// # Why
//
// A feature registers its routes with their actions through [Server.Mount], [Server.MountPage] and [Call], and its
// pages through [Server.Pages] and [Server.AddNav]. The frame puts authentication, authorisation, limits and headers
// around each. There is no other way in, so that a test which walks [Server.Routes] sees everything.
package web
