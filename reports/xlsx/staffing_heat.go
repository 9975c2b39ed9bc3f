package xlsx

import (
	"math"

	"github.com/xuri/excelize/v2"

	"rollcall/reports"
	"rollcall/schemas"
)

// heatWhole is about how many digits of the default font go across a printed page, beside the names.
const heatWhole = 170.0

// heatCell is one interval of the map; any says that something is there.
type heatCell struct {
	excelize.Cell
	level int
	any   bool
}

// heatSheet is the map while it is written.
type heatSheet struct {
	grid
	made  *reports.Staffing
	named []field[*reports.StaffingGroup]

	text, date, weekday, under, over int
	known, ahead                     [reports.StaffingGrades][2]int // styles by grade, the second begins an hour
	unknown, blank                   [2]int
	cells                            []heatCell
}

// writeHeat writes a row for each group and date, with a column for each interval of the wall clock: what was missing
// or too much, against the requirement, else against the schedule.
func (t *staffingBook) writeHeat() error {
	h := &heatSheet{made: t.made, named: t.named(), grid: grid{book: t.Workbook, name: sheetHeat,
		perHour: int(schemas.HourMS / t.made.Query.LengthMS)}}
	for _, c := range h.named {
		h.lead = append(h.lead, gridColumn{c.title, 20})
	}
	h.lead = append(h.lead, gridColumn{"Date", 12}, gridColumn{"", 7}, gridColumn{"Under h", 10}, gridColumn{"Over h", 10})
	h.fit()
	if err := h.paint(); err != nil {
		return err
	}
	h.begin(max(2.6, min(6, heatWhole/float64(h.to-h.from))), 16, []any{h.says(
		"Heads on queue less those required, where nothing is required less those scheduled; ahead, in italics, " +
			"scheduled less required. Hours under and over are summed apart.")}, h.legend())
	last := gridHeadRow
	for i := range t.made.Groups {
		g := &t.made.Groups[i]
		for day, list := range t.made.Dates(g) {
			last++
			h.row(last, 13, h.line(g, day, list))
		}
	}
	if last == gridHeadRow {
		last++
		h.row(last, 0, []any{h.says(t.nothing)})
	}
	return h.end(4, len(h.named), last)
}

// fit finds the hours that have anything in them.
func (h *heatSheet) fit() {
	h.from, h.to = 24*h.perHour, 0
	h.made.Each(func(_ *reports.StaffingGroup, v *reports.StaffingInterval) {
		hour := slot(h.made, v) / h.perHour * h.perHour
		h.from, h.to = min(h.from, hour), max(h.to, hour+h.perHour)
	})
	if h.from >= h.to {
		h.from, h.to = 8*h.perHour, 18*h.perHour
	}
	h.cells = make([]heatCell, h.to)
}

// paint makes the styles.
func (h *heatSheet) paint() error {
	m := &maker{f: h.book.file}
	middle := &excelize.Alignment{Horizontal: "center", Vertical: "center"}
	form := "+0.0;-0.0;0"
	for begins := range 2 {
		edges := below("FFFFFF", 1)
		if begins == 1 {
			edges = append(edges, excelize.Border{Type: "left", Color: "FFFFFF", Style: 1})
		}
		for grade, look := range netLooks {
			st := excelize.Style{Font: font(7, false, look.text), Fill: fill(look.back), Border: edges, Alignment: middle,
				CustomNumFmt: &form}
			h.known[grade][begins] = m.style(st)
			st.Font = font(7, false, look.text)
			st.Font.Italic = true
			h.ahead[grade][begins] = m.style(st)
		}
		hatch := excelize.Fill{Type: "pattern", Pattern: 14, Color: []string{"B7C0CA"}}
		h.unknown[begins] = m.style(excelize.Style{Font: font(7, false, quiet), Fill: hatch, Border: edges,
			Alignment: middle})
		h.blank[begins] = m.style(excelize.Style{Border: edges})
	}
	lead := func(k kind, f *excelize.Font) int {
		return m.style(numbered(k, excelize.Style{Font: f, Border: below(rule, 1)}))
	}
	h.text, h.date, h.weekday = lead(kindFree, font(9, false, ink)), lead(kindDate, font(9, false, ink)),
		lead(kindText, font(9, false, quiet))
	h.under, h.over = lead(kindHours, font(9, true, "A93226")), lead(kindHours, font(9, false, "1F4E79"))
	return m.err
}

// legend names the colours.
func (h *heatSheet) legend() []any {
	row := make([]any, len(h.lead))
	row[0] = h.says("far too few  …  as it should be  …  far too many")
	for grade := range h.known {
		row = append(row, excelize.Cell{StyleID: h.known[grade][0]})
	}
	return append(row, nil, excelize.Cell{StyleID: h.unknown[0], Value: "?"},
		h.says(" unknown: those who seem to be missing may have been there"))
}

// line returns the cells of a group on a date.
func (h *heatSheet) line(g *reports.StaffingGroup, day schemas.Date, list []reports.StaffingInterval) []any {
	var row []any
	for _, f := range h.named {
		row = append(row, h.typed(h.text, f.value(g).(string))) //nolint:forcetypeassert // names of groups are texts
	}
	var underMS, overMS int64
	compared := false
	clear(h.cells)
	for i := range list {
		v := &list[i]
		if net, known := v.NetRequired(); known && h.made.Over(v) {
			compared = true
			underMS, overMS = underMS+max(-net, 0), overMS+max(net, 0)
		}
		h.place(v)
	}
	under, over := excelize.Cell{StyleID: h.under}, excelize.Cell{StyleID: h.over}
	if compared {
		under.Value, over.Value = float64(underMS)/float64(schemas.HourMS), float64(overMS)/float64(schemas.HourMS)
	}
	row = append(row, excelize.Cell{StyleID: h.date, Value: date(day)},
		excelize.Cell{StyleID: h.weekday, Value: day.Time().Format("Mon")}, under, over)
	for k := h.from; k < h.to; k++ {
		c := h.cells[k].Cell
		if !h.cells[k].any {
			c.StyleID = h.blank[h.begins(k)]
		}
		row = append(row, c)
	}
	return row
}

// place puts an interval into its column; of two that a clock change puts into one the worse is shown.
func (h *heatSheet) place(v *reports.StaffingInterval) {
	net, c := h.made.Cell(v)
	k := slot(h.made, v)
	if c.Blank || h.cells[k].any && h.cells[k].level <= c.Level {
		return
	}
	begins, grade := h.begins(k), c.Level+reports.StaffingGrades/2
	shown := excelize.Cell{StyleID: h.known[grade][begins], Value: math.Round(net*10)/10 + 0}
	if !h.made.Over(v) {
		shown.StyleID = h.ahead[grade][begins]
	}
	if c.Unknown {
		shown = excelize.Cell{StyleID: h.unknown[begins], Value: "?"}
	}
	h.cells[k] = heatCell{shown, c.Level, true}
}
