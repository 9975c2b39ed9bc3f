package xlsx

import (
	"errors"

	"github.com/xuri/excelize/v2"
)

// The colours of a workbook: ink on white, one blue, and a signal where a figure asks for attention.
const (
	ink       = "1F2933"
	quiet     = "7B8794"
	blue      = "1F4E79"
	headFill  = "E6EDF5"
	totalFill = "F5F7FA"
	rule      = "E4E7EB"
	headRule  = "9FB3C8"
	faint     = "C3CAD3"
)

// kind decides how the values of a column are written.
type kind int

const (
	kindText    kind = iota // a word of ours
	kindFree                // text that a user may have typed
	kindDate                // a date
	kindClock               // a local time; its date is in the value
	kindLength              // a length of time
	kindPercent             // a fraction
	kindTarget              // a fraction that others are measured by
	kindCount               // a whole number
	kindMoment              // a local date and time
	kindHeads               // a number of heads
	kindNet                 // by how many heads something is off
	kindHours               // hours of heads, with one decimal
	kinds
)

// formats are the number formats by kind; 49 is the format "text", under which a cell that is typed over stays a text.
var formats = [kinds]struct {
	builtin int
	custom  string
	align   string
}{
	kindText:    {0, "", "left"},
	kindFree:    {49, "", "left"},
	kindDate:    {0, "yyyy-mm-dd", "left"},
	kindClock:   {0, "hh:mm:ss", "right"},
	kindLength:  {46, "", "right"}, // [h]:mm:ss
	kindPercent: {10, "", "right"}, // 0.00%
	kindTarget:  {10, "", "right"},
	kindCount:   {3, "", "right"}, // #,##0
	kindMoment:  {0, "yyyy-mm-dd hh:mm", "left"},
	kindHeads:   {4, "", "right"}, // #,##0.00
	kindNet:     {0, "+#,##0.00;-#,##0.00;0.00", "right"},
	kindHours:   {0, "0.0", "right"},
}

// styles are the numbers of the styles of a workbook.
type styles struct {
	title, subtitle, notice  int
	headLeft, headMid        int
	body, total              [kinds]int
	totalLabel               int
	aboutHead, about, aboutV int
	good, near, bad          int
	zero, provisional        int
	harm, gain, met          int
	// plain looks like no style. excelize walks the columns for every cell of a row that has none.
	plain int
}

// maker makes styles and holds the first error.
type maker struct {
	f   *excelize.File
	err error
}

func (m *maker) style(s excelize.Style) int {
	id, err := m.f.NewStyle(&s)
	m.record(err)
	return id
}

func (m *maker) conditional(s excelize.Style) int {
	id, err := m.f.NewConditionalStyle(&s)
	m.record(err)
	return id
}

// put writes a text, as a cell can hold it, into one that is not streamed, and returns it.
func (m *maker) put(sheet, at, text string, style int) string {
	text, _ = cellText(text)
	m.record(errors.Join(m.f.SetCellStr(sheet, at, text), m.f.SetCellStyle(sheet, at, at, style)))
	return text
}

func (m *maker) record(err error) {
	if m.err == nil {
		m.err = err
	}
}

func font(size float64, bold bool, color string) *excelize.Font {
	return &excelize.Font{Family: "Calibri", Size: size, Bold: bold, Color: color}
}

func fill(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

func below(color string, style int) []excelize.Border {
	return []excelize.Border{{Type: "bottom", Color: color, Style: style}}
}

func newStyles(f *excelize.File) (styles, error) {
	m := &maker{f: f}
	var s styles
	middle := &excelize.Alignment{Vertical: "center"}
	s.title = m.style(excelize.Style{Font: font(16, true, blue), Alignment: middle})
	s.subtitle = m.style(excelize.Style{Font: font(10, false, quiet), Alignment: middle})
	s.notice = m.style(excelize.Style{Font: font(10, true, "9C5700"), Alignment: middle})
	head := func(a excelize.Alignment) int {
		return m.style(excelize.Style{Font: font(10, true, blue), Fill: fill(headFill), Border: below(headRule, 2),
			Alignment: &a})
	}
	s.headLeft = head(excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: true, Indent: 1})
	s.headMid = head(excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true})
	for k := range kinds {
		s.body[k] = m.style(numbered(k, excelize.Style{Font: font(10, false, ink), Border: below(rule, 1)}))
		s.total[k] = m.style(numbered(k,
			excelize.Style{Font: font(10, true, ink), Fill: fill(totalFill), Border: below(rule, 1)}))
	}
	s.totalLabel = s.total[kindText]
	s.aboutHead = m.style(excelize.Style{Font: font(11, true, blue), Border: below(headRule, 1)})
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	s.about = m.style(excelize.Style{Font: font(10, false, quiet), Alignment: top})
	s.aboutV = m.style(excelize.Style{Font: font(10, false, ink), NumFmt: 49, Alignment: top})
	s.plain = m.style(excelize.Style{Protection: &excelize.Protection{Locked: true}})
	s.signals(m)
	return s, m.err
}

// signals are the conditional styles.
func (s *styles) signals(m *maker) {
	signal := func(text, back string) int {
		return m.conditional(excelize.Style{Font: &excelize.Font{Color: text}, Fill: fill(back)})
	}
	s.good, s.near, s.bad = signal("1E6B3A", "E3F4E8"), signal("8A5A00", "FDF3D8"), signal("A61B1B", "FBE4E4")
	only := func(color string) int { return m.conditional(excelize.Style{Font: &excelize.Font{Color: color}}) }
	s.zero, s.provisional, s.harm, s.gain, s.met = only(faint), only("9C5700"), only("A61B1B"), only("8A5A00"),
		only("1E6B3A")
}

// numbered returns the style with the number format and alignment of a kind.
func numbered(k kind, s excelize.Style) excelize.Style {
	f := formats[k]
	if s.NumFmt = f.builtin; f.custom != "" {
		s.CustomNumFmt = &f.custom
	}
	s.Alignment = &excelize.Alignment{Horizontal: f.align, Vertical: "center"}
	if f.align == "left" {
		s.Alignment.Indent = 1
	}
	if k == kindTarget {
		s.Font.Color = quiet
	}
	return s
}
