package web

import (
	"errors"
	"net/http"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// The keys under which a session keeps what the next page says once: what was done, and a new token's secret.
const (
	flashDone   = "done"
	flashSecret = "secret"
)

// Done goes on to a page, which says once what was done. A request without a session gets the page all the same.
func (s *Server) Done(w http.ResponseWriter, r *http.Request, path, what string) {
	if s.sessions.GetString(r.Context(), sessionUser) != "" {
		s.sessions.Put(r.Context(), flashDone, what)
	}
	http.Redirect(w, r, path, http.StatusSeeOther) //nolint:gosec // always a page of this server
}

// Flash returns what the page is to say once about what was done before; empty for nothing.
func (s *Server) Flash(r *http.Request) string { return s.pop(r, flashDone) }

// pop takes what the page is to say once. A session that holds nothing is left as it is, so that no cookie is sent again.
func (s *Server) pop(r *http.Request, key string) string {
	if !s.sessions.Exists(r.Context(), key) {
		return ""
	}
	return s.sessions.PopString(r.Context(), key)
}

// refused words an error for the person who filled in a form, and gives the status; false for an error that is not theirs.
func refused(err error) (string, int, bool) {
	var field *schemas.FieldError
	var refusal *access.Refusal
	switch {
	case errors.As(err, &field):
		return field.Error(), http.StatusUnprocessableEntity, true
	case errors.As(err, &refusal):
		return refusal.Error(), http.StatusForbidden, true
	case errors.Is(err, access.ErrNotFound):
		return err.Error(), http.StatusNotFound, true
	}
	return "", 0, false
}

// behind says that a change of credentials is done and only its copy on disk is not.
func behind(err error) bool { return errors.Is(err, access.ErrCopy) }
