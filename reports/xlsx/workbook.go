package xlsx

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"rollcall/reports"
	"rollcall/schemas"
)

// Config says how a workbook is written.
type Config struct {
	// TempDir is the folder of the temporary files that rows stream to; empty for the machine's.
	TempDir string
	// MaxRows is how many rows a sheet takes before another continues it; at most Excel's own 1,048,576.
	MaxRows int
}

// DefaultConfig uses the machine's temporary folder and all rows that Excel has.
func DefaultConfig() Config { return Config{MaxRows: excelize.TotalRows} }

// Validate returns an error when no row would fit, or more than Excel has.
func (c Config) Validate() error {
	if c.MaxRows < 10 || c.MaxRows > excelize.TotalRows {
		return fmt.Errorf("max_rows %d is not between 10 and %d", c.MaxRows, excelize.TotalRows)
	}
	return nil
}

// Workbook writes an adherence report as a workbook. It is a [reports.Writer]; what it writes goes to the io.Writer
// when the report ends. Close must be called at the end, whatever happened; it removes temporary files.
type Workbook struct {
	cfg    Config
	to     io.Writer
	file   *excelize.File
	styles styles
	late   lateValues

	header, footer string
	opened         bool
	days           *listing[*reports.Day]
	exceptions     *listing[exceptionRow]
	timeline       timeline
	// altered counts texts that a cell could not hold as they were.
	altered int
}

// New makes a workbook that goes to w. It writes nothing yet.
func New(w io.Writer, cfg Config) (*Workbook, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("make workbook: %w", err)
	}
	return &Workbook{cfg: cfg, to: w}, nil
}

// Close removes temporary files. It may be called more than once.
func (b *Workbook) Close() error {
	if b.file == nil {
		return nil
	}
	f := b.file
	b.file = nil
	return f.Close()
}

// Begin lays out the sheets.
func (b *Workbook) Begin(h *reports.Head) error {
	b.file = excelize.NewFile(excelize.Options{TmpDir: b.cfg.TempDir})
	st, err := newStyles(b.file)
	if err != nil {
		return fmt.Errorf("make styles: %w", err)
	}
	b.styles = st
	b.timeline = timeline{asked: h.Query.Intervals}
	b.header = fmt.Sprintf("&L&8%s&R&8Made %s", "Judged against "+strings.ReplaceAll(h.Query.AgainstWords(), "&", "&&"),
		h.MadeAt)
	b.footer = fmt.Sprintf("&L&8Rollcall adherence %s to %s&C&8&A&R&8Page &P of &N", h.Query.From, h.Query.To)
	days := b.table("Days", "DayRows", "day", "Adherence by agent and day", h)
	days.freeze, days.colour = 3, colourDays
	b.days = newListing(days, dayFields())
	exceptions := b.table("Exceptions", "ExceptionRows", "exception", "Exceptions", h)
	exceptions.freeze, exceptions.colour, exceptions.nothing = 3, colourExceptions, "No exceptions in this range."
	b.exceptions = newListing(exceptions, exceptionFields())
	for _, name := range []string{"Summary", "Agents", "Days", "Exceptions"} {
		if err := b.open(name); err != nil {
			return fmt.Errorf("make sheet %s: %w", name, err)
		}
	}
	return b.properties(fmt.Sprintf("Adherence %s to %s", h.Query.From, h.Query.To), h.MadeAt)
}

// properties sets what a file manager shows of the workbook.
func (b *Workbook) properties(title string, madeAt schemas.Instant) error {
	at := madeAt.Time().Format("2006-01-02T15:04:05Z")
	return b.file.SetDocProps(&excelize.DocProperties{Title: title, Creator: creator, LastModifiedBy: creator, Created: at,
		Modified: at})
}

// creator is the program that a workbook says it was made by.
const creator = "Rollcall"

// table makes a sheet of an adherence report: its name, that of its table, what one row is called, and its heading over
// what the report is about.
func (b *Workbook) table(name, table, noun, title string, h *reports.Head) *sheet {
	return &sheet{
		book:    b,
		base:    name,
		table:   table,
		freeze:  2,
		noun:    noun,
		nothing: "No agent-days in this range.",
		colour:  colourRates,
		lines:   []line{{title, b.styles.title, 26}, {asked(h), b.styles.subtitle, 16}},
	}
}

// asked says in one line what the report is about.
func asked(h *reports.Head) string {
	parts := []string{fmt.Sprintf("%s to %s", h.Query.From, h.Query.To)}
	for _, of := range []struct {
		noun  string
		names []string
	}{{"team", h.Query.Teams}, {"site", h.Query.Sites}, {"agent", h.Query.Agents}} {
		switch len(of.names) {
		case 0:
		case 1, 2, 3:
			parts = append(parts, of.noun+" "+strings.Join(of.names, ", "))
		default:
			parts = append(parts, plural(len(of.names), of.noun))
		}
	}
	zone := "times in each agent's zone"
	if h.Query.Zone != "" {
		zone = "times in " + h.Query.Zone
	}
	return strings.Join(append(parts, "judged against "+h.Query.AgainstWords(), zone), "  ·  ")
}

// Day writes one agent-day and its exceptions.
func (b *Workbook) Day(d *reports.Day) error {
	if err := b.days.add(d); err != nil {
		return fmt.Errorf("sheet Days: %w", err)
	}
	b.timeline.add(d)
	for i := range d.Exceptions {
		if err := b.exceptions.add(exceptionRow{d, &d.Exceptions[i]}); err != nil {
			return fmt.Errorf("sheet Exceptions: %w", err)
		}
	}
	return nil
}

// End writes Summary and About, and then the workbook.
func (b *Workbook) End(a *reports.Adherence) error {
	if err := errors.Join(b.days.close(), b.exceptions.close()); err != nil {
		return err
	}
	for _, part := range []struct {
		name  string
		write func(*reports.Adherence) error
	}{{"Summary", b.writeSummary}, {"Agents", b.writeAgents}, {"Timeline", b.writeTimeline}, {"Trend", b.writeTrend},
		{"About", b.writeAbout}} {
		if err := part.write(a); err != nil {
			return fmt.Errorf("sheet %s: %w", part.name, err)
		}
	}
	return b.save()
}

// save writes the workbook.
func (b *Workbook) save() error {
	z := newZipper(b.to, &b.late)
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return z })
	_, err := b.file.WriteTo(io.Discard)
	if err == nil {
		err = z.err
	}
	return err
}

func (b *Workbook) writeSummary(a *reports.Adherence) error {
	s := b.table("Summary", "TeamRows", "team", "Adherence", &a.Head)
	s.freeze, s.draw, s.lines[0].height = 1, drawTeams, 30
	s.lines = append(s.lines, line{settled(&a.Total), b.styles.subtitle, 16})
	if a.Total.Provisional > 0 {
		s.lines[2].style = b.styles.notice
	}
	return writeAll(newListing(s, teamFields()), a.Teams)
}

// writeAgents writes a row for each agent of each team.
func (b *Workbook) writeAgents(a *reports.Adherence) error {
	s := b.table("Agents", "AgentRows", "row", "Adherence by agent", &a.Head)
	return writeAll(newListing(s, agentFields()), a.Agents)
}

// mostTrendDays is up to how many days the trend is by day; beyond it is by week.
const mostTrendDays = 62

// writeTrend writes how the figures went, by day or by week.
func (b *Workbook) writeTrend(a *reports.Adherence) error {
	days, noun, weeks := a.ByDay, "day", len(a.ByDay) > mostTrendDays
	if weeks {
		days, noun = reports.Weeks(days), "week"
	}
	s := b.table("Trend", "TrendRows", noun, "Trend by "+noun, &a.Head)
	s.draw = drawTrend
	return writeAll(newListing(s, trendFields(weeks)), days)
}

// writeAll writes a row for each member of a list, and ends the sheet.
func writeAll[E any](r *listing[*E], list []E) error {
	for i := range list {
		if err := r.add(&list[i]); err != nil {
			return err
		}
	}
	return r.close()
}

// settled says how many agents and days there are, and whether figures may still change.
func settled(g *reports.Group) string {
	text := plural(g.Agents, "agent") + ", " + plural(g.Days, "agent-day")
	switch {
	case g.Days == 0:
		return "Nothing was scheduled or worked."
	case g.Provisional > 0:
		return fmt.Sprintf("%s  ·  %d of them provisional: figures may still change", text, g.Provisional)
	case g.Restated > 0:
		return fmt.Sprintf("%s  ·  final, %d of them restated", text, g.Restated)
	}
	return text + "  ·  final"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// open makes a sheet, unless it is there, and its print set-up, all but what depends on its rows.
func (b *Workbook) open(name string) error {
	if i, err := b.file.GetSheetIndex(name); err != nil || i >= 0 {
		return err
	}
	if !b.opened {
		b.opened = true
		if err := b.file.SetSheetName("Sheet1", name); err != nil {
			return err
		}
	} else if _, err := b.file.NewSheet(name); err != nil {
		return err
	}
	yes, no, one, none, a4, landscape, margin, foot, edge := true, false, 1, 0, 9, "landscape", 0.4, 0.6, 0.25
	return errors.Join(
		b.file.SetSheetDimension(name, ""), // what the template says of an empty sheet would hide rows from some readers
		b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes}),
		b.file.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &no}),
		b.file.SetPageLayout(name,
			&excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &one, FitToHeight: &none}),
		b.file.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{
			Left:   &margin,
			Right:  &margin,
			Top:    &foot,
			Bottom: &foot,
			Header: &edge,
			Footer: &edge,
		}),
		b.file.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddHeader: b.header, OddFooter: b.footer}),
	)
}

// text returns a text as a cell can hold it, says whether it had to change, and counts those.
func (b *Workbook) text(s string) (string, bool) {
	t, changed := cellText(s)
	if changed {
		b.altered++
	}
	return t, changed
}

// counting returns the style of a number of rows with their noun.
func (b *Workbook) counting(noun string) (int, error) {
	format := fmt.Sprintf(`[=1]0" %s";#,##0" %ss"`, noun, noun)
	return b.file.NewStyle(&excelize.Style{Font: font(10, true, ink), Fill: fill(totalFill), Border: below(rule, 1),
		CustomNumFmt: &format, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}})
}

func colourRates(s *sheet, m *marks) {
	m.againstTarget(s.column("Adherence"), s.column("Target"), &s.book.styles)
	m.word(s.column("Target met"), "yes", s.book.styles.met)
	m.word(s.column("Target met"), "no", s.book.styles.harm)
	m.fadeZeros(s.columns, &s.book.styles)
}

func colourDays(s *sheet, m *marks) {
	colourRates(s, m)
	colourState(s, m)
}

func colourState(s *sheet, m *marks) {
	m.word(s.column("State"), "provisional", s.book.styles.provisional)
	m.word(s.column("State"), "restated", s.book.styles.harm)
}

func colourExceptions(s *sheet, m *marks) {
	m.word(s.column("Impact"), "negative", s.book.styles.harm)
	m.word(s.column("Impact"), "positive", s.book.styles.gain)
	colourState(s, m)
}

// writeAbout says how the report was made.
func (b *Workbook) writeAbout(a *reports.Adherence) error {
	return b.writeLines(append(a.About(), b.timeline.about(a)...))
}

// writeLines writes the lines that say how a report was made.
func (b *Workbook) writeLines(lines []reports.AboutLine) error {
	const name = "About"
	if err := b.open(name); err != nil {
		return err
	}
	if b.altered > 0 {
		lines = append(lines, reports.AboutLine{Name: "Texts"}, reports.AboutLine{Name: "Changed",
			Value: fmt.Sprintf("%d cells hold a text without characters that a workbook cannot hold, or cut to 32,767 "+
				"characters", b.altered)})
	}
	err := errors.Join(b.file.SetColWidth(name, "A", "A", 34), b.file.SetColWidth(name, "B", "B", 110),
		b.put(name, cell(1, 1), "About this report", b.styles.title), b.file.SetRowHeight(name, 1, 30))
	row := 2
	for _, l := range lines {
		if l.Value == "" {
			row++
			err = errors.Join(err, b.put(name, cell(1, row), l.Name, b.styles.aboutHead),
				b.put(name, cell(2, row), "", b.styles.aboutHead))
		} else {
			value, _ := cellText(l.Value)
			err = errors.Join(err, b.put(name, cell(1, row), l.Name, b.styles.about),
				b.put(name, cell(2, row), value, b.styles.aboutV))
			if lines := math.Ceil(textWidth(value) / 100); lines > 1 {
				err = errors.Join(err, b.file.SetRowHeight(name, row, min(lines*13.5+2, 400)))
			}
		}
		row++
	}
	return err
}

// put writes a text into a cell that is not streamed.
func (b *Workbook) put(sheet, at, text string, style int) error {
	text, _ = cellText(text)
	return errors.Join(b.file.SetCellStr(sheet, at, text), b.file.SetCellStyle(sheet, at, at, style))
}
