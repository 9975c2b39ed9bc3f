package chstore

import (
	"slices"
	"testing"

	"rollcall/schemas"
)

func TestStaffingIntervalsAreKeptTheLatestCounts(t *testing.T) {
	s := newStore(t)
	part := func(team string, start schemas.Instant, known schemas.Instant, actual int64) schemas.StaffingPart {
		return schemas.StaffingPart{
			Team:            team,
			Site:            "Leeds",
			Interval:        schemas.Interval{Start: start, End: start.Add(15 * minute)},
			KnownAt:         known,
			ScheduledMS:     30 * minute,
			ActualMS:        actual,
			ContactMS:       actual / 3,
			PlannedMS:       60 * minute,
			PlannedShrinkMS: 30 * minute,
			PastMS:          60 * minute,
			LostMS:          45 * minute,
			UnknownMS:       1,
			AdheredMS:       2,
			CountedMS:       4,
			LateMS:          5,
			AbsentMS:        6,
		}
	}
	a, b := part("Billing", t0, t0+2, 15*minute), part("Sales", t0.Add(15*minute), t0+1, minute)
	check(t, s.WriteStaffing(ctx, []schemas.StaffingPart{a, b}))
	check(t, s.WriteStaffing(ctx, []schemas.StaffingPart{part("Billing", t0, t0+1, minute)})) // an older run, late
	got := must[[]schemas.StaffingPart](t)(s.StaffingParts(ctx, schemas.Interval{Start: t0, End: t0.Add(60 * minute)}))
	if !slices.Equal(got, []schemas.StaffingPart{a, b}) {
		t.Errorf("got %+v", got)
	}
	if got = must[[]schemas.StaffingPart](t)(s.StaffingParts(ctx,
		schemas.Interval{Start: t0, End: t0.Add(15 * minute)})); len(got) != 1 {
		t.Errorf("got %+v", got)
	}
	wantLines(t, rowsOf(t, s,
		"SELECT concat(team, ' ', toString(scheduled), ' ', toString(assumeNotNull(actual)), ' ', toString(interval_s), ' "+
			"', toString(assumeNotNull(adherence_percent))) AS line FROM staffing_intervals ORDER BY line"),
		"Billing 2 1 900 50", "Sales 2 0.06666666666666667 900 50")
}
