package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
)

// rereadAtOnce is how many facts are written in one batch.
const rereadAtOnce = 5000

// MapState keeps what a state text stands for, has it in force at once, and reads again what was kept raw of it: the facts
// of before get a later one beside them, so that their days are judged again. It gives how many there were.
func (a admin) MapState(ctx context.Context, m schemas.Meaning, row schemas.JournalRow) (reread int, err error) {
	if m.Field == schemas.MeaningStatus {
		err = a.WriteStatuses(ctx, row, []schemas.SecondaryStatus{{Secondary: m.Text, Status: m.Status, RecordedAt: m.RecordedAt}})
	} else {
		err = a.WriteMeanings(ctx, row, []schemas.Meaning{m})
	}
	if err == nil {
		err = a.d.readTables(ctx)
	}
	if err != nil {
		return 0, err
	}
	return a.reread(ctx, m, row.Actor)
}

// Meanings gives what has been decided that state texts stand for, secondary statuses included.
func (a admin) Meanings(ctx context.Context) ([]schemas.Meaning, error) {
	list, err := a.Store.Meanings(ctx, 0)
	if err != nil {
		return nil, err
	}
	statuses, err := a.Statuses(ctx, 0)
	for _, s := range statuses {
		list = append(list, schemas.Meaning{Field: schemas.MeaningStatus, Text: s.Secondary, Status: s.Status, RecordedAt: s.RecordedAt})
	}
	return list, err
}

// reread writes, for every fact that has kept the text raw, the fact that says what it means now.
func (a admin) reread(ctx context.Context, m schemas.Meaning, actor string) (count int, err error) {
	words := a.d.words.Load()
	b := ingest.Batch{Actor: actor, Origin: fmt.Sprintf("%s text %q means %s", m.Field, m.Text, m.Words())}
	flush := func() error {
		if len(b.Changes) == 0 {
			return nil
		}
		if _, err := a.d.spool.Accept(ctx, b); err != nil {
			return fmt.Errorf("reading %q again: %w", m.Text, err)
		}
		count += len(b.Changes)
		b.Changes = nil
		return nil
	}
	err = a.RawChanges(ctx, m.Field+"=", func(c *schemas.Change) error {
		if !slices.ContainsFunc(ingest.SplitRaw(c.Raw), func(u ingest.Unmapped) bool { return u.Is(&m) }) {
			return nil
		}
		if again, ok := words.Reread(c); ok {
			b.Changes = append(b.Changes, again)
		}
		if len(b.Changes) < rereadAtOnce {
			return nil
		}
		return flush()
	})
	return count, errors.Join(err, flush())
}
