package xlsx

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
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

	// about says in one line what the report is about, nothing what a sheet without rows says.
	about, nothing string
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
	b.timeline, b.nothing = timeline{asked: h.Query.Intervals}, "No agent-days in this range."
	if err := b.begin("Adherence", &h.Query, "Judged against "+h.Query.AgainstWords(), h.MadeAt, "Summary", "Agents",
		"Days", "Exceptions"); err != nil {
		return err
	}
	b.days = newListing(b.table("Days", "DayRows", "day", "Adherence by agent and day", 3, colourDays), dayFields())
	exceptions := b.table("Exceptions", "ExceptionRows", "exception", "Exceptions", 3, colourExceptions)
	exceptions.nothing = "No exceptions in this range."
	b.exceptions = newListing(exceptions, exceptionFields())
	return nil
}

// begin makes the file with its styles, its first sheets and what a file manager shows of it. What stands above is in
// the margin of every page.
func (b *Workbook) begin(kind string, q *reports.Query, above string, madeAt schemas.Instant, sheets ...string) error {
	b.file = excelize.NewFile(excelize.Options{TmpDir: b.cfg.TempDir})
	var err error
	if b.styles, err = newStyles(b.file); err != nil {
		return fmt.Errorf("make styles: %w", err)
	}
	b.about = asked(q)
	title := fmt.Sprintf("%s %s to %s", kind, q.From, q.To)
	b.header = fmt.Sprintf("&L&8%s&R&8Made %s", strings.ReplaceAll(above, "&", "&&"), madeAt)
	b.footer = fmt.Sprintf("&L&8Rollcall %s&C&8&A&R&8Page &P of &N", strings.ToLower(title))
	for _, name := range sheets {
		if err := b.open(name); err != nil {
			return fmt.Errorf("make sheet %s: %w", name, err)
		}
	}
	const creator = "Rollcall"
	at := madeAt.Time().Format("2006-01-02T15:04:05Z")
	return b.file.SetDocProps(&excelize.DocProperties{Title: title, Creator: creator, LastModifiedBy: creator, Created: at,
		Modified: at})
}

// table makes a sheet: its name, that of its table, what one row is called, its heading over what the report is about,
// how many columns stay in view, and what colours its rows.
func (b *Workbook) table(name, table, noun, title string, freeze int, colour func(*sheet, *marks)) *sheet {
	return &sheet{
		book:    b,
		base:    name,
		table:   table,
		freeze:  freeze,
		noun:    noun,
		nothing: b.nothing,
		colour:  colour,
		lines:   []line{{title, b.styles.title, 26}, {b.about, b.styles.subtitle, 16}},
	}
}

// asked says in one line what the report is about.
func asked(q *reports.Query) string {
	parts := []string{fmt.Sprintf("%s to %s", q.From, q.To)}
	for _, of := range []struct {
		noun  string
		names []string
	}{{"team", q.Teams}, {"site", q.Sites}, {"agent", q.Agents}} {
		switch len(of.names) {
		case 0:
		case 1, 2, 3:
			parts = append(parts, of.noun+" "+strings.Join(of.names, ", "))
		default:
			parts = append(parts, reports.Counted(len(of.names), of.noun))
		}
	}
	return strings.Join(append(parts, "judged against "+q.AgainstWords(), "times in "+cmp.Or(q.Zone, "each agent's zone")),
		"  ·  ")
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
	return b.write([]part{
		{"Summary", func() error { return b.writeSummary(a) }},
		{"Agents", func() error { return b.writeAgents(a) }},
		{"Timeline", b.writeTimeline},
		{"Trend", func() error { return b.writeTrend(a) }},
		{"About", func() error { return b.writeAbout(append(a.About(), b.timeline.about()...)) }},
	})
}

// part is a sheet that is still to be written.
type part struct {
	sheet string
	write func() error
}

// write writes the sheets, and then the workbook.
func (b *Workbook) write(parts []part) error {
	for _, p := range parts {
		if err := p.write(); err != nil {
			return fmt.Errorf("sheet %s: %w", p.sheet, err)
		}
	}
	z := newZipper(b.to, &b.late)
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return z })
	_, err := b.file.WriteTo(io.Discard)
	if err == nil {
		err = z.err
	}
	return err
}

func (b *Workbook) writeSummary(a *reports.Adherence) error {
	s := b.table("Summary", "TeamRows", "team", "Adherence", 1, colourRates)
	s.draw, s.lines[0].height = drawTeams, 30
	s.lines = append(s.lines, line{settled(&a.Total), b.styles.subtitle, 16})
	if a.Total.Provisional > 0 {
		s.lines[2].style = b.styles.notice
	}
	return writeAll(newListing(s, teamFields()), a.Teams)
}

// writeAgents writes a row for each agent of each team.
func (b *Workbook) writeAgents(a *reports.Adherence) error {
	s := b.table("Agents", "AgentRows", "row", "Adherence by agent", 2, colourRates)
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
	s := b.table("Trend", "TrendRows", noun, "Trend by "+noun, 2, colourRates)
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
	text := reports.Counted(g.Agents, "agent") + ", " + reports.Counted(g.Days, "agent-day")
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
	no, margin, foot, edge := false, 0.4, 0.6, 0.25
	return errors.Join(
		b.file.SetSheetDimension(name, ""), // what the template says of an empty sheet would hide rows from some readers
		b.file.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &no}),
		landscape(b.file, name),
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

// landscape has a sheet printed across one page.
func landscape(f *excelize.File, sheet string) error {
	yes, one, none, a4, landscape := true, 1, 0, 9, "landscape"
	return errors.Join(f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}), f.SetPageLayout(sheet,
		&excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &one, FitToHeight: &none}))
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

// writeAbout writes the lines that say how a report was made.
func (b *Workbook) writeAbout(lines []reports.AboutLine) error {
	const name = "About"
	if err := b.open(name); err != nil {
		return err
	}
	if b.altered > 0 {
		lines = append(lines, reports.AboutLine{Name: "Texts"}, reports.AboutLine{Name: "Changed",
			Value: fmt.Sprintf("%d cells hold a text without characters that a workbook cannot hold, or cut to 32,767 "+
				"characters", b.altered)})
	}
	m := &maker{f: b.file}
	m.record(errors.Join(b.file.SetColWidth(name, "A", "A", 34), b.file.SetColWidth(name, "B", "B", 110),
		b.file.SetRowHeight(name, 1, 30)))
	m.put(name, "A1", "About this report", b.styles.title)
	row := 1
	for _, l := range lines {
		row++
		left, right := b.styles.about, b.styles.aboutV
		if l.Value == "" {
			row++
			left, right = b.styles.aboutHead, b.styles.aboutHead
		}
		m.put(name, cell(1, row), l.Name, left)
		value := m.put(name, cell(2, row), l.Value, right)
		if lines := math.Ceil(textWidth(value) / 100); lines > 1 {
			m.record(b.file.SetRowHeight(name, row, min(lines*13.5+2, 400)))
		}
	}
	return m.err
}
