package files

import (
	"context"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Columns of an activities file.
const (
	codeCode = iota
	codeCategory
	codePaid
	codeShrinkage
)

// ReadActivityCodes reads activity codes, in the order of the file. Without a value, a code is paid unless it is a
// meal, time off or unavailable, and counts as shrinkage unless it is on-queue work (RULES.md section 8). RecordedAt is
// not set.
func ReadActivityCodes(ctx context.Context, in Input, opt Options) ([]schemas.ActivityCode, *Report, error) {
	return readUnique(ctx, Activities, in, &opt, codeCode, func(t *table) (string, schemas.ActivityCode) {
		c := schemas.ActivityCode{Code: t.id(codeCode), Category: t.readCategory(codeCategory)}
		c.Paid = t.choice(codePaid, paidByDefault(c.Category))
		c.CountsAsShrinkage = t.choice(codeShrinkage, c.Category != schemas.CategoryOnQueueWork)
		return c.Code, c
	})
}

// readUnique reads rows of which each has a key of its own, which is column c, in the order of the file. The same row
// again is a duplicate, another with its key a problem.
func readUnique[T comparable](ctx context.Context, k Kind, in Input, opt *Options, c int,
	read func(*table) (string, T)) ([]T, *Report, error) {
	type place struct{ row, line int }
	seen := map[string]place{}
	var all []T
	report, err := readOnce(ctx, k, in, opt, func(t *table) func() {
		return func() {
			key, row := read(t)
			before, again := seen[key]
			switch {
			case t.bad:
			case !again:
				seen[key] = place{len(all), t.rec.Line}
				all = append(all, row)
			case all[before.row] == row:
				t.dup = true
			default:
				t.problem(c, "leave one of them out", "%.60q stands in line %d already, with other values", key, before.line)
			}
		}
	})
	return all, report, err
}

func paidByDefault(c schemas.Category) bool {
	return c != schemas.CategoryMeal && c != schemas.CategoryTimeOff && c != schemas.CategoryUnavailable
}

// readCategory reads column c, which must be there.
func (t *table) readCategory(c int) schemas.Category {
	s := t.text(c)
	v, err := rows.ParseCategory(s)
	switch {
	case s == "":
		t.problem(c, "write a category such as on_queue_work", "is missing")
	case err != nil:
		t.problem(c, "", "%s", err.Error())
	}
	return v
}

// Columns of a statuses file.
const (
	statusesSecondary = iota
	statusesStatus
)

// ReadStatuses reads an organisation's secondary statuses, in the order of the file. RecordedAt is not set.
func ReadStatuses(ctx context.Context, in Input, opt Options) ([]schemas.SecondaryStatus, *Report, error) {
	return readUnique(ctx, Statuses, in, &opt, statusesSecondary, func(t *table) (string, schemas.SecondaryStatus) {
		s := schemas.SecondaryStatus{Secondary: t.id(statusesSecondary), Status: t.primary(statusesStatus)}
		return s.Secondary, s
	})
}

// primary reads column c as one of our six statuses.
func (t *table) primary(c int) schemas.Status {
	s := t.text(c)
	v, err := schemas.ParseStatus(s)
	for p := schemas.StatusAvailable; err != nil && p <= schemas.StatusOffQueue; p++ {
		if rows.FoldLetters(p.String()) == rows.FoldLetters(s) {
			v, err = p, nil
		}
	}
	switch {
	case s == "" || v == schemas.StatusUnknown:
		t.problem(c, "write the status that it belongs to, such as training", "is missing (%q)", s)
	case err != nil:
		t.problem(c, "", "%s", err.Error())
	}
	return v
}
