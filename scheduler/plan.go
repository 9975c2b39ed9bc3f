package scheduler

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"time"
	_ "time/tzdata" // the zone database travels with the program: a bare container has none

	"github.com/robfig/cron/v3"
)

// horizonYears is how far ahead a plan looks for its next due time. The rarest one is 29 February: eight years apart
// around 1900 and 2100.
const horizonYears = 9

// starBit is what the parser sets in a field that holds * or ?.
const starBit = 1 << 63

// plan says when a job is due. It is immutable and safe for concurrent use.
type plan struct {
	loc *time.Location
	// every is the distance of due times; 0 for a plan by fields.
	every                      time.Duration
	minute, hour, dom, mon, dw uint64
	// elapsed: due whenever the wall clock matches, rather than once for every matching wall-clock time.
	elapsed bool
}

// parsePlan reads a cron expression of five fields (minute, hour, day of month, month, day of week), one of @hourly,
// @daily, @midnight, @weekly, @monthly, @yearly and @annually, or "@every" with a Go duration of whole seconds, to be
// read on the wall clock of the IANA zone. An expression that can never come true (0 6 31 2 *) is an error; so is one
// that carries a zone of its own.
func parsePlan(expression, zone string) (*plan, error) {
	loc, err := loadZone(zone)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(expression, "TZ=") || strings.HasPrefix(expression, "CRON_TZ=") {
		return nil, fmt.Errorf("cron expression %q carries a time zone; write it in the job's zone instead", expression)
	}
	parsed, err := parse(expression)
	if err != nil {
		return nil, fmt.Errorf("cron expression %q: %w; write five fields such as 30 6 * * 1-5, or @daily, or @every 5m",
			expression, err)
	}
	p := &plan{loc: loc}
	switch s := parsed.(type) {
	case *cron.SpecSchedule:
		p.minute, p.hour, p.dom, p.mon, p.dw = s.Minute, s.Hour, s.Dom, s.Month, s.Dow
		p.elapsed = goesByElapsedTime(expression, s.Hour)
	case cron.ConstantDelaySchedule:
		p.every = s.Delay
		if err := checkEvery(expression, s.Delay); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("cron expression %q: is of no kind that is known here", expression)
	}
	if p.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("cron expression %q never comes true; is there such a date?", expression)
	}
	return p, nil
}

// loadZone refuses the zone of the machine: it must never decide when a report is due.
func loadZone(name string) (*time.Location, error) {
	if name == "" || strings.EqualFold(name, "local") {
		return nil, fmt.Errorf("time zone %q names no place; write an IANA name such as Europe/London", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q is not known; write an IANA name such as Europe/London", name)
	}
	return loc, nil
}

// parse turns a panic of the parser into an error.
func parse(expression string) (s cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			s, err = nil, errors.New("cannot be read")
		}
	}()
	return cron.ParseStandard(expression)
}

// checkEvery refuses what the parser would round silently.
func checkEvery(expression string, delay time.Duration) error {
	d, err := time.ParseDuration(strings.TrimPrefix(expression, "@every "))
	if err != nil || d != delay {
		return fmt.Errorf("cron expression %q: write a positive duration of whole seconds, such as @every 5m", expression)
	}
	return nil
}

// goesByElapsedTime looks at the hour field. The parser forgets the star of a step, so the text decides.
func goesByElapsedTime(expression string, hour uint64) bool {
	fields := strings.Fields(expression)
	step := len(fields) == 5 && strings.Contains(fields[1], "/")
	return (step || hour&starBit != 0) && bits.OnesCount64(hour&^starBit) > 1
}

// Next returns the first due time after t, in the plan's zone, or the zero time if there is none within nine years.
func (p *plan) Next(t time.Time) time.Time {
	switch {
	case p.every > 0:
		d := int64(p.every / time.Second)
		n := t.Unix() - mod(t.Unix(), d) + d
		return time.Unix(n, 0).In(p.loc)
	case p.elapsed:
		return p.nextElapsed(t)
	default:
		return p.nextFixed(t)
	}
}

func mod(a, b int64) int64 { return (a%b + b) % b }

// nextFixed walks the matching wall-clock times; instantOf never falls as they rise, so the first that lies after t is
// it.
func (p *plan) nextFixed(t time.Time) time.Time {
	limit := t.AddDate(horizonYears, 0, 0)
	for wall, ok := p.nextWall(wallOf(t.In(p.loc)).Add(time.Minute), limit); ok; wall,
		ok = p.nextWall(wall.Add(time.Minute), limit) {
		if at := instantOf(wall, p.loc); at.After(t) {
			return at.In(p.loc)
		}
	}
	return time.Time{}
}

// nextElapsed goes from clock change to clock change, between which the wall clock runs evenly.
func (p *plan) nextElapsed(t time.Time) time.Time {
	limit := t.AddDate(horizonYears, 0, 0)
	for at := t.Truncate(time.Second).Add(time.Second); at.Before(limit); {
		off, end := stretch(at, p.loc)
		wall := at.UTC().Add(off)
		if cut := wall.Truncate(time.Minute); cut.Before(wall) {
			wall = cut.Add(time.Minute)
		}
		stop := limit
		if !end.IsZero() && end.Before(limit) {
			stop = end
		}
		if w, ok := p.nextWall(wall, stop.UTC().Add(off)); ok {
			return w.Add(-off).In(p.loc)
		}
		at = stop
	}
	return time.Time{}
}

// nextWall returns the first matching minute at or after wall and before limit. Both are wall-clock readings, written
// as if they were UTC.
func (p *plan) nextWall(wall, limit time.Time) (time.Time, bool) {
	for wall.Before(limit) {
		y, m, d := wall.Date()
		switch {
		case p.mon&(1<<uint(m)) == 0:
			wall = time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)
		case !p.onDay(d, wall.Weekday()):
			wall = time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)
		case p.hour&(1<<uint(wall.Hour())) == 0:
			wall = wall.Truncate(time.Hour).Add(time.Hour)
		case p.minute&(1<<uint(wall.Minute())) == 0:
			wall = wall.Add(time.Minute)
		default:
			return wall, true
		}
	}
	return time.Time{}, false
}

// onDay is cron's rule: where both day fields are restricted, either will do.
func (p *plan) onDay(day int, weekday time.Weekday) bool {
	dom, dow := p.dom&(1<<uint(day)) != 0, p.dw&(1<<uint(weekday)) != 0
	if p.dom&starBit != 0 || p.dw&starBit != 0 {
		return dom && dow
	}
	return dom || dow
}

// wallOf writes the wall clock of t, to the minute, as if it were UTC.
func wallOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// stretch returns the offset of loc at the instant and the instant at which it ends; zero for never. On the last day of
// leap years after 2037 package time names an end that has passed; no zone changes its clock on that day.
func stretch(at time.Time, loc *time.Location) (time.Duration, time.Time) {
	local := at.In(loc)
	_, off := local.Zone()
	_, end := local.ZoneBounds()
	if !end.IsZero() && !end.After(at) {
		end = at.Add(24 * time.Hour)
	}
	return time.Duration(off) * time.Second, end
}

// instantOf returns the first instant at which the clock of loc shows the wall time, or, where it never does, the first
// instant after the hole. No zone is farther than a day from UTC, so the search begins 26 hours before.
func instantOf(wall time.Time, loc *time.Location) time.Time {
	for at := wall.Add(-26 * time.Hour); ; {
		off, end := stretch(at, loc)
		found := wall.Add(-off)
		if found.Before(at) {
			return at
		}
		if end.IsZero() || found.Before(end) {
			return found
		}
		at = end
	}
}
