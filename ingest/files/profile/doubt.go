package profile

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// dayMonthDoubt finds out whether a file whose dates are written as day and month, or month and day, may mean the
// other. A day after the 12th settles it. Else the reading is right whose dates lie closer together: a week read the
// wrong way lies scattered over months.
type dayMonthDoubt struct {
	settled     bool
	read, other dateSpan
	// differs says that some date means another either way.
	differs bool
	// text is the first date of the file, on its line, and what it means either way.
	text             string
	line             int
	meant, exchanged schemas.Date
}

// dateSpan is from the first date to the last.
type dateSpan struct {
	first, last schemas.Date
	seen        bool
}

func (v *dateSpan) add(d schemas.Date) {
	if !v.seen || d < v.first {
		v.first = d
	}
	if !v.seen || d > v.last {
		v.last = d
	}
	v.seen = true
}

func (v *dateSpan) days() int { return int(v.last-v.first) + 1 }

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
	exchanged := rows.DateOf(y, dd, int(m))
	if d.text == "" {
		d.text, d.line, d.meant, d.exchanged = text, line, day, exchanged
	}
	d.differs = d.differs || day != exchanged
	d.read.add(day)
	d.other.add(exchanged)
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

// tell warns when the dates fit the other reading as well or better.
func (d *dayMonthDoubt) tell(warn func(rows.Problem), by patterns) {
	if d.settled || !d.differs || d.read.days() < d.other.days() {
		return
	}
	d.settled = true
	m := rows.Problem{Line: d.line, Field: "date", Message: fmt.Sprintf(
		"every date of the file can be read with day and month exchanged too: %q is %s as the profile has it (%s), but may "+
			"be meant as %s",
		d.text, d.meant, by.shown(), d.exchanged)}
	if d.read.days() > d.other.days() {
		m.Message = fmt.Sprintf("the dates of the file lie between %s and %s as the profile has them (%s), but with day "+
			"and month exchanged "+
			"between %s and %s", d.read.first, d.read.last, by.shown(), d.other.first, d.other.last)
		m.Remedy = "is the pattern right?"
	}
	warn(m)
}
