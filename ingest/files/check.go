package files

import (
	"fmt"

	"rollcall/schemas"
)

// at says where another row stands, for a message about this one.
func (r *scheduleRow) at(other *scheduleRow) string {
	if r.line == other.line && other.column > 0 {
		return fmt.Sprintf("line %d, column %d", other.line, other.column)
	}
	return fmt.Sprintf("line %d", other.line)
}

// reject rejects a row, once for all of its parts.
func (d *dayMaking) reject(r *scheduleRow, remedy, format string, args ...any) {
	if d.rejected != nil {
		whole := *r
		whole.start, whole.end, whole.day = 0, 0, 0
		if d.rejected[whole] {
			return
		}
		d.rejected[whole] = true
	}
	d.spoiled = append(d.spoiled, *r)
	d.report.reject(r.problem(remedy, format, args...))
}

// gaps warns of time between two rows of a shift for which nothing is scheduled. rows are in order, of are their
// shifts.
func (d *dayMaking) gaps(agent string, rows []scheduleRow, of []int32) {
	d.lasts = d.lasts[:0]
	for range d.spans {
		d.lasts = append(d.lasts, -1)
	}
	for i := range rows {
		n := of[i]
		if n == schemas.NoShift {
			continue
		}
		if last := d.lasts[n]; last >= 0 && rows[last].end < rows[i].start {
			r, before := &rows[i], &rows[last]
			d.report.Warn(r.problem("is a row missing?",
				"nothing is scheduled for %s from %s to %s, inside a shift, between %q of %s and %q", agent, before.end, r.start,
				d.texts.list[before.code], r.at(before), d.texts.list[r.code]))
		}
		d.lasts[n] = int32(i) //nolint:gosec // an agent has few rows
	}
}

// unknownText is an agent or activity that is not known, by its column.
type unknownText struct {
	column int
	text   string
}

// maxUnknown bounds the unknown texts that are remembered.
const maxUnknown = 100_000

// unknown rejects the row for a text that is not known, in column c. Only the first row of a text is listed: one
// forgotten agent would else hide everything else.
func (s *scheduleReader) unknown(c int, text, remedy, format string, args ...any) {
	key := unknownText{c, text}
	if s.unknowns[key] {
		s.bad = true
		s.report.again(s.placed(c, remedy, format, args...))
		return
	}
	if s.unknowns == nil {
		s.unknowns = map[unknownText]bool{}
	}
	if len(s.unknowns) < maxUnknown {
		s.unknowns[key] = true
	}
	s.problem(c, remedy, format, args...)
}
