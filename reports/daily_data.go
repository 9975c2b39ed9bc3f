package reports

import (
	"context"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// DailyData holds one day of everybody and what it is compared with, read once, so that many mails can be made of it.
// It is not changed after it was made.
type DailyData struct {
	day    schemas.Date
	madeAt schemas.Instant
	rows   []dataRow
	weeks  []weekday
	// heads are what was scheduled and done around the day by place, required the requirements of every team.
	heads    *staffingCount
	required []schemas.Requirement
	feeds    []schemas.Feed
}

// place is a team at a site.
type place struct{ team, site string }

type dataRow struct {
	schemas.DayRow
	target *float64
	zone   schemas.Zone
}

// weekday is the same weekday of an earlier week: the two sides of adherence by place.
type weekday struct {
	day    schemas.Date
	shares map[place]schemas.Percent
}

// weeksCompared is with how many weeks before a day is compared.
const weeksCompared = 4

// ReadDaily reads the day and what it is compared with.
func ReadDaily(ctx context.Context, r StaffingReader, day schemas.Date, madeAt schemas.Instant) (*DailyData, error) {
	b := &DailyData{day: day, madeAt: madeAt, heads: headsAround(day, madeAt)}
	if err := b.read(ctx, r); err != nil {
		return nil, fmt.Errorf("daily report of %s: %w", day, err)
	}
	return b, nil
}

func (b *DailyData) read(ctx context.Context, r StaffingReader) (err error) {
	if b.feeds, err = r.Feeds(ctx, 0); err != nil {
		return fmt.Errorf("read feeds: %w", err)
	}
	if err := b.heads.prepare(ctx, r); err != nil {
		return err
	}
	own := zones{known: map[string]schemas.Zone{}}
	// The heads of a calendar day are those of agents in all zones, some of whom are in the day before or after, and of
	// shifts that begin on the day before.
	q := Query{From: b.day - 2, To: b.day + 1, Against: AgainstCurrent, TeamsAs: TeamsThen, Intervals: true}
	err = r.Days(ctx, q, func(d *schemas.DayRow) error {
		if d.Day == b.day {
			b.add(d, b.heads.rules.find(d.Policy).Target, own.of(d))
		}
		return b.heads.day(d)
	})
	if err != nil {
		return err
	}
	for n := weeksCompared; n > 0; n-- {
		w := weekday{b.day - schemas.Date(7*n), map[place]schemas.Percent{}}
		err := r.Days(ctx, dayQuery(w.day), func(d *schemas.DayRow) error {
			if p := d.Adherence(); p.Reason == schemas.ReasonNone && p.Den > 0 {
				at := place{d.Team, d.Site}
				was := w.shares[at]
				w.shares[at] = schemas.Percent{Num: was.Num + p.Num, Den: was.Den + p.Den}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("day %s: %w", w.day, err)
		}
		b.weeks = append(b.weeks, w)
	}
	return b.readRequired(ctx, r)
}

func dayQuery(day schemas.Date) Query {
	return Query{From: day, To: day, Against: AgainstCurrent, TeamsAs: TeamsThen}
}

// add stores a day without its intervals.
func (b *DailyData) add(d *schemas.DayRow, target *float64, zone schemas.Zone) {
	row := dataRow{DayRow: *d, target: target, zone: zone}
	row.Activities, row.Intervals, row.Exceptions = nil, nil, slices.Clone(d.Exceptions)
	for i := range row.Exceptions {
		row.Exceptions[i].Parts = slices.Clone(row.Exceptions[i].Parts)
	}
	b.rows = append(b.rows, row)
}

// feedsBehind names the feeds that have not said that they are complete past the day in the zone.
func (b *DailyData) feedsBehind(zone schemas.Zone) []string {
	var out []string
	for _, f := range b.feeds {
		if f.CompleteUpTo < zone.DayStart(b.day+1) {
			out = append(out, f.Source)
		}
	}
	return out
}
