package files

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// A date is taken for one with a mistyped year where it is more than farDays away from the dates of most rows, has at
// most half as many rows as they and, in one of their years, would lie at most nearDays away from them.
const farDays, nearDays = 100, 31

// dateCounts counts the rows of a file by the UTC dates on which they start.
type dateCounts map[schemas.Date]int

// apart returns the dates whose year seems mistyped, with the dates of most rows in words.
func (c dateCounts) apart() (far map[schemas.Date]bool, most string) {
	type group struct {
		dates []schemas.Date
		rows  int
	}
	var groups []group
	for _, day := range slices.Sorted(maps.Keys(c)) {
		n := len(groups) - 1
		if n < 0 || day-groups[n].dates[len(groups[n].dates)-1] > farDays {
			groups, n = append(groups, group{}), n+1
		}
		groups[n].dates, groups[n].rows = append(groups[n].dates, day), groups[n].rows+c[day]
	}
	if len(groups) < 2 {
		return nil, ""
	}
	main := slices.MaxFunc(groups, func(a, b group) int { return a.rows - b.rows })
	first, last := main.dates[0], main.dates[len(main.dates)-1]
	far = map[schemas.Date]bool{}
	for _, g := range groups {
		for _, day := range g.dates {
			far[day] = 2*g.rows <= main.rows && fitsInAYearOf(day, first, last)
		}
	}
	return far, fmt.Sprintf("%s to %s", first, last)
}

// fitsInAYearOf says whether the day of the year is near two dates in the year of one of them.
func fitsInAYearOf(day, first, last schemas.Date) bool {
	_, month, d := day.Parts()
	from, _, _ := first.Parts()
	to, _, _ := last.Parts()
	for year := from; year <= to; year++ {
		if there := schemas.MakeDate(year, month, d); first-nearDays <= there && there <= last+nearDays {
			return true
		}
	}
	return false
}

// rejectFar rejects the agent's rows on dates that are far from the others. Of which date they are is not known, so
// that a partial import leaves all of the agent's alone.
func (s *scheduleReader) rejectFar(a *agentRows) {
	if len(s.far) == 0 {
		return
	}
	a.rows = slices.DeleteFunc(a.rows, func(r scheduleRow) bool {
		day := schemas.UTC.Date(r.start)
		if !s.far[day] {
			return false
		}
		p := s.farProblem(day)
		p.Line, p.Column, p.Field = int(r.line), int(r.column), "start"
		s.report.reject(p)
		s.spoil(a.id, nil)
		return true
	})
}

// freeDates returns the first and the last date on which the file says that somebody is free; those that are far from
// the others are rejected.
func (s *scheduleReader) freeDates() (first, last schemas.Date) {
	for _, day := range slices.Sorted(maps.Keys(s.off)) {
		if s.far[day] {
			p := s.farProblem(day)
			p.Line, p.Field = s.off[day], "date"
			s.report.Read++
			s.report.Rejected++
			s.report.problem(p)
			continue
		}
		if first == 0 {
			first = day
		}
		last = day
	}
	return first, last
}

func (s *scheduleReader) farProblem(day schemas.Date) rows.Problem {
	return rows.Problem{
		Message: fmt.Sprintf("%s is more than %d days away from the dates of most rows, %s", day, farDays, s.farFrom),
		Remedy:  "is the year right? give --from and --to if the date is meant",
	}
}

// mostDatesNamed is how many dates a warning names.
const mostDatesNamed = 10

// outsiders warns of the dates on which the agent has rows and is not in the roster; rows are in order of day.
func (s *scheduleReader) outsiders(id string, dated []scheduleRow) {
	if s.anyone || len(s.zones.members[id]) == 0 {
		return
	}
	var days []string
	var first *scheduleRow
	for i := range dated {
		r := &dated[i]
		if i > 0 && dated[i-1].day == r.day || s.known.Member(id, r.day) != nil {
			continue
		}
		if first == nil {
			first = r
		}
		days = append(days, r.day.String())
	}
	if first == nil {
		return
	}
	named := strings.Join(days[:min(len(days), mostDatesNamed)], ", ")
	if more := len(days) - mostDatesNamed; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	p := first.problem("correct the roster, or leave these dates out: they are nobody's team",
		"%s is in no roster row on %s, and is scheduled then", id, named)
	p.Field = "agent_id"
	s.report.Warn(p)
}
