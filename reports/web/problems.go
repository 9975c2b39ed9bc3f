package web

import (
	"errors"
	"fmt"
	"net/http"
	"rollcall/schemas"
	"rollcall/schemas/access"
	"strings"
)

// Forbidden is the answer to who may not, in the words of package access.
func Forbidden(err error) error { return schemas.NewProblem(http.StatusForbidden, err.Error()) }

// AllowAll asks for every target and gives the first refusal.
func AllowAll(p access.Principal, a access.Action, list []access.Target) error {
	for _, t := range list {
		if err := access.Allow(p, a, t); err != nil {
			return err
		}
	}
	return nil
}

func BadParameter(name, value, message string) error {
	return schemas.NewProblem(http.StatusUnprocessableEntity, name+" "+message,
		schemas.ProblemDetail{Location: "query." + name, Message: message, Value: value})
}

func Suggest(word string, names []string) string {
	if near := schemas.Nearest(word, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "allowed are " + strings.Join(names, ", ")
}

// Unavailable returns the answer to a request for which the store could not be read or written, and logs why.
func (s *Server) Unavailable(err error, what string) error {
	s.deps.Log.WithError(err).Error(what)
	return schemas.NewProblem(http.StatusServiceUnavailable, "the store does not answer; try again in a moment")
}

// StoreAway sends a page that says that the store could not be read or written, and logs why.
func (s *Server) StoreAway(w http.ResponseWriter, r *http.Request, err error) {
	s.Answer(w, r, s.Unavailable(err, "the store does not answer a page"))
}

// Answer sends an error: a problem as it is, any other as one of this server.
func (s *Server) Answer(w http.ResponseWriter, r *http.Request, err error) {
	var problem *schemas.Problem
	if errors.As(err, &problem) {
		s.Problem(w, r, problem)
		return
	}
	s.Fail(w, r, err)
}

// Everywhere is the target of what concerns the whole organisation.
func Everywhere(*http.Request) access.Target { return access.Target{} }
