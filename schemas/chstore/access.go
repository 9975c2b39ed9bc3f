package chstore

import (
	"context"

	"rollcall/schemas"
)

func credentialColumns() []column[schemas.Credential] {
	type row = schemas.Credential
	return []column[row]{
		text("id", func(c *row) *string { return &c.ID }),
		instant("recorded_at", func(c *row) *schemas.Instant { return &c.RecordedAt }),
		flag("user", func(c *row) *bool { return &c.User }),
		text("name", func(c *row) *string { return &c.Name }),
		fewText("role", func(c *row) *schemas.Role { return &c.Role }),
		text("source", func(c *row) *string { return &c.Source }),
		text("agent_id", func(c *row) *string { return &c.AgentID }),
		textList("teams", func(c *row) *[]string { return &c.Teams }),
		textList("sites", func(c *row) *[]string { return &c.Sites }),
		text("hash", func(c *row) *string { return &c.Hash }),
		instant("expires_at", func(c *row) *schemas.Instant { return &c.Expires }),
		flag("revoked", func(c *row) *bool { return &c.Revoked }),
		text("created_by", func(c *row) *string { return &c.CreatedBy }),
	}
}

// WriteCredentials adds tokens and users, or newer versions of them. Each needs its ID.
func (s *Store) WriteCredentials(ctx context.Context, row schemas.JournalRow, credentials []schemas.Credential) error {
	for i := range credentials {
		if credentials[i].ID == "" {
			return wrap("write credentials", errNoID)
		}
	}
	return s.journalled(ctx, row, schemas.JournalAccess, func() error {
		return insert(ctx, s, "credentials_store", credentialColumns(), credentials)
	})
}

// Credentials gives the newest version of every token and user, by id, revoked ones too.
func (s *Store) Credentials(ctx context.Context) ([]schemas.Credential, error) {
	rows, err := all(ctx, s, query("credentials"), nil, credentialColumns())
	return rows, wrap("read credentials", err)
}
