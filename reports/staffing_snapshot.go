package reports

import (
	"context"
	"fmt"

	"rollcall/schemas"
)

// StaffingStore holds staffing snapshots (satisfied by chstore.Store).
type StaffingStore interface {
	StaffingParts(ctx context.Context, within schemas.Interval) ([]schemas.StaffingPart, error)
	WriteStaffing(ctx context.Context, rows []schemas.StaffingPart) error
}

// The staffing snapshot covers the days around now: what is scheduled ahead, and what late facts can still change.
const (
	snapshotBack  = 3
	snapshotAhead = 8
	snapshotEvery = 15 * schemas.MinuteMS
)

// StoreStaffing makes the staffing of the days around today, by team and site in UTC, and stores the intervals that
// differ from what is stored; it returns how many. now is the instant after which nothing is counted.
func StoreStaffing(ctx context.Context, r StaffingReader, s StaffingStore, today schemas.Date,
	now schemas.Instant) (int64, error) {
	q := StaffingQuery{LengthMS: snapshotEvery, By: StaffingByPart}
	q.From, q.To, q.Zone, q.Against, q.TeamsAs = today-snapshotBack, today+snapshotAhead, "UTC", AgainstCurrent, TeamsThen
	made, err := MakeStaffing(ctx, r, q, now)
	if err != nil {
		return 0, err
	}
	days := schemas.Interval{Start: made.Zone.DayStart(q.From), End: made.Zone.DayStart(q.To + 1)}
	stored, err := s.StaffingParts(ctx, days)
	if err != nil {
		return 0, err
	}
	rows := made.changedParts(stored)
	for i := range rows {
		rows[i].KnownAt = now
	}
	if err := s.WriteStaffing(ctx, rows); err != nil {
		return 0, fmt.Errorf("store the staffing from %s to %s: %w", q.From, q.To, err)
	}
	return int64(len(rows)), nil
}

// changedParts returns the intervals that differ from the stored ones; an interval that has nothing any more has zeros.
func (s *Staffing) changedParts(stored []schemas.StaffingPart) (rows []schemas.StaffingPart) {
	type key struct {
		team, site string
		start      schemas.Instant
	}
	before := make(map[key]schemas.StaffingPart, len(stored))
	for _, p := range stored {
		p.KnownAt = 0
		before[key{p.Team, p.Site, p.Start}] = p
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		for k := range g.Intervals {
			v := &g.Intervals[k]
			if v.PlannedMS == 0 && v.ActualMS == 0 && v.PastMS == 0 {
				continue
			}
			p := partOf(g, v)
			at := key{p.Team, p.Site, p.Start}
			if was, ok := before[at]; !ok || was != p {
				rows = append(rows, p)
			}
			delete(before, at)
		}
	}
	for _, was := range before {
		if zero := (schemas.StaffingPart{Team: was.Team, Site: was.Site, Interval: was.Interval}); was != zero {
			rows = append(rows, zero)
		}
	}
	return rows
}

func partOf(g *StaffingGroup, v *StaffingInterval) schemas.StaffingPart {
	return schemas.StaffingPart{
		Team:            g.Team,
		Site:            g.Site,
		Interval:        v.Interval,
		ScheduledMS:     v.ScheduledMS,
		ActualMS:        v.ActualMS,
		ContactMS:       v.ContactMS,
		PlannedMS:       v.PlannedMS,
		PlannedShrinkMS: v.PlannedShrinkMS,
		PastMS:          v.PastMS,
		LostMS:          v.LostMS,
		UnknownMS:       v.UnknownMS,
		AdheredMS:       v.AdheredMS,
		CountedMS:       v.CountedMS,
		LateMS:          v.LateMS,
		AbsentMS:        v.AbsentMS,
	}
}
