package chstore

import (
	"context"

	"rollcall/schemas"
)

// tailOverlapMS is how far a poll looks back behind the newest row that it has seen, because a row's written_at is set
// when its insert begins and it becomes visible when the insert ends.
const tailOverlapMS = schemas.MinuteMS

// Tail follows the journal: each Poll returns the rows that became visible since the one before. It is for one
// goroutine.
type Tail struct {
	s *Store
	// newest is the latest written_at seen, by the server's clock; seen holds the rows of the overlap behind it.
	newest schemas.Instant
	seen   map[string]schemas.Instant
	begun  bool
}

// tailRow is a journal row with the server's instant of writing.
type tailRow struct {
	schemas.JournalRow
	writtenAt schemas.Instant
}

// Tail returns a follower whose first Poll returns nothing and marks where following begins: take it before reading
// what the journal will update, so that nothing falls between.
func (s *Store) Tail() *Tail { return &Tail{s: s, seen: map[string]schemas.Instant{}} }

// Poll returns every row that became visible since the last Poll, each once, in the order of writing.
func (t *Tail) Poll(ctx context.Context, yield func(*schemas.JournalRow) error) error {
	if !t.begun {
		return t.begin(ctx)
	}
	q := query("journal_tail").number("after", int64(t.newest.Add(-tailOverlapMS)))
	err := each(ctx, t.s, "follow the journal", q, tailFields, func(r *tailRow) error {
		if _, ok := t.seen[r.ID]; ok {
			return nil
		}
		if err := yield(&r.JournalRow); err != nil {
			return err
		}
		t.seen[r.ID], t.newest = r.writtenAt, max(t.newest, r.writtenAt)
		return nil
	})
	for id, at := range t.seen {
		if at < t.newest.Add(-2*tailOverlapMS) {
			delete(t.seen, id)
		}
	}
	return err
}

// begin marks everything that is visible now as seen.
func (t *Tail) begin(ctx context.Context) error {
	q := query("journal_tail_begin").number("overlap_ms", tailOverlapMS)
	rows, err := all(ctx, t.s, "begin to follow the journal", q, tailFields)
	if err != nil {
		return err
	}
	for _, r := range rows {
		t.newest = max(t.newest, r.writtenAt)
		if r.ID != noUUID {
			t.seen[r.ID] = r.writtenAt
		}
	}
	t.begun = true
	return nil
}

// noUUID is the id of the row in which the server says what time it is.
const noUUID = "00000000-0000-0000-0000-000000000000"

func tailFields(r *tailRow) []field {
	return append(fieldsOf(&r.JournalRow), field{"written_at", &r.writtenAt})
}
