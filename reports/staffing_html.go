package reports

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
	"sync"

	"rollcall/schemas"
)

//go:embed templates/staffing.html
var staffingPages embed.FS

// The drawing of a group's days: a strip for each day, on it what was required, scheduled and on queue. Lengths are
// pixels.
const (
	stripWidth  = 960.0
	stripHeight = 96.0
	mostStrips  = 31
	// mostDrawings is how many days a page draws in all: beyond that browsers get slow.
	mostDrawings = 400
	// mostStaffingName is how many characters of a name the page shows.
	mostStaffingName = 100
)

// staffingDay is one local date of a group, drawn.
type staffingDay struct {
	Date schemas.Date
	// Required and Scheduled are lines, OnQueue an area and Unsure the one above it of those whose state is unknown, as
	// paths of a drawing of 960 by 96; Now is where what is known ends, -1 where the day is over or has not begun.
	Required, Scheduled, OnQueue, Unsure string
	Now                                  float64
	// Most is the number of heads at the top of the drawing.
	Most  float64
	Cells []StaffingCell
	// Hours are the whole hours under the drawing.
	Hours []staffingHour
}

// staffingHour is a mark under a drawing.
type staffingHour struct {
	X    float64
	Text string
}

// StaffingCell is one interval of a heat map: how far the heads are from what they should be, and against what.
type StaffingCell struct {
	X, Width float64
	// Level goes from -4, far too few, over 0 to 4, far too many; Blank has nothing to compare.
	Level int
	Blank bool
	// Unknown says that what is unknown may make up for what seems to be missing, so that there is nothing to grade.
	Unknown bool
	// Title says it in words.
	Title string
}

// staffingDays draws the days of a group, the first of them at most; more says that there are others.
func (s *Staffing) staffingDays(g *StaffingGroup, most int) (days []staffingDay, more bool) {
	for date, list := range s.Dates(g) {
		if len(days) == most {
			return days, true
		}
		days = append(days, s.drawDay(date, list))
	}
	return days, false
}

// drawDay draws one date.
func (s *Staffing) drawDay(date schemas.Date, list []StaffingInterval) staffingDay {
	d := staffingDay{Date: date, Most: 1, Now: -1}
	for i := range list {
		v := &list[i]
		d.Most = max(d.Most, math.Ceil(max(v.Heads(v.RequiredMS), v.Heads(v.ScheduledMS), v.Heads(v.ActualMS+v.UnknownMS))))
	}
	start, span := list[0].Start, float64(list[len(list)-1].End.Sub(list[0].Start))
	x := func(t schemas.Instant) float64 { return math.Round(float64(t.Sub(start))/span*stripWidth*10) / 10 }
	y := func(heads float64) float64 { return math.Round((stripHeight-heads/d.Most*(stripHeight-4))*10) / 10 }
	var required, scheduled, queue, unsure strings.Builder
	step := func(b *strings.Builder, from, to schemas.Instant, heads float64, begin bool) {
		if begin {
			fmt.Fprintf(b, "M%g %g", x(from), y(heads))
		} else {
			fmt.Fprintf(b, "V%g", y(heads))
		}
		fmt.Fprintf(b, "H%g", x(to))
	}
	var last schemas.Instant
	for i := range list {
		v := &list[i]
		if v.HasRequired {
			step(&required, v.Start, v.End, v.Heads(v.RequiredMS), i == 0 || !list[i-1].HasRequired)
		}
		step(&scheduled, v.Start, v.End, v.Heads(v.ScheduledMS), i == 0)
		if s.Over(v) {
			if i == 0 {
				fmt.Fprintf(&queue, "M0 %g", stripHeight)
			}
			fmt.Fprintf(&queue, "V%gH%g", y(v.Heads(v.ActualMS)), x(v.End))
			if v.UnknownMS > 0 {
				fmt.Fprintf(&unsure, "M%g %gV%gH%gV%gZ", x(v.Start), y(v.Heads(v.ActualMS)), y(v.Heads(v.ActualMS+v.UnknownMS)),
					x(v.End), y(v.Heads(v.ActualMS)))
			}
			last = v.End
		}
		_, c := s.Cell(v)
		c.X, c.Width = x(v.Start), math.Round((x(v.End)-x(v.Start))*10)/10
		d.Cells = append(d.Cells, c)
		if clock := s.Zone.Format(v.Start)[11:16]; strings.HasSuffix(clock, ":00") && (clock[1]-'0')%2 == 0 {
			d.Hours = append(d.Hours, staffingHour{x(v.Start), clock[:2]})
		}
	}
	if last != 0 {
		fmt.Fprintf(&queue, "V%gZ", stripHeight)
		if last < list[len(list)-1].End {
			d.Now = x(last)
		}
	}
	d.Required, d.Scheduled, d.OnQueue, d.Unsure = required.String(), scheduled.String(), queue.String(), unsure.String()
	return d
}

// Cell compares an interval's heads: on queue with required once it is over, before that what is scheduled; without a
// requirement what is scheduled is what they are held against. It returns by how many heads they differ, and the cell
// without its place.
func (s *Staffing) Cell(v *StaffingInterval) (heads float64, c StaffingCell) {
	over, have, has, wanted := s.Over(v), v.ActualMS, "on queue", "required"
	want, net, known := v.Against(v.HasRequired)
	switch {
	case v.Empty(), !over && !v.HasRequired:
		c.Blank = true
		return 0, c
	case !over:
		have, has, net, known = v.ScheduledMS, "scheduled", v.ScheduledMS-v.RequiredMS, true
	case !v.HasRequired:
		wanted = "scheduled"
	}
	c.Unknown = !known
	c.Level = level(v.Heads(want+net), v.Heads(want))
	c.Title = fmt.Sprintf("%s %.2f %s, %.2f %s", s.Zone.Format(v.Start)[11:16], v.Heads(have), has, v.Heads(want), wanted)
	if over && v.UnknownMS > 0 {
		c.Title += fmt.Sprintf(", %.2f unknown", v.Heads(v.UnknownMS))
	}
	return v.Heads(net), c
}

// StaffingEdges are the shares of what there should be from which on a net is of the next grade: within a twentieth it
// is as it should be, a half or more is the end of the scale.
var StaffingEdges = [...]float64{0.05, 0.15, 0.3, 0.5}

// StaffingGrades is how many grades there are: too few, as it should be, too many.
const StaffingGrades = 2*len(StaffingEdges) + 1

// level grades a difference by its share of what there should be, of at least one head. Less than half a head is never
// more than the first grade.
func level(have, want float64) int {
	off := have - want
	share := math.Abs(off) / max(want, 1)
	grade := 0
	for _, edge := range StaffingEdges {
		if share >= edge {
			grade++
		}
	}
	if math.Abs(off) < 0.5 {
		grade = min(grade, 1)
	}
	if off < 0 {
		return -grade
	}
	return grade
}

// staffingPage is what the template shows.
type staffingPage struct {
	*Staffing
	Titles []string
	Total  []staffingFigureCell
	Groups []staffingSection
	About  []AboutLine
	// SoFar says up to when the report is known where it still goes on; Required whether requirements are held against it.
	SoFar    string
	Required bool
	// ActualSoFar, ScheduledSoFar and RequiredSoFar are hours.
	ActualSoFar, ScheduledSoFar, RequiredSoFar string
}

type staffingSection struct {
	Name string
	Sum  []staffingFigureCell
	Days []staffingDay
	More bool
}

// staffingFigureCell is one figure of a sum; Under says that heads were missing.
type staffingFigureCell struct {
	Text  string
	Under bool
}

// staffingPageFigures are the figures of a sum in the order of the page.
func staffingPageFigures() []StaffingFigure[*StaffingSum] {
	return StaffingSumFigures("required_hours", "scheduled_hours", "actual_hours", "under_hours", "over_hours",
		"occupancy_percent", "shrinkage_scheduled_percent", "shrinkage_actual_percent", "adherence_percent",
		"unknown_hours", "late_hours", "absent_hours")
}

func staffingCells(figures []StaffingFigure[*StaffingSum], s *StaffingSum) []staffingFigureCell {
	var cells []staffingFigureCell
	for i := range figures {
		f := &figures[i]
		c := staffingFigureCell{Text: "–"}
		if v := f.rounded(s); v != nil {
			c.Text = fmt.Sprintf("%.2f", *v)
			c.Under = f.Name == "under_hours" && *v != 0
			if f.Unit == StaffingShare {
				c.Text += " %"
			}
		}
		cells = append(cells, c)
	}
	return cells
}

// staffingTemplate reads the page once.
var staffingTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.ParseFS(staffingPages, "templates/staffing.html")
})

// WriteStaffingHTML writes a staffing report as one page that needs nothing else: sums, and for every group and day a
// drawing of required, scheduled and on-queue heads over a heat map of what was missing or too much.
func WriteStaffingHTML(w io.Writer, s *Staffing) error {
	t, err := staffingTemplate()
	if err != nil {
		return fmt.Errorf("read the page of the staffing report: %w", err)
	}
	figures := staffingPageFigures()
	page := staffingPage{Staffing: s, Total: staffingCells(figures, &s.Total), About: s.About(),
		Required: s.Total.HasRequired}
	for i := range figures {
		title := figures[i].Title
		if figures[i].Unit == StaffingHours {
			title += " h"
		}
		page.Titles = append(page.Titles, title)
	}
	if s.Total.Judged < s.Total.Intervals {
		page.SoFar = s.Zone.Format(s.JudgedAt)[:16]
		sum := s.SumRow(nil)
		so := func(name string) string { return fmt.Sprintf("%.2f", *sum.Number(name)) }
		page.ActualSoFar, page.ScheduledSoFar = so("actual_so_far_hours"), so("scheduled_so_far_hours")
		page.RequiredSoFar = so("required_so_far_hours")
	}
	left := mostDrawings
	for i := range s.Groups {
		g := &s.Groups[i]
		section := staffingSection{Name: Shown(g.Name(), mostStaffingName), Sum: staffingCells(figures, &g.Sum)}
		if section.Name == "" && s.Query.By != StaffingByAll {
			section.Name = "unassigned"
		}
		section.Days, section.More = s.staffingDays(g, min(mostStrips, left))
		left -= len(section.Days)
		page.Groups = append(page.Groups, section)
	}
	return t.Execute(w, page)
}
