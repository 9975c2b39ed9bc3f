package chstore

import (
	"context"

	"rollcall/schemas"
)

func meaningColumns() []column[schemas.Meaning] {
	type row = schemas.Meaning
	return []column[row]{
		fewText("field", func(m *row) *string { return &m.Field }),
		text("text", func(m *row) *string { return &m.Text }),
		instant("recorded_at", func(m *row) *schemas.Instant { return &m.RecordedAt }),
		enum("presence", typePresence, func(m *row) *schemas.Presence { return &m.Presence }),
		enum("status", typeStatus, func(m *row) *schemas.Status { return &m.Status }),
		enum("routing", typeRouting, func(m *row) *schemas.Routing { return &m.Routing }),
	}
}

// WriteMeanings adds meanings of presence and routing texts, or new versions of them.
func (s *Store) WriteMeanings(ctx context.Context, row schemas.JournalRow, meanings []schemas.Meaning) error {
	return announced(ctx, s, row, schemas.JournalActivities, "meanings_store", meaningColumns(), meanings)
}

// Meanings gives the newest meaning of each presence and routing text as known at an instant, by field and text.
func (s *Store) Meanings(ctx context.Context, known schemas.Instant) ([]schemas.Meaning, error) {
	rows, err := all(ctx, s, query("meanings"), knownAt(known), meaningColumns())
	return rows, wrap("read the meanings of state texts", err)
}

// RawChanges gives the facts whose raw text contains the text, with everything that is stored of them, one per key.
func (s *Store) RawChanges(ctx context.Context, contains string, yield func(*schemas.Change) error) error {
	var keys seenKeys
	p := params{}.text("contains", contains)
	q := statement(query("changes", "raw != ''", "position(raw, unhex({contains:String})) > 0"), p)
	return wrap("read what was kept raw", eachChange(ctx, s, q, func(c *schemas.Change) error {
		if keys.repeated(c) {
			return nil
		}
		return yield(c)
	}))
}
