package app

import (
	"context"
	"fmt"
	"maps"
	"time"

	"rollcall/reports"
	"rollcall/schemas"
)

// The staffing snapshot looks at the days around now: what is scheduled ahead, and what late facts can still change.
const (
	snapshotBack  = 3
	snapshotAhead = 8
	snapshotEvery = 15 * schemas.MinuteMS
)

// staffing stores the staffing of the last and the next days by team and site, as far as it has changed.
func (d *Daemon) staffing(ctx context.Context, due time.Time) (int64, error) {
	answers, err := NewAnswers(d.config, d.store)
	if err != nil {
		return 0, err
	}
	today := schemas.UTC.Date(schemas.InstantOf(due))
	q := reports.StaffingQuery{LengthMS: snapshotEvery, By: reports.StaffingByPart}
	q.From, q.To, q.Zone, q.Against, q.TeamsAs = today-snapshotBack, today+snapshotAhead, "UTC", reports.AgainstCurrent, reports.TeamsThen
	return StoreStaffing(ctx, answers, q)
}

// StoreStaffing works the report out and stores the intervals that differ from what is stored; it gives how many.
func StoreStaffing(ctx context.Context, a *Answers, q reports.StaffingQuery) (int64, error) {
	made, err := reports.MakeStaffing(ctx, a, q, a.Now)
	if err != nil {
		return 0, err
	}
	type key struct {
		team, site string
		start      schemas.Instant
	}
	whole := schemas.Interval{Start: made.Zone.DayStart(q.From), End: made.Zone.DayStart(q.To + 1)}
	stored, err := a.Store.StaffingParts(ctx, whole)
	if err != nil {
		return 0, err
	}
	before := make(map[key]schemas.StaffingPart, len(stored))
	for _, s := range stored {
		s.KnownAt = 0
		before[key{s.Team, s.Site, s.Start}] = s
	}
	var rows []schemas.StaffingPart
	take := func(s schemas.StaffingPart) {
		k := key{s.Team, s.Site, s.Start}
		if was, ok := before[k]; !ok || was != s {
			s.KnownAt = a.Now
			rows = append(rows, s)
		}
		delete(before, k)
	}
	for i := range made.Groups {
		g := &made.Groups[i]
		for k := range g.Intervals {
			if v := &g.Intervals[k]; v.PlannedMS != 0 || v.ActualMS != 0 || v.PastMS != 0 {
				take(partOf(g, v))
			}
		}
	}
	for k, was := range maps.Clone(before) { // what has nothing any more has zeros
		take(schemas.StaffingPart{Team: k.team, Site: k.site, Interval: was.Interval})
	}
	if err := a.Store.WriteStaffing(ctx, rows); err != nil {
		return 0, fmt.Errorf("store the staffing from %s to %s: %w", q.From, q.To, err)
	}
	return int64(len(rows)), nil
}

func partOf(g *reports.StaffingGroup, v *reports.StaffingInterval) schemas.StaffingPart {
	return schemas.StaffingPart{Team: g.Team, Site: g.Site, Interval: v.Interval, ScheduledMS: v.ScheduledMS, ActualMS: v.ActualMS, ContactMS: v.ContactMS,
		PlannedMS: v.PlannedMS, PlannedShrinkMS: v.PlannedShrinkMS, PastMS: v.PastMS, LostMS: v.LostMS, UnknownMS: v.UnknownMS, AdheredMS: v.AdheredMS,
		CountedMS: v.CountedMS, LateMS: v.LateMS, AbsentMS: v.AbsentMS}
}
