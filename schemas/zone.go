package schemas

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the zone database travels with the program: a bare container has none
)

// Zone is an IANA time zone, such as Europe/London, from the embedded database.
type Zone struct{ loc *time.Location }

// UTC is the zone without an offset.
var UTC = Zone{time.UTC}

// LoadZone finds a zone by its IANA name. The empty name, "Local" and names that the database does not know are errors:
// the zone of the machine never decides anything.
func LoadZone(name string) (Zone, error) {
	if name == "" || strings.EqualFold(name, "local") {
		return Zone{}, fmt.Errorf("time zone %q names no place; write an IANA name such as Europe/London", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return Zone{}, fmt.Errorf("time zone %q is not known; write an IANA name such as Europe/London", name)
	}
	return Zone{loc}, nil
}

// Name returns the IANA name; the zero Zone is UTC.
func (z Zone) Name() string { return z.Location().String() }

// Location returns the zone as package time wants it.
func (z Zone) Location() *time.Location {
	if z.loc == nil {
		return time.UTC
	}
	return z.loc
}

// Date returns the local date at the instant t.
func (z Zone) Date(t Instant) Date {
	y, m, d := t.Time().In(z.Location()).Date()
	return MakeDate(y, m, d)
}

// DayStart returns the first instant of the local date d. Where a clock change skips midnight that is the instant after
// the jump; where it repeats midnight, the first one (RULES.md section 4, "the first instant of the date").
func (z Zone) DayStart(d Date) Instant {
	y, m, day := d.Parts()
	probe := InstantOf(time.Date(y, m, day, 0, 0, 0, 0, z.Location()))
	// No zone is farther than 26 hours from any reading of its midnight, so the first instant lies in between.
	lo, hi := probe.Add(-26*HourMS), probe.Add(26*HourMS)
	if first, ok := z.firstOfDate(d, lo, hi); ok {
		return first
	}
	return probe
}

// firstOfDate looks from one clock change to the next, inside which the local clock runs evenly.
func (z Zone) firstOfDate(d Date, lo, hi Instant) (Instant, bool) {
	for at := lo; at < hi; {
		end := min(hi, z.nextChange(at))
		_, off := at.Time().In(z.Location()).Zone()
		start := Instant(int64(d)*DayMS - int64(off)*SecondMS)
		if s := max(start, at); s < end && z.Date(s) >= d {
			return s, true
		}
		at = end
	}
	return 0, false
}

// nextChange returns the instant up to which the zone's clock runs evenly from at on. On the last day of leap years
// after 2037 package time names an end that has passed; no zone changes its clock on that day.
func (z Zone) nextChange(at Instant) Instant {
	_, next := at.Time().In(z.Location()).ZoneBounds()
	switch {
	case next.IsZero():
		return at.Add(400 * DayMS)
	case InstantOf(next) <= at:
		return at.Add(DayMS)
	}
	return InstantOf(next)
}

// Day returns the whole local date as an interval: 23, 24 or 25 hours, or whatever the zone's clock made of it. A date
// that the zone skipped altogether is empty.
func (z Zone) Day(d Date) Interval { return Interval{z.DayStart(d), z.DayStart(d + 1)} }

// Resolve finds the instant of a wall-clock reading in the zone. A reading that a clock change skips or repeats is
// an error that says what could be written instead (RULES.md section 2).
func (z Zone) Resolve(y int, mo time.Month, d, h, mi, s, ms int) (Instant, error) {
	wall := InstantOf(time.Date(y, mo, d, h, mi, s, ms*int(time.Millisecond), time.UTC))
	found := z.readings(wall)
	text := wall.Time().Format("2006-01-02 15:04:05")
	text = strings.TrimSuffix(text, ":00")
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, fmt.Errorf("%s does not exist in %s; the clock change skips it: the next local time is %s", text, z.Name(),
			z.afterHole(wall))
	default:
		return 0, fmt.Errorf("%s comes twice in %s; the clock change gives it twice: write %s or %s", text, z.Name(),
			z.Format(found[0]), z.Format(found[1]))
	}
}

// readings lists every instant at which the zone's clock shows the wall time, earliest first.
func (z Zone) readings(wall Instant) []Instant {
	var found []Instant
	seen := map[int]bool{}
	for _, probe := range []int64{-26, -13, 0, 13, 26} {
		t := wall.Add(probe * HourMS).Time().In(z.Location())
		start, end := t.ZoneBounds()
		for _, u := range []time.Time{t, start.Add(-time.Second), end} {
			if u.IsZero() {
				continue
			}
			_, off := u.Zone()
			if seen[off] {
				continue
			}
			seen[off] = true
			at := wall.Add(-int64(off) * SecondMS)
			if _, o := at.Time().In(z.Location()).Zone(); o == off {
				found = append(found, at)
			}
		}
	}
	if len(found) > 1 && found[1] < found[0] {
		found[0], found[1] = found[1], found[0]
	}
	return found
}

// afterHole names the first local time after the hole in which the wall time lies.
func (z Zone) afterHole(wall Instant) string {
	t := wall.Add(-26 * HourMS).Time().In(z.Location())
	for {
		end := z.nextChange(InstantOf(t)).Time()
		_, off := end.In(z.Location()).Zone()
		if InstantOf(end).Add(int64(off)*SecondMS) > wall {
			return z.Format(InstantOf(end))
		}
		t = end.In(z.Location())
	}
}

// Format writes the instant as the zone's wall clock with its offset: 2026-03-29T02:00:00+01:00.
func (z Zone) Format(t Instant) string {
	return t.Time().In(z.Location()).Format("2006-01-02T15:04:05.999Z07:00")
}
