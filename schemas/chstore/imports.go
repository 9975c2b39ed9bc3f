package chstore

import (
	"context"

	"rollcall/schemas"
)

func importFields(r *schemas.Import) []field {
	return []field{
		{"id", &r.ID},
		{"kind", &r.Kind},
		{"recorded_at", &r.RecordedAt},
		{"actor", &r.Actor},
		{"origin", &r.Origin},
		{"undoes", &r.Undoes},
		{"file_hash", &r.FileHash},
		{"start_at", &r.Range.Start},
		{"end_at", &r.Range.End},
		{"row_count", &r.Rows},
		{"added", &r.Added},
		{"changed", &r.Changed},
		{"removed", &r.Removed},
		{"unchanged", &r.Unchanged},
	}
}

// insertImport writes the entry of the ledger; the journal row that makes it count comes after it.
func (s *Store) insertImport(ctx context.Context, row schemas.JournalRow, made schemas.Import) error {
	made.ID = row.ID
	return insert(ctx, s, "imports_store", importFields, []schemas.Import{made})
}

// WriteImport adds an entry to the ledger of imports. Call it before the write whose journal row has the same id: the
// entry counts once that row is there.
func (s *Store) WriteImport(ctx context.Context, made schemas.Import) error {
	if _, err := parseUUID(made.ID); err != nil {
		return err
	}
	return insert(ctx, s, "imports_store", importFields, []schemas.Import{made})
}

// Imports returns the imports of rosters, requirements and activity codes, and the undos of such, as known at an
// instant, in the order in which they were recorded.
func (s *Store) Imports(ctx context.Context, known schemas.Instant) ([]schemas.Import, error) {
	rows, err := all(ctx, s, query("imports").knownAt(known), importFields)
	return rows, wrap("read imports", err)
}
