package chstore

import (
	"context"

	"rollcall/schemas"
)

func importColumns() []column[schemas.Import] {
	type row = schemas.Import
	return []column[row]{
		uuidText("id", func(r *row) *string { return &r.ID }),
		fewText("kind", func(r *row) *schemas.JournalKind { return &r.Kind }),
		instant("recorded_at", func(r *row) *schemas.Instant { return &r.RecordedAt }),
		text("actor", func(r *row) *string { return &r.Actor }),
		text("origin", func(r *row) *string { return &r.Origin }),
		text("undoes", func(r *row) *string { return &r.Undoes }),
		text("file_hash", func(r *row) *string { return &r.FileHash }),
		instant("start_at", func(r *row) *schemas.Instant { return &r.Range.Start }),
		instant("end_at", func(r *row) *schemas.Instant { return &r.Range.End }),
		count("row_count", func(r *row) *int { return &r.Rows }),
		count("added", func(r *row) *int { return &r.Added }),
		count("changed", func(r *row) *int { return &r.Changed }),
		count("removed", func(r *row) *int { return &r.Removed }),
		count("unchanged", func(r *row) *int { return &r.Unchanged }),
	}
}

// insertImport writes the entry of the ledger; the journal row that makes it count comes after it.
func (s *Store) insertImport(ctx context.Context, row schemas.JournalRow, made schemas.Import) error {
	made.ID = row.ID
	return insert(ctx, s, "imports_store", importColumns(), []schemas.Import{made})
}

// WriteImport adds an entry to the ledger of imports. Call it before the write whose journal row has the same id: the entry
// counts once that row is there.
func (s *Store) WriteImport(ctx context.Context, made schemas.Import) error {
	if _, err := parseUUID(made.ID); err != nil {
		return err
	}
	return insert(ctx, s, "imports_store", importColumns(), []schemas.Import{made})
}

// Imports gives the imports of rosters, requirements and activity codes, and the undos of such, as known at an instant, in
// the order in which they were recorded.
func (s *Store) Imports(ctx context.Context, known schemas.Instant) ([]schemas.Import, error) {
	rows, err := all(ctx, s, query("imports"), knownAt(known), importColumns())
	return rows, wrap("read imports", err)
}
