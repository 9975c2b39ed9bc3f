package chstore

import (
	"context"
	"slices"

	"rollcall/schemas"
)

func credentialFields(c *schemas.Credential) []field {
	return []field{
		{"id", &c.ID},
		{"recorded_at", &c.RecordedAt},
		{"user", &c.User},
		{"name", &c.Name},
		{"role", &c.Role},
		{"source", &c.Source},
		{"agent_id", &c.AgentID},
		{"teams", &c.Teams},
		{"sites", &c.Sites},
		{"hash", &c.Hash},
		{"expires_at", &c.Expires},
		{"revoked", &c.Revoked},
		{"created_by", &c.CreatedBy},
	}
}

// WriteCredentials adds tokens and users, or newer versions of them. Each needs its ID.
func (s *Store) WriteCredentials(ctx context.Context, row schemas.JournalRow, credentials []schemas.Credential) error {
	if slices.ContainsFunc(credentials, func(r schemas.Credential) bool { return r.ID == "" }) {
		return wrap("write credentials", errNoID)
	}
	return s.journalled(ctx, row, schemas.JournalAccess, func() error {
		return insert(ctx, s, "credentials_store", credentialFields, credentials)
	})
}

// Credentials returns the newest version of every token and user, by id, revoked ones too.
func (s *Store) Credentials(ctx context.Context) ([]schemas.Credential, error) {
	rows, err := all(ctx, s, query("credentials"), credentialFields)
	return rows, wrap("read credentials", err)
}
