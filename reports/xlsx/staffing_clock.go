package xlsx

import (
	"slices"

	"github.com/xuri/excelize/v2"

	"rollcall/reports"
	"rollcall/schemas"
)

// clockRow is a time of day: the heads of all groups together at it, averaged over the days that have them.
type clockRow struct {
	slot                                 int
	required, scheduled, actual, unknown mean
}

// mean adds up to an average.
type mean struct {
	sum float64
	of  int
}

func (m *mean) add(v float64) { m.sum, m.of = m.sum+v, m.of+1 }

// cell returns the average, nil of nothing.
func (m *mean) cell() any {
	if m.of == 0 {
		return nil
	}
	return m.sum / float64(m.of)
}

// slot says which interval of the wall clock's day an interval is.
func (t *staffingBook) slot(v *reports.StaffingInterval) int {
	at := v.Start.Time().In(t.made.Zone.Location())
	return int((int64(at.Hour())*schemas.HourMS + int64(at.Minute())*schemas.MinuteMS) / t.made.Query.LengthMS)
}

// clockRows averages over days, by the wall clock. Times of which nothing is known leave no hole: they are left out of
// what was on queue.
func (t *staffingBook) clockRows() []clockRow {
	all := map[schemas.Instant]*reports.StaffingInterval{}
	t.made.Each(func(_ *reports.StaffingGroup, v *reports.StaffingInterval) {
		sum := all[v.Start]
		if sum == nil {
			sum = &reports.StaffingInterval{Interval: v.Interval}
			all[v.Start] = sum
		}
		sum.HasRequired = sum.HasRequired || v.HasRequired
		sum.RequiredMS, sum.ScheduledMS, sum.ActualMS = sum.RequiredMS+v.RequiredMS, sum.ScheduledMS+v.ScheduledMS,
			sum.ActualMS+v.ActualMS
		sum.PastMS, sum.UnknownMS = sum.PastMS+v.PastMS, sum.UnknownMS+v.UnknownMS
	})
	rows := map[int]*clockRow{}
	for _, v := range all {
		k := t.slot(v)
		r := rows[k]
		if r == nil {
			r = &clockRow{slot: k}
			rows[k] = r
		}
		r.scheduled.add(v.Heads(v.ScheduledMS))
		if v.HasRequired {
			r.required.add(v.Heads(v.RequiredMS))
		}
		if t.made.Over(v) {
			r.unknown.add(v.Heads(v.UnknownMS))
			if !v.Unknown() {
				r.actual.add(v.Heads(v.ActualMS))
			}
		}
	}
	list := make([]clockRow, 0, len(rows))
	for _, r := range rows {
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b clockRow) int { return a.slot - b.slot })
	return list
}

// writeClock writes the heads by time of day, from which the chart is drawn.
func (t *staffingBook) writeClock() error {
	t.clock = t.staffingTable(sheetClock, "ClockRows", "time", "Heads through the day", 1)
	t.clock.colour = func(*sheet, *marks) {}
	t.clock.lines = append(t.clock.lines,
		line{"All groups together, averaged over the days that have the time;", t.styles.subtitle, 14},
		line{"on queue over those that are over and known.", t.styles.subtitle, 14})
	type row = *clockRow
	heads := func(title string, of func(row) *mean) field[row] {
		return field[row]{column{title: title, kind: kindHeads}, func(r row) any { return of(r).cell() }}
	}
	days := count("Days", func(r row) int { return r.scheduled.of })
	days.sum = false
	list := t.clockRows()
	if t.lastClock = 0; len(list) > 0 {
		t.lastClock = t.clock.headRow() + len(list)
	}
	return writeAll(newListing(t.clock, []field[row]{
		term("Time", func(r row) string {
			return schemas.ClockText(r.slot * int(t.made.Query.LengthMS/schemas.MinuteMS))
		}), days,
		heads("Required", func(r row) *mean { return &r.required }),
		heads("Scheduled", func(r row) *mean { return &r.scheduled }),
		heads("On queue", func(r row) *mean { return &r.actual }), heads("Unknown", func(r row) *mean { return &r.unknown }),
	}), list)
}

// drawDay puts the chart of the day below the groups.
func (t *staffingBook) drawDay(s *sheet, last int) (int, error) {
	if t.lastClock == 0 {
		return 0, nil
	}
	// Heads on queue are columns, scheduled and required lines over them.
	gap := uint(15)
	title := "Required, scheduled and on queue through the day"
	if t.made.Query.From != t.made.Query.To {
		title += ", average of the days"
	}
	bars := t.clock.chart(excelize.Col, title, t.lastClock)
	bars.GapWidth, bars.Dimension.Width = &gap, 2*chartWidth
	zero := 0.0
	bars.YAxis.Minimum, bars.YAxis.NumFmt.CustomNumFmt = &zero, "0"
	bars.XAxis.Alignment.TextRotation = 90
	bars.Dimension.Height = 440
	bars.Series = []excelize.ChartSeries{t.clock.series("On queue", t.lastClock,
		excelize.ChartSeries{Fill: fill("AAC6E4")})}
	lines := t.clock.chart(excelize.Line, "", t.lastClock)
	lines.YAxis.Minimum, lines.YAxis.NumFmt, lines.XAxis.Alignment = &zero, bars.YAxis.NumFmt, bars.XAxis.Alignment
	none := excelize.ChartMarker{Symbol: "none"}
	lines.Series = []excelize.ChartSeries{
		t.clock.series("Scheduled", t.lastClock,
			excelize.ChartSeries{Fill: fill("1F4E79"), Line: excelize.LineOptions{Width: 2}, Marker: none}),
		t.clock.series("Required", t.lastClock,
			excelize.ChartSeries{Fill: fill("C8322B"), Line: excelize.LineOptions{Width: 2, Dash: excelize.LineDashDash},
				Marker: none})}
	return chartRows + 6, t.file.AddChart(s.name, cell(1, last+2), bars, lines)
}
