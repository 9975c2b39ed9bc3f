package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/sirupsen/logrus"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Forbidden returns the answer to a caller who may not do something, in the words of package access.
func Forbidden(err error) error { return schemas.NewProblem(http.StatusForbidden, err.Error()) }

// AllowAll asks for every target and returns the first refusal.
func AllowAll(p access.Principal, a access.Action, list []access.Target) error {
	for _, t := range list {
		if err := access.Allow(p, a, t); err != nil {
			return err
		}
	}
	return nil
}

// BadParameter returns the answer to a parameter of the query that cannot be used, and why: "is not known here".
func BadParameter(name, value, message string) error {
	return schemas.NewProblem(http.StatusUnprocessableEntity, name+" "+message,
		schemas.ProblemDetail{Location: "query." + name, Message: message, Value: value})
}

// Suggest says what may have been meant by a word that is not one of the names: the nearest of them, else all.
func Suggest(word string, names []string) string {
	if near := schemas.Nearest(word, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "allowed are " + strings.Join(names, ", ")
}

// Unavailable returns the answer to a request for which the store could not be read or written, and logs why.
func (s *Server) Unavailable(err error, what string) error {
	return unavailable(s.deps.Log, err, what)
}

func unavailable(log logrus.FieldLogger, err error, what string) error {
	log.WithError(err).Error(what)
	return schemas.NewProblem(http.StatusServiceUnavailable, "the store does not answer; try again in a moment")
}

// StoreAway sends a page that says that the store could not be read or written, and logs why, with the route.
func (s *Server) StoreAway(w http.ResponseWriter, r *http.Request, err error) {
	s.Answer(w, r, unavailable(s.deps.Log.WithField("route", r.Pattern), err, "the store is away"))
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
