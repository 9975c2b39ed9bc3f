package chstore

import (
	"context"

	"rollcall/schemas"
)

// DayRange returns the first and the last local date with a judged day; ok is false when none has been judged.
func (s *Store) DayRange(ctx context.Context) (first, last schemas.Date, ok bool, err error) {
	type span struct{ first, last schemas.Date }
	rows, err := all(ctx, s, query("day_range").text("against", "current"), func(r *span) []field {
		return []field{{"first", &r.first}, {"last", &r.last}}
	})
	if err != nil || len(rows) == 0 {
		return 0, 0, false, wrap("read the range of judged days", err)
	}
	return rows[0].first, rows[0].last, true, nil
}
