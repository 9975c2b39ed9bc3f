package chstore

import (
	"context"

	"rollcall/schemas"
)

// WriteCredentials adds tokens and users, or newer versions of them. Each needs its ID.
func (s *Store) WriteCredentials(ctx context.Context, row schemas.JournalRow, credentials []schemas.Credential) error {
	return s.journalled(ctx, row, schemas.JournalAccess, func() error {
		return insert(ctx, s, "credentials_store", fieldsOf, credentials)
	})
}

// Credentials returns the newest version of every token and user, by id, revoked ones too.
func (s *Store) Credentials(ctx context.Context) ([]schemas.Credential, error) {
	return all(ctx, s, "read credentials", query("credentials"), fieldsOf[schemas.Credential])
}
