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
		block, _ := s.factBlocks.Get().(*factBlock)
		if block == nil {
			block = newFactBlock()
		}
		defer s.factBlocks.Put(block)
		for part := range splitByMonth(changes) {
			if err := s.insertFacts(ctx, block, part, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) insertFacts(ctx context.Context, block *factBlock, changes []schemas.Change, id uuid.UUID) error {
	for end := len(changes); end > 0; end -= factsPerInsert {
		block.reset()
		// Backwards: of rows with one key and one receipt the server keeps the one inserted last, and the first shall count.
		for i := end - 1; i >= max(0, end-factsPerInsert); i-- {
			block.add(&changes[i], id)
		}
		input := block.input()
		if err := s.do(ctx, ch.Query{Body: input.Into("status_changes_store"), Input: input, Settings: oneThread}); err != nil {
			return fmt.Errorf("insert %d facts: %w", block.at.Rows(), err)
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

// factBlock is the columns of one insert of facts; it is used again and again.
type factBlock struct {
	agent, id, note, raw      proto.ColStr
	at, received              instants
	presence, status, routing words
	source, secondary         lowTextsWritten
	journal                   proto.ColUUID
}

func newFactBlock() *factBlock {
	b := &factBlock{}
	b.presence.of, b.status.of, b.routing.of = typePresence, typeStatus, typeRouting
	return b
}

func (b *factBlock) input() proto.Input {
	return proto.Input{
		{Name: "agent_id", Data: &b.agent}, {Name: "at", Data: &b.at}, {Name: "id", Data: &b.id},
		{Name: "source", Data: &b.source}, {Name: "presence", Data: &b.presence}, {Name: "status", Data: &b.status},
		{Name: "routing", Data: &b.routing}, {Name: "secondary", Data: &b.secondary}, {Name: "note", Data: &b.note},
		{Name: "raw", Data: &b.raw}, {Name: "received_at", Data: &b.received}, {Name: "journal_id", Data: &b.journal},
	}
}

func (b *factBlock) reset() {
	for _, c := range b.input() {
		c.Data.(proto.Resettable).Reset() //nolint:forcetypeassert // every column of the block can be emptied
	}
}

func (b *factBlock) add(c *schemas.Change, journal uuid.UUID) {
	b.agent.Append(c.AgentID)
	b.at.add(c.At)
	b.id.Append(c.ID)
	b.source.add(c.Source)
	b.presence.add(uint8(c.Presence))
	b.status.add(uint8(c.Status))
	b.routing.add(uint8(c.Routing))
	b.secondary.add(c.Secondary)
	b.note.Append(c.Note)
	b.raw.Append(c.Raw)
	b.received.add(c.ReceivedAt)
	b.journal.Append(journal)
}
