package xlsx

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"rollcall/reports"
	"rollcall/schemas"
)

// The sheets of a staffing workbook.
const (
	sheetIntervals = "Intervals"
	sheetHeat      = "Heat map"
	sheetClock     = "Through the day"
)

// WriteStaffing writes a staffing report as a workbook: Summary with the hours of every group and a chart of the day, Intervals
// with a row for each that has anything in it, Heat map with a row for each group and date, Through the day, and About. It has
// the figures of reports.WriteStaffingJSON.
func WriteStaffing(w io.Writer, s *reports.Staffing) error {
	return writeStaffing(w, s, DefaultConfig())
}

func writeStaffing(w io.Writer, s *reports.Staffing, cfg Config) error {
	b, err := New(w, cfg)
	if err != nil {
		return err
	}
	t := &staffingBook{Workbook: b, made: s}
	return errors.Join(t.write(), b.Close())
}

// staffingBook is the workbook of a staffing report while it is written.
type staffingBook struct {
	*Workbook
	made  *reports.Staffing
	nets  [reports.StaffingGrades]int
	about string
	// clock is the sheet that the chart of Summary is drawn from, to its row lastClock.
	clock     *sheet
	lastClock int
}

func (t *staffingBook) write() error {
	if err := t.begin(); err != nil {
		return fmt.Errorf("make staffing workbook: %w", err)
	}
	for _, part := range []struct {
		name  string
		write func() error
	}{{sheetIntervals, t.writeIntervals}, {sheetHeat, t.writeHeat}, {sheetClock, t.writeClock}, {"Summary", t.writeSummary},
		{"About", func() error { return t.writeLines(t.made.About()) }}} {
		if err := part.write(); err != nil {
			return fmt.Errorf("sheet %s: %w", part.name, err)
		}
	}
	return t.save()
}

// begin lays out the sheets.
func (t *staffingBook) begin() error {
	q := &t.made.Query
	t.file = excelize.NewFile(excelize.Options{TmpDir: t.cfg.TempDir})
	st, err := newStyles(t.file)
	if err != nil {
		return err
	}
	t.styles = st
	m := &maker{f: t.file}
	for grade, look := range netLooks {
		t.nets[grade] = m.conditional(excelize.Style{Font: &excelize.Font{Color: look.text}, Fill: fill(look.back)})
	}
	t.header = fmt.Sprintf("&L&8%s&R&8Made %s", strings.ReplaceAll("On queue as far as known at "+t.made.JudgedAt.String(), "&", "&&"), t.made.MadeAt)
	t.footer = fmt.Sprintf("&L&8Rollcall staffing %s to %s&C&8&A&R&8Page &P of &N", q.From, q.To)
	t.about = strings.Join([]string{asked(&reports.Head{Query: q.Query}), fmt.Sprintf("intervals of %d minutes", q.LengthMS/schemas.MinuteMS)}, "  ·  ")
	errs := []error{m.err}
	for _, name := range []string{"Summary", sheetIntervals, sheetHeat, sheetClock} {
		errs = append(errs, t.open(name))
	}
	at := t.made.MadeAt.Time().Format("2006-01-02T15:04:05Z")
	return errors.Join(append(errs, t.file.SetDocProps(&excelize.DocProperties{Title: fmt.Sprintf("Staffing %s to %s", q.From, q.To),
		Creator: "Rollcall", LastModifiedBy: "Rollcall", Created: at, Modified: at}))...)
}

// netLooks are the colours of a net by its grade, from far too few over as it should be to far too many.
var netLooks = [reports.StaffingGrades]struct{ text, back string }{{"FFFFFF", "A93226"}, {"FFFFFF", "CD6155"}, {"5C1A12", "E6A49C"}, {"7A2A20", "F4D6D2"},
	{"1E5C33", "E2EFE4"}, {"1F4E79", "D8E4F2"}, {"173B5C", "AAC6E4"}, {"FFFFFF", "6F9FD0"}, {"FFFFFF", "3B73AD"}}

// named gives the columns that name a group: as many as it has names.
func (t *staffingBook) named() []column {
	switch t.made.Query.By {
	case reports.StaffingByTeam:
		return []column{{title: "Team", kind: kindFree}}
	case reports.StaffingBySite:
		return []column{{title: "Site", kind: kindFree}}
	case reports.StaffingByPart:
		return []column{{title: "Team", kind: kindFree}, {title: "Site", kind: kindFree}}
	case reports.StaffingByAll:
	}
	return []column{{title: "Group", kind: kindFree}}
}

// names gives what stands in the columns of named.
func (t *staffingBook) names(g *reports.StaffingGroup) []string {
	switch t.made.Query.By {
	case reports.StaffingByTeam:
		return []string{teamName(g.Team)}
	case reports.StaffingBySite:
		return []string{siteName(g.Site)}
	case reports.StaffingByPart:
		return []string{teamName(g.Team), siteName(g.Site)}
	case reports.StaffingByAll:
	}
	return []string{"everybody"}
}

// lead gives the names as the first cells of a row.
func (t *staffingBook) lead(g *reports.StaffingGroup) []any {
	row := make([]any, 0, 32)
	for _, name := range t.names(g) {
		row = append(row, name)
	}
	return row
}

func siteName(site string) string {
	if site == "" {
		return "(no site)"
	}
	return site
}

// staffingShares are the columns of the four percentages, whose totals are worked out from staffingSides.
func staffingShares() []column {
	return []column{{title: "Occupancy", kind: kindPercent, num: []string{"In contacts"}, den: []string{"Time on queue"}},
		{title: "Shrinkage planned", kind: kindPercent, num: []string{"Planned away"}, den: []string{"All scheduled"}},
		{title: "Shrinkage actual", kind: kindPercent, num: []string{"Lost"}, den: []string{"Judged"}},
		{title: "Adherence", kind: kindPercent, num: []string{"Counted in"}, den: []string{"Counted"}}}
}

func shareCells(v *reports.StaffingInterval) []any {
	return []any{share(v.ContactMS, v.ActualMS), share(v.PlannedShrinkMS, v.PlannedMS), share(v.LostMS, v.PastMS), share(v.AdheredMS, v.CountedMS)}
}

// share gives the exact fraction, nil where there is none.
func share(part, whole int64) any {
	if whole <= 0 {
		return nil
	}
	return float64(part) / float64(whole)
}

// staffingSides are the lengths from which totals are worked out.
func staffingSides() []column {
	var list []column
	for _, title := range []string{"Time on queue", "In contacts", "All scheduled", "Planned away", "Judged", "Lost", "Counted in", "Counted"} {
		list = append(list, column{title: title, kind: kindLength, sum: true, bulk: true, aside: true})
	}
	return list
}

func staffingSideCells(v *reports.StaffingInterval) []any {
	return []any{length(v.ActualMS), length(v.ContactMS), length(v.PlannedMS), length(v.PlannedShrinkMS), length(v.PastMS), length(v.LostMS),
		length(v.AdheredMS), length(v.CountedMS)}
}

// sumLengths are the columns of the hours of a group. Those so far are there where the report goes on.
func (t *staffingBook) sumLengths() []column {
	titles := []string{"Required", "Scheduled", "On queue", "Under", "Over", "Planned under", "Planned over", "Under schedule", "Over schedule"}
	if t.underWay() {
		titles = append(titles[:3:3], append([]string{"Required so far", "Scheduled so far", "On queue so far"}, titles[3:]...)...)
	}
	var list []column
	for _, title := range titles {
		list = append(list, column{title: title, kind: kindLength, sum: true, bulk: true})
	}
	return list
}

func (t *staffingBook) sumLengthCells(s *reports.StaffingSum) []any {
	wanted := func(has bool, ms int64) any {
		if !has {
			return nil // nothing required is not zero required
		}
		return length(ms)
	}
	cells := []any{wanted(s.HasRequired, s.RequiredMS), length(s.ScheduledMS), length(s.ActualMS)}
	if t.underWay() {
		cells = append(cells, wanted(s.HasRequired, s.SoFar.RequiredMS), length(s.SoFar.ScheduledMS), length(s.SoFar.ActualMS))
	}
	return append(cells, wanted(s.HasRequired, s.UnderMS), wanted(s.HasRequired, s.OverMS), wanted(s.HasRequired, s.PlannedUnderMS),
		wanted(s.HasRequired, s.PlannedOverMS), length(s.UnderPlanMS), length(s.OverPlanMS))
}

// underWay says that some of the report is still ahead.
func (t *staffingBook) underWay() bool { return t.made.Total.Judged < t.made.Total.Intervals }

// writeSummary writes the hours of every group.
func (t *staffingBook) writeSummary() error {
	st := &t.styles
	away := []column{{title: "Late", kind: kindLength, sum: true}, {title: "Absent", kind: kindLength, sum: true}, {title: "Unknown", kind: kindLength, sum: true}}
	noun := t.named()[0].title
	if noun == "Group" || len(t.named()) > 1 {
		noun = "group"
	}
	columns := append(t.named(), column{title: "Intervals", kind: kindCount})
	s := &sheet{book: t.Workbook, base: "Summary", table: "GroupRows", columns: join(columns, t.sumLengths(), staffingShares(), away, staffingSides()),
		freeze: len(t.named()), noun: strings.ToLower(noun), nothing: t.nothing(), colour: colourSums, draw: t.drawDay,
		lines: []line{{"Staffing", st.title, 30}, {t.about, st.subtitle, 16}, {t.soFar(), st.subtitle, 16}}}
	if t.underWay() {
		s.lines[2].style = st.notice
	}
	for i := range t.made.Groups {
		g := &t.made.Groups[i]
		cells := append(append(t.lead(g), g.Sum.Intervals), t.sumLengthCells(&g.Sum)...)
		cells = append(append(cells, shareCells(&g.Sum.StaffingInterval)...), length(g.Sum.LateMS), length(g.Sum.AbsentMS), length(g.Sum.UnknownMS))
		if err := s.add(append(cells, staffingSideCells(&g.Sum.StaffingInterval)...)); err != nil {
			return err
		}
	}
	return s.close()
}

// nothing says why there are no rows.
func (t *staffingBook) nothing() string {
	return "Nothing was required, scheduled or done in these days."
}

// soFar tells up to when time on queue is known, and what Over and Under mean.
func (t *staffingBook) soFar() string {
	words := "Under and over: heads on queue against what was required, summed apart; unknown heads are never missing"
	if !t.made.Query.Requires() {
		words = "Requirements are of whole teams: none are held against a part of one"
	}
	if t.underWay() {
		return fmt.Sprintf("So far: on queue as it was known at %s, scheduled for the rest  ·  %s", t.made.Zone.Format(t.made.JudgedAt)[:16], words)
	}
	return words
}

func colourSums(s *sheet, m *marks) {
	for _, title := range []string{"Under", "Planned under", "Under schedule"} {
		m.add(m.column(s.column(title)), excelize.ConditionalFormatOptions{Type: "cell", Criteria: ">", Value: "0", Format: &s.book.styles.harm})
	}
	m.fadeZeros(s.columns, &s.book.styles)
}

// writeIntervals writes a row for every interval that has anything in it.
func (t *staffingBook) writeIntervals() error {
	st := &t.styles
	heads := func(kind kind, titles ...string) (list []column) {
		for _, title := range titles {
			list = append(list, column{title: title, kind: kind})
		}
		return list
	}
	s := &sheet{book: t.Workbook, base: sheetIntervals, table: "IntervalRows", freeze: len(t.named()) + 1, noun: "interval", nothing: t.nothing(),
		colour: t.colourNets, lines: []line{{"Heads by interval", st.title, 26}, {t.about, st.subtitle, 16}},
		columns: join(t.named(), heads(kindMoment, "Start", "End"), heads(kindHeads, "Required", "Needed", "Scheduled", "Actual"),
			heads(kindNet, "Net planned", "Net to required", "Net to scheduled"), staffingShares(), heads(kindHeads, "Late", "Absent", "Unknown"),
			[]column{{title: "Required time", kind: kindLength, sum: true, bulk: true, aside: true}, {title: "Scheduled time", kind: kindLength, sum: true, bulk: true, aside: true}},
			staffingSides(), heads(kindMoment, "Start UTC"))}
	var err error
	t.made.Each(func(g *reports.StaffingGroup, v *reports.StaffingInterval) {
		if err == nil {
			err = s.add(t.intervalCells(g, v))
		}
	})
	return errors.Join(err, s.close())
}

func (t *staffingBook) intervalCells(g *reports.StaffingGroup, v *reports.StaffingInterval) []any {
	over := t.made.Over(v)
	heads := func(exists bool, ms int64) any {
		if !exists {
			return nil
		}
		return v.Heads(ms)
	}
	required, isRequired := v.NetRequired()
	scheduled, isScheduled := v.NetScheduled()
	cells := append(t.lead(g), clock(v.Start, t.made.Zone), clock(v.End, t.made.Zone), heads(v.HasRequired, v.RequiredMS), heads(v.HasRequired, v.NeededMS),
		v.Heads(v.ScheduledMS), heads(over && !v.Unknown(), v.ActualMS), heads(v.HasRequired, v.ScheduledMS-v.RequiredMS),
		heads(over && isRequired, required), heads(over && isScheduled, scheduled))
	cells = append(append(cells, shareCells(v)...), heads(over, v.LateMS), heads(over, v.AbsentMS), heads(over, v.UnknownMS))
	cells = append(cells, length(v.RequiredMS), length(v.ScheduledMS))
	return append(append(cells, staffingSideCells(v)...), clock(v.Start, schemas.UTC))
}

// colourNets colours the nets by their share of what there should be, as every picture of the report does.
func (t *staffingBook) colourNets(s *sheet, m *marks) {
	for _, c := range []struct{ net, want string }{{"Net planned", "Required"}, {"Net to required", "Required"}, {"Net to scheduled", "Scheduled"}} {
		net, want := "$"+cell(s.column(c.net)+1, m.first), "$"+cell(s.column(c.want)+1, m.first)
		var rules []excelize.ConditionalFormatOptions
		middle := reports.StaffingGrades / 2
		for k := len(reports.StaffingEdges) - 1; k >= 0; k-- {
			far := fmt.Sprintf("ABS(%s)>=%v*MAX(%s,1)", net, reports.StaffingEdges[k], want)
			if k > 0 {
				far += fmt.Sprintf(",ABS(%s)>=0.5", net)
			}
			rules = append(rules, when(fmt.Sprintf("AND(ISNUMBER(%s),%s<0,%s)", net, net, far), t.nets[middle-k-1]),
				when(fmt.Sprintf("AND(ISNUMBER(%s),%s>0,%s)", net, net, far), t.nets[middle+k+1]))
		}
		m.add(m.column(s.column(c.net)), append(rules, when(net+"=0", t.styles.zero))...)
	}
	for _, title := range []string{"Late", "Absent", "Unknown"} {
		m.add(m.column(s.column(title)), excelize.ConditionalFormatOptions{Type: "cell", Criteria: "==", Value: "0", Format: &t.styles.zero})
	}
}
