package chstore

import (
	"context"
	"fmt"

	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// WriteJournal writes a journal row alone. Every other write ends with it.
func (s *Store) WriteJournal(ctx context.Context, row schemas.JournalRow) error {
	if _, err := parseUUID(row.ID); err != nil {
		return err
	}
	if len(row.Agents) != len(row.Ranges) {
		return fmt.Errorf("journal row %s names %d agents and %d ranges; they go together", row.ID, len(row.Agents), len(row.Ranges))
	}
	return insert(ctx, s, "journal_store", journalColumns(), []schemas.JournalRow{row})
}

func journalColumns() []column[schemas.JournalRow] {
	type row = schemas.JournalRow
	return []column[row]{
		uuidText("id", func(r *row) *string { return &r.ID }),
		instant("recorded_at", func(r *row) *schemas.Instant { return &r.RecordedAt }),
		text("actor", func(r *row) *string { return &r.Actor }),
		text("origin", func(r *row) *string { return &r.Origin }),
		fewText("kind", func(r *row) *schemas.JournalKind { return &r.Kind }),
		textList("agents", func(r *row) *[]string { return &r.Agents }),
		rangeEdges("range_starts", func(v *schemas.Interval) *schemas.Instant { return &v.Start }),
		rangeEdges("range_ends", func(v *schemas.Interval) *schemas.Instant { return &v.End }),
		instant("range_start", func(r *row) *schemas.Instant { return &r.Range.Start }),
		instant("range_end", func(r *row) *schemas.Instant { return &r.Range.End }),
		text("detail", func(r *row) *string { return &r.Detail }),
	}
}

// rangeEdges is the column of one edge of each range of a journal row.
func rangeEdges(name string, of func(*schemas.Interval) *schemas.Instant) column[schemas.JournalRow] {
	return func() cell[schemas.JournalRow] {
		c := newList(new(instants))
		put := func(r *schemas.JournalRow) {
			for i := range r.Ranges {
				c.data.add(*of(&r.Ranges[i]))
			}
			c.end()
		}
		get := func(r *schemas.JournalRow, i int) {
			from, to := c.bounds(i)
			if r.Ranges == nil && to > from {
				r.Ranges = make([]schemas.Interval, to-from)
			}
			for k := from; k < to; k++ {
				*of(&r.Ranges[k-from]) = c.data.at(k)
			}
		}
		return cell[schemas.JournalRow]{name, c, put, get}
	}
}

// Journal gives the newest rows of the journal, newest first, at most limit.
func (s *Store) Journal(ctx context.Context, limit int) ([]schemas.JournalRow, error) {
	rows, err := all(ctx, s, query("journal_newest"), params{}.number("limit", int64(limit)), journalColumns())
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return rows, nil
}

// PendingJournal gives the journal rows that may change judged days (those with a Range) and that no compute run has consumed,
// in the order in which they were written. A yield that returns ErrStop leaves the rest for a later run.
func (s *Store) PendingJournal(ctx context.Context, yield func(*schemas.JournalRow) error) error {
	seen := map[string]bool{}
	err := each(ctx, s, query("journal_pending"), nil, journalColumns(), func(row *schemas.JournalRow) error {
		if seen[row.ID] {
			return nil
		}
		seen[row.ID] = true
		return yield(row)
	})
	return wrap("read what the journal says is dirty", err)
}

// wrap says what was tried; it leaves nil alone.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// ComputeRun is one run of compute: it judged Days agent-days with what was known at KnownAt, up to AsOf.
type ComputeRun struct {
	ID                                string
	StartedAt, EndedAt, KnownAt, AsOf schemas.Instant
	Days                              int
	Detail                            string
}

func computeRunColumns() []column[ComputeRun] {
	return []column[ComputeRun]{
		text("id", func(r *ComputeRun) *string { return &r.ID }),
		instant("started_at", func(r *ComputeRun) *schemas.Instant { return &r.StartedAt }),
		instant("ended_at", func(r *ComputeRun) *schemas.Instant { return &r.EndedAt }),
		instant("known_at", func(r *ComputeRun) *schemas.Instant { return &r.KnownAt }),
		instant("as_of", func(r *ComputeRun) *schemas.Instant { return &r.AsOf }),
		count("days", func(r *ComputeRun) *int { return &r.Days }),
		text("detail", func(r *ComputeRun) *string { return &r.Detail }),
	}
}

// Consume records that the run has judged again what the journal rows with these ids made dirty. Call it after the results
// are written: a crash in between leaves the rows pending, and judging twice changes nothing.
func (s *Store) Consume(ctx context.Context, run ComputeRun, journalIDs []string) error {
	if len(journalIDs) > 0 {
		ids := new(proto.ColUUID)
		for _, id := range journalIDs {
			v, err := parseUUID(id)
			if err != nil {
				return err
			}
			ids.Append(v)
		}
		q := statement(query("journal_consume"), params{}.text("run", run.ID))
		q.ExternalTable, q.ExternalData = "consumed", []proto.InputColumn{{Name: "id", Data: ids}}
		if err := s.do(ctx, q); err != nil {
			return fmt.Errorf("record that run %s consumed %d journal rows: %w", run.ID, len(journalIDs), err)
		}
	}
	p := params{}.text("id", run.ID).text("detail", run.Detail).number("days", int64(run.Days))
	for name, v := range map[string]schemas.Instant{"started_at": run.StartedAt, "ended_at": run.EndedAt,
		"known_at": run.KnownAt, "as_of": run.AsOf} {
		p.number(name, int64(v))
	}
	return wrap("record run "+run.ID, s.do(ctx, statement(query("compute_run_insert"), p)))
}

// ComputeRuns gives the latest runs, latest first, at most limit.
func (s *Store) ComputeRuns(ctx context.Context, limit int) ([]ComputeRun, error) {
	rows, err := all(ctx, s, query("compute_runs"), params{}.number("limit", int64(limit)), computeRunColumns())
	return rows, wrap("read compute runs", err)
}
