package chstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/uuid"

	"rollcall/schemas"
)

const (
	// factsPerInsert bounds the rows of one insert, and with it the memory of both sides.
	factsPerInsert = 200_000
	// monthsPerInsert keeps an insert under the server's limit of 100 partitions.
	monthsPerInsert = 90
)

// WriteChanges writes the facts of a batch and then its journal row. A row that names no range gets what
// [schemas.Touched] says. ReceivedAt must be set and differ between batches; of copies of a key within the batch the
// first counts.
func (s *Store) WriteChanges(ctx context.Context, row schemas.JournalRow, changes []schemas.Change) error {
	if len(row.Agents) == 0 && row.Range.Empty() {
		row.Agents, row.Ranges, row.Range = schemas.Touched(changes)
	}
	return s.journalled(ctx, row, schemas.JournalChanges, func() error {
		id, err := parseUUID(row.ID)
		if err != nil {
			return err
		}
		reused, _ := s.factBlocks.Get().(*block[storedFact])
		if reused == nil {
			made := newFactBlock()
			reused = &made
		}
		defer s.factBlocks.Put(reused)
		for part := range splitByMonth(changes) {
			if err := s.insertFacts(ctx, *reused, part, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) insertFacts(ctx context.Context, block block[storedFact], changes []schemas.Change, id uuid.UUID) error {
	for end := len(changes); end > 0; end -= factsPerInsert {
		block.reset()
		// Backwards: of rows with one key and one receipt the server keeps the one inserted last, and the first shall count.
		for i := end - 1; i >= max(0, end-factsPerInsert); i-- {
			block.add(&storedFact{&changes[i], id})
		}
		input := block.input()
		if err := s.do(ctx, ch.Query{Body: input.Into("status_changes_store"), Input: input, Settings: oneThread}); err != nil {
			return fmt.Errorf("insert %d facts: %w", block.rows(), err)
		}
	}
	return nil
}

// splitByMonth returns the changes as they are when they lie in few months, else in slices of few months each. Within a
// slice the order of the batch is kept.
func splitByMonth(changes []schemas.Change) func(yield func([]schemas.Change) bool) {
	return func(yield func([]schemas.Change) bool) {
		var c calendar
		months := map[int]int{}
		for i := range changes {
			months[c.month(changes[i].At)]++
		}
		if len(months) <= monthsPerInsert {
			yield(changes)
			return
		}
		var order []int
		for m := range months {
			order = append(order, m)
		}
		slices.Sort(order)
		for few := range slices.Chunk(order, monthsPerInsert) {
			var part []schemas.Change
			for i := range changes {
				if m := c.month(changes[i].At); few[0] <= m && m <= few[len(few)-1] {
					part = append(part, changes[i])
				}
			}
			if !yield(part) {
				return
			}
		}
	}
}

// calendar numbers months and remembers the last one, because neighbours are mostly of one month.
type calendar struct {
	in     schemas.Interval
	number int
}

func (c *calendar) month(at schemas.Instant) int {
	if !c.in.Contains(at) {
		y, m, _ := at.Time().Date()
		c.number = y*12 + int(m) - 1
		c.in = schemas.Interval{Start: schemas.InstantOf(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)),
			End: schemas.InstantOf(time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC))}
	}
	return c.number
}

// storedFact is a row of status_changes_store while it is written.
type storedFact struct {
	*schemas.Change
	journal uuid.UUID
}

// newFactBlock makes the columns of one insert of facts; they are used again and again.
func newFactBlock() block[storedFact] {
	type row = storedFact
	share, journal := &sharing{}, new(proto.ColUUID)
	return block[row]{
		text("agent_id", share, func(f *row) *string { return &f.AgentID }),
		instant("at", func(f *row) *schemas.Instant { return &f.At }),
		text("id", share, func(f *row) *string { return &f.ID }),
		lowText("source", share, func(f *row) *string { return &f.Source }),
		enum("presence", typePresence, func(f *row) *schemas.Presence { return &f.Presence }),
		enum("status", typeStatus, func(f *row) *schemas.Status { return &f.Status }),
		enum("routing", typeRouting, func(f *row) *schemas.Routing { return &f.Routing }),
		lowText("secondary", share, func(f *row) *string { return &f.Secondary }),
		text("note", share, func(f *row) *string { return &f.Note }),
		text("raw", share, func(f *row) *string { return &f.Raw }),
		instant("received_at", func(f *row) *schemas.Instant { return &f.ReceivedAt }),
		{"journal_id", journal, func(f *row) { journal.Append(f.journal) }, func(f *row, i int) { f.journal = journal.Row(i) }},
	}
}
