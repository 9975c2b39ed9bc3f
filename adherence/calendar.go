package adherence

import (
	"math"
	"time"

	"rollcall/schemas"
)

// forever is later than every instant that is judged, and leaves room to add lengths to it.
const forever schemas.Instant = math.MaxInt64 / 4

// calendar remembers the first instants of the local dates of one zone, because asking the zone takes long. starts[i]
// is the first instant of the date first+i.
type calendar struct {
	zone   schemas.Zone
	first  schemas.Date
	starts []schemas.Instant
}

// calendars finds the calendar of a zone.
type calendars struct {
	byZone map[*time.Location]*calendar
	last   *calendar
}

func (c *calendars) of(z schemas.Zone) *calendar {
	if c.last != nil && c.last.zone.Location() == z.Location() {
		return c.last
	}
	if c.byZone == nil {
		c.byZone = map[*time.Location]*calendar{}
	}
	found := c.byZone[z.Location()]
	if found == nil {
		found = &calendar{zone: z}
		c.byZone[z.Location()] = found
	}
	c.last = found
	return found
}

// dayStart returns the first instant of the date d.
func (c *calendar) dayStart(d schemas.Date) schemas.Instant {
	if len(c.starts) == 0 {
		c.first = d
		c.starts = append(c.starts, c.zone.DayStart(d))
	}
	if d < c.first {
		c.prepend(d)
	}
	for int(d-c.first) >= len(c.starts) {
		c.starts = append(c.starts, c.zone.DayStart(c.first+schemas.Date(len(c.starts)))) //nolint:gosec // dates are few
	}
	return c.starts[d-c.first]
}

// prepend makes room for dates from d on, and some more, so that going back day by day does not copy each time.
func (c *calendar) prepend(d schemas.Date) {
	from := d - 31
	starts := make([]schemas.Instant, 0, int(c.first-from)+len(c.starts))
	for e := from; e < c.first; e++ {
		starts = append(starts, c.zone.DayStart(e))
	}
	c.starts, c.first = append(starts, c.starts...), from
}

// dateOf returns the local date at the instant t: the last date that began by t.
func (c *calendar) dateOf(t schemas.Instant) schemas.Date {
	d := schemas.Date(int64(t) / schemas.DayMS) //nolint:gosec // instants lie between 2000 and 2200
	for c.dayStart(d) > t {
		d--
	}
	for c.dayStart(d+1) <= t {
		d++
	}
	return d
}

// zoneAt returns the calendar of the zone in force at t, and until when it is in force.
func (j *Judge) zoneAt(t schemas.Instant) (*calendar, schemas.Instant) {
	zones := j.in.Zones
	i := len(zones) - 1
	for i > 0 && zones[i].Start > t {
		i--
	}
	until := forever
	if i+1 < len(zones) {
		until = zones[i+1].Start
	}
	return j.cal.of(zones[i].Zone), until
}

// dateAt returns the local date of the agent at t, and until when it lasts: the next local midnight, or the next zone.
func (j *Judge) dateAt(t schemas.Instant) (schemas.Date, schemas.Instant) {
	cal, until := j.zoneAt(t)
	d := cal.dateOf(t)
	return d, min(until, cal.dayStart(d+1))
}

// dayBounds returns the first instant of the local date from and the end of the local date to, the widest over all
// zones.
func (j *Judge) dayBounds(from, to schemas.Date) (schemas.Instant, schemas.Instant) {
	start, end := forever, -forever
	for _, z := range j.in.Zones {
		cal := j.cal.of(z.Zone)
		start, end = min(start, cal.dayStart(from)), max(end, cal.dayStart(to+1))
	}
	return start, end
}
