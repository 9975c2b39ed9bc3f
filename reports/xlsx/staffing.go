package xlsx

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
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

// WriteStaffing writes a staffing report as a workbook: Summary with the hours of every group and a chart of the day,
// Intervals with a row for each that has anything in it, Heat map with a row for each group and date, Through the day,
// and About. It has the figures of reports.WriteStaffingJSON.
func WriteStaffing(w io.Writer, s *reports.Staffing) error {
	b, err := New(w, DefaultConfig())
	if err != nil {
		return err
	}
	t := &staffingBook{Workbook: b, made: s}
	return errors.Join(t.write(), b.Close())
}

// staffingBook is the workbook of a staffing report while it is written.
type staffingBook struct {
	*Workbook
	made *reports.Staffing
	nets [reports.StaffingGrades]int
	// clock is the sheet that the chart of Summary is drawn from, to its row lastClock.
	clock     *sheet
	lastClock int
}

func (t *staffingBook) write() error {
	q := &t.made.Query
	t.nothing = "Nothing was required, scheduled or done in these days."
	err := t.begin("Staffing", &q.Query, "On queue as far as known at "+t.made.JudgedAt.String(), t.made.MadeAt, "Summary",
		sheetIntervals, sheetHeat, sheetClock)
	m := &maker{f: t.file, err: err}
	for grade, look := range netLooks {
		t.nets[grade] = m.conditional(excelize.Style{Font: &excelize.Font{Color: look.text}, Fill: fill(look.back)})
	}
	if m.err != nil {
		return fmt.Errorf("make staffing workbook: %w", m.err)
	}
	t.about += fmt.Sprintf("  ·  intervals of %d minutes", q.LengthMS/schemas.MinuteMS)
	return t.Workbook.write([]part{{sheetIntervals, t.writeIntervals}, {sheetHeat, t.writeHeat},
		{sheetClock, t.writeClock}, {"Summary", t.writeSummary},
		{"About", func() error { return t.writeAbout(t.made.About()) }}})
}

// netLooks are the colours of a net by its grade, from far too few over as it should be to far too many.
var netLooks = [reports.StaffingGrades]struct{ text, back string }{{"FFFFFF", "A93226"}, {"FFFFFF", "CD6155"},
	{"5C1A12", "E6A49C"}, {"7A2A20", "F4D6D2"},
	{"1E5C33", "E2EFE4"}, {"1F4E79", "D8E4F2"}, {"173B5C", "AAC6E4"}, {"FFFFFF", "6F9FD0"}, {"FFFFFF", "3B73AD"}}

// named are the columns that name the group of a row: as many as it has names.
func named[T any](by reports.StaffingBy, group func(T) *reports.StaffingGroup) []field[T] {
	team := free("Team", func(v T) string { return cmp.Or(group(v).Team, noTeam) })
	site := free("Site", func(v T) string { return cmp.Or(group(v).Site, "(no site)") })
	switch by {
	case reports.StaffingByTeam:
		return []field[T]{team}
	case reports.StaffingBySite:
		return []field[T]{site}
	case reports.StaffingByPart:
		return []field[T]{team, site}
	case reports.StaffingByAll:
	}
	return []field[T]{free("Group", func(T) string { return "everybody" })}
}

// named are the columns that name a group.
func (t *staffingBook) named() []field[*reports.StaffingGroup] {
	return named(t.made.Query.By, func(g *reports.StaffingGroup) *reports.StaffingGroup { return g })
}

// shareSides names the columns of [staffingSides] whose quotient is the total of a share.
var shareSides = map[string][2]string{
	"occupancy_percent":           {"In contacts", "Time on queue"},
	"shrinkage_scheduled_percent": {"Planned away", "All scheduled"},
	"shrinkage_actual_percent":    {"Lost", "Known"},
	"adherence_percent":           {"Counted in", "Counted"},
}

// figureFields are the columns of figures of a staffing report, exact. value may say that a figure is left empty.
func figureFields[R, T any](list []reports.StaffingFigure[T], of func(R) T) []field[R] {
	var fields []field[R]
	for _, f := range list {
		c := column{title: f.Title, kind: kindHeads}
		switch f.Unit {
		case reports.StaffingNet:
			c.kind = kindNet
		case reports.StaffingShare:
			c.kind, c.num, c.den = kindPercent, []string{shareSides[f.Name][0]}, []string{shareSides[f.Name][1]}
		case reports.StaffingHours:
			c.kind, c.sum = kindLength, true
		case reports.StaffingHeads:
		}
		fields = append(fields, field[R]{c, func(v R) any {
			if c.kind == kindLength {
				return length(f.MS(of(v)))
			}
			exact, exists := f.Exact(of(v))
			if !exists {
				return nil
			}
			return exact
		}})
	}
	return fields
}

// staffingSides are the lengths from which the totals of shares are worked out.
func staffingSides[T any](of func(T) *reports.StaffingInterval) []field[T] {
	side := func(title string, ms func(*reports.StaffingInterval) int64) field[T] {
		return duration(title, func(v T) int64 { return ms(of(v)) }).large()
	}
	return aside(
		side("Time on queue", func(v *reports.StaffingInterval) int64 { return v.ActualMS }),
		side("In contacts", func(v *reports.StaffingInterval) int64 { return v.ContactMS }),
		side("All scheduled", func(v *reports.StaffingInterval) int64 { return v.PlannedMS }),
		side("Planned away", func(v *reports.StaffingInterval) int64 { return v.PlannedShrinkMS }),
		side("Known", func(v *reports.StaffingInterval) int64 { return v.PastMS }),
		side("Lost", func(v *reports.StaffingInterval) int64 { return v.LostMS }),
		side("Counted in", func(v *reports.StaffingInterval) int64 { return v.AdheredMS }),
		side("Counted", func(v *reports.StaffingInterval) int64 { return v.CountedMS }))
}

// sumOrder are the figures of a sum in the order of the sheet; those so far are there where the report goes on.
func (t *staffingBook) sumOrder() []string {
	order := []string{"required_hours", "scheduled_hours", "actual_hours"}
	if t.underWay() {
		order = append(order, "required_so_far_hours", "scheduled_so_far_hours", "actual_so_far_hours")
	}
	return append(order, "under_hours", "over_hours", "planned_under_hours", "planned_over_hours", "under_schedule_hours",
		"over_schedule_hours", "occupancy_percent", "shrinkage_scheduled_percent", "shrinkage_actual_percent",
		"adherence_percent", "late_hours", "absent_hours", "unknown_hours")
}

// needsRequirement are the figures of a sum that are empty where nothing is required, which is not zero.
var needsRequirement = []string{"required_hours", "required_so_far_hours", "under_hours", "over_hours",
	"planned_under_hours", "planned_over_hours"}

// smallSums are the figures whose totals stay small.
var smallSums = []string{"late_hours", "absent_hours", "unknown_hours"}

// sumFields are the figures of a group.
func (t *staffingBook) sumFields() []field[*reports.StaffingGroup] {
	order := t.sumOrder()
	fields := figureFields(reports.StaffingSumFigures(order...),
		func(g *reports.StaffingGroup) *reports.StaffingSum { return &g.Sum })
	for i, name := range order {
		f := &fields[i]
		f.bulk = f.sum && !slices.Contains(smallSums, name)
		if value := f.value; slices.Contains(needsRequirement, name) {
			f.value = func(g *reports.StaffingGroup) any {
				if !g.Sum.HasRequired {
					return nil
				}
				return value(g)
			}
		}
	}
	return fields
}

// underWay says that some of the report is still ahead.
func (t *staffingBook) underWay() bool { return t.made.Total.Judged < t.made.Total.Intervals }

// writeSummary writes the hours of every group.
func (t *staffingBook) writeSummary() error {
	names := t.named()
	noun := "group"
	if len(names) == 1 {
		noun = strings.ToLower(names[0].title)
	}
	s := t.table("Summary", "GroupRows", noun, "Staffing", len(names), colourSums)
	s.draw, s.lines[0].height = t.drawDay, 30
	s.lines = append(s.lines, line{t.soFar(), t.styles.subtitle, 16})
	if t.underWay() {
		s.lines[2].style = t.styles.notice
	}
	type group = *reports.StaffingGroup
	intervals := []field[group]{count("Intervals", func(g group) int { return g.Sum.Intervals }).unsummed()}
	sides := staffingSides(func(g group) *reports.StaffingInterval { return &g.Sum.StaffingInterval })
	return writeAll(newListing(s, names, intervals, t.sumFields(), sides), t.made.Groups)
}

// soFar says up to when time on queue is known, and what Over and Under mean.
func (t *staffingBook) soFar() string {
	words := "Under and over: heads on queue against what was required, summed apart; unknown heads are never missing"
	if !t.made.Query.Requires() {
		words = "Requirements are of whole teams: none are held against a part of one"
	}
	if t.underWay() {
		return fmt.Sprintf("So far: on queue as it was known at %s, scheduled for the rest  ·  %s",
			t.made.Zone.Format(t.made.JudgedAt)[:16], words)
	}
	return words
}

func colourSums(s *sheet, m *marks) {
	for _, title := range []string{"Under", "Planned under", "Under schedule"} {
		m.add(m.column(s.column(title)),
			excelize.ConditionalFormatOptions{Type: "cell", Criteria: ">", Value: "0", Format: &s.book.styles.harm})
	}
	m.fadeZeros(s.columns, &s.book.styles)
}

// intervalRow is an interval of a group.
type intervalRow struct {
	group *reports.StaffingGroup
	at    reports.StaffingAt
}

// writeIntervals writes a row for every interval that has anything in it.
func (t *staffingBook) writeIntervals() error {
	type row = intervalRow
	names := named(t.made.Query.By, func(r row) *reports.StaffingGroup { return r.group })
	moment := func(title string, at func(row) schemas.Instant, zone schemas.Zone) field[row] {
		return of(kindMoment, title, func(r row) float64 { return clock(at(r), zone) })
	}
	start, end := func(r row) schemas.Instant { return r.at.Start }, func(r row) schemas.Instant { return r.at.End }
	required := duration("Required time", func(r row) int64 { return r.at.RequiredMS }).large()
	scheduled := duration("Scheduled time", func(r row) int64 { return r.at.ScheduledMS }).large()
	s := t.table(sheetIntervals, "IntervalRows", "interval", "Heads by interval", len(names)+1, t.colourNets)
	r := newListing(s, names, []field[row]{moment("Start", start, t.made.Zone), moment("End", end, t.made.Zone)},
		figureFields(reports.StaffingFigures(), func(r row) reports.StaffingAt { return r.at }), aside(required, scheduled),
		staffingSides(func(r row) *reports.StaffingInterval { return r.at.StaffingInterval }),
		[]field[row]{moment("Start UTC", start, schemas.UTC)})
	var err error
	t.made.Each(func(g *reports.StaffingGroup, v *reports.StaffingInterval) {
		if err == nil {
			err = r.add(row{g, t.made.At(v)})
		}
	})
	return errors.Join(err, r.close())
}

// colourNets colours the nets by their share of what there should be, as every picture of the report does.
func (t *staffingBook) colourNets(s *sheet, m *marks) {
	for _, c := range []struct{ net, want string }{{"Net planned", "Required"}, {"Net to required", "Required"},
		{"Net to scheduled", "Scheduled"}} {
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
		m.add(m.column(s.column(title)),
			excelize.ConditionalFormatOptions{Type: "cell", Criteria: "==", Value: "0", Format: &t.styles.zero})
	}
}
