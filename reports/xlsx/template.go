package xlsx

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"rollcall/ingest/files/rows"
)

// templateRows is how many rows of a template check what is typed into them; notesSheet says what belongs into them.
const (
	templateRows = 100_000
	notesSheet   = "Notes"
)

// WriteTemplate writes a template for an import as a workbook: a sheet with header and examples, whose cells are real
// dates, times and numbers and offer what can be chosen, and a sheet that says what belongs where.
func WriteTemplate(w io.Writer, t *rows.Template) error {
	f := excelize.NewFile()
	b := templateBook{maker: maker{f: f}, sheet: t.Kind}
	b.record(f.SetSheetName("Sheet1", b.sheet))
	b.makeStyles()
	b.writeRows(t)
	b.writeNotes(t)
	b.record(errors.Join(landscape(f, b.sheet), landscape(f, notesSheet)))
	b.record(f.SetDocProps(&excelize.DocProperties{Title: "Template for " + t.Kind, Creator: "Rollcall"}))
	if b.err == nil {
		_, err := f.WriteTo(w)
		b.record(err)
	}
	if err := errors.Join(b.err, f.Close()); err != nil {
		return fmt.Errorf("make template of %s: %w", t.Kind, err)
	}
	return nil
}

// templateBook is a template that is being made, with its first error.
type templateBook struct {
	maker
	sheet string

	head, needed, title, about, note, name int
	forms                                  map[rows.Form]int
}

func (b *templateBook) makeStyles() {
	middle := &excelize.Alignment{Vertical: "center"}
	wrapped := &excelize.Alignment{Vertical: "top", WrapText: true}
	b.head = b.style(excelize.Style{Font: font(10, true, blue), Fill: fill(headFill), Border: below(headRule, 2),
		Alignment: middle, NumFmt: 49})
	b.needed = b.style(excelize.Style{Font: font(10, true, "FFFFFF"), Fill: fill(blue), Border: below(headRule, 2),
		Alignment: middle, NumFmt: 49})
	b.title = b.style(excelize.Style{Font: font(16, true, blue)})
	b.about = b.style(excelize.Style{Font: font(10, false, ink), Alignment: wrapped})
	b.note = b.style(excelize.Style{Font: font(10, false, ink), Alignment: wrapped, Border: below(rule, 1)})
	b.name = b.style(excelize.Style{Font: font(10, true, ink), Alignment: wrapped, Border: below(rule, 1)})
	b.forms = map[rows.Form]int{}
	for form, code := range map[rows.Form]string{rows.FormText: "@", rows.FormDate: "yyyy-mm-dd",
		rows.FormTime: "hh:mm;@", rows.FormInstant: "yyyy-mm-dd hh:mm", rows.FormNumber: "General"} {
		b.forms[form] = b.style(excelize.Style{Font: font(10, false, ink), CustomNumFmt: &code,
			Alignment: &excelize.Alignment{Horizontal: "left"}})
	}
}

// writeRows writes header, examples and what each column checks.
func (b *templateBook) writeRows(t *rows.Template) {
	for i, c := range t.Columns {
		letter := columnName(i)
		b.record(b.f.SetColStyle(b.sheet, letter, b.forms[c.Form]))
		style, width := b.head, textWidth(c.Name)
		if c.Needed {
			style = b.needed
		}
		b.put(b.sheet, cell(i+1, 1), c.Name, style)
		for r, row := range t.Examples {
			width = max(width, textWidth(row[i]))
			b.example(cell(i+1, r+2), row[i], c.Form)
		}
		for _, choice := range c.Choices {
			width = max(width, textWidth(choice))
		}
		b.record(b.f.SetColWidth(b.sheet, letter, letter, min(width+4, maxWidth)))
		b.check(letter, &c)
	}
	b.record(b.f.SetRowHeight(b.sheet, 1, 22))
	b.record(b.f.SetPanes(b.sheet,
		&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

// example writes one cell as what its column holds.
func (b *templateBook) example(at, text string, form rows.Form) {
	var v float64
	var err error
	switch {
	case text == "":
		return
	case form == rows.FormNumber:
		v, err = strconv.ParseFloat(text, 64)
	case form == rows.FormDate:
		v, err = serial(text + " 00:00")
	case form == rows.FormTime:
		v, err = serial(serialDay0.Format(time.DateOnly) + " " + text)
	case form == rows.FormInstant:
		v, err = serial(text)
	default:
		b.put(b.sheet, at, text, b.forms[form])
		return
	}
	b.record(errors.Join(err, b.f.SetCellFloat(b.sheet, at, v, -1, 64), b.f.SetCellStyle(b.sheet, at, at, b.forms[form])))
}

// serialDay0 is the day that a serial number of the 1900 system counts from.
var serialDay0 = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// serial returns the serial number of a date and time.
func serial(text string) (float64, error) {
	moment, err := time.Parse("2006-01-02 15:04", text)
	return moment.Sub(serialDay0).Hours() / 24, err
}

// check lets the column offer its choices, and ask back when something else is typed than belongs there.
func (b *templateBook) check(letter string, c *rows.Column) {
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprintf("%s2:%s%d", letter, letter, templateRows)
	v.SetInput(c.Name, c.Note)
	between := func(from, to float64, kind excelize.DataValidationType, otherwise string) {
		b.record(v.SetRange(from, to, kind, excelize.DataValidationOperatorBetween))
		v.SetError(excelize.DataValidationErrorStyleWarning, c.Name, otherwise)
	}
	switch {
	case len(c.Choices) > 0:
		b.record(v.SetDropList(c.Choices))
		v.SetError(excelize.DataValidationErrorStyleStop, c.Name, "Choose one of the list.")
	case c.Form == rows.FormDate, c.Form == rows.FormInstant: // 2000 to 2099
		between(36526, 73050, excelize.DataValidationTypeDate, "This is no date that the program knows as one.")
	case c.Form == rows.FormTime:
		between(0, 1, excelize.DataValidationTypeDecimal, "This is no time of day, such as 09:00.")
	case c.Form == rows.FormNumber:
		between(0, 100_000, excelize.DataValidationTypeDecimal, "This is no number.")
	}
	b.record(b.f.AddDataValidation(b.sheet, v))
}

// writeNotes writes the sheet that says what belongs where.
func (b *templateBook) writeNotes(t *rows.Template) {
	const sheet = notesSheet
	_, err := b.f.NewSheet(sheet)
	b.record(err)
	put := func(column, row int, text string, style int) { b.put(sheet, cell(column, row), text, style) }
	no := false
	b.record(b.f.SetSheetView(sheet, 0, &excelize.ViewOptions{ShowGridLines: &no}))
	b.record(b.f.SetColWidth(sheet, "A", "A", 24))
	b.record(b.f.SetColWidth(sheet, "B", "B", 12))
	b.record(b.f.SetColWidth(sheet, "C", "C", 90))
	put(1, 1, "Importing "+t.Kind, b.title)
	b.record(b.f.SetRowHeight(sheet, 1, 28))
	lines := append(t.About[:len(t.About):len(t.About)], "Write your rows over the examples in the sheet "+b.sheet+
		". Columns that you do not need may be deleted; their order does not matter.",
		"Try it out with:  rollcall import "+t.Kind+" --dry-run FILE.xlsx")
	row := 2
	for _, line := range lines {
		b.record(b.f.MergeCell(sheet, cell(1, row), cell(3, row)))
		put(1, row, line, b.about)
		b.record(b.f.SetRowHeight(sheet, row, 30))
		row++
	}
	row++
	for i, h := range []string{"Column", "Needed", "What belongs there"} {
		put(i+1, row, h, b.head)
	}
	for _, c := range t.Columns {
		row++
		needed, note := "", c.Note
		if c.Needed {
			needed = "yes"
		}
		for i, choice := range c.Choices {
			note += map[bool]string{true: " One of: ", false: ", "}[i == 0] + choice
		}
		put(1, row, c.Name, b.name)
		put(2, row, needed, b.note)
		put(3, row, note, b.note)
		b.record(b.f.SetRowHeight(sheet, row, 15*float64(1+int(textWidth(note)/88))))
	}
}
