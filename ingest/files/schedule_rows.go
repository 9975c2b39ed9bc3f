package files

import (
	"rollcall/schemas"
)

// scheduleRow is an activity of a file in 48 bytes, so that millions can be held: its texts are numbers in a texts.
type scheduleRow struct {
	start, end                     schemas.Instant
	code, shift, description, line uint32
	// day is the local date under which the activity lies, once that is known.
	day schemas.Date
	// column is that of the start. Line and column together name the row.
	column   uint32
	category schemas.Category
	paid     bool
	// marker says that the row is time off on a date, which gives way to what is scheduled on it; day is that date until
	// the row is placed. It lasts most minutes, or all of its time where that is 0.
	marker bool
	most   uint16
	// cut says that the row ends at midnight only because its file cuts there.
	cut bool
}

func (r *scheduleRow) interval() schemas.Interval {
	return schemas.Interval{Start: r.start, End: r.end}
}

// texts numbers different texts.
type texts struct {
	list    []string
	numbers map[string]uint32
}

func newTexts() *texts { return &texts{list: []string{""}, numbers: map[string]uint32{"": 0}} }

// number returns the number of the text.
func (t *texts) number(s string) uint32 {
	if n, ok := t.numbers[s]; ok {
		return n
	}
	n := uint32(len(t.list)) //nolint:gosec // a file has fewer rows
	t.list = append(t.list, s)
	t.numbers[s] = n
	return n
}

// pack makes the row of an activity whose start stands in the column.
func (t *texts) pack(a *schemas.Activity, column int) scheduleRow {
	return scheduleRow{
		start:       a.Start,
		end:         a.End,
		code:        t.number(a.Code),
		shift:       t.number(a.Shift),
		description: t.number(a.Description),
		line:        uint32(a.Line), //nolint:gosec // places in a file
		column:      uint32(column), //nolint:gosec // places in a file
		category:    a.Category,
		paid:        a.Paid,
	}
}

// unpack returns the activity of a row.
func (t *texts) unpack(r *scheduleRow) schemas.Activity {
	return schemas.Activity{
		Start:       r.start,
		End:         r.end,
		Code:        t.list[r.code],
		Category:    r.category,
		Shift:       t.list[r.shift],
		Paid:        r.paid,
		Description: t.list[r.description],
		Line:        int(r.line),
	}
}
