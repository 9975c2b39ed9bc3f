package imports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// CodeChange is what happens to one activity code or secondary status.
type CodeChange struct {
	Code   string        `json:"code"`
	Change ChangeKind    `json:"change"`
	Fields []FieldChange `json:"fields"`
}

// CodesChange is what an import of activity codes or secondary statuses, or the undo of one, does.
type CodesChange struct {
	Totals Tally        `json:"totals"`
	Codes  []CodeChange `json:"codes"`
}

// add counts and lists a code that changes.
func (c *CodesChange) add(code string, change ChangeKind, fields []FieldChange) {
	c.Totals.count(change)
	if change == Removed {
		fields = []FieldChange{}
	}
	c.Codes = append(c.Codes, CodeChange{code, change, fields})
}

// code is an activity code or a secondary status by what can differ.
type code struct {
	name   string
	fields []FieldChange // Before is empty
}

// compareCodes says what lies between two lists. With whole, what is not in after is removed.
func compareCodes(before, after []code, whole bool) *CodesChange {
	c := &CodesChange{Codes: []CodeChange{}}
	held := map[string]code{}
	for _, b := range before {
		held[b.name] = b
	}
	for _, a := range after {
		b, was := held[a.name]
		delete(held, a.name)
		fields := slices.Clone(a.fields)
		switch {
		case !was:
			c.add(a.name, Added, fields)
		case slices.Equal(a.fields, b.fields):
			c.Totals.Unchanged++
		default:
			for i := range fields {
				fields[i].Before = b.fields[i].After
			}
			c.add(a.name, Changed, slices.DeleteFunc(fields, func(f FieldChange) bool { return f.Before == f.After }))
		}
	}
	for name := range held {
		if whole {
			c.add(name, Removed, nil)
		}
	}
	slices.SortFunc(c.Codes, func(a, b CodeChange) int { return cmp.Compare(a.Code, b.Code) })
	return c
}

// codeStore is how activity codes, or secondary statuses, are held.
type codeStore[T comparable] struct {
	held  func(ctx context.Context, knownAt schemas.Instant) ([]T, error)
	write func(ctx context.Context, row schemas.JournalRow, rows []T) error
	code  func(T) code
	// state is when a row became known, and whether it is removed.
	state func(*T) (at *schemas.Instant, removed *bool)
}

func (m *Ledger) activityCodes() *codeStore[schemas.ActivityCode] {
	return &codeStore[schemas.ActivityCode]{m.store.ActivityCodes, m.store.WriteActivityCodes,
		func(c schemas.ActivityCode) code {
			return code{c.Code, []FieldChange{
				{"category", "", c.Category.String()},
				{"paid", "", strconv.FormatBool(c.Paid)},
				{"counts_as_shrinkage", "", strconv.FormatBool(c.CountsAsShrinkage)},
			}}
		},
		func(c *schemas.ActivityCode) (*schemas.Instant, *bool) { return &c.RecordedAt, &c.Removed }}
}

func (m *Ledger) secondaryStatuses() *codeStore[schemas.SecondaryStatus] {
	return &codeStore[schemas.SecondaryStatus]{m.store.Statuses, m.store.WriteStatuses,
		func(s schemas.SecondaryStatus) code {
			return code{s.Secondary, []FieldChange{{"status", "", s.Status.String()}}}
		},
		func(s *schemas.SecondaryStatus) (*schemas.Instant, *bool) { return &s.RecordedAt, &s.Removed }}
}

// codes returns the rows by what can differ.
func (c *codeStore[T]) codes(list []T) []code {
	out := make([]code, len(list))
	for i := range list {
		out[i] = c.code(list[i])
	}
	return out
}

// byName returns the rows by name.
func (c *codeStore[T]) byName(list []T) map[string]T {
	out := map[string]T{}
	for _, v := range list {
		out[c.code(v).name] = v
	}
	return out
}

// at returns the row as it becomes known at the instant.
func (c *codeStore[T]) at(v T, at schemas.Instant) T {
	recorded, _ := c.state(&v)
	*recorded = at
	return v
}

// activities adds codes and new versions of codes. The category of activities that are scheduled already stays.
func (m *Ledger) activities(ctx context.Context, in files.Input, opt *Options) (*Result, error) {
	read, found, err := files.ReadActivityCodes(ctx, in, opt.Options)
	return importCodes(ctx, m, m.activityCodes(), in, opt, read, resultOf(found, opt), err)
}

// statuses adds secondary statuses and new versions of them.
func (m *Ledger) statuses(ctx context.Context, in files.Input, opt *Options) (*Result, error) {
	read, found, err := files.ReadStatuses(ctx, in, opt.Options)
	return importCodes(ctx, m, m.secondaryStatuses(), in, opt, read, resultOf(found, opt), err)
}

// importCodes compares and writes codes or statuses that were read, unless the file could not be.
func importCodes[T comparable](ctx context.Context, m *Ledger, c *codeStore[T], in files.Input, opt *Options,
	read []T, r *Result, err error) (*Result, error) {
	if err != nil {
		return r, err
	}
	return r, m.compared(ctx, schemas.JournalActivities, in, opt, r, func(ctx context.Context, w *writing) error {
		held, err := c.held(ctx, 0)
		if err != nil {
			return err
		}
		r.Codes = compareCodes(c.codes(held), c.codes(read), false)
		out := differing(r, held, read, func(v T) T { return c.at(v, 0) })
		for i := range out {
			out[i] = c.at(out[i], w.at)
		}
		w.row.Detail = changedDetail(r)
		w.counts(&r.Codes.Totals)
		m.recorded(ctx, w, func() error { return c.write(ctx, w.row, out) })
		return nil
	})
}

// differing returns the rows that are not held just so, and counts both sorts. bare takes recorded_at off a row.
func differing[T comparable](r *Result, held, read []T, bare func(T) T) []T {
	known := map[T]bool{}
	for _, h := range held {
		known[bare(h)] = true
	}
	out := slices.DeleteFunc(slices.Clone(read), func(v T) bool { return known[bare(v)] })
	r.Written, r.Unchanged = len(out), len(read)-len(out)
	return out
}

func changedDetail(r *Result) string {
	return fmt.Sprintf("%d %s written, %d unchanged", r.Written, r.Kind, r.Unchanged)
}

// diffCodes compares both, codes and statuses, as their imports share one kind in the journal.
func (m *Ledger) diffCodes(ctx context.Context, d *Diff) error {
	codes, err := m.activityCodes().between(ctx, &d.Import)
	if err != nil {
		return err
	}
	statuses, err := m.secondaryStatuses().between(ctx, &d.Import)
	if err != nil {
		return err
	}
	codes.Totals.add(&statuses.Totals)
	codes.Totals.Unchanged = d.Import.Unchanged
	codes.Codes = append(codes.Codes, statuses.Codes...)
	d.Codes = codes
	return nil
}

// between compares what was known before an import with what is known since it.
func (c *codeStore[T]) between(ctx context.Context, made *Entry) (*CodesChange, error) {
	was, are, err := bothSides(ctx, made, c.held)
	return compareCodes(c.codes(was), c.codes(are), true), err
}

func (m *Ledger) undoCodes(ctx context.Context, u *undoing) error {
	u.Codes = &CodesChange{Codes: []CodeChange{}}
	writeCodes, err := m.activityCodes().restore(ctx, u)
	if err != nil {
		return err
	}
	writeStatuses, err := m.secondaryStatuses().restore(ctx, u)
	if err != nil {
		return err
	}
	u.counts(&u.Codes.Totals)
	m.recorded(ctx, u.writing, func() error {
		if err := writeCodes(); err != nil {
			return err
		}
		return writeStatuses()
	})
	return nil
}

// restore finds the codes or statuses that an undo writes, and returns what writes them.
func (c *codeStore[T]) restore(ctx context.Context, u *undoing) (write func() error, err error) {
	was, made, err := bothSides(ctx, &u.Undoes, c.held)
	if err != nil {
		return nil, err
	}
	now, err := c.held(ctx, 0)
	if err != nil {
		return nil, err
	}
	old, current := c.byName(was), c.byName(now)
	var out []T
	for _, v := range made {
		if at, _ := c.state(&v); *at != u.Undoes.RecordedAt {
			continue // another import's
		}
		name := c.code(v).name
		if cur := current[name]; cur != v {
			since, _ := c.state(&cur)
			u.leave(name, nil, *since)
			continue
		}
		back, there := old[name]
		change := Changed
		if !there {
			back, change = v, Removed
		}
		at, removed := c.state(&back)
		*at, *removed = u.at, !there
		u.Restored++
		u.Codes.add(name, change, c.code(back).fields)
		out = append(out, back)
	}
	return func() error {
		if len(out) == 0 {
			return nil
		}
		return c.write(ctx, u.row, out)
	}, nil
}
