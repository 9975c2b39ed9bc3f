package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Note leaves a row for the journal about what the request did, which does not wait for the store.
func (s *Server) Note(ctx context.Context, kind schemas.JournalKind, detail string) {
	s.deps.Journal(s.Entry(ctx, kind, detail))
}

// Entry returns a journal row about what the request does, by who makes it. It names no agents: no judged day changes
// by it.
func (s *Server) Entry(ctx context.Context, kind schemas.JournalKind, detail string) schemas.JournalRow {
	return s.entry(ctx, kind, PrincipalOf(ctx).Name, detail)
}

func (s *Server) entry(ctx context.Context, kind schemas.JournalKind, actor, detail string) schemas.JournalRow {
	id, err := uuid.NewV7()
	if err != nil {
		panic(err) // the system has no random bits: nothing here is safe any more
	}
	return schemas.JournalRow{
		ID:         id.String(),
		RecordedAt: schemas.InstantOf(s.deps.Now()),
		Actor:      actor,
		Origin:     infoOf(ctx).address,
		Kind:       kind,
		Detail:     detail,
	}
}

// noteSignIn leaves a sign-in, or one that failed, for the journal. A name that nobody has is not written down: people
// type passwords there.
func (s *Server) noteSignIn(r *http.Request, name string, p access.Principal) {
	switch {
	case !p.Nobody():
		s.deps.Journal(s.entry(r.Context(), schemas.JournalAccess, p.Name,
			fmt.Sprintf("signed in: %s %q (%s)", p.Role, p.Name, p.ID)))
	case s.deps.Access.KnowsUser(name):
		s.deps.Journal(s.entry(r.Context(), schemas.JournalAccess, "", fmt.Sprintf("sign-in failed: user %q", name)))
	default:
		s.deps.Journal(s.entry(r.Context(), schemas.JournalAccess, "", "sign-in failed: a name that nobody has"))
	}
}
