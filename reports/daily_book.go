package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// DailyReader yields what daily mails are made of.
type DailyReader interface {
	Reader
	// Heads yields the required heads of every team in the time.
	Heads(ctx context.Context, in schemas.Interval, yield func(*schemas.Requirement) error) error
}

// Book holds one day of everybody and what it is compared with, read once, so that many mails can be made of it. It is not
// changed after it was made.
type Book struct {
	day    schemas.Date
	madeAt schemas.Instant
	rows   []bookRow
	weeks  []weekday
	places map[place]*timeline
	needed map[string]map[schemas.Instant]int64
	feeds  []schemas.Feed
}

// place is a team at a site.
type place struct{ team, site string }

type bookRow struct {
	schemas.DayRow
	target *float64
	zone   schemas.Zone
}

// weekday is the same weekday of an earlier week by place.
type weekday struct {
	day    schemas.Date
	shares map[place]share
}

// share holds the two sides of adherence.
type share struct{ adhered, counted int64 }

func (s share) percent() schemas.Percent {
	if s.counted == 0 {
		return schemas.Percent{Reason: schemas.ReasonNoSchedule}
	}
	return schemas.Percent{Num: s.adhered, Den: s.counted}
}

func (w *weekday) sum(in func(place) bool) (all share) {
	for p, s := range w.shares {
		if in(p) {
			all.adhered, all.counted = all.adhered+s.adhered, all.counted+s.counted
		}
	}
	return all
}

// weeksCompared is with how many weeks before a day is compared.
const weeksCompared = 4

// OpenBook reads the day and what it is compared with.
func OpenBook(ctx context.Context, r DailyReader, day schemas.Date, madeAt schemas.Instant) (*Book, error) {
	b := &Book{day: day, madeAt: madeAt, places: map[place]*timeline{}, needed: map[string]map[schemas.Instant]int64{}}
	rules, err := loadRules(ctx, r, 0)
	if err != nil {
		return nil, fmt.Errorf("daily report of %s: %w", day, err)
	}
	if b.feeds, err = r.Feeds(ctx, 0); err != nil {
		return nil, fmt.Errorf("daily report of %s: read feeds: %w", day, err)
	}
	own := zones{known: map[string]schemas.Zone{}}
	// The heads of a calendar day are those of agents in all zones, some of whom are in the day before or after.
	q := Query{From: day - 1, To: day + 1, Against: AgainstCurrent, TeamsAs: TeamsThen, Intervals: true}
	err = r.Days(ctx, q, func(d *schemas.DayRow) error {
		b.count(d)
		if d.Day == day {
			b.add(d, rules.find(d.Policy).Target, own.of(d))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("daily report of %s: %w", day, err)
	}
	for n := weeksCompared; n > 0; n-- {
		w := weekday{day - schemas.Date(7*n), map[place]share{}}
		err := r.Days(ctx, dayQuery(w.day), func(d *schemas.DayRow) error {
			if p := d.Adherence(); p.Reason == schemas.ReasonNone && p.Den > 0 {
				at := place{d.Team, d.Site}
				s := w.shares[at]
				w.shares[at] = share{s.adhered + p.Num, s.counted + p.Den}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("daily report of %s: day %s: %w", day, w.day, err)
		}
		b.weeks = append(b.weeks, w)
	}
	return b, b.readNeeded(ctx, r)
}

func dayQuery(day schemas.Date) Query {
	return Query{From: day, To: day, Against: AgainstCurrent, TeamsAs: TeamsThen}
}

// count adds the day's intervals to the heads of its place.
func (b *Book) count(d *schemas.DayRow) {
	at := place{d.Team, d.Site}
	line := b.places[at]
	if line == nil {
		line = &timeline{map[schemas.Instant]headsMS{}}
		b.places[at] = line
	}
	for i := range d.Intervals {
		line.add(&d.Intervals[i], d.Activities)
	}
}

// add keeps a day without its intervals.
func (b *Book) add(d *schemas.DayRow, target *float64, zone schemas.Zone) {
	row := bookRow{DayRow: *d, target: target, zone: zone}
	row.Activities, row.Intervals, row.Exceptions = nil, nil, slices.Clone(d.Exceptions)
	for i := range row.Exceptions {
		row.Exceptions[i].Parts = slices.Clone(row.Exceptions[i].Parts)
	}
	b.rows = append(b.rows, row)
}

// feedsBehind names the feeds that have not said that they are complete past the day in the zone.
func (b *Book) feedsBehind(zone schemas.Zone) []string {
	var out []string
	for _, f := range b.feeds {
		if f.CompleteUpTo < zone.DayStart(b.day+1) {
			out = append(out, f.Source)
		}
	}
	return out
}

// baseMS is the length of the slots that heads are added up in; those that are shown are made of them.
const baseMS = 15 * schemas.MinuteMS

// headsMS are times of heads in a slot.
type headsMS struct{ scheduled, actual int64 }

// timeline holds the heads of a place by slot of baseMS.
type timeline struct{ slots map[schemas.Instant]headsMS }

// add counts one interval: scheduled where on-queue work is scheduled, actual where it is on queue (domain.md section 8).
func (t *timeline) add(v *schemas.JudgedInterval, activities []schemas.Activity) {
	scheduled := v.Activity >= 0 && int(v.Activity) < len(activities) && activities[v.Activity].Category == schemas.CategoryOnQueueWork
	if !scheduled && !v.OnQueue {
		return
	}
	for at := v.Start; at < v.End; {
		slot := at - at%schemas.Instant(baseMS)
		end := min(v.End, slot.Add(baseMS))
		h := t.slots[slot]
		if scheduled {
			h.scheduled += end.Sub(at)
		}
		if v.OnQueue {
			h.actual += end.Sub(at)
		}
		t.slots[slot] = h
		at = end
	}
}

// Slot is a stretch of the day with its heads on queue: times divided by its length.
type Slot struct {
	Start, End schemas.Instant
	// ScheduledMS, ActualMS and RequiredMS are lengths of time; RequiredMS only counts where Daily.Required.
	ScheduledMS, ActualMS, RequiredMS int64
}

// Scheduled gives the heads that were scheduled to be on queue.
func (s *Slot) Scheduled() float64 { return s.heads(s.ScheduledMS) }

// Actual gives the heads that were on queue.
func (s *Slot) Actual() float64 { return s.heads(s.ActualMS) }

// Required gives the heads that were required.
func (s *Slot) Required() float64 { return s.heads(s.RequiredMS) }

func (s *Slot) heads(ms int64) float64 { return float64(ms) / float64(s.End.Sub(s.Start)) }

// missing gives the time of heads that was missing: to what was required, else to what was scheduled.
func (s *Slot) missing(required bool) int64 {
	if required {
		return s.RequiredMS - s.ActualMS
	}
	return s.ScheduledMS - s.ActualMS
}

// readNeeded reads the required heads of the day, of any zone.
func (b *Book) readNeeded(ctx context.Context, r DailyReader) error {
	start := schemas.UTC.DayStart(b.day)
	err := r.Heads(ctx, schemas.Interval{Start: start.Add(-schemas.DayMS), End: start.Add(2 * schemas.DayMS)}, func(q *schemas.Requirement) error {
		team := b.needed[q.Team]
		if team == nil {
			team = map[schemas.Instant]int64{}
			b.needed[q.Team] = team
		}
		for at := q.Start; at < q.Start.Add(q.LengthMS); at = at.Add(baseMS) {
			team[at-at%schemas.Instant(baseMS)] += q.HeadMS() * baseMS / q.LengthMS
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("daily report of %s: requirements: %w", b.day, err)
	}
	return nil
}

// heads adds up the places: the picture of the local day by the hour, and the worst half hours of all.
func (b *Book) heads(in func(place) bool, zone schemas.Zone) (hours, worst []Slot, required bool) {
	all := map[schemas.Instant]*Slot{}
	slot := func(at schemas.Instant) *Slot {
		if all[at] == nil {
			all[at] = &Slot{Start: at, End: at.Add(baseMS)}
		}
		return all[at]
	}
	day := zone.Day(b.day)
	teams := map[string]bool{}
	for p, line := range b.places {
		if !in(p) {
			continue
		}
		teams[p.team] = true
		for at, h := range line.slots {
			if !day.Contains(at) {
				continue
			}
			slot(at).ScheduledMS += h.scheduled
			slot(at).ActualMS += h.actual
		}
	}
	for team, needed := range b.needed {
		for at, ms := range needed {
			if teams[team] && day.Contains(at) {
				required = true
				slot(at).RequiredMS += ms
			}
		}
	}
	hours = joined(all, schemas.HourMS, zone)
	worst = slices.DeleteFunc(joined(all, schemas.HourMS/2, zone), func(s Slot) bool { return s.missing(required) < s.End.Sub(s.Start)/2 })
	slices.SortStableFunc(worst, func(x, y Slot) int { return cmp.Compare(y.missing(required), x.missing(required)) })
	return hours, worst[:min(mostWorst, len(worst))], required
}

// joined makes slots of a length, on the zone's clock, of the base slots; in order, those with nothing in them left out.
func joined(base map[schemas.Instant]*Slot, length int64, zone schemas.Zone) []Slot {
	byStart := map[schemas.Instant]*Slot{}
	for at, s := range base {
		_, offset := at.Time().In(zone.Location()).Zone()
		local := int64(at) + int64(offset)*schemas.SecondMS
		start := at.Add(-(local % length))
		j := byStart[start]
		if j == nil {
			j = &Slot{Start: start, End: start.Add(length)}
			byStart[start] = j
		}
		j.ScheduledMS, j.ActualMS, j.RequiredMS = j.ScheduledMS+s.ScheduledMS, j.ActualMS+s.ActualMS, j.RequiredMS+s.RequiredMS
	}
	var out []Slot
	for _, s := range byStart {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(x, y Slot) int { return cmp.Compare(x.Start, y.Start) })
	return out
}
