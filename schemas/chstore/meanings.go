package chstore

import (
	"context"

	"rollcall/schemas"
)

// WriteMeanings adds meanings of presence and routing texts, or new versions of them.
func (s *Store) WriteMeanings(ctx context.Context, row schemas.JournalRow, meanings []schemas.Meaning) error {
	return announced(ctx, s, row, schemas.JournalActivities, "meanings_store", fieldsOf, meanings)
}

// Meanings returns the newest meaning of each presence and routing text as known at an instant, by field and text.
func (s *Store) Meanings(ctx context.Context, known schemas.Instant) ([]schemas.Meaning, error) {
	return all(ctx, s, "read the meanings of state texts", query("meanings").knownAt(known), fieldsOf[schemas.Meaning])
}

// RawChanges returns the facts whose raw text contains the text, with everything that is stored of them, one per key.
func (s *Store) RawChanges(ctx context.Context, contains string, yield func(*schemas.Change) error) error {
	q := query("changes", "raw != ''", "position(raw, unhex({contains:String})) > 0").text("contains", contains)
	return s.changes(ctx, "read raw texts", q, yield)
}
