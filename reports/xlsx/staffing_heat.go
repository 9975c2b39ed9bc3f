package xlsx

import (
	"errors"
	"fmt"
	"math"

	"github.com/xuri/excelize/v2"

	"rollcall/reports"
	"rollcall/schemas"
)

// The rows above the heat map.
const (
	heatHeadRow  = 5
	heatFirstRow = 6
	// heatWhole is about how many digits of the default font go across a printed page, beside the names.
	heatWhole = 170.0
)

// heatCell is one interval of the map.
type heatCell struct {
	cell reports.StaffingCell
	net  float64
	// any says that something is there; ahead that it is what is scheduled, not what was done.
	any, ahead bool
}

// heatSheet is the map while it is written.
type heatSheet struct {
	*staffingBook
	stream   *excelize.StreamWriter
	leading  int // the columns before the intervals
	from, to int // the intervals of the day that are shown, by the wall clock

	text, date, day, under, over int
	known, ahead                 [reports.StaffingGrades][2]int // styles by grade, the second begins an hour
	unknown, blank               [2]int
	hour                         int
	rowUnder, rowOver            int64
	hasUnder                     bool
	cells                        []heatCell
}

// writeHeat writes a row for each group and date, with a column for each interval of the wall clock: what was missing
// or too much, against the requirement, else against the schedule.
func (t *staffingBook) writeHeat() error {
	stream, err := t.file.NewStreamWriter(sheetHeat)
	if err != nil {
		return err
	}
	h := &heatSheet{staffingBook: t, stream: stream, leading: len(t.named()) + 4}
	h.fit()
	if err := h.paint(); err != nil {
		return err
	}
	if err := errors.Join(h.layOut(), h.head()); err != nil {
		return err
	}
	row := heatFirstRow
	for i := range t.made.Groups {
		if err := h.group(&t.made.Groups[i], &row); err != nil {
			return err
		}
	}
	if row == heatFirstRow {
		if err := stream.SetRow(cell(1, row),
			[]any{excelize.Cell{StyleID: t.styles.subtitle, Value: nothingStaffed}}); err != nil {
			return err
		}
		row++
	}
	if err := h.finish(row - 1); err != nil {
		return err
	}
	return stream.Flush()
}

// fit finds the hours that have anything in them.
func (h *heatSheet) fit() {
	perHour := int(schemas.HourMS / h.made.Query.LengthMS)
	h.from, h.to = 24*perHour, 0
	h.made.Each(func(_ *reports.StaffingGroup, v *reports.StaffingInterval) {
		k := h.slot(v)
		h.from, h.to = min(h.from, k/perHour*perHour), max(h.to, (k/perHour+1)*perHour)
	})
	if h.from >= h.to {
		h.from, h.to = 8*perHour, 18*perHour
	}
	h.cells = make([]heatCell, h.to)
}

// paint makes the styles.
func (h *heatSheet) paint() error {
	m := &maker{f: h.file}
	line := []excelize.Border{{Type: "bottom", Color: "FFFFFF", Style: 1}}
	middle := &excelize.Alignment{Horizontal: "center", Vertical: "center"}
	form := "+0.0;-0.0;0"
	for begins := range 2 {
		edges := line
		if begins == 1 {
			edges = append(line[:1:1], excelize.Border{Type: "left", Color: "FFFFFF", Style: 1})
		}
		for grade, look := range netLooks {
			font := font(7, false, look.text)
			h.known[grade][begins] = m.style(excelize.Style{Font: font, Fill: fill(look.back), Border: edges, Alignment: middle,
				CustomNumFmt: &form})
			planned := *font
			planned.Italic = true
			h.ahead[grade][begins] = m.style(excelize.Style{Font: &planned, Fill: fill(look.back), Border: edges,
				Alignment: middle, CustomNumFmt: &form})
		}
		hatch := excelize.Fill{Type: "pattern", Pattern: 14, Color: []string{"B7C0CA"}}
		h.unknown[begins] = m.style(excelize.Style{Font: font(7, false, quiet), Fill: hatch, Border: edges,
			Alignment: middle})
		h.blank[begins] = m.style(excelize.Style{Border: edges})
	}
	left := &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}
	under := below(rule, 1)
	day, hours := "yyyy-mm-dd", "0.0"
	h.text = m.style(excelize.Style{Font: font(9, false, ink), Border: under, Alignment: left, NumFmt: 49})
	h.date = m.style(excelize.Style{Font: font(9, false, ink), Border: under, Alignment: left, CustomNumFmt: &day})
	h.day = m.style(excelize.Style{Font: font(9, false, quiet), Border: under, Alignment: left})
	right := &excelize.Alignment{Horizontal: "right", Vertical: "center"}
	h.under = m.style(excelize.Style{Font: font(9, true, "A93226"), Border: under, Alignment: right, CustomNumFmt: &hours})
	h.over = m.style(excelize.Style{Font: font(9, false, "1F4E79"), Border: under, Alignment: right, CustomNumFmt: &hours})
	h.hour = m.style(excelize.Style{Font: font(8, true, blue), Fill: fill(headFill),
		Border: []excelize.Border{{Type: "left", Color: headRule, Style: 1},
			{Type: "bottom", Color: headRule, Style: 1}},
		Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center"}})
	return m.err
}

// layOut sets widths and what stays in view.
func (h *heatSheet) layOut() error {
	var errs []error
	widths := []float64{12, 7, 10, 10}
	for range h.named() {
		widths = append([]float64{20}, widths...)
	}
	for i, w := range widths {
		errs = append(errs, h.stream.SetColWidth(i+1, i+1, w))
	}
	errs = append(errs, h.stream.SetColWidth(h.leading+1, h.leading+h.to-h.from,
		max(2.6, min(6, heatWhole/float64(h.to-h.from)))))
	return errors.Join(append(errs, freeze(h.stream, h.leading, heatHeadRow))...)
}

// head writes title, legend and hours.
func (h *heatSheet) head() error {
	st, perHour := &h.styles, int(schemas.HourMS/h.made.Query.LengthMS)
	var heads []any
	for _, c := range h.named() {
		heads = append(heads, excelize.Cell{StyleID: st.headLeft, Value: c.title})
	}
	for _, title := range []string{"Date", "", "Under h", "Over h"} {
		heads = append(heads, excelize.Cell{StyleID: st.headLeft, Value: title})
	}
	var errs []error
	for k := h.from; k < h.to; k++ {
		c := excelize.Cell{StyleID: h.hour}
		if k%perHour == 0 {
			c.Value = fmt.Sprintf("%02d", k/perHour)
			if at := h.leading + 1 + k - h.from; perHour > 1 {
				errs = append(errs, h.stream.MergeCell(cell(at, heatHeadRow), cell(at+perHour-1, heatHeadRow)))
			}
		}
		heads = append(heads, c)
	}
	words := "Heads on queue less those required, where nothing is required less those scheduled; ahead, in italics, " +
		"scheduled less required. Hours under and over are summed apart."
	return errors.Join(append(errs,
		h.stream.SetRow("A1", []any{excelize.Cell{StyleID: st.title, Value: "Heat map"}}, excelize.RowOpts{Height: 26}),
		h.stream.SetRow("A2", []any{excelize.Cell{StyleID: st.subtitle, Value: h.about}}, excelize.RowOpts{Height: 16}),
		h.stream.SetRow("A3", []any{excelize.Cell{StyleID: st.subtitle, Value: words}}, excelize.RowOpts{Height: 16}),
		h.stream.SetRow("A4", h.legend(), excelize.RowOpts{Height: 16}),
		h.stream.SetRow(cell(1, heatHeadRow), heads, excelize.RowOpts{Height: 18}))...)
}

// legend names the colours.
func (h *heatSheet) legend() []any {
	row := []any{excelize.Cell{StyleID: h.styles.subtitle, Value: "far too few  …  as it should be  …  far too many"}}
	for len(row) < h.leading {
		row = append(row, nil)
	}
	for grade := range h.known {
		row = append(row, excelize.Cell{StyleID: h.known[grade][0]})
	}
	return append(row, nil, excelize.Cell{StyleID: h.unknown[0], Value: "?"},
		excelize.Cell{StyleID: h.styles.subtitle, Value: " unknown: those who seem to be missing may have been there"})
}

// group writes the rows of a group: one for each date with anything on it.
func (h *heatSheet) group(g *reports.StaffingGroup, row *int) error {
	for from := 0; from < len(g.Intervals); {
		date := h.made.Zone.Date(g.Intervals[from].Start)
		clear(h.cells)
		h.rowUnder, h.rowOver, h.hasUnder = 0, 0, false
		any := false
		for ; from < len(g.Intervals) && h.made.Zone.Date(g.Intervals[from].Start) == date; from++ {
			if v := &g.Intervals[from]; !v.Empty() {
				any = true
				h.place(v)
			}
		}
		if !any {
			continue
		}
		if err := h.stream.SetRow(cell(1, *row), h.line(g, date), excelize.RowOpts{Height: 13}); err != nil {
			return err
		}
		*row++
	}
	return nil
}

// place puts an interval into its column; of two that a clock change puts into one the worse is shown.
func (h *heatSheet) place(v *reports.StaffingInterval) {
	if h.made.Over(v) {
		if net, known := v.NetRequired(); known {
			h.hasUnder = true
			h.rowUnder, h.rowOver = h.rowUnder+max(-net, 0), h.rowOver+max(net, 0)
		}
	}
	net, c := h.made.Cell(v)
	if c.Blank {
		return
	}
	to := &h.cells[h.slot(v)]
	if !to.any || c.Level < to.cell.Level {
		*to = heatCell{cell: c, net: math.Round(net*10)/10 + 0, any: true, ahead: !h.made.Over(v)}
	}
}

// line returns the cells of a row.
func (h *heatSheet) line(g *reports.StaffingGroup, date schemas.Date) []any {
	var row []any
	for _, f := range h.named() {
		shown, _ := h.Workbook.text(f.value(g).(string)) //nolint:forcetypeassert // the columns that name a group are texts
		row = append(row, excelize.Cell{StyleID: h.text, Value: shown})
	}
	under, over := excelize.Cell{StyleID: h.under}, excelize.Cell{StyleID: h.over}
	if h.hasUnder {
		under.Value, over.Value = float64(h.rowUnder)/float64(schemas.HourMS), float64(h.rowOver)/float64(schemas.HourMS)
	}
	row = append(row, excelize.Cell{StyleID: h.date, Value: int(date) + serialOfEpoch},
		excelize.Cell{StyleID: h.day, Value: date.Time().Format("Mon")}, under, over)
	perHour := int(schemas.HourMS / h.made.Query.LengthMS)
	for k := h.from; k < h.to; k++ {
		begins := 0
		if k%perHour == 0 {
			begins = 1
		}
		c, grade := &h.cells[k], h.cells[k].cell.Level+reports.StaffingGrades/2
		switch {
		case !c.any:
			row = append(row, excelize.Cell{StyleID: h.blank[begins]})
		case c.cell.Unknown:
			row = append(row, excelize.Cell{StyleID: h.unknown[begins], Value: "?"})
		case c.ahead:
			row = append(row, excelize.Cell{StyleID: h.ahead[grade][begins], Value: c.net})
		default:
			row = append(row, excelize.Cell{StyleID: h.known[grade][begins], Value: c.net})
		}
	}
	return row
}

// finish sets up the print: all intervals across one page, the head on every page.
func (h *heatSheet) finish(last int) error {
	m := &marks{file: h.file, sheet: sheetHeat, first: heatFirstRow, last: last}
	m.ignoreNumbersInTexts(len(h.named()))
	return errors.Join(m.err, h.print(sheetHeat, 4, heatHeadRow, h.leading+h.to-h.from, last))
}
