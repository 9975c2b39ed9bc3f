package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// mountSignIn adds the sign-in page and what its form does.
func (s *Server) mountSignIn() error {
	return errors.Join(
		s.MountPage("GET /login", access.ActionPublic, s.showSignIn),
		s.Mount(Route{
			Method:        http.MethodPost,
			Pattern:       "/login",
			Action:        access.ActionPublic,
			Page:          true,
			MostBodyBytes: 16 << 10,
			Handler:       http.HandlerFunc(s.signIn),
		}),
		s.MountPage("POST /logout", access.ActionSelf, s.signOut),
		s.MountPage("POST /logout/everywhere", access.ActionSelf, s.signOutEverywhere),
	)
}

// signInPage is what the sign-in page shows.
type signInPage struct {
	Frame
	Next, Name, Wrong string
}

func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request) {
	s.pages.Show(w, http.StatusOK, "login",
		signInPage{Frame: Frame{Title: "Sign in"}, Next: safeNext(r.URL.Query().Get("next"))})
}

// signIn checks the form and begins a session under a new token, so that one planted before is worth nothing.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.signInAgain(w, r, http.StatusBadRequest, "The form could not be read; try again.")
		return
	}
	session, err := s.deps.Access.SignIn(r.Context(), r.PostForm.Get("name"), r.PostForm.Get("password"),
		infoOf(r.Context()).address)
	var many *access.TooManyError
	switch {
	case errors.As(err, &many):
		w.Header().Set("Retry-After", strconv.FormatInt(many.RetryAfterSeconds(), 10))
		s.signInAgain(w, r, http.StatusTooManyRequests,
			fmt.Sprintf("Too many attempts failed. Try again in %d s.", many.RetryAfterSeconds()))
		return
	case errors.Is(err, access.ErrSignIn):
		s.noteSignIn(r, r.PostForm.Get("name"), access.Principal{})
		s.signInAgain(w, r, http.StatusUnauthorized, "Name or password is wrong, or the account is disabled.")
		return
	case err == nil:
		err = s.sessions.RenewToken(r.Context())
	}
	if err != nil {
		s.Fail(w, r, fmt.Errorf("sign in: %w", err))
		return
	}
	s.sessions.Put(r.Context(), sessionUser, session.UserID)
	s.sessions.Put(r.Context(), sessionEpoch, int64(session.Epoch))
	p, _ := s.deps.Access.Resume(session)
	s.noteSignIn(r, "", p)
	next := safeNext(r.PostForm.Get("next"))
	if next == "/" {
		next = s.landing(p)
	}
	http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // safeNext lets only paths through
}

func (s *Server) signInAgain(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	s.pages.Show(w, status, "login", signInPage{Frame: Frame{Title: "Sign in"}, Next: safeNext(r.PostForm.Get("next")),
		Name: r.PostForm.Get("name"), Wrong: wrong})
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	if p := PrincipalOf(r.Context()); p.User {
		s.Note(r.Context(), schemas.JournalAccess, fmt.Sprintf("signed out: %s %q (%s)", p.Role, p.Name, p.ID))
	}
	if err := s.sessions.Destroy(r.Context()); err != nil {
		s.Fail(w, r, fmt.Errorf("sign out: %w", err))
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// signOutEverywhere ends every session of the user, on every machine.
func (s *Server) signOutEverywhere(w http.ResponseWriter, r *http.Request) {
	p := PrincipalOf(r.Context())
	if !p.User {
		s.Problem(w, r, schemas.NewProblem(http.StatusForbidden, "a token has no sessions; revoke it instead"))
		return
	}
	if err := s.deps.Access.EndSessions(r.Context(), p.ID, p); err != nil && !errors.Is(err, access.ErrCopy) {
		s.StoreAway(w, r, err)
		return
	}
	if err := s.sessions.Destroy(r.Context()); err != nil {
		s.Fail(w, r, fmt.Errorf("sign out everywhere: %w", err))
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// safeNext returns the path to go to after signing in; anything that could lead to another site becomes the front page.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(u.Path, "//") || u.Path == "/login" {
		return "/"
	}
	return next
}
