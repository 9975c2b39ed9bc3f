package chstore

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

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
	return insert(ctx, s, "journal_store", journalFields, []schemas.JournalRow{row})
}

func journalFields(r *schemas.JournalRow) []field {
	return []field{
		{"id", &r.ID},
		{"recorded_at", &r.RecordedAt},
		{"actor", &r.Actor},
		{"origin", &r.Origin},
		{"kind", &r.Kind},
		{"agents", &r.Agents},
		{"range_starts", &edgesCell{&r.Ranges, func(v *schemas.Interval) *schemas.Instant { return &v.Start }}},
		{"range_ends", &edgesCell{&r.Ranges, func(v *schemas.Interval) *schemas.Instant { return &v.End }}},
		{"range_start", &r.Range.Start},
		{"range_end", &r.Range.End},
		{"detail", &r.Detail},
	}
}

// edgesCell is one edge of each range of a journal row in a column of Array(DateTime64).
type edgesCell struct {
	ranges *[]schemas.Interval
	of     func(*schemas.Interval) *schemas.Instant
}

// Scan reads the edges.
func (c *edgesCell) Scan(v any) error {
	edges, _ := v.([]time.Time)
	if *c.ranges == nil && len(edges) > 0 {
		*c.ranges = make([]schemas.Interval, len(edges))
	}
	for i := range *c.ranges {
		*c.of(&(*c.ranges)[i]) = schemas.InstantOf(edges[i])
	}
	return nil
}

// Value writes the edges.
func (c *edgesCell) Value() (driver.Value, error) {
	edges := make([]int64, len(*c.ranges))
	for i := range *c.ranges {
		edges[i] = int64(*c.of(&(*c.ranges)[i]))
	}
	return edges, nil
}

// Journal returns the newest rows of the journal, newest first, at most limit.
func (s *Store) Journal(ctx context.Context, limit int) ([]schemas.JournalRow, error) {
	rows, err := all(ctx, s, query("journal_newest").number("limit", int64(limit)), journalFields)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return rows, nil
}

// PendingJournal returns the journal rows that may change judged days (those with a Range) and that no compute run has
// consumed, in the order in which they were written. A yield that returns ErrStop leaves the rest for a later run.
func (s *Store) PendingJournal(ctx context.Context, yield func(*schemas.JournalRow) error) error {
	seen := map[string]bool{}
	err := each(ctx, s, query("journal_pending"), journalFields, func(row *schemas.JournalRow) error {
		if seen[row.ID] {
			return nil
		}
		seen[row.ID] = true
		return yield(row)
	})
	return wrap("read what the journal says is dirty", err)
}

// ComputeRun is one run of compute: it judged Days agent-days with what was known at KnownAt, up to AsOf.
type ComputeRun struct {
	ID                                string
	StartedAt, EndedAt, KnownAt, AsOf schemas.Instant
	Days                              int
	Detail                            string
}

func computeRunFields(r *ComputeRun) []field {
	return []field{
		{"id", &r.ID},
		{"started_at", &r.StartedAt},
		{"ended_at", &r.EndedAt},
		{"known_at", &r.KnownAt},
		{"as_of", &r.AsOf},
		{"days", &r.Days},
		{"detail", &r.Detail},
	}
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
	rows, err := all(ctx, s, query("compute_runs").number("limit", int64(limit)), computeRunFields)
	return rows, wrap("read compute runs", err)
}

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
