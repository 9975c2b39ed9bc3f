package xlsx

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// The row of a grid that names the hours, and the first one below it.
const (
	gridHeadRow  = 5
	gridFirstRow = 6
)

// grid is a sheet of coloured cells, each a stretch of the day, beside the columns that say whose they are. It holds
// the first error.
type grid struct {
	book   *Workbook
	name   string
	stream *excelize.StreamWriter
	lead   []gridColumn
	// from and to are the cells of a day that are shown, counted from a midnight; perHour make an hour.
	from, to, perHour int
	err               error
}

// gridColumn is a column before the cells.
type gridColumn struct {
	title string
	width float64
}

// begin opens the sheet and writes title, lines, legend and hours. The lines are rows 3 and 4; heights are in points.
func (g *grid) begin(cellWidth, height float64, lines ...[]any) {
	if g.err = g.book.open(g.name); g.err == nil {
		g.stream, g.err = g.book.file.NewStreamWriter(g.name)
	}
	for i, c := range g.lead {
		g.do(func() error { return g.stream.SetColWidth(i+1, i+1, c.width) })
	}
	g.do(func() error { return g.stream.SetColWidth(len(g.lead)+1, g.columns(), cellWidth) })
	g.do(func() error { return freeze(g.stream, len(g.lead), gridHeadRow) })
	g.row(1, 26, []any{excelize.Cell{StyleID: g.book.styles.title, Value: g.name}})
	g.row(2, 16, []any{g.says(g.book.about)})
	for i, line := range lines {
		g.row(3+i, height, line)
	}
	g.hours()
}

// hours writes the header.
func (g *grid) hours() {
	m := &maker{f: g.book.file}
	hour := m.style(excelize.Style{Font: font(8, true, blue), Fill: fill(headFill), Border: []excelize.Border{
		{Type: "left", Color: headRule, Style: 1}, {Type: "bottom", Color: headRule, Style: 1}},
		Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center"}})
	g.do(func() error { return m.err })
	var heads []any
	for _, c := range g.lead {
		heads = append(heads, excelize.Cell{StyleID: g.book.styles.headLeft, Value: c.title})
	}
	for k := g.from; k < g.to; k++ {
		c := excelize.Cell{StyleID: hour}
		if k%g.perHour == 0 {
			c.Value = fmt.Sprintf("%02d", k/g.perHour%24)
			if at := len(heads) + 1; g.perHour > 1 {
				g.do(func() error {
					return g.stream.MergeCell(cell(at, gridHeadRow), cell(at+g.perHour-1, gridHeadRow))
				})
			}
		}
		heads = append(heads, c)
	}
	g.row(gridHeadRow, 18, heads)
}

// do does one thing after the other until one fails.
func (g *grid) do(what func() error) {
	if g.err == nil {
		g.err = what()
	}
}

func (g *grid) row(row int, height float64, cells []any) {
	g.do(func() error { return g.stream.SetRow(cell(1, row), cells, excelize.RowOpts{Height: height}) })
}

// says is a cell of a line above the head.
func (g *grid) says(text string) excelize.Cell {
	return excelize.Cell{StyleID: g.book.styles.subtitle, Value: text}
}

// typed is a cell with a text that somebody may have typed.
func (g *grid) typed(style int, text string) excelize.Cell {
	shown, _ := g.book.text(text)
	return excelize.Cell{StyleID: style, Value: shown}
}

// columns counts the columns of the sheet.
func (g *grid) columns() int { return len(g.lead) + g.to - g.from }

// begins is 1 where a cell begins an hour: it is the second of each pair of styles.
func (g *grid) begins(k int) int {
	if k%g.perHour == 0 {
		return 1
	}
	return 0
}

// end sets up the print, repeating the rows from firstHead on. The first texts columns hold texts.
func (g *grid) end(firstHead, texts, last int) error {
	m := &marks{file: g.book.file, sheet: g.name, first: gridFirstRow, last: last}
	g.do(func() error { m.ignoreNumbersInTexts(texts); return m.err })
	g.do(func() error { return g.book.print(g.name, firstHead, gridHeadRow, g.columns(), last) })
	g.do(func() error { return g.stream.Flush() })
	return g.err
}
