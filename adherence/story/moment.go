package story

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"rollcall/schemas"
)

// The ways to write a moment: 09:00, 09:00:30.250, 24:00, 2026-03-02 09:00, 01:30+01:00, 2026-03-02T09:00:00Z.
const momentPattern = `(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})?`

var (
	oneMoment  = regexp.MustCompile(`^` + momentPattern + `(?:\s+|$)`)
	twoMoments = regexp.MustCompile(`^` + momentPattern + `\s*(?:-|–|—|to\b)\s*` + momentPattern + `(?:\s+|$)`)
	dateLine   = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}):?$`)
)

// calendar turns wall clock times into instants: the zone of the story and the date that times without one belong to.
type calendar struct {
	zone  schemas.Zone
	date  schemas.Date
	dated bool
}

// moment is a wall clock time as it was written.
type moment struct {
	date, offset  string
	h, m, sec, ms int
}

// makeMoment reads the groups of momentPattern.
func makeMoment(groups []string) moment {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n } // the pattern lets only digits pass
	return moment{
		date:   groups[0],
		offset: groups[5],
		h:      number(groups[1]),
		m:      number(groups[2]),
		sec:    number(groups[3]),
		ms:     number((groups[4] + "000")[:3]),
	}
}

// clock returns milliseconds since midnight as the wall clock shows them.
func (m moment) clock() int64 { return int64(((m.h*60+m.m)*60+m.sec)*1000 + m.ms) }

// one reads a moment at the start of text and returns what follows it.
func (c calendar) one(text string) (schemas.Instant, string, error) {
	found := oneMoment.FindStringSubmatch(text)
	if found == nil {
		return 0, "", fmt.Errorf("%q does not begin with a time; write one such as 09:00 or 2026-03-02 09:00",
			firstWords(text))
	}
	date, err := c.dateOf(makeMoment(found[1:]))
	if err != nil {
		return 0, "", err
	}
	at, err := c.at(makeMoment(found[1:]), date)
	return at, text[len(found[0]):], err
}

// two reads a stretch such as 09:00-10:30 at the start of text and returns what follows it. An end without a date that
// the clock shows no later than the start is on the next day.
func (c calendar) two(text string) (schemas.Interval, string, error) {
	var v schemas.Interval
	found := twoMoments.FindStringSubmatch(text)
	if found == nil {
		return v, "", fmt.Errorf("%q does not begin with two times; write them as in 09:00-10:30", firstWords(text))
	}
	from, to := makeMoment(found[1:7]), makeMoment(found[7:])
	date, err := c.dateOf(from)
	if err != nil {
		return v, "", err
	}
	if v.Start, err = c.at(from, date); err != nil {
		return v, "", err
	}
	if v.End, err = c.end(v.Start, date, from, to); err != nil {
		return v, "", err
	}
	if v.Empty() {
		return v, "", fmt.Errorf("the end %s is not after the start %s; an interval ends after it starts",
			c.zone.Format(v.End),
			c.zone.Format(v.Start))
	}
	return v, text[len(found[0]):], nil
}

func (c calendar) end(start schemas.Instant, date schemas.Date, from, to moment) (schemas.Instant, error) {
	switch {
	case to.date != "":
		d, err := schemas.ParseDate(to.date)
		if err != nil {
			return 0, err
		}
		return c.at(to, d)
	case to.offset != "":
		at, err := c.at(to, date)
		if err == nil && at > start {
			return at, nil
		}
		return c.at(to, date+1)
	case to.clock() <= from.clock():
		return c.at(to, date+1)
	}
	return c.at(to, date)
}

func (c calendar) dateOf(m moment) (schemas.Date, error) {
	if m.date != "" {
		return schemas.ParseDate(m.date)
	}
	if !c.dated {
		return 0, errors.New("the story has no date; begin it with -- date 2026-03-02 --, or write the date before the time")
	}
	return c.date, nil
}

// at returns the instant of a wall clock time on a date.
func (c calendar) at(m moment, date schemas.Date) (schemas.Instant, error) {
	if m.clock() > schemas.DayMS || m.m > 59 || m.sec > 59 {
		return 0, fmt.Errorf("%02d:%02d:%02d is no time of day; write one from 00:00 to 24:00", m.h, m.m, m.sec)
	}
	y, mo, d := date.Parts()
	at, err := c.zone.Resolve(y, mo, d, m.h, m.m, m.sec, m.ms)
	if m.offset != "" {
		at, err = c.shifted(m, date)
	}
	if err == nil && (at < schemas.MinInstant || at > schemas.MaxInstant) {
		err = fmt.Errorf("%s is out of range; write a time between %s and %s", at, schemas.MinInstant, schemas.MaxInstant)
	}
	return at, err
}

// shifted reads a time with an offset, which must be one that the zone has then; Z is always UTC.
func (c calendar) shifted(m moment, date schemas.Date) (schemas.Instant, error) {
	wall := schemas.InstantOf(date.Time()).Add(m.clock())
	if m.offset == "Z" {
		return wall, nil
	}
	offset, err := time.Parse("Z07:00", m.offset)
	if err != nil {
		return 0, fmt.Errorf("%q is no offset; write one such as +01:00", m.offset)
	}
	_, seconds := offset.Zone()
	at := wall.Add(-int64(seconds) * schemas.SecondMS)
	if _, has := at.Time().In(c.zone.Location()).Zone(); has != seconds {
		return 0, fmt.Errorf("the clock of %s is not at %s then; leave the offset out, or write %s", c.zone.Name(), m.offset,
			c.zone.Format(at))
	}
	return at, nil
}

// writeOne writes an instant as short as one reads it back.
func (c calendar) writeOne(at schemas.Instant) string {
	for _, layout := range momentLayouts() {
		text := c.format(at, layout)
		if read, rest, err := c.one(text); err == nil && rest == "" && read == at {
			return text
		}
	}
	return at.String()
}

// writeTwo writes a stretch as short as two reads it back.
func (c calendar) writeTwo(v schemas.Interval) string {
	start := c.writeOne(v.Start)
	for _, layout := range momentLayouts() {
		end := c.format(v.End, layout)
		text := start + "-" + end
		if len(start)+len(end) > len("00:00:00.00000:00:00.000") {
			text = start + " to " + end
		}
		if read, rest, err := c.two(text); err == nil && rest == "" && read == v {
			return text
		}
	}
	return v.Start.String() + " to " + v.End.String()
}

// momentLayouts lists the ways to write a moment, the shortest first.
func momentLayouts() []string {
	return []string{"15:04", "15:04-07:00", "2006-01-02 15:04", "2006-01-02 15:04-07:00"}
}

// format writes an instant by a layout, with seconds and milliseconds only where there are any.
func (c calendar) format(at schemas.Instant, layout string) string {
	switch {
	case at%schemas.Instant(schemas.SecondMS) != 0:
		layout = strings.Replace(layout, "15:04", "15:04:05.999", 1)
	case at%schemas.Instant(schemas.MinuteMS) != 0:
		layout = strings.Replace(layout, "15:04", "15:04:05", 1)
	}
	return at.Time().In(c.zone.Location()).Format(layout)
}

// firstWords shows the start of a line in an error.
func firstWords(s string) string {
	if r := []rune(s); len(r) > 30 {
		return string(r[:30]) + "…"
	}
	return s
}
