package admin

import (
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
	ID, Name, Role, Scope, Expires, RecordedAt, CreatedBy string
	Ended                                                 bool
	State                                                 string
}

// credentials lists the users, or the tokens, that the asker may see.
func (s *routes) credentials(r *http.Request, users bool) ([]credentialRow, error) {
	list, err := s.deps.Access.List(web.PrincipalOf(r.Context()))
	if err != nil {
		return nil, err
	}
	now := schemas.InstantOf(s.Now())
	var out []credentialRow
	for i := range list {
		c := &list[i]
		if c.User != users {
			continue
		}
		row := credentialRow{
			ID:         c.ID,
			Name:       c.Name,
			Role:       string(c.Role),
			Scope:      scopeWords(c),
			RecordedAt: web.Stamp(c.RecordedAt),
			CreatedBy:  c.CreatedBy,
			Expires:    "never",
			Ended:      c.Revoked,
			State:      "active",
		}
		if c.Expires != 0 {
			row.Expires = web.Stamp(c.Expires)
		}
		switch {
		case c.Revoked && users:
			row.State = "disabled"
		case c.Revoked:
			row.State = "revoked"
		case c.Expires != 0 && c.Expires <= now:
			row.State, row.Ended = "expired", true
		}
		out = append(out, row)
	}
	return out, nil
}

// scopeWords tells where a credential may do what its role may.
func scopeWords(c *schemas.Credential) string {
	named := func(what string, list []string) string {
		if len(list) == 0 {
			return ""
		}
		if len(list) == 1 && list[0] == access.Everything {
			return "every " + what
		}
		return what + " " + strings.Join(list, ", ")
	}
	var parts []string
	for _, part := range []string{named("team", c.Teams), named("site", c.Sites)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if c.AgentID != "" {
		parts = append(parts, "agent "+c.AgentID)
	}
	if c.Source != "" {
		parts = append(parts, "feed "+c.Source)
	}
	if len(parts) == 0 {
		return "everything"
	}
	return strings.Join(parts, "; ")
}

// showUsers shows the users, and a form that was refused with what was in it.
func (s *routes) showUsers(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	s.showCredentials(w, r, status, wrong, "users", true)
}

func (s *routes) showTokens(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	s.showCredentials(w, r, status, wrong, "tokens", false)
}

func (s *routes) showCredentials(w http.ResponseWriter, r *http.Request, status int, wrong, tab string, users bool) {
	list, err := s.credentials(r, users)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	page := s.adminPage(r, tab, web.Label(tab), wrong)
	page.Credentials = list
	for _, role := range access.Roles() {
		if !users || role != schemas.RoleFeed {
			page.Roles = append(page.Roles, role)
		}
	}
	s.pages.Show(w, status, "admin", page)
}

// specOf reads a form of a new user or token. Several teams or sites are separated by commas.
func specOf(r *http.Request) (access.Spec, error) {
	if err := r.ParseForm(); err != nil {
		return access.Spec{}, &schemas.FieldError{Field: "form", Message: "cannot be read; try again"}
	}
	text := func(key string) string { return strings.TrimSpace(r.PostForm.Get(key)) }
	list := func(key string) []string {
		var out []string
		for _, name := range strings.Split(r.PostForm.Get(key), ",") {
			if name = strings.TrimSpace(name); name != "" {
				out = append(out, name)
			}
		}
		return out
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
	s.changed(w, r, err, s.showUsers, "/admin/users", fmt.Sprintf("%s may sign in now.", spec.Name))
}

func (s *routes) setDisabled(w http.ResponseWriter, r *http.Request, disabled bool) {
	p := web.PrincipalOf(r.Context())
	what := "The account is open again."
	if disabled {
		what = "The account is disabled and its sessions have ended."
	}
	if disabled && r.PathValue("id") == p.ID {
		s.showUsers(w, r, http.StatusConflict, "You cannot disable the account that you are signed in with.")
		return
	}
	s.changed(w, r, s.deps.Access.SetDisabled(r.Context(), r.PathValue("id"), disabled, p), s.showUsers, "/admin/users",
		what)
}

func (s *routes) setPassword(w http.ResponseWriter, r *http.Request) {
	err := r.ParseForm()
	if err == nil {
		err = s.deps.Access.SetPassword(r.Context(), r.PathValue("id"), r.PostForm.Get("password"),
			web.PrincipalOf(r.Context()))
	}
	s.changed(w, r, err, s.showUsers, "/admin/users", "The password is set; sessions under the old one have ended.")
}

// addToken makes a token, whose secret the next page shows once. It needs a session to show it in.
func (s *routes) addToken(w http.ResponseWriter, r *http.Request) {
	if !s.HasSession(r) {
		s.showTokens(w, r, http.StatusConflict, "Sign in to make a token here; programs use rollcall token create.")
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
	s.changed(w, r, err, s.showTokens, "/admin/tokens", fmt.Sprintf("Token %s is made.", spec.Name))
}

func (s *routes) revokeToken(w http.ResponseWriter, r *http.Request) {
	s.changed(w, r, s.deps.Access.Revoke(r.Context(), r.PathValue("id"), web.PrincipalOf(r.Context())), s.showTokens,
		"/admin/tokens",
		"The token is revoked.")
}

// changed goes on to the page after a change of credentials, or shows the form again with what was wrong. A change of
// which only the copy on disk is behind is done.
func (s *routes) changed(w http.ResponseWriter, r *http.Request, err error,
	again func(http.ResponseWriter, *http.Request, int, string), path, what string) {
	if errors.Is(err, access.ErrCopy) {
		s.Log().WithError(err).Warn("a credential's copy on disk is behind")
		err = nil
	}
	if err == nil {
		s.Done(w, r, path, what)
		return
	}
	if wrong, status, theirs := refused(err); theirs {
		again(w, r, status, wrong)
		return
	}
	s.StoreAway(w, r, err)
}

// refused words an error for the person who filled in a form, and gives the status; false for an error that is not
// theirs.
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
