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
		out = append(out, code{c.Code, []FieldChange{{"category", "", c.Category.String()}, {"paid", "", strconv.FormatBool(c.Paid)},
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

// compareCodes tells what lies between two lists. With whole, what is not in after is removed.
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

// codesBetween tells what lies between two states of the activity codes.
func codesBetween(before, after []schemas.ActivityCode) *CodesChange {
	return compareCodes(codesOf(before), codesOf(after), true)
}

// statusesBetween tells what lies between two states of the secondary statuses.
func statusesBetween(before, after []schemas.SecondaryStatus) *CodesChange {
	return compareCodes(labelsOf(before), labelsOf(after), true)
}

// activities adds codes and new versions of codes. The category of activities that are scheduled already stays.
func (m *Ledger) activities(ctx context.Context, in files.Input, opt *files.Options) (*Result, error) {
	read, found, err := files.ReadActivityCodes(ctx, in, *opt)
	report := resultOf(found, opt)
	if err != nil {
		return report, err
	}
	return report, m.codes(ctx, in, opt, report, func(ctx context.Context, led *turn) (func(schemas.JournalRow) error, error) {
		held, err := m.store.ActivityCodes(ctx, 0)
		report.Codes = compareCodes(codesOf(held), codesOf(read), false)
		out := differing(report, held, read, func(c schemas.ActivityCode) schemas.ActivityCode { c.RecordedAt = 0; return c })
		for i := range out {
			out[i].RecordedAt = led.at
		}
		return func(row schemas.JournalRow) error { return m.store.WriteActivityCodes(ctx, row, out) }, err
	})
}

// statuses adds secondary statuses and new versions of them.
func (m *Ledger) statuses(ctx context.Context, in files.Input, opt *files.Options) (*Result, error) {
	read, found, err := files.ReadStatuses(ctx, in, *opt)
	report := resultOf(found, opt)
	if err != nil {
		return report, err
	}
	return report, m.codes(ctx, in, opt, report, func(ctx context.Context, led *turn) (func(schemas.JournalRow) error, error) {
		held, err := m.store.Statuses(ctx, 0)
		report.Codes = compareCodes(labelsOf(held), labelsOf(read), false)
		out := differing(report, held, read, func(s schemas.SecondaryStatus) schemas.SecondaryStatus { s.RecordedAt = 0; return s })
		for i := range out {
			out[i].RecordedAt = led.at
		}
		return func(row schemas.JournalRow) error { return m.store.WriteStatuses(ctx, row, out) }, err
	})
}

// codes compares and writes codes or statuses, one import at a time.
func (m *Ledger) codes(ctx context.Context, in files.Input, opt *files.Options, report *Result,
	compare func(context.Context, *turn) (write func(schemas.JournalRow) error, err error)) error {
	return m.alone(ctx, schemas.JournalActivities, opt.DryRun, opt.Waiting, func(ctx context.Context) error {
		led, err := m.turn(ctx, schemas.JournalActivities, opt)
		if err != nil {
			return err
		}
		write, err := compare(ctx, led)
		if err != nil {
			return err
		}
		report.BaseRevision = led.base
		row := m.journal(schemas.JournalActivities, in, opt, led.at, changedDetail(report))
		made := led.entry(&row, report)
		made.Added, made.Changed = report.Codes.Totals.Added, report.Codes.Totals.Changed
		return report.enter(opt, row, made, func() error {
			if err := m.store.WriteImport(ctx, made); err != nil {
				return err
			}
			return write(row)
		})
	})
}

// differing gives the rows that are not held just so, and counts both sorts. bare takes recorded_at off a row.
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
