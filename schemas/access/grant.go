package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rollcall/schemas"
)

// Spec describes a new credential.
type Spec struct {
	Name string
	Role schemas.Role
	// Source is for feeds, AgentID for agents, Teams for supervisors and planners, Sites for managers and planners.
	Source, AgentID string
	Teams, Sites    []string
	// Expires is 0 for never.
	Expires schemas.Instant
}

// CreateToken makes a token and returns its secret, which is not stored and cannot be shown again. A specification that
// cannot work is a *schemas.FieldError; a principal that may not grant it gets a *Refusal. An error that wraps ErrCopy
// comes with a secret that works.
func (r *Register) CreateToken(ctx context.Context, s Spec, by Principal) (string, schemas.Credential, error) {
	c, err := r.plan(s, by)
	if err != nil {
		return "", c, fmt.Errorf("create token %q: %w", s.Name, err)
	}
	secret, err := newSecret(r.deps.Random)
	if err != nil {
		return "", c, fmt.Errorf("create token %q: %w", s.Name, err)
	}
	c.Hash = hashToken(secret)
	if err := r.write(ctx, c, by, "token created"); errors.Is(err, ErrCopy) {
		return secret, c, err
	} else if err != nil {
		return "", c, fmt.Errorf("create token %q: %w", s.Name, err)
	}
	return secret, c, nil
}

// AddUser makes an account with a password. The name must be free, ignoring case; a feed has no account.
func (r *Register) AddUser(ctx context.Context, s Spec, password string, by Principal) (schemas.Credential, error) {
	c, err := r.planUser(ctx, s, password, by)
	if err != nil {
		return c, fmt.Errorf("add user %q: %w", s.Name, err)
	}
	if err := r.write(ctx, c, by, "user added"); err != nil {
		return c, fmt.Errorf("add user %q: %w", s.Name, err)
	}
	return c, nil
}

func (r *Register) planUser(ctx context.Context, s Spec, password string, by Principal) (schemas.Credential, error) {
	s.Name = strings.TrimSpace(s.Name)
	c, err := r.plan(s, by)
	if err != nil {
		return c, err
	}
	if s.Role == schemas.RoleFeed {
		return c, &schemas.FieldError{Field: "role", Message: "feed is for programs; create a token instead"}
	}
	c.User = true
	if err = r.free(&c); err != nil {
		return c, err
	}
	c.Hash, err = r.hash(ctx, s.Name, password)
	return c, err
}

// free says whether no other user has the name of this one.
func (r *Register) free(c *schemas.Credential) error {
	if o, taken := r.index.Load().users[userKey(c.Name)]; c.User && taken && o.ID != c.ID {
		return &schemas.FieldError{Field: "name", Message: fmt.Sprintf("%q is taken; choose another", c.Name)}
	}
	return nil
}

// hash checks and hashes a password; a bad one is a *schemas.FieldError.
func (r *Register) hash(ctx context.Context, name, password string) (string, error) {
	if err := checkPassword(name, password); err != nil {
		return "", &schemas.FieldError{Field: "password", Message: err.Error()}
	}
	if err := r.hashers.Acquire(ctx, 1); err != nil {
		return "", fmt.Errorf("wait to hash a password: %w", err)
	}
	defer r.hashers.Release(1)
	return r.config.Argon2.hash(password, r.deps.Random)
}

// SetPassword changes the password of a user, by id or name, and ends their sessions. Users may change their own.
func (r *Register) SetPassword(ctx context.Context, user, password string, by Principal) error {
	return r.change(ctx, user, by, change{what: "password changed", user: true, own: true,
		alter: func(c *schemas.Credential) (err error) {
			c.Hash, err = r.hash(ctx, c.Name, password)
			return err
		}})
}

// SetDisabled disables a user, by id or name, and ends their sessions, or enables them again.
func (r *Register) SetDisabled(ctx context.Context, user string, disabled bool, by Principal) error {
	what := "user enabled"
	if disabled {
		what = "user disabled"
	}
	return r.change(ctx, user, by, change{what: what, user: true, alter: func(c *schemas.Credential) error {
		c.Revoked = disabled
		return nil
	}})
}

// Revoke ends a token, by id or by a name that only one living token has, for good.
func (r *Register) Revoke(ctx context.Context, token string, by Principal) error {
	return r.change(ctx, token, by, change{what: "token revoked", alter: func(c *schemas.Credential) error {
		c.Revoked = true
		return nil
	}})
}

// List returns every credential, by name then id, without hashes.
func (r *Register) List(by Principal) ([]schemas.Credential, error) {
	if err := Allow(by, ActionGrant, Target{}); err != nil {
		return nil, fmt.Errorf("list credentials: %w", err)
	}
	list := slices.Clone(r.index.Load().all)
	for i := range list {
		list[i].Hash = ""
	}
	slices.SortFunc(list, func(a, b schemas.Credential) int {
		return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID)
	})
	return list, nil
}

// ErrNotFound says that no such user or token exists.
var ErrNotFound = errors.New("not found")

// change is what is done to an existing credential: to users or to tokens, and whether users may do it to themselves.
type change struct {
	what      string
	user, own bool
	alter     func(*schemas.Credential) error
}

// change writes a new record of an existing credential.
func (r *Register) change(ctx context.Context, which string, by Principal, ch change) error {
	c, err := r.find(ch.user, which)
	if err == nil {
		err = mayChange(by, &c, ch.own)
	}
	if err == nil {
		err = ch.alter(&c)
	}
	if err == nil {
		c.RecordedAt = max(r.deps.Now(), c.RecordedAt+1)
		err = r.write(ctx, c, by, ch.what)
	}
	if err != nil {
		return fmt.Errorf("%s: %q: %w", ch.what, which, err)
	}
	return nil
}

// mayChange lets those who may grant change what they could have granted and, where own is set, users themselves.
func mayChange(by Principal, c *schemas.Credential, own bool) error {
	if own && by.User && by.ID == c.ID {
		return Allow(by, ActionSelf, Target{})
	}
	if err := Allow(by, ActionGrant, Target{}); err != nil {
		return err
	}
	return covers(by, c)
}

// find looks a credential up by id, then by name; of tokens only a living one is found by name, and only one.
func (r *Register) find(user bool, which string) (schemas.Credential, error) {
	x := r.index.Load()
	if c, ok := x.ids[which]; ok && c.User == user {
		return *c, nil
	}
	if user {
		if c, ok := x.users[userKey(which)]; ok {
			return *c, nil
		}
		return schemas.Credential{}, fmt.Errorf("user %w; see rollcall user list", ErrNotFound)
	}
	var found []*schemas.Credential
	for i := range x.all {
		if c := &x.all[i]; !c.User && c.Name == which && r.live(c) {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 1:
		return *found[0], nil
	case 0:
		return schemas.Credential{}, fmt.Errorf("living token %w; see rollcall token list", ErrNotFound)
	}
	return schemas.Credential{}, fmt.Errorf("%d tokens have that name; give the id, such as %s", len(found), found[0].ID)
}

// plan turns a specification into a record without a hash, if it can work and the principal may grant it.
func (r *Register) plan(s Spec, by Principal) (schemas.Credential, error) {
	now := r.deps.Now()
	if e := s.check(now); e != nil {
		return schemas.Credential{}, e
	}
	if err := Allow(by, ActionGrant, Target{}); err != nil {
		return schemas.Credential{}, err
	}
	id, err := uuid.NewV7FromReader(r.deps.Random)
	if err != nil {
		return schemas.Credential{}, fmt.Errorf("draw an id: %w", err)
	}
	c := schemas.Credential{
		ID:         id.String(),
		Name:       s.Name,
		Role:       s.Role,
		Source:     s.Source,
		AgentID:    s.AgentID,
		Teams:      slices.Clone(s.Teams),
		Sites:      slices.Clone(s.Sites),
		Expires:    s.Expires,
		RecordedAt: now,
		CreatedBy:  by.Name,
	}
	return c, covers(by, &c)
}

// covers says whether by has all that the credential allows: nobody grants more than they have. An admin has
// everything; anybody else could pass on only their own role within their own scope.
func covers(by Principal, c *schemas.Credential) error {
	if by.Role == schemas.RoleAdmin {
		return nil
	}
	part := func(want, have []string) bool {
		return !slices.ContainsFunc(want, func(s string) bool { return !within(have, s) })
	}
	if by.Role == c.Role && by.Source == c.Source && by.AgentID == c.AgentID && part(c.Teams, by.Teams) &&
		part(c.Sites, by.Sites) {
		return nil
	}
	return &Refusal{Principal: by, Action: ActionGrant}
}

// check returns the first thing in a specification that cannot work.
func (s *Spec) check(now schemas.Instant) *schemas.FieldError {
	if e := schemas.CheckID("name", s.Name); e != nil {
		return e
	}
	if e := s.checkRole(); e != nil {
		return e
	}
	for field, names := range map[string][]string{"team": s.Teams, "site": s.Sites} {
		for _, name := range names {
			if e := schemas.CheckID(field, name); e != nil {
				return e
			}
		}
	}
	if s.Expires != 0 && s.Expires <= now {
		return &schemas.FieldError{Field: "expires", Message: fmt.Sprintf("%s has passed; name a later instant", s.Expires)}
	}
	return nil
}

// parts are those that the scope of each role has.
var parts = map[schemas.Role][]string{
	schemas.RoleAgent:      {"agent"},
	schemas.RoleSupervisor: {"team"},
	schemas.RolePlanner:    {"team", "site"},
	schemas.RoleManager:    {"site"},
	schemas.RoleFeed:       {"source"},
	schemas.RoleAdmin:      {},
}

// checkRole says whether the scope fits the role: what it needs is there, and nothing that would be without effect. A
// planner needs a team or a site.
func (s *Spec) checkRole() *schemas.FieldError {
	has, known := parts[s.Role]
	wrong := func(field, format string, args ...any) *schemas.FieldError {
		return &schemas.FieldError{Field: field, Message: fmt.Sprintf(format, args...)}
	}
	planner := s.Role == schemas.RolePlanner
	switch {
	case !known:
		return wrong("role", "%s", schemas.NotAmong(string(s.Role), roleNames()))
	case planner && len(s.Teams)+len(s.Sites) == 0:
		return wrong("team", `is missing; a planner needs a team or a site ("*" for all)`)
	}
	for _, part := range []struct {
		field, hint string
		given       bool
	}{
		{"source", "name the feed that it speaks for", s.Source != ""},
		{"agent", "name the agent that it is", s.AgentID != ""},
		{"team", `name a team ("*" for all)`, len(s.Teams) > 0},
		{"site", `name a site ("*" for all)`, len(s.Sites) > 0},
	} {
		switch mine := slices.Contains(has, part.field); {
		case mine && !part.given && !planner:
			return wrong(part.field, "is missing; a %s needs one: %s", s.Role, part.hint)
		case part.given && !mine:
			return wrong(part.field, "has no meaning for a %s; leave it out", s.Role)
		}
	}
	switch s.Role {
	case schemas.RoleFeed:
		return schemas.CheckID("source", s.Source)
	case schemas.RoleAgent:
		return schemas.CheckID("agent", s.AgentID)
	default:
		return nil
	}
}

func roleNames() (names []string) {
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return names
}

// ErrCopy says that a change is in the store and therefore done, but that a copy of it could not be made yet.
var ErrCopy = errors.New("the change is stored, but its copy for the time when ClickHouse is away is behind")

// write puts a record and its journal row into the store, then refreshes the copies.
func (r *Register) write(ctx context.Context, c schemas.Credential, by Principal, what string) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	if err := r.free(&c); err != nil {
		return err
	}
	id, err := uuid.NewV7FromReader(r.deps.Random)
	if err != nil {
		return fmt.Errorf("draw an id: %w", err)
	}
	row := schemas.JournalRow{
		ID:         id.String(),
		RecordedAt: c.RecordedAt,
		Actor:      by.Name,
		Origin:     by.Origin,
		Kind:       schemas.JournalAccess,
		Detail:     fmt.Sprintf("%s: %s %q (%s)", what, c.Role, c.Name, c.ID),
	}
	if err := r.deps.Store.WriteCredential(ctx, c, row); err != nil {
		return fmt.Errorf("write the credential: %w", err)
	}
	if err := r.refresh(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrCopy, err)
	}
	return nil
}

// EndSessions ends all sessions of a user, by id or name, by writing the record again. Users may do it for themselves.
func (r *Register) EndSessions(ctx context.Context, user string, by Principal) error {
	return r.change(ctx, user, by, change{what: "signed out everywhere", user: true, own: true,
		alter: func(*schemas.Credential) error { return nil }})
}
