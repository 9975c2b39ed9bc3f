package profile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// dayMonthDoubt finds out whether a file whose dates are written as day and month, or month and day, may mean the
// other. A day after the 12th settles it. Else the reading is right whose dates lie closer together: a week read the
// wrong way lies scattered over months.
type dayMonthDoubt struct {
	settled bool
	// read and other are from the first to the last date, as they were read and the other way.
	read, other schemas.Interval
	// differs says that some date means another either way.
	differs bool
	// text is the first date of the file, on its line, and what it means either way.
	text             string
	line             int
	meant, exchanged schemas.Date
}

// see takes note of a date that was read by one of the patterns.
func (d *dayMonthDoubt) see(text string, day schemas.Date, line int, by patterns) {
	if d.settled {
		return
	}
	y, m, dd := day.Parts()
	if dd > 12 || slices.ContainsFunc(by, func(p clockPattern) bool { return !p.swappable() }) {
		d.settled = true
		return
	}
	exchanged := schemas.MakeDate(y, time.Month(dd), int(m))
	if d.text == "" {
		d.text, d.line, d.meant, d.exchanged = text, line, day, exchanged
	}
	d.differs = d.differs || day != exchanged
	d.read = d.read.Hull(wholeDay(day))
	d.other = d.other.Hull(wholeDay(exchanged))
}

// shown names the patterns.
func (p patterns) shown() string {
	var names []string
	for i := range p {
		names = append(names, p[i].text)
	}
	return strings.Join(names, ", ")
}

// swappable says that day and month stand first, as numbers.
func (p *clockPattern) swappable() bool {
	for _, part := range p.parts {
		switch part.letter {
		case 'Y':
			return false
		case 'M', 'D':
			return part.width < 3
		}
	}
	return false
}

func wholeDay(d schemas.Date) schemas.Interval {
	start := schemas.Instant(int64(d) * schemas.DayMS)
	return schemas.Interval{Start: start, End: start.Add(schemas.DayMS)}
}

func first(v schemas.Interval) schemas.Date { return schemas.UTC.Date(v.Start) }

func last(v schemas.Interval) schemas.Date { return schemas.UTC.Date(v.End) - 1 }

// report warns when the dates fit the other reading as well or better.
func (d *dayMonthDoubt) report(warn func(rows.Problem), by patterns) {
	if d.settled || !d.differs || d.read.MS() < d.other.MS() {
		return
	}
	d.settled = true
	m := rows.Problem{Line: d.line, Field: "date", Message: fmt.Sprintf(
		"every date of the file can be read with day and month exchanged too: %q is %s as the profile has it (%s), but may "+
			"be meant as %s",
		d.text, d.meant, by.shown(), d.exchanged)}
	if d.read.MS() > d.other.MS() {
		m.Message = fmt.Sprintf("the dates of the file lie between %s and %s as the profile has them (%s), but with day "+
			"and month exchanged "+
			"between %s and %s", first(d.read), last(d.read), by.shown(), first(d.other), last(d.other))
		m.Remedy = "is the pattern right?"
	}
	warn(m)
}
