package admin

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"rollcall/reports/web"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// credentialRow is a user or token in words.
type credentialRow struct {
	ID, Name, CreatedBy, Scope, State string
	Role                              schemas.Role
	Expires, RecordedAt               schemas.Instant
	Ended                             bool
}

// fillCredentials lists the users, or the tokens, that the asker may see.
func (s *routes) fillCredentials(page *adminPage, r *http.Request) error {
	users := page.Tab == "users"
	list, err := s.deps.Access.List(web.PrincipalOf(r.Context()))
	now := schemas.InstantOf(s.Now())
	for i := range list {
		c := &list[i]
		if c.User != users {
			continue
		}
		row := credentialRow{
			ID:         c.ID,
			Name:       c.Name,
			CreatedBy:  c.CreatedBy,
			Scope:      scopeWords(c),
			State:      "active",
			Role:       c.Role,
			Expires:    c.Expires,
			RecordedAt: c.RecordedAt,
			Ended:      c.Revoked,
		}
		switch {
		case c.Revoked && users:
			row.State = "disabled"
		case c.Revoked:
			row.State = "revoked"
		case c.Expires != 0 && c.Expires <= now:
			row.State, row.Ended = "expired", true
		}
		page.Credentials = append(page.Credentials, row)
	}
	for _, role := range access.Roles() {
		if !users || role != schemas.RoleFeed {
			page.Roles = append(page.Roles, role)
		}
	}
	return err
}

// scopeWords says where a credential may do what its role may.
func scopeWords(c *schemas.Credential) string {
	named := func(what string, list ...string) string {
		if names := strings.Join(list, ", "); names == access.Everything {
			return "every " + what
		} else if names != "" {
			return what + " " + names
		}
		return ""
	}
	parts := web.NonEmpty([]string{named("team", c.Teams...), named("site", c.Sites...), named("agent", c.AgentID),
		named("feed", c.Source)})
	return cmp.Or(strings.Join(parts, "; "), "everything")
}

// specOf reads a form of a new user or token. Several teams or sites are separated by commas.
func specOf(r *http.Request) (access.Spec, error) {
	text := func(key string) string { return strings.TrimSpace(r.PostForm.Get(key)) }
	list := func(key string) []string {
		names := strings.Split(r.PostForm.Get(key), ",")
		for i := range names {
			names[i] = strings.TrimSpace(names[i])
		}
		return web.NonEmpty(names)
	}
	spec := access.Spec{
		Name:    text("name"),
		Role:    schemas.Role(text("role")),
		AgentID: text("agent"),
		Source:  text("source"),
		Teams:   list("teams"),
		Sites:   list("sites"),
	}
	if day := text("expires"); day != "" {
		d, err := schemas.ParseDate(day)
		if err != nil {
			return spec, &schemas.FieldError{Field: "expires", Message: err.Error()}
		}
		spec.Expires = schemas.UTC.DayStart(d + 1)
	}
	return spec, nil
}

func (s *routes) addUser(w http.ResponseWriter, r *http.Request) {
	spec, err := specOf(r)
	if err == nil {
		_, err = s.deps.Access.AddUser(r.Context(), spec, r.PostForm.Get("password"), web.PrincipalOf(r.Context()))
	}
	s.changed(w, r, err, "users", fmt.Sprintf("%s may sign in now.", spec.Name))
}

func (s *routes) setDisabled(w http.ResponseWriter, r *http.Request, disabled bool) {
	p := web.PrincipalOf(r.Context())
	what := "The account is open again."
	if disabled {
		what = "The account is disabled and its sessions have ended."
	}
	if disabled && r.PathValue("id") == p.ID {
		s.show(w, r, "users", http.StatusConflict, "You cannot disable the account that you are signed in with.")
		return
	}
	s.changed(w, r, s.deps.Access.SetDisabled(r.Context(), r.PathValue("id"), disabled, p), "users", what)
}

func (s *routes) setPassword(w http.ResponseWriter, r *http.Request) {
	err := s.deps.Access.SetPassword(r.Context(), r.PathValue("id"), r.PostForm.Get("password"),
		web.PrincipalOf(r.Context()))
	s.changed(w, r, err, "users", "The password is set; sessions under the old one have ended.")
}

// addToken makes a token, whose secret the next page shows once. It needs a session to show it in.
func (s *routes) addToken(w http.ResponseWriter, r *http.Request) {
	if !s.HasSession(r) {
		s.show(w, r, "tokens", http.StatusConflict, "Sign in to make a token here; programs use rollcall token create.")
		return
	}
	spec, err := specOf(r)
	var secret string
	if err == nil {
		secret, _, err = s.deps.Access.CreateToken(r.Context(), spec, web.PrincipalOf(r.Context()))
	}
	if secret != "" {
		s.ShowOnce(r, secret)
	}
	s.changed(w, r, err, "tokens", fmt.Sprintf("Token %s is made.", spec.Name))
}

func (s *routes) revokeToken(w http.ResponseWriter, r *http.Request) {
	s.changed(w, r, s.deps.Access.Revoke(r.Context(), r.PathValue("id"), web.PrincipalOf(r.Context())), "tokens",
		"The token is revoked.")
}

// changed goes on to the tab after a change of credentials, or shows it again with what was wrong with its form. A
// change of which only the copy on disk is behind is done.
func (s *routes) changed(w http.ResponseWriter, r *http.Request, err error, tab, done string) {
	if errors.Is(err, access.ErrCopy) {
		s.Log().WithError(err).Warn("a credential's copy on disk is behind")
		err = nil
	}
	var field *schemas.FieldError
	var refusal *access.Refusal
	switch {
	case err == nil:
		s.Done(w, r, "/admin/"+tab, done)
	case errors.As(err, &field):
		s.show(w, r, tab, http.StatusUnprocessableEntity, field.Error())
	case errors.As(err, &refusal):
		s.show(w, r, tab, http.StatusForbidden, refusal.Error())
	case errors.Is(err, access.ErrNotFound):
		s.show(w, r, tab, http.StatusNotFound, err.Error())
	default:
		s.StoreAway(w, r, err)
	}
}
