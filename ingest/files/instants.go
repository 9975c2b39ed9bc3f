package files

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/schemas"
)

// clockText is what a text says of date, time and offset.
type clockText struct {
	day     schemas.Date
	ms      int64 // of the day
	offset  int64 // seconds east of UTC
	hasZone bool
}

// instant is the instant of a text that has an offset.
func (c clockText) instant() schemas.Instant {
	return schemas.Instant(int64(c.day)*schemas.DayMS + c.ms - c.offset*schemas.SecondMS)
}

// readClock reads 2026-03-02T09:00[:00[.000]] with T or a space, and Z or an offset where there is one. It says false for
// anything else, also for digits finer than a millisecond.
func readClock(b []byte) (clockText, bool) {
	var c clockText
	day, ok := readDate(b)
	if !ok || len(b) < 16 || b[10] != 'T' && b[10] != ' ' && b[10] != 't' {
		return c, false
	}
	c.day = day
	ms, n, ok := readTime(b[11:])
	if !ok || ms >= schemas.DayMS {
		return c, false
	}
	c.ms = ms
	c.offset, c.hasZone, ok = readOffset(b[11+n:])
	return c, ok
}

// readDate reads the ten characters 2026-03-02 at the start of b.
func readDate(b []byte) (schemas.Date, bool) {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y1, ok1 := digits(b[0:2])
	y2, ok2 := digits(b[2:4])
	m, ok3 := digits(b[5:7])
	d, ok4 := digits(b[8:10])
	y := y1*100 + y2
	if !ok1 || !ok2 || !ok3 || !ok4 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, false
	}
	return dateOf(y, m, d), true
}

func daysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// dateOf counts the days since 1970-01-01 with years that begin in March, so that the leap day comes last.
func dateOf(y, m, d int) schemas.Date {
	if m <= 2 {
		y--
		m += 12
	}
	y += 400                                                                                   // so that no quotient below is of a negative number
	return schemas.Date(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 719_469 - 146_097) //nolint:gosec // four-digit years
}

// readTime reads 09:00[:00[.000]] at the start of b, up to 24:00, and tells how many bytes it took.
func readTime(b []byte) (ms int64, n int, ok bool) {
	if len(b) < 5 || b[2] != ':' {
		return 0, 0, false
	}
	h, ok1 := digits(b[0:2])
	m, ok2 := digits(b[3:5])
	if !ok1 || !ok2 || h > 24 || m > 59 {
		return 0, 0, false
	}
	ms, n = int64(h)*schemas.HourMS+int64(m)*schemas.MinuteMS, 5
	if len(b) >= 8 && b[5] == ':' {
		s, ok := digits(b[6:8])
		if !ok || s > 59 {
			return 0, 0, false
		}
		ms, n = ms+int64(s)*schemas.SecondMS, 8
		fraction, taken, ok := readFraction(b[8:])
		if !ok {
			return 0, 0, false
		}
		ms, n = ms+fraction, n+taken
	}
	return ms, n, ms <= schemas.DayMS
}

// readFraction reads .5, .50 or .500, also with a comma, and more digits if they are zero.
func readFraction(b []byte) (ms int64, n int, ok bool) {
	if len(b) == 0 || b[0] != '.' && b[0] != ',' {
		return 0, 0, true
	}
	unit := int64(100)
	for n = 1; n < len(b) && b[n] >= '0' && b[n] <= '9'; n++ {
		if unit == 0 && b[n] != '0' {
			return 0, 0, false
		}
		ms += unit * int64(b[n]-'0')
		unit /= 10
	}
	return ms, n, n > 1
}

// readOffset reads Z, +01:00 or nothing.
func readOffset(b []byte) (seconds int64, given, ok bool) {
	switch {
	case len(b) == 0:
		return 0, false, true
	case len(b) == 1 && (b[0] == 'Z' || b[0] == 'z'):
		return 0, true, true
	case len(b) != 6 || b[0] != '+' && b[0] != '-' || b[3] != ':':
		return 0, false, false
	}
	h, ok1 := digits(b[1:3])
	m, ok2 := digits(b[4:6])
	seconds = int64(h)*3600 + int64(m)*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, true, ok1 && ok2 && h < 24 && m < 60
}

// digits reads two of them.
func digits(b []byte) (int, bool) {
	hi, lo := b[0]-'0', b[1]-'0'
	return int(hi)*10 + int(lo), hi <= 9 && lo <= 9
}

// zones finds the zone of a local time and its instant.
type zones struct {
	loaded map[string]loadedZone
	// members are the roster's rows of each agent, in order of From.
	members map[string][]schemas.Membership
	// given is --time-zone; standard is for agents whose roster row names none; either may be empty.
	given, standard string
	last            struct {
		zone  string
		day   schemas.Date
		even  bool // the clock is not changed on the day before, on it, and on the day after
		shift int64
	}
}

type loadedZone struct {
	zone schemas.Zone
	err  error
}

func newZones(members []schemas.Membership, opt *Options) *zones {
	z := &zones{loaded: map[string]loadedZone{}, members: byAgent(members), given: opt.TimeZone, standard: opt.StandardZone}
	return z
}

// byAgent groups the roster's rows, in order of From.
func byAgent(members []schemas.Membership) map[string][]schemas.Membership {
	out := map[string][]schemas.Membership{}
	for i := range members {
		out[members[i].AgentID] = append(out[members[i].AgentID], members[i])
	}
	for _, rows := range out {
		slices.SortStableFunc(rows, func(a, b schemas.Membership) int { return int(a.From) - int(b.From) })
	}
	return out
}

func (z *zones) load(name string) (schemas.Zone, error) {
	l, ok := z.loaded[name]
	if !ok {
		l.zone, l.err = schemas.LoadZone(name)
		z.loaded[name] = l
	}
	return l.zone, l.err
}

// memberOn gives the row in force on the date, or else the nearest one that there is; nil for an unknown agent.
func memberOn(rows []schemas.Membership, day schemas.Date) *schemas.Membership {
	if len(rows) == 0 {
		return nil
	}
	best := &rows[0]
	for i := range rows {
		if rows[i].From <= day {
			best = &rows[i]
		}
	}
	return best
}

// errNoZone says that nothing gives a zone.
var errNoZone = errors.New("no time zone is known for it; write an offset (2026-03-02T09:00:00Z), a time_zone column, or give --time-zone")

// nameFor gives the zone's name for a local time of the agent: the row's own, else the agent's, else the one given.
func (z *zones) nameFor(row, agent string, day schemas.Date) (string, error) {
	if row != "" {
		return row, nil
	}
	if m := memberOn(z.members[agent], day); m != nil && m.TimeZone != "" {
		return m.TimeZone, nil
	}
	switch {
	case z.given != "":
		return z.given, nil
	case z.standard != "":
		return z.standard, nil
	}
	return "", errNoZone
}

// ofAgent gives the zone whose dates the agent's shifts belong to; UTC where nobody says.
func (z *zones) ofAgent(agent string, day schemas.Date) (schemas.Zone, error) {
	if m := memberOn(z.members[agent], day); m != nil && m.TimeZone != "" {
		return z.load(m.TimeZone)
	}
	if z.standard != "" {
		return z.load(z.standard)
	}
	return schemas.UTC, nil
}

// resolve finds the instant of a local time, given as milliseconds since midnight on the wall clock.
func (z *zones) resolve(name string, day schemas.Date, ms int64) (schemas.Instant, error) {
	zone, err := z.load(name)
	if err != nil {
		return 0, err
	}
	wall := schemas.Instant(int64(day)*schemas.DayMS + ms)
	if z.last.zone != name || z.last.day != day {
		z.last.zone, z.last.day = name, day
		z.last.even, z.last.shift = evenDay(zone, day)
	}
	if z.last.even {
		return wall.Add(-z.last.shift), nil
	}
	t := wall.Time()
	return zone.Resolve(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/int(time.Millisecond))
}

// evenDay tells whether the zone's clock runs evenly around the date, so that every local time on it is one instant, and
// how far it is from UTC then, in milliseconds.
func evenDay(zone schemas.Zone, day schemas.Date) (even bool, shift int64) {
	noon := schemas.Instant(int64(day)*schemas.DayMS + 12*schemas.HourMS)
	t := noon.Time().In(zone.Location())
	_, offset := t.Zone()
	start, end := t.ZoneBounds()
	even = (start.IsZero() || schemas.InstantOf(start) < noon.Add(-2*schemas.DayMS)) &&
		(end.IsZero() || schemas.InstantOf(end) > noon.Add(2*schemas.DayMS))
	return even, int64(offset) * schemas.SecondMS
}

// instant reads column c: RFC 3339, or a local time in the zone of the row, the agent or the command. It reports what is
// wrong and then says false.
func (t *table) instant(c int, z *zones, zone, agent string) (schemas.Instant, bool) {
	b := t.bytes(c)
	if len(b) == 0 {
		t.problem(c, "is missing; write an instant such as 2026-03-02T09:00:00Z")
		return 0, false
	}
	clock, ok := readClock(b)
	var at schemas.Instant
	switch {
	case !ok:
		t.problem(c, notAnInstant(b))
		return 0, false
	case clock.hasZone:
		at = schemas.Instant(int64(clock.day)*schemas.DayMS + clock.ms - clock.offset*schemas.SecondMS)
	default:
		if at, ok = t.local(c, z, zone, agent, clock.day, clock.ms); !ok {
			return 0, false
		}
	}
	if at < schemas.MinInstant || at >= schemas.MaxInstant {
		t.problem(c, fmt.Sprintf("%s is out of range; it must lie between %s and %s", at, schemas.MinInstant, schemas.MaxInstant))
		return 0, false
	}
	return at, true
}

// local finds the instant of a local time in column c.
func (t *table) local(c int, z *zones, zone, agent string, day schemas.Date, ms int64) (schemas.Instant, bool) {
	name, err := z.nameFor(zone, agent, day)
	if err == nil {
		var at schemas.Instant
		if at, err = z.resolve(name, day, ms); err == nil {
			return at, true
		}
	}
	if errors.Is(err, errNoZone) {
		t.problem(c, fmt.Sprintf("is a local time (%s); %s", t.bytes(c), err))
	} else {
		t.problem(c, err.Error())
	}
	return 0, false
}

func notAnInstant(b []byte) string {
	if _, err := schemas.ParseInstant(string(b)); err != nil && len(b) > 20 && b[10] == 'T' {
		return err.Error()
	}
	return fmt.Sprintf("%.60q is not an instant; write RFC 3339 with an offset, such as 2026-03-02T09:00:00Z, or a local time such as 2026-03-02 09:00", b)
}

// dateText reads column c as a date; false and 0 where it is empty, or wrong and reported.
func (t *table) dateText(c int) (schemas.Date, bool) {
	b := t.bytes(c)
	if len(b) == 0 {
		return 0, false
	}
	d, ok := readDate(b)
	if rest := b[min(10, len(b)):]; !ok || len(rest) > 0 && string(rest) != " 00:00:00" { // a cell that is shown with its time
		t.problem(c, fmt.Sprintf("%.40q is not a date; write year-month-day, such as 2026-03-02", b))
		return 0, false
	}
	return d, true
}

// timeText reads column c as a time of day.
func (t *table) timeText(c int) (int64, bool) {
	b := t.bytes(c)
	ms, n, ok := readTime(b)
	if !ok || n != len(b) {
		t.problem(c, fmt.Sprintf("%.40q is not a time of day; write hours and minutes, such as 09:00", b))
		return 0, false
	}
	return ms, true
}
