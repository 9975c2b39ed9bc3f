package xlsx

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// measured is how many rows wait in memory until the widths of a sheet's columns are decided by them.
const measured = 2000

// The narrowest and the widest that a column gets, in digits of the default font.
const (
	minWidth = 7.5
	maxWidth = 44
)

// line is a text above the totals.
type line struct {
	text   string
	style  int
	height float64
}

// sheet is a table under lines, totals and a header. When it is full, another sheet continues it.
type sheet struct {
	book    *Workbook
	base    string
	table   string
	columns []column
	lines   []line
	// freeze is how many columns stay in view.
	freeze int
	// nothing is what the sheet says when it has no rows; noun is what one row is called.
	nothing, noun string
	colour        func(*sheet, *marks)
	// draw, which may be nil, puts charts below the last row and says how many rows they take.
	draw func(s *sheet, last int) (rows int, err error)

	part   int
	name   string
	held   [][]any
	stream *excelize.StreamWriter
	row    int
	widths []float64
	// cells are those of one row after the other, out points at them.
	cells  []excelize.Cell
	out    []any
	sums   []float64
	places []int64
}

// add takes the next row: a value per column, nil for none.
func (s *sheet) add(cells []any) error {
	if s.stream == nil {
		if s.held = append(s.held, cells); len(s.held) < measured {
			return nil
		}
		return s.begin()
	}
	if s.row == s.book.cfg.MaxRows {
		if err := s.end(); err != nil {
			return err
		}
		s.held = append(s.held, cells)
		return nil
	}
	return s.write(cells)
}

// close writes what is still held and ends the sheet; one without rows says so.
func (s *sheet) close() error {
	for s.part == 0 || s.stream != nil || len(s.held) > 0 {
		step := s.begin
		if s.stream != nil {
			step = s.end
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// totalsRow, headRow and firstRow are where the parts of the sheet are, counted from 1.
func (s *sheet) totalsRow() int { return len(s.lines) + 1 }
func (s *sheet) headRow() int   { return len(s.lines) + 2 }
func (s *sheet) firstRow() int  { return len(s.lines) + 3 }

// begin opens the next part of the sheet and writes what was held.
func (s *sheet) begin() error {
	s.part++
	if s.name = s.base; s.part > 1 {
		s.name += " " + strconv.Itoa(s.part)
	}
	if err := s.book.open(s.name); err != nil {
		return err
	}
	stream, err := s.book.file.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	s.stream, s.sums = stream, make([]float64, len(s.columns))
	if err = s.layOut(); err == nil {
		err = s.writeHead()
	}
	held := s.held
	s.held = nil
	for _, cells := range held {
		if err != nil {
			return err
		}
		err = s.add(cells)
	}
	return err
}

// layOut sets widths and the part that stays in view; both come before the first row.
func (s *sheet) layOut() error {
	s.widths = s.widths[:0]
	for i, c := range s.columns {
		s.widths = append(s.widths, s.width(i, c))
		if err := s.stream.SetColWidth(i+1, i+1, s.widths[i]); err != nil {
			return err
		}
	}
	return freeze(s.stream, s.freeze, s.headRow())
}

// freeze leaves the first columns, and the rows down to the header, in view.
func freeze(stream *excelize.StreamWriter, columns, headRow int) error {
	corner := cell(columns+1, headRow+1)
	return stream.SetPanes(&excelize.Panes{
		Freeze:      true,
		XSplit:      columns,
		YSplit:      headRow,
		TopLeftCell: corner,
		ActivePane:  "bottomRight",
		Selection:   []excelize.Selection{{SQRef: corner, ActiveCell: corner, Pane: "bottomRight"}},
	})
}

// width fits the column to the rows that are held. A header may break between words, and has a filter button.
func (s *sheet) width(i int, c column) float64 {
	w := minWidth
	for word := range strings.FieldsSeq(c.title) {
		w = max(w, textWidth(word)+2.5)
	}
	if i == 1 {
		w = max(w, textWidth("1,000,000 "+s.noun+"s"))
	}
	switch c.kind {
	case kindDate:
		w = max(w, 11.5)
	case kindLength:
		w = max(w, s.lengthWidth(i, c))
	case kindText, kindFree:
		for _, cells := range s.held {
			if t, ok := cells[i].(string); ok {
				w = max(w, textWidth(t)+2.5)
			}
		}
	case kindMoment:
		w = max(w, 17.5)
	case kindClock, kindPercent, kindTarget, kindCount, kindHeads, kindNet, kindHours, kinds:
	}
	return min(w, maxWidth)
}

// lengthWidth fits a column of lengths to its largest value, which is the total; while that is not known, to a generous
// one.
func (s *sheet) lengthWidth(i int, c column) float64 {
	if len(s.held) >= measured {
		if c.bulk {
			return 14 // 1,500 agents work 372000:00:00 a month
		}
		return 11
	}
	total := 0.0
	for _, cells := range s.held {
		if v, ok := cells[i].(float64); ok {
			total += v
		}
	}
	return textWidth(strconv.FormatInt(int64(total*24), 10)+":00:00") + 1.5
}

// writeHead writes lines, totals and header.
func (s *sheet) writeHead() error {
	counting, err := s.book.counting(s.noun)
	for i, l := range s.lines {
		if err == nil {
			err = s.stream.SetRow(cell(1, i+1), []any{excelize.Cell{StyleID: l.style, Value: l.text}},
				excelize.RowOpts{Height: l.height})
		}
	}
	if err != nil {
		return err
	}
	totals, heads := make([]any, len(s.columns)), make([]any, len(s.columns))
	s.places = make([]int64, len(s.columns))
	for i, c := range s.columns {
		totals[i] = s.totalCell(i, c, counting)
		style := s.book.styles.headMid
		if formats[c.kind].align == "left" {
			style = s.book.styles.headLeft
		}
		heads[i] = excelize.Cell{StyleID: style, Value: c.title}
	}
	if err := s.stream.SetRow(cell(1, s.totalsRow()), totals, excelize.RowOpts{Height: 18}); err != nil {
		return err
	}
	s.row = s.headRow()
	return s.stream.SetRow(cell(1, s.headRow()), heads, excelize.RowOpts{Height: 30})
}

// totalCell returns the cell above a column's header: a formula with a place for its value, a label, or nothing.
// counting is the style of the number of rows.
func (s *sheet) totalCell(i int, c column, counting int) excelize.Cell {
	st := &s.book.styles
	total := excelize.Cell{StyleID: st.total[c.kind]}
	switch {
	case i == 0:
		return excelize.Cell{StyleID: st.totalLabel, Value: "Total"}
	case i == 1:
		total.StyleID, total.Formula = counting, "SUBTOTAL(103,"+s.under(0)+")"
	case c.sum:
		total.Formula = "SUBTOTAL(109," + s.under(i) + ")"
	case c.den != nil:
		total.Formula = fmt.Sprintf("IF((%s)>0,(%s)/(%[1]s),\"\")", s.difference(c.den), s.difference(c.num))
	default:
		return excelize.Cell{StyleID: st.totalLabel}
	}
	s.places[i] = s.book.late.add()
	total.Value = s.places[i]
	return total
}

// under names the cells of a column below the header, to the end of the sheet.
func (s *sheet) under(i int) string {
	return fmt.Sprintf("%s%d:%[1]s%[3]d", columnName(i), s.firstRow(), excelize.TotalRows)
}

// difference writes the totals of the columns with these titles; a minus before a title takes it away.
func (s *sheet) difference(titles []string) (formula string) {
	for _, term := range titles {
		title, minus := strings.CutPrefix(term, "-")
		formula += map[bool]string{true: "-", false: "+"}[minus] + cell(s.column(title)+1, s.totalsRow())
	}
	return strings.TrimPrefix(formula, "+")
}

func (s *sheet) column(title string) int {
	return slices.IndexFunc(s.columns, func(c column) bool { return c.title == title })
}

// write streams one row and adds it to the sums.
func (s *sheet) write(cells []any) error {
	if s.cells == nil {
		s.cells, s.out = make([]excelize.Cell, len(cells)), make([]any, len(cells))
		for i := range cells {
			s.cells[i].StyleID, s.out[i] = s.book.styles.body[s.columns[i].kind], &s.cells[i]
		}
	}
	for i, v := range cells {
		switch v := v.(type) {
		case string:
			if t, changed := s.book.text(v); changed {
				cells[i] = t
			}
		case float64:
			s.sums[i] += v
		case int:
			s.sums[i] += float64(v)
		}
		s.cells[i].Value = cells[i]
	}
	s.row++
	return s.stream.SetRow("A"+strconv.Itoa(s.row), s.out, excelize.RowOpts{StyleID: s.book.styles.plain})
}

// end closes the part: values of the totals, table, colours, print set-up.
func (s *sheet) end() error {
	s.setTotals()
	last := s.row
	if last == s.headRow() {
		last++
		if err := s.stream.SetRow(cell(1, last),
			[]any{excelize.Cell{StyleID: s.book.styles.subtitle, Value: s.nothing}}); err != nil {
			return err
		}
	} else if err := s.addTable(last); err != nil {
		return err
	}
	m := &marks{file: s.book.file, sheet: s.name, first: s.firstRow(), last: last}
	s.colour(s, m)
	m.ignoreNumbersInTexts(len(s.columns))
	if m.err != nil {
		return m.err
	}
	if s.draw != nil {
		rows, err := s.draw(s, last)
		if err != nil {
			return fmt.Errorf("chart: %w", err)
		}
		last += rows
	}
	if err := s.print(last); err != nil {
		return err
	}
	stream := s.stream
	s.stream = nil
	return stream.Flush()
}

// setTotals sets the values of the formulas in the totals row.
func (s *sheet) setTotals() {
	for i, c := range s.columns {
		switch {
		case s.places[i] == 0:
		case i == 1:
			s.book.late.set(s.places[i], strconv.Itoa(s.row-s.headRow()))
		case c.sum:
			s.book.late.set(s.places[i], number(s.sums[i]))
		default:
			if den := s.sumOf(c.den); den > 0 {
				s.book.late.set(s.places[i], number(s.sumOf(c.num)/den))
			}
		}
	}
}

func (s *sheet) sumOf(titles []string) float64 {
	sum := 0.0
	for _, term := range titles {
		title, minus := strings.CutPrefix(term, "-")
		if v := s.sums[s.column(title)]; minus {
			sum -= v
		} else {
			sum += v
		}
	}
	return sum
}

func (s *sheet) addTable(last int) error {
	name, stripes := s.table, false
	if s.part > 1 {
		name += strconv.Itoa(s.part)
	}
	return s.stream.AddTable(&excelize.Table{Range: cell(1, s.headRow()) + ":" + cell(len(s.columns), last), Name: name,
		ShowRowStripes: &stripes})
}

// print repeats the header on every page and leaves the columns aside out.
func (s *sheet) print(last int) error {
	shown := slices.IndexFunc(s.columns, func(c column) bool { return c.aside })
	if shown < 0 {
		shown = len(s.columns)
	}
	return s.book.print(s.name, s.headRow(), s.headRow(), shown, last)
}

// print repeats the rows of the head on every page, and prints the sheet to a column and row.
func (b *Workbook) print(name string, firstHead, lastHead, column, row int) error {
	end, err := excelize.CoordinatesToCellName(column, row, true)
	if err != nil {
		return err
	}
	quoted := "'" + name + "'!"
	define := func(what, refersTo string) error {
		return b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm." + what, Scope: name, RefersTo: quoted + refersTo})
	}
	return errors.Join(define("Print_Titles", fmt.Sprintf("$%d:$%d", firstHead, lastHead)),
		define("Print_Area", "$A$1:"+end))
}

// cell names a cell; columns and rows are counted from 1.
func cell(col, row int) string {
	name, err := excelize.CoordinatesToCellName(col, row)
	if err != nil {
		return "#REF!" // sheets end before excelize's limits
	}
	return name
}

// columnName returns the letters of a column that is counted from 0.
func columnName(i int) string {
	name, err := excelize.ColumnNumberToName(i + 1)
	if err != nil {
		return "#REF!" // there are fewer than 16,384 columns
	}
	return name
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
