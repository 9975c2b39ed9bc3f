package files

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// leftDays are the dates of one agent that an import with AllowPartial leaves as they are, because rows of them were
// rejected: to replace a day by what is left of its rows would cut a shift, or take it away (RULES.md section 4).
type leftDays struct {
	// all says that the date of a rejected row is not known, so that it may be any.
	all  bool
	days []schemas.Date
	// rows are those that were rejected while the file was read, before dates are known; without a start in none.
	rows []scheduleRow
}

// has says whether the date is left alone.
func (l *leftDays) has(day schemas.Date) bool {
	return l != nil && (l.all || slices.Contains(l.days, day))
}

// add leaves the date alone, and says whether that is new.
func (l *leftDays) add(day schemas.Date) bool {
	if l.has(day) {
		return false
	}
	l.days = append(l.days, day)
	return true
}

// spoil takes note of a rejected row of the agent: of what is known of it where start is not 0, else of the agent
// alone.
func (s *scheduleReader) spoil(agent string, a *schemas.Activity) {
	if !s.opt.AllowPartial || agent == "" || !s.anyone && len(s.zones.members[agent]) == 0 {
		return
	}
	l := s.left[agent]
	if l == nil {
		l = &leftDays{}
		s.left[agent] = l
	}
	if a == nil || a.Start == 0 {
		l.all = true
		return
	}
	row := s.shared.pack(a, 0)
	if row.end <= row.start || row.interval().MS() > longestWork {
		row.end = row.start.Add(longestWork) // where it ends is not known
	}
	l.rows = append(l.rows, row)
}

// unread takes note of a record that could not be read at all. Where it does not name its agent it may belong to the
// row before it or to the one after it.
func (s *scheduleReader) unread() {
	id := s.writtenAgent()
	if s.rec != nil && len(s.rec.Problems) > 0 || len(s.zones.members[id]) > 0 {
		s.spoil(id, nil)
		return
	}
	s.spoilNext = true
	if n := len(s.last.rows); n > 0 {
		s.spoilLike(s.last.id, s.last.rows[n-1])
	}
}

// writtenAgent is the agent of the present record as it is written, empty where there is none.
func (s *scheduleReader) writtenAgent() string {
	c := s.at[scheduleAgent]
	if c < 0 || s.rec == nil || c >= len(s.rec.Fields) {
		return ""
	}
	return strings.TrimSpace(string(s.rec.Fields[c].Text))
}

// spoilLike spoils the day of a good row.
func (s *scheduleReader) spoilLike(agent string, row scheduleRow) {
	a := s.shared.unpack(&row)
	s.spoil(agent, &a)
}

// leave takes the rows of the agent's days that are left alone away; rows have their dates.
func (d *dayMaking) leave(agent string, rows []scheduleRow, l *leftDays) []scheduleRow {
	if l == nil {
		return rows
	}
	for i := range l.rows {
		x := &l.rows[i]
		day := d.localDate(agent, x.start)
		l.add(day)
		near := schemas.Interval{Start: x.start.Add(-d.gapMS), End: x.end.Add(d.gapMS)}
		for k := range rows { // the shift may have begun the day before, or seem to begin the day after
			r := &rows[k]
			if r.interval().Overlaps(near) || x.shift != 0 && r.shift == x.shift && abs(r.day-day) <= 1 {
				l.add(r.day)
			}
		}
	}
	return slices.DeleteFunc(rows, func(r scheduleRow) bool { return l.has(r.day) })
}

func abs(d schemas.Date) schemas.Date { return max(d, -d) }

// warnOfLeft says which days of an agent stay as they are.
func warnOfLeft(report *Report, agent string, l *leftDays, from, to schemas.Date) {
	if l == nil {
		return
	}
	which := "on all dates, because it is not known of which date a rejected row is"
	if !l.all {
		slices.Sort(l.days)
		var names []string
		for _, day := range l.days {
			if from <= day && day <= to {
				names = append(names, day.String())
			}
		}
		if len(names) == 0 {
			return
		}
		which = "on " + strings.Join(names, ", ") + ", because rows of it were rejected"
	}
	report.Warn(rows.Problem{Field: "agent_id", Message: fmt.Sprintf("%s keeps what is scheduled %s", agent, which)})
}
