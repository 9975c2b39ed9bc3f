package web

import (
	"net/http"
)

// The keys under which a session keeps what the next page says once: what was done, and a new token's secret.
const (
	flashDone   = "done"
	flashSecret = "secret"
)

// Done goes on to a page, which says once what was done. A request without a session gets the page all the same.
func (s *Server) Done(w http.ResponseWriter, r *http.Request, path, what string) {
	if s.HasSession(r) {
		s.sessions.Put(r.Context(), flashDone, what)
	}
	http.Redirect(w, r, path, http.StatusSeeOther) //nolint:gosec // always a page of this server
}

// Flash returns what the page is to say once about what was done before; empty for nothing.
func (s *Server) Flash(r *http.Request) string { return s.pop(r, flashDone) }

// ShowOnce keeps a secret in the session for the next page. FlashSecret returns it there, and then no more.
func (s *Server) ShowOnce(r *http.Request, secret string) {
	s.sessions.Put(r.Context(), flashSecret, secret)
}

// FlashSecret returns the secret that the page is to show once; empty for none.
func (s *Server) FlashSecret(r *http.Request) string { return s.pop(r, flashSecret) }

// HasSession says whether somebody has signed in, so that a next page can say something once.
func (s *Server) HasSession(r *http.Request) bool {
	return s.sessions.GetString(r.Context(), sessionUser) != ""
}

// pop takes what the page is to say once. A session that holds nothing is left as it is, so that no cookie is sent
// again.
func (s *Server) pop(r *http.Request, key string) string {
	if !s.sessions.Exists(r.Context(), key) {
		return ""
	}
	return s.sessions.PopString(r.Context(), key)
}
