package chstore

import (
	"context"

	"rollcall/schemas"
)

// JournalPage returns rows of the journal, newest first, at most limit: of one kind ("" = all), older than the row
// recorded at beforeAt with the id beforeID ("" begins with the newest). An id that is no UUID is older than every row
// of its instant.
func (s *Store) JournalPage(ctx context.Context, kind schemas.JournalKind, beforeAt schemas.Instant, beforeID string,
	limit int) ([]schemas.JournalRow, error) {
	q := query("journal_page").text("kind", string(kind)).text("before_id", beforeID).number("before_at", int64(beforeAt)).
		number("limit", int64(limit))
	rows, err := all(ctx, s, q, journalFields)
	return rows, wrap("read a page of the journal", err)
}
