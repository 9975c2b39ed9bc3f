package profile

import (
	"time"

	"rollcall/schemas"
)

// ReadDate reads a date as a pattern has it, with clock a date and time: the milliseconds are those since midnight.
// False for a text that is not written so, and for no pattern.
func ReadDate(pattern, text string, clock bool) (day schemas.Date, ms int64, ok bool) {
	if clock && epochs[pattern] != 0 {
		at, ok := epochs[pattern].read(text)
		return schemas.UTC.Date(at), int64(at) - int64(schemas.UTC.Date(at))*schemas.DayMS, ok
	}
	p, err := parsePattern(pattern, true, clock)
	if err != nil {
		return 0, 0, false
	}
	return p.readPadded(text)
}

// IsTime says that a text is a time of day as profiles read it without a pattern.
func IsTime(text string) bool {
	_, ok := looseTime(text, false)
	return ok
}

// ReadTimes reads a stretch of time such as 9:00-17:30, in milliseconds of its day, with the name beside it.
func ReadTimes(text string) (name string, start, end int64, ok bool) {
	v, ok := timeRange(text, false)
	return v.name, v.start, v.end, ok
}

// ReadLength reads a length of time in milliseconds. unit is what a bare number counts: days, hours, minutes, seconds,
// milliseconds, or nothing where a bare number is none.
func ReadLength(text, unit string) (ms int64, ok bool) {
	ms, wrong := lengthOf(text, lengthUnits[unit])
	return ms, wrong == nil
}

// Weekday takes the name of a day of the week off a text.
func Weekday(text string) (rest string, day time.Weekday, named bool) { return withoutWeekday(text) }

// IsWeekdays says that a text is days of the week: Mon, Mon-Fri or Sat, Sun.
func IsWeekdays(text string) bool {
	_, ok := weekdaysOf(text)
	return ok
}

// Part is a part of a cell of a grid: a word, or times with or without a name; Inside says that they stood in brackets
// behind another part.
type Part struct {
	Text, Name    string
	Inside, Timed bool
}

// Parts takes a cell of a grid apart.
func Parts(text string) []Part {
	var out []Part
	for _, p := range partsOf(text) {
		v, timed := timeRange(p.text, false)
		out = append(out, Part{Text: p.text, Name: v.name, Inside: p.inside, Timed: timed})
	}
	return out
}

// Repeats says that rows for days of the week repeat over the dates of the import.
func (p *Profile) Repeats() bool { return p.repeat != nil }

// Taken is how many columns of the file the rows are made of, days of a grid included. It is known after Header.
func (p *Rows) Taken() int {
	fields := map[int]bool{}
	for _, f := range p.made {
		for _, c := range f.columns {
			for _, n := range c.fields {
				fields[n] = true
			}
		}
	}
	for _, d := range p.pieces.days {
		fields[d.column] = true
	}
	return len(fields)
}
