package decisions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/ingest"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// MeaningStore holds what state texts stand for, and the facts with texts that are not mapped (satisfied by
// chstore.Store).
type MeaningStore interface {
	Meanings(ctx context.Context, known schemas.Instant) ([]schemas.Meaning, error)
	Statuses(ctx context.Context, known schemas.Instant) ([]schemas.SecondaryStatus, error)
	WriteMeanings(ctx context.Context, row schemas.JournalRow, meanings []schemas.Meaning) error
	WriteStatuses(ctx context.Context, row schemas.JournalRow, statuses []schemas.SecondaryStatus) error
	RawChanges(ctx context.Context, contains string, yield func(*schemas.Change) error) error
	UnmappedStates(ctx context.Context, since schemas.Instant, limit int) ([]chstore.UnmappedState, error)
	UnmappedActivities(ctx context.Context, from schemas.Date, limit int) ([]chstore.UnmappedActivity, error)
}

// Meanings takes in what people decide that state texts stand for. All fields must be set.
type Meanings struct {
	Store MeaningStore
	// Refresh brings what is stored into force; Mapping returns the mapping in force.
	Refresh func(ctx context.Context) error
	Mapping func() *ingest.Mapping
	// Accept takes facts on disk (spool.Spool has one).
	Accept func(ctx context.Context, b ingest.Batch) (ingest.Receipt, error)
}

// rereadAtOnce is how many facts are written in one batch.
const rereadAtOnce = 5000

// Map stores what a state text stands for with its journal row, brings it into force at once, and reads again the facts
// that hold the text raw: each gets a later one beside it, so that its day is judged again. It returns how many.
func (d *Meanings) Map(ctx context.Context, m schemas.Meaning, row schemas.JournalRow) (reread int, err error) {
	if m.Field == schemas.MeaningStatus {
		err = d.Store.WriteStatuses(ctx, row,
			[]schemas.SecondaryStatus{{Secondary: m.Text, Status: m.Status, RecordedAt: m.RecordedAt}})
	} else {
		err = d.Store.WriteMeanings(ctx, row, []schemas.Meaning{m})
	}
	if err == nil {
		err = d.Refresh(ctx)
	}
	if err != nil {
		return 0, err
	}
	return d.reread(ctx, m, row.Actor)
}

// List returns what has been decided that state texts stand for, secondary statuses included.
func (d *Meanings) List(ctx context.Context) ([]schemas.Meaning, error) {
	list, err := d.Store.Meanings(ctx, 0)
	if err != nil {
		return nil, err
	}
	statuses, err := d.Store.Statuses(ctx, 0)
	for _, s := range statuses {
		list = append(list, schemas.Meaning{Field: schemas.MeaningStatus, Text: s.Secondary, Status: s.Status,
			RecordedAt: s.RecordedAt})
	}
	return list, err
}

// reread writes, for every fact that holds the text raw, the fact that says what it means now.
func (d *Meanings) reread(ctx context.Context, m schemas.Meaning, actor string) (count int, err error) {
	mapping := d.Mapping()
	b := ingest.Batch{Actor: actor, Origin: fmt.Sprintf("%s text %q means %s", m.Field, m.Text, m.Words())}
	flush := func() error {
		if len(b.Changes) == 0 {
			return nil
		}
		if _, err := d.Accept(ctx, b); err != nil {
			return fmt.Errorf("reading %q again: %w", m.Text, err)
		}
		count += len(b.Changes)
		b.Changes = nil
		return nil
	}
	err = d.Store.RawChanges(ctx, m.Field+"=", func(c *schemas.Change) error {
		if !slices.ContainsFunc(ingest.SplitRaw(c.Raw), func(u ingest.Unmapped) bool { return u.Is(&m) }) {
			return nil
		}
		if again, ok := mapping.Reread(c); ok {
			b.Changes = append(b.Changes, again)
		}
		if len(b.Changes) < rereadAtOnce {
			return nil
		}
		return flush()
	})
	return count, errors.Join(err, flush())
}

// UnmappedText is a state text or an activity code without a meaning: how often it came, from which sources, and when
// last.
type UnmappedText struct {
	Field, Text, Sources string
	Count                int64
	Last                 schemas.Instant
	// Category is the one that the schedule gave an activity code; none for states.
	Category schemas.Category
}

// The bounds of what counts as unmapped now.
const (
	unmappedStateDays    = 30
	unmappedActivityDays = 7
	unmappedTexts        = 500
)

// Unmapped returns state texts and activity codes without a meaning, the most frequent first. A text that has been
// given one since its facts came in is left out.
func (d *Meanings) Unmapped(ctx context.Context, now schemas.Instant) ([]UnmappedText, error) {
	states, err := d.Store.UnmappedStates(ctx, now.Add(-unmappedStateDays*schemas.DayMS), unmappedTexts)
	if err != nil {
		return nil, err
	}
	codes, err := d.Store.UnmappedActivities(ctx, schemas.UTC.Date(now)-unmappedActivityDays, unmappedTexts)
	if err != nil {
		return nil, err
	}
	list := d.unmappedStates(states)
	for _, c := range codes {
		category, err := schemas.ParseCategory(c.Category)
		if err != nil {
			return nil, fmt.Errorf("category of activity code %q: %w", c.Code, err)
		}
		list = append(list, UnmappedText{Field: "activity", Text: c.Code, Count: int64(c.Times), Last: c.Last,
			Category: category})
	}
	slices.SortStableFunc(list, func(x, y UnmappedText) int { return cmp.Compare(y.Count, x.Count) })
	return list, nil
}

// unmappedStates adds up each text over the facts that hold it, alone or beside another.
func (d *Meanings) unmappedStates(states []chstore.UnmappedState) []UnmappedText {
	mapping := d.Mapping()
	place := map[ingest.Unmapped]int{}
	var list []UnmappedText
	for _, s := range states {
		for _, u := range ingest.SplitRaw(s.Raw) {
			if mapping.Understands(u) {
				continue
			}
			i, known := place[u]
			if !known {
				i = len(list)
				place[u] = i
				list = append(list, UnmappedText{Field: u.Field, Text: u.Text, Sources: s.Sources})
			}
			list[i].Count += int64(s.Times)
			list[i].Last = max(list[i].Last, s.Last)
		}
	}
	return list
}
