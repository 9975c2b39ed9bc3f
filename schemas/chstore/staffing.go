package chstore

import (
	"context"
	"database/sql/driver"

	"rollcall/schemas"
)

func staffingFields(r *schemas.StaffingPart) []field {
	return []field{
		{"team", &r.Team},
		{"site", &r.Site},
		{"start_at", &r.Start},
		{"known_at", &r.KnownAt},
		{"length_ms", &lengthCell{r}},
		{"scheduled_ms", &r.ScheduledMS},
		{"actual_ms", &r.ActualMS},
		{"contact_ms", &r.ContactMS},
		{"planned_ms", &r.PlannedMS},
		{"planned_shrink_ms", &r.PlannedShrinkMS},
		{"past_ms", &r.PastMS},
		{"lost_ms", &r.LostMS},
		{"unknown_ms", &r.UnknownMS},
		{"adhered_ms", &r.AdheredMS},
		{"counted_ms", &r.CountedMS},
		{"late_ms", &r.LateMS},
		{"absent_ms", &r.AbsentMS},
	}
}

// lengthCell stores the end of a part as a length in a column of Int64, which comes after that of the start.
type lengthCell struct{ of *schemas.StaffingPart }

// Scan reads the length.
func (c *lengthCell) Scan(v any) error {
	ms, err := as[int64](v)
	if err == nil {
		c.of.End = c.of.Start.Add(ms)
	}
	return err
}

// Value writes the length.
func (c *lengthCell) Value() (driver.Value, error) { return c.of.End.Sub(c.of.Start), nil }

// WriteStaffing adds staffing intervals of at most a few months; of one team, site and start the latest KnownAt counts.
// They are worked out of results and need no journal row.
func (s *Store) WriteStaffing(ctx context.Context, rows []schemas.StaffingPart) error {
	return wrap("write staffing intervals", insert(ctx, s, "staffing_intervals_store", staffingFields, rows))
}

// StaffingParts returns the stored intervals that overlap the given one, by team, site and start; those that have
// nothing any more have zeros.
func (s *Store) StaffingParts(ctx context.Context, within schemas.Interval) ([]schemas.StaffingPart, error) {
	q := query("staffing_intervals").number("start", int64(within.Start)).number("end", int64(within.End))
	rows, err := all(ctx, s, q, staffingFields)
	return rows, wrap("read staffing intervals", err)
}
