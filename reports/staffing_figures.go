package reports

import (
	"bytes"
	"math"
	"slices"

	"rollcall/schemas"
)

// StaffingUnit is what a figure of a staffing report is measured in.
type StaffingUnit uint8

// The values of StaffingUnit.
const (
	StaffingHeads StaffingUnit = iota + 1 // a number of heads
	StaffingNet                           // by how many heads something is off
	StaffingHours                         // hours of heads, of a sum
	StaffingShare                         // a share, rounded in per cent
)

// StaffingFigure is one figure of an interval or of a sum: what it is called, and how to get it.
type StaffingFigure[T any] struct {
	// Name is its name in JSON and CSV, Title heads its column in a workbook or on a page.
	Name, Title string
	Unit        StaffingUnit
	// of returns it as a part of a whole, both in milliseconds; false where it does not exist.
	of func(T) (part, whole int64, exists bool)
}

// MS returns the part of the whole that the figure is, in milliseconds.
func (f *StaffingFigure[T]) MS(v T) int64 { part, _, _ := f.of(v); return part }

// Exact returns the figure without rounding, a share as a fraction; false where it does not exist.
func (f *StaffingFigure[T]) Exact(v T) (float64, bool) {
	part, whole, exists := f.of(v)
	return float64(part) / float64(whole), exists && whole > 0
}

// rounded returns the figure with two decimals, a share in per cent; nil where it does not exist.
func (f *StaffingFigure[T]) rounded(v T) *float64 {
	part, whole, exists := f.of(v)
	switch {
	case !exists || whole <= 0:
		return nil
	case f.Unit == StaffingShare:
		return orNil(percentOf(part, whole))
	}
	return orNil(math.Round(float64(part)/float64(whole)*100)/100, true)
}

// StaffingAt is an interval of a group; Over says whether it is over.
type StaffingAt struct {
	*StaffingInterval
	Over bool
}

// StaffingFigures returns the figures of an interval, in the order of JSON, CSV and workbooks. Those that need a
// requirement do not exist where nothing was imported; Actual and the nets to it before the interval is over, Actual
// where nothing is known of it and the nets where what is unknown may make up for what seems to be missing.
func StaffingFigures() []StaffingFigure[StaffingAt] {
	type at = StaffingAt
	heads := func(name, title string, unit StaffingUnit, of func(at) (int64, bool)) StaffingFigure[at] {
		return StaffingFigure[at]{name, title, unit, func(v at) (int64, int64, bool) {
			ms, exists := of(v)
			return ms, v.MS(), exists
		}}
	}
	return slices.Concat([]StaffingFigure[at]{
		heads("required", "Required", StaffingHeads, func(v at) (int64, bool) { return v.RequiredMS, v.HasRequired }),
		heads("needed", "Needed", StaffingHeads, func(v at) (int64, bool) { return v.NeededMS, v.HasRequired }),
		heads("scheduled", "Scheduled", StaffingHeads, func(v at) (int64, bool) { return v.ScheduledMS, true }),
		heads("actual", "Actual", StaffingHeads, func(v at) (int64, bool) { return v.ActualMS, v.Over && !v.Unknown() }),
		heads("net_planned", "Net planned", StaffingNet,
			func(v at) (int64, bool) { return v.ScheduledMS - v.RequiredMS, v.HasRequired }),
		heads("net_required", "Net to required", StaffingNet, func(v at) (int64, bool) {
			ms, known := v.NetRequired()
			return ms, v.Over && known
		}),
		heads("net_scheduled", "Net to scheduled", StaffingNet, func(v at) (int64, bool) {
			ms, known := v.netScheduled()
			return ms, v.Over && known
		}),
	}, staffingShares(func(v at) *StaffingInterval { return v.StaffingInterval }), []StaffingFigure[at]{
		heads("late", "Late", StaffingHeads, func(v at) (int64, bool) { return v.LateMS, v.Over }),
		heads("absent", "Absent", StaffingHeads, func(v at) (int64, bool) { return v.AbsentMS, v.Over }),
		heads("unknown", "Unknown", StaffingHeads, func(v at) (int64, bool) { return v.UnknownMS, v.Over }),
	})
}

// staffingShares are the four shares of an interval or a sum.
func staffingShares[T any](of func(T) *StaffingInterval) []StaffingFigure[T] {
	share := func(name, title string, sides func(*StaffingInterval) (part, whole int64)) StaffingFigure[T] {
		return StaffingFigure[T]{name, title, StaffingShare, func(v T) (int64, int64, bool) {
			part, whole := sides(of(v))
			return part, whole, true
		}}
	}
	return []StaffingFigure[T]{
		share("occupancy_percent", "Occupancy", func(v *StaffingInterval) (int64, int64) { return v.ContactMS, v.ActualMS }),
		share("shrinkage_scheduled_percent", "Shrinkage planned",
			func(v *StaffingInterval) (int64, int64) { return v.PlannedShrinkMS, v.PlannedMS }),
		share("shrinkage_actual_percent", "Shrinkage actual",
			func(v *StaffingInterval) (int64, int64) { return v.LostMS, v.PastMS }),
		share("adherence_percent", "Adherence", func(v *StaffingInterval) (int64, int64) { return v.AdheredMS, v.CountedMS }),
	}
}

// staffingSumFigures returns the figures of a sum in the order of JSON. Over and under are of time on queue against the
// requirement, and apart: an hour too many does not make up for one that is missing; the planned ones are of the
// schedule against the requirement. What is so far is of the intervals that are over.
func staffingSumFigures() []StaffingFigure[*StaffingSum] {
	hours := func(name, title string, of func(*StaffingSum) int64) StaffingFigure[*StaffingSum] {
		return StaffingFigure[*StaffingSum]{name, title, StaffingHours, func(s *StaffingSum) (int64, int64, bool) {
			return of(s), schemas.HourMS, true
		}}
	}
	return slices.Concat([]StaffingFigure[*StaffingSum]{
		hours("required_hours", "Required", func(s *StaffingSum) int64 { return s.RequiredMS }),
		hours("scheduled_hours", "Scheduled", func(s *StaffingSum) int64 { return s.ScheduledMS }),
		hours("actual_hours", "On queue", func(s *StaffingSum) int64 { return s.ActualMS }),
		hours("over_hours", "Over", func(s *StaffingSum) int64 { return s.OverMS }),
		hours("under_hours", "Under", func(s *StaffingSum) int64 { return s.UnderMS }),
		hours("planned_over_hours", "Planned over", func(s *StaffingSum) int64 { return s.PlannedOverMS }),
		hours("planned_under_hours", "Planned under", func(s *StaffingSum) int64 { return s.PlannedUnderMS }),
		hours("over_schedule_hours", "Over schedule", func(s *StaffingSum) int64 { return s.OverPlanMS }),
		hours("under_schedule_hours", "Under schedule", func(s *StaffingSum) int64 { return s.UnderPlanMS }),
		hours("required_so_far_hours", "Required so far", func(s *StaffingSum) int64 { return s.SoFar.RequiredMS }),
		hours("scheduled_so_far_hours", "Scheduled so far", func(s *StaffingSum) int64 { return s.SoFar.ScheduledMS }),
		hours("actual_so_far_hours", "On queue so far", func(s *StaffingSum) int64 { return s.SoFar.ActualMS }),
	}, staffingShares(func(s *StaffingSum) *StaffingInterval { return &s.StaffingInterval }),
		[]StaffingFigure[*StaffingSum]{
			hours("late_hours", "Late", func(s *StaffingSum) int64 { return s.LateMS }),
			hours("absent_hours", "Absent", func(s *StaffingSum) int64 { return s.AbsentMS }),
			hours("unknown_hours", "Unknown", func(s *StaffingSum) int64 { return s.UnknownMS }),
		})
}

// StaffingSumFigures returns the figures of a sum that have these names, in this order.
func StaffingSumFigures(names ...string) []StaffingFigure[*StaffingSum] {
	all := staffingSumFigures()
	var list []StaffingFigure[*StaffingSum]
	for _, name := range names {
		list = append(list, all[slices.IndexFunc(all, func(f StaffingFigure[*StaffingSum]) bool { return f.Name == name })])
	}
	return list
}

// StaffingRow is an interval or a sum as programs read it: members with their names, in order. Heads, hours and
// percentages are rounded to two decimals, null where they do not exist; the _s members are exact.
type StaffingRow []StaffingMember

// StaffingMember is one member of a row.
type StaffingMember struct {
	Name  string
	Value any
}

// Number returns the member of a name; nil where it is null.
func (r StaffingRow) Number(name string) *float64 {
	for _, m := range r {
		if v, ok := m.Value.(*float64); ok && m.Name == name {
			return v
		}
	}
	return nil
}

// MarshalJSON writes the members as one object.
func (r StaffingRow) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	o := jsonOut{w: &b}
	lead := "{"
	for _, m := range r {
		o.text(lead)
		o.value(m.Name)
		o.text(":")
		o.value(m.Value)
		lead = ","
	}
	o.text("}")
	return b.Bytes(), o.err
}

// rowOf begins the row of a group with what the report is summed up by.
func (s *Staffing) rowOf(g *StaffingGroup) StaffingRow {
	var r StaffingRow
	byTeam, bySite := s.Query.By.parts()
	if byTeam {
		r = append(r, StaffingMember{"team", g.Team})
	}
	if bySite {
		r = append(r, StaffingMember{"site", g.Site})
	}
	return r
}

func addFigures[T any](r StaffingRow, list []StaffingFigure[T], v T) StaffingRow {
	for i := range list {
		r = append(r, StaffingMember{list[i].Name, list[i].rounded(v)})
	}
	return r
}

// Row returns an interval of a group as programs read it.
func (s *Staffing) Row(g *StaffingGroup, v *StaffingInterval) StaffingRow {
	return s.row(StaffingFigures(), g, v)
}

func (s *Staffing) row(figures []StaffingFigure[StaffingAt], g *StaffingGroup, v *StaffingInterval) StaffingRow {
	r := append(s.rowOf(g), StaffingMember{"start", s.Zone.Format(v.Start)}, StaffingMember{"end", s.Zone.Format(v.End)})
	r = addFigures(r, figures, s.At(v))
	return append(r, StaffingMember{"scheduled_on_queue_s", schemas.Seconds(v.ScheduledMS)},
		StaffingMember{"on_queue_s", schemas.Seconds(v.ActualMS)}, StaffingMember{"contact_s", schemas.Seconds(v.ContactMS)},
		StaffingMember{"scheduled_s", schemas.Seconds(v.PlannedMS)})
}

// At returns the interval with whether it is over.
func (s *Staffing) At(v *StaffingInterval) StaffingAt { return StaffingAt{v, s.Over(v)} }

// SumRow returns the sum of a group, or of all with nil, as programs read it.
func (s *Staffing) SumRow(g *StaffingGroup) StaffingRow {
	if g == nil {
		return addFigures(StaffingRow{{"intervals", s.Total.Intervals}}, staffingSumFigures(), &s.Total)
	}
	r := append(s.rowOf(g), StaffingMember{"intervals", g.Sum.Intervals})
	return addFigures(r, staffingSumFigures(), &g.Sum)
}
