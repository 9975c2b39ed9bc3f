package xlsx

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"rollcall/reports"
	"rollcall/schemas"
)

// Read reads what a workbook says of itself and of each agent-day, also when another program has saved it or its rows
// have been sorted. Memory grows with its agent-days.
func Read(path string) (made *reports.ReportFile, err error) {
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", reports.ErrNoReport, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	c := &reports.ReportFile{Text: func(s string) string { t, _ := cellText(s); return t },
		Clock: func(t schemas.Instant, zone schemas.Zone) string { return wallText(clock(t, zone)) }}
	var compared []column
	for _, f := range dayFields() {
		if f.figure != "" {
			compared, c.Columns = append(compared, f.column), append(c.Columns, f.figure)
		}
	}
	takers := map[string]func(*reports.ReportFile, *table) error{"About": takeAbout, "Exceptions": takeException,
		"Days": func(c *reports.ReportFile, t *table) error { return takeDay(c, t, compared) }}
	for _, name := range f.GetSheetList() {
		base, _, _ := strings.Cut(name, " ")
		if take := takers[base]; take != nil {
			if err := eachRow(f, name, c, take); err != nil {
				return nil, fmt.Errorf("sheet %s: %w", name, err)
			}
		}
	}
	return c, c.Check()
}

// table is a sheet while its rows go by.
type table struct {
	sheet string
	row   int
	head  map[string]int // of a column's title, nil before the header
	cells []string
}

// eachRow calls take with each row below the header; About has none, there with every row.
func eachRow(f *excelize.File, sheet string, c *reports.ReportFile,
	take func(*reports.ReportFile, *table) error) error {
	rows, err := f.Rows(sheet)
	if err != nil {
		return err
	}
	t := &table{sheet: sheet}
	for rows.Next() {
		t.row++
		if t.cells, err = rows.Columns(excelize.Options{RawCellValue: true}); err != nil {
			return errors.Join(err, rows.Close())
		}
		switch {
		case sheet == "About":
		case t.head == nil:
			if len(t.cells) > 2 && t.cells[0] == "Day" {
				t.head = map[string]int{}
				for i, title := range t.cells {
					t.head[title] = i
				}
			}
			continue
		case t.text("Day") == "" || t.text("Agent") == "":
			continue
		}
		if err := take(c, t); err != nil {
			return errors.Join(fmt.Errorf("row %d: %w", t.row, err), rows.Close())
		}
	}
	return errors.Join(rows.Error(), rows.Close())
}

// text returns the cell under a title.
func (t *table) text(title string) string {
	if i, ok := t.head[title]; ok && i < len(t.cells) {
		return t.cells[i]
	}
	return ""
}

func (t *table) day() (schemas.Date, error) {
	v, err := strconv.ParseFloat(t.text("Day"), 64)
	if err != nil || v != math.Trunc(v) || v < 1 || v > 2_958_465 {
		return 0, fmt.Errorf("%w: its day %q is not a date", reports.ErrNoReport, t.text("Day"))
	}
	return schemas.Date(v) - serialOfEpoch, nil
}

func takeAbout(c *reports.ReportFile, t *table) error {
	if len(t.cells) < 2 {
		return nil
	}
	return c.AddAbout(reports.AboutLine{Name: t.cells[0], Value: t.cells[1]})
}

func takeDay(c *reports.ReportFile, t *table, compared []column) error {
	day, err := t.day()
	if err != nil {
		return err
	}
	cells := make([]string, len(compared))
	for i := range compared {
		cells[i] = compared[i].read(t.text(compared[i].title))
	}
	c.AddDay(day, t.text("Agent"), cells)
	return nil
}

func takeException(c *reports.ReportFile, t *table) error {
	day, err := t.day()
	if err != nil {
		return err
	}
	c.AddException(day, t.text("Agent"), wall(t.text("Start")), wall(t.text("End")), underscored(t.text("Kind")),
		seconds(t.text("Duration")))
	return nil
}

// numeric writes a cell that holds a number in another way; one that holds none stays as it is.
func numeric(s string, text func(float64) string) string {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return text(v)
}

// wall writes a cell that holds a serial number as date and time.
func wall(s string) string { return numeric(s, wallText) }

// wallText writes a serial number as the date and time that its cell shows, exact to a millisecond.
func wallText(v float64) string {
	return time.UnixMilli(int64(math.Round((v - serialOfEpoch) * float64(schemas.DayMS)))).UTC().Format(
		"2006-01-02 15:04:05.999")
}

// read returns the value of a cell as [reports.ReportFile] has it.
func (c *column) read(cell string) string {
	switch c.kind {
	case kindPercent:
		return hundredths(cell)
	case kindLength:
		return seconds(cell)
	case kindText:
		return underscored(cell)
	default:
		return cell
	}
}

func underscored(s string) string { return strings.ReplaceAll(s, " ", "_") }

// hundredths writes a fraction as a percentage with two decimals. Fractions of a day's milliseconds are either halves
// of a hundredth, or farther from one than what is added.
func hundredths(s string) string {
	return numeric(s, func(v float64) string { return number(math.Floor(v*10_000+0.5+1e-9) / 100) })
}

// seconds writes a fraction of a day in seconds.
func seconds(s string) string {
	return numeric(s, func(v float64) string { return schemas.Seconds(math.Round(v * float64(schemas.DayMS))).Text() })
}
