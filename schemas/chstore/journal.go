package chstore

import (
	"context"
	"fmt"

	"rollcall/schemas"
)

// WriteJournal writes a journal row alone. Every other write ends with it.
func (s *Store) WriteJournal(ctx context.Context, row schemas.JournalRow) error {
	if _, err := parseUUID(row.ID); err != nil {
		return err
	}
	if len(row.Agents) != len(row.Ranges) {
		return fmt.Errorf("journal row %s names %d agents and %d ranges; they go together", row.ID, len(row.Agents),
			len(row.Ranges))
	}
	return insert(ctx, s, "journal_store", fieldsOf, []schemas.JournalRow{row})
}

// Journal returns the newest rows of the journal, newest first, at most limit.
func (s *Store) Journal(ctx context.Context, limit int) ([]schemas.JournalRow, error) {
	q := query("journal_newest").number("limit", int64(limit))
	return all(ctx, s, "read the journal", q, fieldsOf[schemas.JournalRow])
}

// PendingJournal returns the journal rows that may change judged days (those with a Range) and that no compute run has
// consumed, in the order in which they were written. A yield that returns ErrStop leaves the rest for a later run.
func (s *Store) PendingJournal(ctx context.Context, yield func(*schemas.JournalRow) error) error {
	seen := map[string]bool{}
	once := func(row *schemas.JournalRow) error {
		if seen[row.ID] {
			return nil
		}
		seen[row.ID] = true
		return yield(row)
	}
	return each(ctx, s, "read what the journal says is dirty", query("journal_pending"), fieldsOf, once)
}

// ComputeRun is one run of compute: it judged Days agent-days with what was known at KnownAt, up to AsOf.
type ComputeRun struct {
	ID                                string
	StartedAt, EndedAt, KnownAt, AsOf schemas.Instant
	Days                              int
	Detail                            string
}

// Consume records that the run has judged again what the journal rows with these ids made dirty. Call it after the
// results are written: a crash in between leaves the rows pending, and judging twice changes nothing.
func (s *Store) Consume(ctx context.Context, run ComputeRun, journalIDs []string) error {
	if len(journalIDs) > 0 {
		q := query("journal_consume").text("run", run.ID).texts("consumed", "id", journalIDs)
		if err := s.exec(ctx, q); err != nil {
			return fmt.Errorf("record that run %s consumed %d journal rows: %w", run.ID, len(journalIDs), err)
		}
	}
	q := query("compute_run_insert").text("id", run.ID).text("detail", run.Detail).number("days", int64(run.Days)).
		number("started_at", int64(run.StartedAt)).number("ended_at", int64(run.EndedAt)).
		number("known_at", int64(run.KnownAt)).number("as_of", int64(run.AsOf))
	return wrap("record run "+run.ID, s.exec(ctx, q))
}

// ComputeRuns returns the latest runs, latest first, at most limit.
func (s *Store) ComputeRuns(ctx context.Context, limit int) ([]ComputeRun, error) {
	return all(ctx, s, "read compute runs", query("compute_runs").number("limit", int64(limit)), fieldsOf[ComputeRun])
}

// JournalPage returns rows of the journal, newest first, at most limit: of one kind ("" = all), older than the row
// recorded at beforeAt with the id beforeID ("" begins with the newest). An id that is no UUID is older than every row
// of its instant.
func (s *Store) JournalPage(ctx context.Context, kind schemas.JournalKind, beforeAt schemas.Instant, beforeID string,
	limit int) ([]schemas.JournalRow, error) {
	q := query("journal_page").text("kind", string(kind)).text("before_id", beforeID).number("before_at", int64(beforeAt)).
		number("limit", int64(limit))
	return all(ctx, s, "read a page of the journal", q, fieldsOf[schemas.JournalRow])
}
