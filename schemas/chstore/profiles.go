package chstore

import (
	"context"

	"rollcall/schemas"
)

// WriteProfile adds a saved profile of files, or a newer version of it, and then the journal row of the write, which
// changes no judged day.
func (s *Store) WriteProfile(ctx context.Context, row schemas.JournalRow, p schemas.SavedProfile) error {
	if err := insert(ctx, s, "profiles_store", fieldsOf, []schemas.SavedProfile{p}); err != nil {
		return err
	}
	return s.WriteJournal(ctx, row)
}

// Profiles returns the saved profiles that have not ended, those saved last first.
func (s *Store) Profiles(ctx context.Context) ([]schemas.SavedProfile, error) {
	return all(ctx, s, "read the saved profiles", query("profiles"), fieldsOf[schemas.SavedProfile])
}
