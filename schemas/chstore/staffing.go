package chstore

import (
	"context"

	"rollcall/schemas"
)

// staffingFields has the end of a part as a length, which comes after the start.
func staffingFields(r *schemas.StaffingPart) []field {
	return append(fieldsOf(r), field{"length_ms",
		newCell(func() any { return r.MS() }, func(ms int64) { r.End = r.Start.Add(ms) })})
}

// WriteStaffing adds staffing intervals of at most a few months; of one team, site and start the latest KnownAt counts.
// They are worked out of results and need no journal row.
func (s *Store) WriteStaffing(ctx context.Context, rows []schemas.StaffingPart) error {
	return wrap("write staffing intervals", insert(ctx, s, "staffing_intervals_store", staffingFields, rows))
}

// StaffingParts returns the stored intervals that overlap the given one, by team, site and start; those that have
// nothing any more have zeros.
func (s *Store) StaffingParts(ctx context.Context, within schemas.Interval) ([]schemas.StaffingPart, error) {
	q := query("staffing_intervals").number("start", int64(within.Start)).number("end", int64(within.End))
	return all(ctx, s, "read staffing intervals", q, staffingFields)
}
