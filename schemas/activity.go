package schemas

import (
	"cmp"
	"fmt"
	"slices"
)

// Activity is one scheduled block of one agent, [Start, End) (RULES.md section 1).
type Activity struct {
	Start       Instant  `json:"start"`
	End         Instant  `json:"end"`
	Code        string   `json:"code,omitempty"`
	Category    Category `json:"category"`
	Shift       string   `json:"shift,omitempty"`
	Paid        bool     `json:"paid,omitempty"`
	Description string   `json:"description,omitempty"`
	// Line is the line of the imported file that the activity came from, counted from 1; 0 where there is none.
	Line int `json:"line,omitempty"`
}

// Interval returns start and end.
func (a *Activity) Interval() Interval { return Interval{a.Start, a.End} }

// rests reports whether the activity is time off or unavailable, which form no shift of their own without an id.
func (a *Activity) rests() bool {
	return a.Category == CategoryTimeOff || a.Category == CategoryUnavailable
}

// CheckActivities reports whether the activities of one agent, sorted by start, can stand together: each ends after it
// starts and none overlaps another (RULES.md section 4). The error names the two that do not.
func CheckActivities(sorted []Activity) error {
	for i := range sorted {
		a := &sorted[i]
		if a.End <= a.Start {
			return fmt.Errorf("activity %q ends at %s, not after its start %s", a.Code, a.End, a.Start)
		}
		if i > 0 && a.Start < sorted[i-1].End {
			return fmt.Errorf("activity %q from %s overlaps %q, which lasts until %s", a.Code, a.Start, sorted[i-1].Code,
				sorted[i-1].End)
		}
	}
	return nil
}

// SortActivities puts activities in order of start, then end.
func SortActivities(acts []Activity) {
	slices.SortStableFunc(acts, func(a, b Activity) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
}

// LongestShiftMS is the longest shift, from the start of its first to the end of its last activity, that is imported
// and judged: 3 days.
const LongestShiftMS = 3 * DayMS

// sameIDGapMS is the gap from which on the same shift id means another shift: 12 h (RULES.md section 4).
const sameIDGapMS = 12 * HourMS

// NoShift marks an activity that belongs to no shift in the result of FormShifts.
const NoShift int32 = -1

// FormShifts groups the activities of one agent, sorted by start, into shifts (RULES.md section 4 "Shifts" and the fine
// print of section 7). It appends to of, for each activity, the number of its shift, counted from 0 in order of the
// shifts' starts, or NoShift for time off in no shift; and to spans the span of each shift from the start of its first
// to the end of its last activity. Both may be given empty slices with room, so that no memory is allocated. shiftGapMS
// joins activities without an id.
//
//   - Activities with one id are one shift, but the same id after a gap of 12 h or more is another shift.
//   - Activities without an id form runs among themselves, leaving out time off and unavailable, which bridge no gap; a
//     gap of at most shiftGapMS joins.
//   - Time off and unavailable join a shift by their id or between its other activities; between two shifts, the
//     earlier; alone under an id they are a shift.
func FormShifts(acts []Activity, shiftGapMS int64, of []int32, spans []Interval) ([]int32, []Interval) {
	base := len(of)
	for range acts {
		of = append(of, NoShift)
	}
	f := shiftForming{acts: acts, of: of[base:], spans: spans[:0], gap: shiftGapMS}
	f.group()
	f.adopt()
	return of, f.spans
}

// shiftForming is the state of one FormShifts.
type shiftForming struct {
	acts  []Activity
	of    []int32
	spans []Interval
	gap   int64
}

// group puts every activity that has an id or is work into its shift.
func (f *shiftForming) group() {
	for i := range f.acts {
		a := &f.acts[i]
		if a.Shift == "" && a.rests() {
			continue
		}
		n := f.open(i)
		if n == NoShift {
			n = int32(len(f.spans)) //nolint:gosec // an agent has few shifts
			f.spans = append(f.spans, a.Interval())
		}
		f.of[i] = n
		f.spans[n].End = max(f.spans[n].End, a.End)
	}
}

// open finds the shift that activity i continues, or NoShift. The nearest earlier activity of the same id (or without
// one, leaving out rest) decides, because activities do not overlap.
func (f *shiftForming) open(i int) int32 {
	a := &f.acts[i]
	limit := f.gap
	if a.Shift != "" {
		limit = sameIDGapMS - 1
	}
	for j := i - 1; j >= 0; j-- {
		b := &f.acts[j]
		if b.Shift == a.Shift && (a.Shift != "" || !b.rests()) {
			if a.Start.Sub(b.End) <= limit {
				return f.of[j]
			}
			return NoShift
		}
		if a.Start.Sub(b.End) > limit {
			return NoShift
		}
	}
	return NoShift
}

// adopt puts time off and unavailable without an id into the shift between whose activities they lie, the earlier of
// two.
func (f *shiftForming) adopt() {
	for i := range f.acts {
		if f.of[i] != NoShift {
			continue
		}
		a := &f.acts[i]
		for n := range f.spans {
			if f.spans[n].Start <= a.Start && a.End <= f.spans[n].End {
				f.of[i] = int32(n) //nolint:gosec // an agent has few shifts
				break
			}
		}
	}
}
