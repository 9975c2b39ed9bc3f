package files

import (
	"rollcall/schemas"
)

// nothing notes that the file says of an agent that nothing is scheduled on a date, so that the date is replaced too.
func (s *scheduleReader) nothing(agent string) {
	day, ok := s.dateText(scheduleDate)
	if !s.bad && ok {
		s.freeOn(agent, day)
	}
}

// freeOn notes that nothing is scheduled for the agent on the date.
func (s *scheduleReader) freeOn(agent string, day schemas.Date) {
	rows := s.rowsOf(agent)
	rows.free = append(rows.free, day)
	s.dates[day]++
	if s.off[day] == 0 {
		s.off[day] = s.rec.Line
	}
}

// rejoin makes one activity of those that the file cuts at midnight. Time off stays cut: it belongs to the dates that
// it covers.
func (d *dayMaking) rejoin(rows []scheduleRow) []scheduleRow {
	out := rows[:0]
	for _, r := range rows {
		if n := len(out) - 1; n >= 0 && continues(&out[n], &r) {
			out[n].end, out[n].cut = r.end, r.cut
			continue
		}
		out = append(out, r)
	}
	return out
}

// continues says whether b is the rest of a, which was cut at midnight.
func continues(a, b *scheduleRow) bool {
	return a.cut && a.end == b.start && a.code == b.code && a.shift == b.shift && a.description == b.description &&
		a.category == b.category && a.paid == b.paid && b.end.Sub(a.start) <= longestWork &&
		a.category != schemas.CategoryTimeOff && a.category != schemas.CategoryUnavailable
}
