package reports

import (
	"encoding/csv"
	"io"
	"strings"

	"rollcall/schemas"
)

// SafeText puts an apostrophe before a text that a spreadsheet program would take for a formula: one that begins with
// = + - @, a tab or a carriage return.
func SafeText(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// csvWriter writes one table of three kinds of records, which the first column names: of days, of exceptions, and of
// lines about the report. Columns of one kind are empty in the others, so that no sum over a column counts twice.
type csvWriter struct {
	w         *csv.Writer
	figures   []schemas.DayFigure
	exception []ExceptionColumn
	row       []string
	// days, exceptions and about are the columns at which those records begin to differ.
	days, exceptions, about int
}

// NewCSV writes a report as comma-separated values (RFC 4180, UTF-8): a "day" record per agent-day, after it an
// "exception" record for each of its exceptions, at the end "about" records with name and value: parameters, sums,
// rules, watermarks and hash.
func NewCSV(w io.Writer) Writer {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return &csvWriter{w: c, figures: schemas.DayFigures(), exception: ExceptionColumns()}
}

func (c *csvWriter) Begin(*Head) error {
	c.row = []string{"record", "day", "agent_id", "agent_name", "team", "site", "state"}
	c.days = len(c.row)
	for _, f := range c.figures {
		c.row = append(c.row, f.Name)
	}
	c.row = append(c.row, "against", "policy", "known_at", "computed_at")
	c.exceptions = len(c.row)
	for _, column := range c.exception {
		c.row = append(c.row, column.Name)
	}
	c.about = len(c.row)
	c.row = append(c.row, "name", "value")
	if err := c.w.Write(c.row); err != nil {
		return err
	}
	c.w.Flush() // a reader that waits for the first row knows that it is coming
	return c.w.Error()
}

func (c *csvWriter) Day(d *Day) error {
	if err := c.write("day", d, c.days, c.dayCells(d)); err != nil {
		return err
	}
	for i := range d.Exceptions {
		var cells []string
		for _, column := range c.exception {
			cells = append(cells, SafeText(column.Text(d, &d.Exceptions[i])))
		}
		if err := c.write("exception", d, c.exceptions, cells); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvWriter) dayCells(d *Day) []string {
	cells := make([]string, 0, len(c.row))
	for i := range c.figures {
		cells = append(cells, c.figures[i].Text(&d.AgentDay))
	}
	return append(cells, d.Against, SafeText(d.Policy), d.KnownAt.String(), d.ComputedAt.String())
}

// write writes a record of an agent-day whose own cells begin at a column.
func (c *csvWriter) write(record string, d *Day, at int, cells []string) error {
	clear(c.row)
	copy(c.row, []string{record, d.Day.String(), SafeText(d.AgentID), SafeText(d.Name), SafeText(d.Team),
		SafeText(d.Site), d.State.String()})
	copy(c.row[at:], cells)
	return c.w.Write(c.row)
}

func (c *csvWriter) End(a *Adherence) error {
	for _, l := range a.About() {
		clear(c.row)
		c.row[0] = "about"
		copy(c.row[c.about:], []string{SafeText(l.Name), SafeText(l.Value)})
		if err := c.w.Write(c.row); err != nil {
			return err
		}
	}
	c.w.Flush()
	return c.w.Error()
}
