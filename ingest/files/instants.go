package files

import (
	"errors"
	"fmt"
	"time"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

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
	return &zones{loaded: map[string]loadedZone{}, members: schemas.MembershipsByAgent(members), given: opt.TimeZone,
		standard: opt.StandardZone}
}

func (z *zones) load(name string) (schemas.Zone, error) {
	l, ok := z.loaded[name]
	if !ok {
		l.zone, l.err = schemas.LoadZone(name)
		z.loaded[name] = l
	}
	return l.zone, l.err
}

// memberOn returns the row in force on the date, or else the nearest one that there is; nil for an unknown agent.
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

// errNoZone says that no zone is known.
var errNoZone = errors.New(
	"no time zone is known for it; write an offset (2026-03-02T09:00:00Z), a time_zone column, or give --time-zone")

// nameFor returns the zone's name for a local time of the agent: the row's own, else the agent's, else the one given.
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
	return zone.Resolve(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(),
		t.Nanosecond()/int(time.Millisecond))
}

// evenDay reports whether the zone's clock runs evenly around the date, so that every local time on it is one instant,
// and how far it is from UTC then, in milliseconds.
func evenDay(zone schemas.Zone, day schemas.Date) (even bool, shift int64) {
	noon := schemas.Instant(int64(day)*schemas.DayMS + 12*schemas.HourMS)
	t := noon.Time().In(zone.Location())
	_, offset := t.Zone()
	start, end := t.ZoneBounds()
	even = (start.IsZero() || schemas.InstantOf(start) < noon.Add(-2*schemas.DayMS)) &&
		(end.IsZero() || schemas.InstantOf(end) > noon.Add(2*schemas.DayMS))
	return even, int64(offset) * schemas.SecondMS
}

// instant reads column c: RFC 3339, or a local time in the zone of the row, the agent or the command. It reports what
// is wrong and then says false.
func (t *table) instant(c int, z *zones, zone, agent string) (schemas.Instant, bool) {
	clock, ok := t.wallTime(c)
	if !ok {
		return 0, false
	}
	return t.resolve(c, clock, z, zone, agent)
}

// instantAfter reads column c as instant does, or as a length of time that passes from the start on.
func (t *table) instantAfter(c int, z *zones, zone, agent string, start schemas.Instant) (schemas.Instant, bool) {
	if ms, ok := rows.ParseLength(t.bytes(c)); ok {
		return start.Add(ms), true
	}
	return t.instant(c, z, zone, agent)
}

// wallTime reads column c as RFC 3339 or a local time.
func (t *table) wallTime(c int) (rows.WallTime, bool) {
	b := t.bytes(c)
	if len(b) == 0 {
		t.missingInstant(c)
		return rows.WallTime{}, false
	}
	clock, ok := rows.ParseWallTime(b)
	if !ok {
		clock, ok = looseWallTime(b)
	}
	if !ok {
		wrong := rows.NotAnInstant(b)
		t.problem(c, wrong.Remedy, "%s", wrong.Message)
	}
	return clock, ok
}

// looseWallTime reads a date and, behind T or spaces, a time of day as people write it; 24:00 is the next midnight.
func looseWallTime(b []byte) (clock rows.WallTime, ok bool) {
	const date = len("2026-03-02")
	day, ok := rows.ParseDate(b)
	if !ok || len(b) <= date || b[date] != 'T' && b[date] != ' ' {
		return clock, false
	}
	at, ok := rows.ParseClock(string(b[date+1:]))
	clock.Day, clock.MS = day+schemas.Date(at.MS/schemas.DayMS), at.MS%schemas.DayMS //nolint:gosec // at most a day
	return clock, ok && (!at.Bare || at.Half)
}

// resolve finds the instant of what column c says.
func (t *table) resolve(c int, clock rows.WallTime, z *zones, zone, agent string) (at schemas.Instant, ok bool) {
	if clock.HasOffset {
		at = clock.Instant()
	} else if at, ok = t.local(c, z, zone, agent, clock.Day, clock.MS); !ok {
		return 0, false
	}
	if at < schemas.MinInstant || at >= schemas.MaxInstant {
		t.problem(c, fmt.Sprintf("it must lie between %s and %s", schemas.MinInstant, schemas.MaxInstant),
			"%s is out of range", at)
		return 0, false
	}
	return at, true
}

func (t *table) missingInstant(c int) {
	t.problem(c, "write an instant such as 2026-03-02T09:00:00Z", "is missing")
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
	switch {
	case !errors.Is(err, errNoZone):
		t.problem(c, "", "%s", err.Error())
	case !t.bad: // who an unknown agent is has been asked already
		t.problem(c, fmt.Sprintf("%s", err), "is a local time (%s)", t.bytes(c))
	}
	return 0, false
}

// dateText reads column c as a date; false and 0 where it is empty, or wrong and reported.
func (t *table) dateText(c int) (schemas.Date, bool) {
	b := t.bytes(c)
	if len(b) == 0 {
		return 0, false
	}
	d, ok := rows.ParseDate(b)
	// a cell that is shown with its time
	if rest := b[min(10, len(b)):]; !ok || len(rest) > 0 && string(rest) != " 00:00:00" {
		t.problem(c, "write year-month-day, such as 2026-03-02", "%.40q is not a date", b)
		return 0, false
	}
	return d, true
}

// date reads column c as a date, which must be there.
func (t *table) date(c int) (schemas.Date, bool) {
	d, ok := t.dateText(c)
	if !ok && !t.bad {
		t.problem(c, "write year-month-day, such as 2026-03-02", "is missing")
	}
	return d, ok
}

// clock reads column c as a time of day.
func (t *table) clock(c int) (rows.Clock, bool) {
	b := t.bytes(c)
	if ms, n, ok := rows.ParseTimeOfDay(b); ok && n == len(b) { // as nearly all are written
		hour := ms / schemas.HourMS
		return rows.Clock{MS: ms, Loose: n == len("10:00") && hour >= 10 && hour <= 12}, true
	}
	at, ok := rows.ParseClock(string(b))
	if !ok || at.Bare && !at.Half {
		t.problem(c, "write hours and minutes, such as 09:00, or with AM or PM", "%.40q is not a time of day", b)
		return at, false
	}
	return at, true
}

// timeText reads column c as a time of day by itself.
func (t *table) timeText(c int) (int64, bool) {
	at, ok := t.clock(c)
	return at.MS, ok
}
