package xlsx

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// The size of a chart in pixels, and how many rows it takes below the last one, a blank one before it included.
const (
	chartWidth  = 860
	chartHeight = 340
	chartRows   = 20
)

// mostBars is how many teams a chart shows; with more, their names could not be read.
const mostBars = 40

// drawTeams puts a chart of every team's adherence and its target below the table.
func drawTeams(s *sheet, last int) (int, error) {
	teams := last - s.headRow()
	if s.row == s.headRow() || teams > mostBars {
		return 0, nil
	}
	bars, lines := newChart(excelize.Col, "Adherence and target by team"), newChart(excelize.Line, "")
	gap, zero := uint(60), 0.0 // a bar that begins elsewhere makes small differences look large
	bars.GapWidth, bars.YAxis.Minimum, lines.YAxis.Minimum = &gap, &zero, &zero
	bars.Series = []excelize.ChartSeries{s.bar("Adherence", last, "2F6DA8")}
	lines.Series = []excelize.ChartSeries{s.curve("Target", last, "C8322B", 1.75, true)}
	if err := s.book.file.AddChart(s.name, cell(1, last+2), bars, lines); err != nil {
		return 0, err
	}
	return chartRows, s.drawShares(last)
}

// drawShares puts a chart of where the scheduled time went beside the first.
func (s *sheet) drawShares(last int) error {
	gap, over := uint(60), 100
	c := newChart(excelize.ColPercentStacked, "Where scheduled time went")
	c.GapWidth, c.Overlap = &gap, &over
	for _, part := range []struct{ title, colour string }{{"In", "4C9F70"}, {"Tolerated", "A9D3B8"}, {"Out", "C8322B"},
		{"Neutral", "8E7CC3"}, {"Ignored", "C9CED6"}, {"Unknown", "F2B84B"}} {
		c.Series = append(c.Series, s.bar(part.title, last, part.colour))
	}
	beside := 1
	for pixels := 0.0; pixels < chartWidth+30 && beside <= len(s.widths); beside++ {
		pixels += s.widths[beside-1]*7 + 5
	}
	return s.book.file.AddChart(s.name, cell(beside, last+2), c)
}

// drawTrend puts a chart of adherence, conformance and target over time below the table.
func drawTrend(s *sheet, last int) (int, error) {
	if s.row == s.headRow() || s.part > 1 {
		return 0, nil
	}
	c := newChart(excelize.Line, "Adherence, conformance and target")
	c.Dimension.Width, c.XAxis.NumFmt.CustomNumFmt = 2*chartWidth, "d mmm"
	adherence := s.curve("Adherence", last, "2F6DA8", 2.5, false)
	adherence.Marker = excelize.ChartMarker{Symbol: "circle", Size: 5, Fill: adherence.Fill,
		Border: excelize.LineOptions{Fill: adherence.Fill}}
	c.Series = []excelize.ChartSeries{adherence, s.curve("Conformance", last, "D08A2E", 1.75, false),
		s.curve("Target", last, "C8322B", 1.75, true)}
	return chartRows, s.book.file.AddChart(s.name, cell(1, last+2), c)
}

// newChart makes a chart with quiet lines and percentages without decimals.
func newChart(kind excelize.ChartType, title string) *excelize.Chart {
	c := &excelize.Chart{
		Type:         kind,
		Dimension:    excelize.ChartDimension{Width: chartWidth, Height: chartHeight},
		Legend:       excelize.ChartLegend{Position: "bottom", Font: font(9, false, ink)},
		ShowBlanksAs: "gap",
		XAxis:        excelize.ChartAxis{Font: *font(9, false, ink)},
		YAxis: excelize.ChartAxis{Font: *font(9, false, quiet), MajorGridLines: true,
			NumFmt: excelize.ChartNumFmt{CustomNumFmt: "0%"}},
		Border: excelize.LineOptions{Type: excelize.LineNone},
		Format: excelize.GraphicOptions{Positioning: "oneCell", AltText: title},
	}
	if title != "" {
		c.Title = excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: font(11, true, blue)}}}
	}
	return c
}

// curve is a line through the values of a column.
func (s *sheet) curve(title string, last int, colour string, width float64, dashed bool) excelize.ChartSeries {
	c := s.bar(title, last, colour)
	c.Line.Width, c.Marker.Symbol = width, "none"
	if dashed {
		c.Line.Dash = excelize.LineDashDash
	}
	return c
}

// bar takes its values from a column, its names from the first.
func (s *sheet) bar(title string, last int, colour string) excelize.ChartSeries {
	i := s.column(title)
	values := func(i int) string {
		return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", s.name, columnName(i), s.firstRow(), columnName(i), last)
	}
	return excelize.ChartSeries{
		Name:       fmt.Sprintf("'%s'!$%s$%d", s.name, columnName(i), s.headRow()),
		Categories: values(0),
		Values:     values(i),
		Fill:       fill(colour),
	}
}
