package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Route is one method and pattern with everything that decides who may use it and how.
type Route struct {
	// Method and Pattern are those of http.ServeMux, such as GET and /api/v1/agents/{id}.
	Method, Pattern string
	// Action is what access.Allow is asked about.
	Action access.Action
	// Target returns what the request touches. Nil asks for access.Somewhere: then the handler must ask again, row by row.
	Target func(*http.Request) access.Target
	// Page says that people read it: who is not signed in is sent to the sign-in page, errors are pages.
	Page bool
	// Stream says that the answer has no end: no time limit, no compression.
	Stream bool
	// Local says that a direct request from this machine needs no credential.
	Local bool
	// MostBodyBytes bounds the body; 0 is the server's own limit.
	MostBodyBytes int64
	// Status is that of a success, of an operation that [Call] adds; 0 is 200, or 204 where there is nothing to answer.
	Status int
	// Doc describes the route in the description of the API; nil leaves it out, or [Call] has put it there.
	Doc     *huma.Operation
	Handler http.Handler
}

// Mount adds a route behind the frame: authentication, authorisation by the route's action, limits, headers, log. It is
// the only way in. Call it before Run.
func (s *Server) Mount(r Route) error {
	if !slices.Contains(access.Actions(), r.Action) {
		return fmt.Errorf("mount %s %s: action %q is not one of package access", r.Method, r.Pattern, r.Action)
	}
	if r.Method == "" || !strings.HasPrefix(r.Pattern, "/") || r.Handler == nil {
		return fmt.Errorf("mount %q %q: method, pattern and handler are needed", r.Method, r.Pattern)
	}
	if r.MostBodyBytes == 0 {
		r.MostBodyBytes = s.config.MostBodyBytes
	}
	if r.Doc != nil {
		s.api.OpenAPI().AddOperation(r.Doc)
	}
	s.routes = append(s.routes, r)
	s.mux.Handle(r.Method+" "+r.Pattern, s.framed(r))
	return nil
}

// MountPage adds a page, or what its form does, at a pattern such as "GET /reports". The handler of a form finds it
// read.
func (s *Server) MountPage(pattern string, action access.Action, handler http.HandlerFunc) error {
	method, path, _ := strings.Cut(pattern, " ")
	return s.Mount(Route{
		Method:        method,
		Pattern:       path,
		Action:        action,
		Page:          true,
		MostBodyBytes: formBytes,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if method == http.MethodPost {
				if err := r.ParseForm(); err != nil {
					s.Problem(w, r, schemas.NewProblem(http.StatusBadRequest, "the form cannot be read: "+err.Error()))
					return
				}
			}
			handler(w, r)
		}),
	})
}

// formBytes is the longest form of a page.
const formBytes = 64 << 10

// Routes lists every route in the order of mounting.
func (s *Server) Routes() []Route { return slices.Clone(s.routes) }

// framed puts what every route needs around its handler.
func (s *Server) framed(route Route) http.Handler {
	handler := route.Handler
	if route.Method == http.MethodGet && !route.Stream {
		handler = s.zip(handler)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := infoOf(r.Context())
		info.route = &route
		p, err := s.principal(r, &route)
		if err == nil {
			info.principal = p
			if s.overCredential(w, r, p) {
				return
			}
			r = r.WithContext(context.WithValue(r.Context(), principalKey{}, p))
			target := access.Somewhere()
			if route.Target != nil {
				target = route.Target(r)
			}
			err = access.Allow(p, route.Action, target)
		}
		if err != nil {
			s.refuse(w, r, &route, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, route.MostBodyBytes)
		handler.ServeHTTP(w, r)
	})
}

// refuse answers who may not: pages send strangers to sign in, everybody else gets a problem.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, route *Route, err error) {
	var refusal *access.Refusal
	switch {
	case errors.Is(err, access.ErrNobody) && route.Page:
		http.Redirect(w, r, signInPath(r), http.StatusSeeOther) //nolint:gosec // always a page of this server
	case errors.Is(err, access.ErrNobody), errors.Is(err, access.ErrUnknownToken):
		challenge := `Bearer realm="rollcall"`
		if errors.Is(err, access.ErrUnknownToken) {
			challenge += `, error="invalid_token"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
		s.Problem(w, r, schemas.NewProblem(http.StatusUnauthorized, err.Error()))
	case errors.As(err, &refusal) && route.Page && refusal.Target == access.Somewhere():
		s.Problem(w, r, schemas.NewProblem(http.StatusForbidden,
			fmt.Sprintf("you are signed in as %s, and this page is not for the role %s; sign in as "+
				"somebody who has it, or ask an admin", refusal.Principal.Name, refusal.Principal.Role)))
	case errors.As(err, &refusal):
		s.Problem(w, r, schemas.NewProblem(http.StatusForbidden, err.Error()))
	default:
		s.Fail(w, r, err)
	}
}
