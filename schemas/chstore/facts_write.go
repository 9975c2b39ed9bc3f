package chstore

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/uuid"

	"rollcall/schemas"
)

// factsPerBlock bounds the rows that are held for the server at once.
const factsPerBlock = 8192

// factInsert is how facts are inserted: with one thread, because to wake more for a small block cost the server more
// than the insert, and in parts that bound the server's memory.
var factInsert = []ch.Setting{
	{Key: "max_threads", Value: "1", Important: true},
	{Key: "min_insert_block_size_rows", Value: "200000", Important: true},
}

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
		block.journal = id
		at := func(c *schemas.Change) schemas.Instant { return c.At }
		parts := slices.Collect(byMonths(changes, at))
		if len(parts) > 1 { // in order of time they are fewer
			changes = slices.Clone(changes)
			slices.SortStableFunc(changes, func(a, b schemas.Change) int { return cmp.Compare(a.At, b.At) })
			parts = slices.Collect(byMonths(changes, at))
		}
		for _, part := range parts {
			if err := s.insertFacts(ctx, block, part); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) insertFacts(ctx context.Context, block *factBlock, changes []schemas.Change) error {
	rows := len(changes)
	// Backwards: of rows with one key and one receipt the server keeps the one inserted last, and the first shall count.
	next := func(context.Context) error {
		if block.reset(); len(changes) == 0 {
			return io.EOF
		}
		for ; block.rows() < factsPerBlock && len(changes) > 0; changes = changes[:len(changes)-1] {
			block.put(changes[len(changes)-1:]...)
		}
		return nil
	}
	block.reset()
	input := block.input()
	q := ch.Query{Body: input.Into("status_changes_store"), Input: input, OnInput: next, Settings: factInsert}
	return wrap(fmt.Sprintf("insert %d facts", rows), s.do(ctx, q))
}

// factBlock is the columns of one insert of facts; they are used again and again.
type factBlock struct {
	block[schemas.Change]
	journal uuid.UUID
}

func newFactBlock() *factBlock {
	type row = schemas.Change
	b, share, journal := &factBlock{}, &sharing{}, new(proto.ColUUID)
	b.block = block[row]{
		text("agent_id", share, func(c *row) *string { return &c.AgentID }),
		instant("at", func(c *row) *schemas.Instant { return &c.At }),
		text("id", share, func(c *row) *string { return &c.ID }),
		lowText("source", share, func(c *row) *string { return &c.Source }),
		enum("presence", typePresence, func(c *row) *schemas.Presence { return &c.Presence }),
		enum("status", typeStatus, func(c *row) *schemas.Status { return &c.Status }),
		enum("routing", typeRouting, func(c *row) *schemas.Routing { return &c.Routing }),
		lowText("secondary", share, func(c *row) *string { return &c.Secondary }),
		text("note", share, func(c *row) *string { return &c.Note }),
		text("raw", share, func(c *row) *string { return &c.Raw }),
		instant("received_at", func(c *row) *schemas.Instant { return &c.ReceivedAt }),
		{name: "journal_id", data: journal, put: func([]row) { journal.Append(b.journal) }},
	}
	return b
}
