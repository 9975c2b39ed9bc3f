package chstore

import (
	"context"

	"rollcall/schemas"
)

func staffingColumns() []column[schemas.StaffingPart] {
	type row = schemas.StaffingPart
	ms := func(name string, of func(*row) *int64) column[row] { return whole(name, of) }
	return []column[row]{
		fewText("team", func(r *row) *string { return &r.Team }),
		fewText("site", func(r *row) *string { return &r.Site }),
		instant("start_at", func(r *row) *schemas.Instant { return &r.Start }),
		instant("known_at", func(r *row) *schemas.Instant { return &r.KnownAt }),
		lengthColumn,
		ms("scheduled_ms", func(r *row) *int64 { return &r.ScheduledMS }), ms("actual_ms", func(r *row) *int64 { return &r.ActualMS }),
		ms("contact_ms", func(r *row) *int64 { return &r.ContactMS }), ms("planned_ms", func(r *row) *int64 { return &r.PlannedMS }),
		ms("planned_shrink_ms", func(r *row) *int64 { return &r.PlannedShrinkMS }), ms("past_ms", func(r *row) *int64 { return &r.PastMS }),
		ms("lost_ms", func(r *row) *int64 { return &r.LostMS }), ms("unknown_ms", func(r *row) *int64 { return &r.UnknownMS }),
		ms("adhered_ms", func(r *row) *int64 { return &r.AdheredMS }), ms("counted_ms", func(r *row) *int64 { return &r.CountedMS }),
		ms("late_ms", func(r *row) *int64 { return &r.LateMS }), ms("absent_ms", func(r *row) *int64 { return &r.AbsentMS }),
	}
}

// lengthColumn stores the end as a length, which comes after the start.
func lengthColumn() cell[schemas.StaffingPart] {
	var length int64
	c := whole("length_ms", func(*schemas.StaffingPart) *int64 { return &length })()
	put, get := c.put, c.get
	c.put = func(r *schemas.StaffingPart) { length = r.End.Sub(r.Start); put(r) }
	c.get = func(r *schemas.StaffingPart, i int) { get(r, i); r.End = r.Start.Add(length) }
	return c
}

// WriteStaffing adds staffing intervals of at most a few months; of one team, site and start the latest KnownAt counts. They
// are worked out of results and need no journal row.
func (s *Store) WriteStaffing(ctx context.Context, rows []schemas.StaffingPart) error {
	return wrap("write staffing intervals", insert(ctx, s, "staffing_intervals_store", staffingColumns(), rows))
}

// StaffingParts gives the stored intervals that overlap the given one, by team, site and start; those that have nothing any
// more have zeros.
func (s *Store) StaffingParts(ctx context.Context, within schemas.Interval) ([]schemas.StaffingPart, error) {
	p := params{}.number("start", int64(within.Start)).number("end", int64(within.End))
	rows, err := all(ctx, s, query("staffing_intervals"), p, staffingColumns())
	return rows, wrap("read staffing intervals", err)
}
