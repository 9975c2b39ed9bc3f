package chstore

import (
	"context"

	"rollcall/schemas"
)

// WriteImport adds an entry to the ledger of imports. Call it before the write whose journal row has the same id: the
// entry counts once that row is there.
func (s *Store) WriteImport(ctx context.Context, made schemas.Import) error {
	if _, err := parseUUID(made.ID); err != nil {
		return err
	}
	return insert(ctx, s, "imports_store", fieldsOf, []schemas.Import{made})
}

// Imports returns the imports of rosters, requirements and activity codes, and the undos of such, as known at an
// instant, in the order in which they were recorded.
func (s *Store) Imports(ctx context.Context, known schemas.Instant) ([]schemas.Import, error) {
	return all(ctx, s, "read imports", query("imports").knownAt(known), fieldsOf[schemas.Import])
}
