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
func slot(s *reports.Staffing, v *reports.StaffingInterval) int {
	at := v.Start.Time().In(s.Zone.Location())
	return int((int64(at.Hour())*schemas.HourMS + int64(at.Minute())*schemas.MinuteMS) / s.Query.LengthMS)
}

// clockRows averages over days, by the wall clock, in the order of time, so that two runs come to the same last digit.
// Times of which nothing is known leave no hole: they are left out of what was on queue.
func clockRows(s *reports.Staffing) []clockRow {
	rows := make([]clockRow, schemas.DayMS/s.Query.LengthMS)
	for _, v := range s.Together() {
		k := slot(s, &v)
		r := &rows[k]
		r.slot = k
		r.scheduled.add(v.Heads(v.ScheduledMS))
		if v.HasRequired {
			r.required.add(v.Heads(v.RequiredMS))
		}
		if !s.Over(&v) {
			continue
		}
		if r.unknown.add(v.Heads(v.UnknownMS)); !v.Unknown() {
			r.actual.add(v.Heads(v.ActualMS))
		}
	}
	return slices.DeleteFunc(rows, func(r clockRow) bool { return r.scheduled.of == 0 })
}

// writeClock writes the heads by time of day, from which the chart is drawn.
func (t *staffingBook) writeClock() error {
	t.clock = t.table(sheetClock, "ClockRows", "time", "Heads through the day", 1, func(*sheet, *marks) {})
	t.clock.lines = append(t.clock.lines,
		line{"All groups together, averaged over the days that have the time;", t.styles.subtitle, 14},
		line{"on queue over those that are over and known.", t.styles.subtitle, 14})
	type row = *clockRow
	heads := func(title string, part func(row) *mean) field[row] {
		return of(kindHeads, title, func(r row) any { return part(r).cell() })
	}
	list := clockRows(t.made)
	if t.lastClock = 0; len(list) > 0 {
		t.lastClock = t.clock.headRow() + len(list)
	}
	return writeAll(newListing(t.clock, []field[row]{
		term("Time", func(r row) string {
			return schemas.ClockText(r.slot * int(t.made.Query.LengthMS/schemas.MinuteMS))
		}),
		count("Days", func(r row) int { return r.scheduled.of }).unsummed(),
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
	title := "Required, scheduled and on queue through the day"
	if t.made.Query.From != t.made.Query.To {
		title += ", average of the days"
	}
	bars, lines := newChart(excelize.Col, title), newChart(excelize.Line, "")
	gap, zero := uint(15), 0.0
	bars.GapWidth, bars.Dimension.Width, bars.Dimension.Height = &gap, 2*chartWidth, 440
	for _, c := range []*excelize.Chart{bars, lines} {
		c.YAxis.Minimum, c.YAxis.NumFmt.CustomNumFmt, c.XAxis.Alignment.TextRotation = &zero, "0", 90
	}
	bars.Series = []excelize.ChartSeries{t.clock.bar("On queue", t.lastClock, "AAC6E4")}
	lines.Series = []excelize.ChartSeries{t.clock.curve("Scheduled", t.lastClock, "1F4E79", 2, false),
		t.clock.curve("Required", t.lastClock, "C8322B", 2, true)}
	return chartRows + 6, t.file.AddChart(s.name, cell(1, last+2), bars, lines)
}
