package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// baseMS is the length of the intervals that a book counts heads in, on the clock of UTC: those of every zone are made
// of them.
const baseMS = 15 * schemas.MinuteMS

// dailyMS is the length of the intervals that a daily mail shows, which is also what `report staffing` takes by itself.
const dailyMS = 30 * schemas.MinuteMS

// ShortTeam is a team of which heads were missing on a day.
type ShortTeam struct {
	Team string
	// UnderMS and OverMS are summed apart: against the requirement where Required, else against the schedule.
	UnderMS, OverMS int64
	Required        bool
	// Worst are the intervals in which most heads were missing, half a head at least, worst first.
	Worst []StaffingInterval
}

// Missing returns how many heads were missing for certain: of what was required, else of what was scheduled.
func (t *ShortTeam) Missing(v *StaffingInterval) float64 {
	if _, net, known := v.Against(t.Required); known {
		return v.Heads(max(-net, 0))
	}
	return 0
}

// headsAround counts the heads of every place on the date, in whatever zone.
func headsAround(day schemas.Date, madeAt schemas.Instant) *staffingCount {
	from, to := schemas.UTC.DayStart(day).Add(-14*schemas.HourMS), schemas.UTC.DayStart(day+1).Add(12*schemas.HourMS)
	var grid []schemas.Interval
	for at := from; at < to; at = at.Add(baseMS) {
		grid = append(grid, schemas.Interval{Start: at, End: at.Add(baseMS)})
	}
	return newStaffingCount(&StaffingQuery{LengthMS: baseMS, By: StaffingByPart}, schemas.UTC, madeAt, grid)
}

// readRequired reads the requirements of the day, of any zone.
func (b *DailyData) readRequired(ctx context.Context, r StaffingReader) error {
	if err := r.Requirements(ctx, nil, b.heads.whole(), 0, func(q *schemas.Requirement) error {
		b.required = append(b.required, *q)
		return nil
	}); err != nil {
		return fmt.Errorf("requirements: %w", err)
	}
	return nil
}

// staff says the day's staffing.
func (d *Daily) staff(b *DailyData, in func(place) bool) {
	d.Staffing = b.staffing(d, in)
	for i := range d.Staffing.Groups {
		d.Required = d.Required || d.Staffing.Groups[i].Sum.HasRequired
	}
	d.Heads = d.hours()
	for i := range d.Staffing.Groups {
		if t := shortOf(d.Staffing, &d.Staffing.Groups[i]); t.UnderMS > 0 && len(t.Worst) > 0 {
			d.Short = append(d.Short, t)
		}
	}
	slices.SortStableFunc(d.Short, func(x, y ShortTeam) int { return cmp.Compare(y.UnderMS, x.UnderMS) })
	d.ShortCount = len(d.Short)
	d.Short = d.Short[:min(mostShort, len(d.Short))]
}

// staffing makes the staffing report of the day by team from what was counted by place. Nothing is required of a team
// of which some may not be seen.
func (b *DailyData) staffing(d *Daily, in func(place) bool) *Staffing {
	q := StaffingQuery{Query: dayQuery(b.day), LengthMS: dailyMS, By: StaffingByTeam}
	q.Teams, q.Sites, q.Zone = d.Teams, d.Sites, d.Zone.Name()
	c := newStaffingCount(&q, d.Zone, b.madeAt, staffingGrid(d.Zone, b.day, b.day, dailyMS))
	c.made.JudgedAt = b.heads.made.JudgedAt
	seen, hidden := map[string]bool{}, map[string]bool{}
	for part, g := range b.heads.groups {
		if !in(place{part.Team, part.Site}) {
			hidden[part.Team] = true
			continue
		}
		seen[part.Team] = true
		c.take(StaffingPart{Team: part.Team}, g.Intervals)
	}
	for i := range b.required {
		r := &b.required[i]
		if q.Requires() && !hidden[r.Team] && (seen[r.Team] || in(place{team: r.Team})) &&
			r.Interval().Overlaps(d.Zone.Day(b.day)) {
			if err := c.require(r); err != nil {
				break // a day has no more intervals than a report may have
			}
		}
	}
	c.finish()
	return c.made
}

// take adds intervals that are parts of those of the group.
func (c *staffingCount) take(part StaffingPart, list []StaffingInterval) {
	for i := range list {
		v := &list[i]
		if v.Empty() || !v.Overlaps(c.whole()) {
			continue
		}
		g, err := c.group(part)
		if err != nil {
			return
		}
		c.each(g, v.Interval, func(to *StaffingInterval, ms int64) {
			from, all := v.lengths(), to.lengths()
			for k := range all {
				*all[k] += *from[k] * ms / v.End.Sub(v.Start)
			}
		})
	}
}

// hours adds the teams up by the hour of the wall clock.
func (d *Daily) hours() []StaffingInterval {
	var hours []StaffingInterval
	for _, v := range staffingGrid(d.Zone, d.Day, d.Day, schemas.HourMS) {
		hours = append(hours, StaffingInterval{Interval: v})
	}
	for i := range d.Staffing.Groups {
		g, at := &d.Staffing.Groups[i], 0
		if d.Required && !g.Sum.HasRequired {
			continue
		}
		for k := range g.Intervals {
			v := &g.Intervals[k]
			for at+1 < len(hours) && hours[at].End <= v.Start {
				at++
			}
			hours[at].plus(v)
		}
	}
	return slices.DeleteFunc(hours,
		func(v StaffingInterval) bool { return !v.HasRequired && v.ScheduledMS == 0 && v.ActualMS == 0 })
}

// shortOf finds what was missing in a team.
func shortOf(s *Staffing, g *StaffingGroup) ShortTeam {
	t := ShortTeam{Team: g.Team, Required: g.Sum.HasRequired}
	t.UnderMS, t.OverMS = g.Sum.UnderOver(t.Required)
	for i := range g.Intervals {
		if v := &g.Intervals[i]; s.Over(v) && t.Missing(v) >= 0.5 {
			t.Worst = append(t.Worst, *v)
		}
	}
	slices.SortStableFunc(t.Worst, func(x, y StaffingInterval) int { return cmp.Compare(t.Missing(&y), t.Missing(&x)) })
	t.Worst = t.Worst[:min(mostWorst, len(t.Worst))]
	return t
}
