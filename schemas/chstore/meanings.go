package chstore

import (
	"context"

	"rollcall/schemas"
)

func meaningFields(m *schemas.Meaning) []field {
	return []field{
		{"field", &m.Field},
		{"text", &m.Text},
		{"recorded_at", &m.RecordedAt},
		{"presence", &m.Presence},
		{"status", &m.Status},
		{"routing", &m.Routing},
	}
}

// WriteMeanings adds meanings of presence and routing texts, or new versions of them.
func (s *Store) WriteMeanings(ctx context.Context, row schemas.JournalRow, meanings []schemas.Meaning) error {
	return announced(ctx, s, row, schemas.JournalActivities, "meanings_store", meaningFields, meanings)
}

// Meanings returns the newest meaning of each presence and routing text as known at an instant, by field and text.
func (s *Store) Meanings(ctx context.Context, known schemas.Instant) ([]schemas.Meaning, error) {
	rows, err := all(ctx, s, query("meanings").knownAt(known), meaningFields)
	return rows, wrap("read the meanings of state texts", err)
}

// RawChanges returns the facts whose raw text contains the text, with everything that is stored of them, one per key.
func (s *Store) RawChanges(ctx context.Context, contains string, yield func(*schemas.Change) error) error {
	var keys seenKeys
	q := query("changes", "raw != ''", "position(raw, unhex({contains:String})) > 0").text("contains", contains)
	return wrap("read raw texts", each(ctx, s, q, changeFields, func(c *schemas.Change) error {
		if keys.repeated(c) {
			return nil
		}
		return yield(c)
	}))
}
