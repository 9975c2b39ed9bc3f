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
	Totals struct {
		Added     int `json:"added"`
		Changed   int `json:"changed"`
		Removed   int `json:"removed"`
		Unchanged int `json:"unchanged"`
	} `json:"totals"`
	Codes []CodeChange `json:"codes"`
}

// code is an activity code or a secondary status by what can differ.
type code struct {
	name   string
	fields []FieldChange // Before is empty
}

func codesOf(list []schemas.ActivityCode) (out []code) {
	for i := range list {
		c := &list[i]
		out = append(out, code{c.Code,
			[]FieldChange{{"category", "", c.Category.String()}, {"paid", "", strconv.FormatBool(c.Paid)},
				{"counts_as_shrinkage", "", strconv.FormatBool(c.CountsAsShrinkage)}}})
	}
	return out
}

func labelsOf(list []schemas.SecondaryStatus) (out []code) {
	for i := range list {
		out = append(out, code{list[i].Secondary, []FieldChange{{"status", "", list[i].Status.String()}}})
	}
	return out
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
		change := CodeChange{Code: a.name, Change: Changed, Fields: slices.Clone(a.fields)}
		switch {
		case !was:
			c.Totals.Added++
			change.Change = Added
		case slices.Equal(a.fields, b.fields):
			c.Totals.Unchanged++
			continue
		default:
			c.Totals.Changed++
			for i := range change.Fields {
				change.Fields[i].Before = b.fields[i].After
			}
			change.Fields = slices.DeleteFunc(change.Fields, func(f FieldChange) bool { return f.Before == f.After })
		}
		c.Codes = append(c.Codes, change)
	}
	for name := range held {
		if whole {
			c.Totals.Removed++
			c.Codes = append(c.Codes, CodeChange{Code: name, Change: Removed, Fields: []FieldChange{}})
		}
	}
	slices.SortFunc(c.Codes, func(a, b CodeChange) int { return cmp.Compare(a.Code, b.Code) })
	return c
}

// codeStore is how activity codes, or secondary statuses, are held.
type codeStore[T comparable] struct {
	held  func(ctx context.Context, knownAt schemas.Instant) ([]T, error)
	write func(ctx context.Context, row schemas.JournalRow, rows []T) error
	// parts are the name of a row, when it became known, and whether it is removed.
	parts func(*T) (name *string, at *schemas.Instant, removed *bool)
	// fields are what can differ.
	fields func([]T) []code
}

func (m *Ledger) activityCodes() codeStore[schemas.ActivityCode] {
	return codeStore[schemas.ActivityCode]{m.store.ActivityCodes, m.store.WriteActivityCodes,
		func(c *schemas.ActivityCode) (*string, *schemas.Instant, *bool) {
			return &c.Code, &c.RecordedAt, &c.Removed
		}, codesOf}
}

func (m *Ledger) secondaryStatuses() codeStore[schemas.SecondaryStatus] {
	return codeStore[schemas.SecondaryStatus]{m.store.Statuses, m.store.WriteStatuses,
		func(s *schemas.SecondaryStatus) (*string, *schemas.Instant, *bool) {
			return &s.Secondary, &s.RecordedAt, &s.Removed
		}, labelsOf}
}

// activities adds codes and new versions of codes. The category of activities that are scheduled already stays.
func (m *Ledger) activities(ctx context.Context, in files.Input, opt *files.Options) (*Result, error) {
	read, found, err := files.ReadActivityCodes(ctx, in, *opt)
	report := resultOf(found, opt)
	if err != nil {
		return report, err
	}
	return report, importCodes(ctx, m, m.activityCodes(), in, opt, report, read)
}

// statuses adds secondary statuses and new versions of them.
func (m *Ledger) statuses(ctx context.Context, in files.Input, opt *files.Options) (*Result, error) {
	read, found, err := files.ReadStatuses(ctx, in, *opt)
	report := resultOf(found, opt)
	if err != nil {
		return report, err
	}
	return report, importCodes(ctx, m, m.secondaryStatuses(), in, opt, report, read)
}

// importCodes compares and writes codes or statuses, one import at a time.
func importCodes[T comparable](ctx context.Context, m *Ledger, c codeStore[T], in files.Input, opt *files.Options,
	report *Result,
	read []T) error {
	return m.alone(ctx, schemas.JournalActivities, opt.DryRun, opt.Waiting, func(ctx context.Context) error {
		led, err := m.turn(ctx, schemas.JournalActivities, opt)
		if err != nil {
			return err
		}
		held, err := c.held(ctx, 0)
		if err != nil {
			return err
		}
		known := func(v T, at schemas.Instant) T {
			_, recorded, _ := c.parts(&v)
			*recorded = at
			return v
		}
		report.Codes = compareCodes(c.fields(held), c.fields(read), false)
		out := differing(report, held, read, func(v T) T { return known(v, 0) })
		for i := range out {
			out[i] = known(out[i], led.at)
		}
		report.BaseRevision = led.base
		row := m.journal(schemas.JournalActivities, in, opt, led.at, changedDetail(report))
		made := led.entry(&row, report)
		made.Added, made.Changed = report.Codes.Totals.Added, report.Codes.Totals.Changed
		return report.enter(opt, row, made, func() error {
			if err := m.store.WriteImport(ctx, made); err != nil {
				return err
			}
			return c.write(ctx, row, out)
		})
	})
}

// differing returns the rows that are not held just so, and counts both sorts. bare takes recorded_at off a row.
func differing[T comparable](report *Result, held, read []T, bare func(T) T) []T {
	known := map[T]bool{}
	for _, h := range held {
		known[bare(h)] = true
	}
	var out []T
	for _, r := range read {
		if known[bare(r)] {
			report.Unchanged++
		} else {
			out = append(out, r)
		}
	}
	report.Written = len(out)
	return out
}

func changedDetail(r *Result) string {
	return fmt.Sprintf("%d %s written, %d unchanged", r.Written, r.Kind, r.Unchanged)
}
