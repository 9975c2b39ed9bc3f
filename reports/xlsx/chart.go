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
	gap := uint(60)
	bars := s.chart(excelize.Col, "Adherence and target by team", last)
	bars.GapWidth = &gap
	zero := 0.0
	bars.YAxis.Minimum = &zero // a bar that begins elsewhere makes small differences look large
	bars.Series = []excelize.ChartSeries{s.series("Adherence", last, excelize.ChartSeries{Fill: fill("2F6DA8")})}
	lines := s.chart(excelize.Line, "", last)
	lines.YAxis.Minimum = &zero
	lines.Series = []excelize.ChartSeries{s.series("Target", last, excelize.ChartSeries{
		Fill: fill("C8322B"), Line: excelize.LineOptions{Width: 1.75, Dash: excelize.LineDashDash},
		Marker: excelize.ChartMarker{Symbol: "none"}})}
	if err := s.book.file.AddChart(s.name, cell(1, last+2), bars, lines); err != nil {
		return 0, err
	}
	return chartRows, s.drawShares(last)
}

// drawShares puts a chart of where the scheduled time went beside the first.
func (s *sheet) drawShares(last int) error {
	gap, over := uint(60), 100
	c := s.chart(excelize.ColPercentStacked, "Where scheduled time went", last)
	c.GapWidth, c.Overlap = &gap, &over
	for _, part := range []struct{ title, colour string }{{"In", "4C9F70"}, {"Tolerated", "A9D3B8"}, {"Out", "C8322B"},
		{"Neutral", "8E7CC3"},
		{"Ignored", "C9CED6"}, {"Unknown", "F2B84B"}} {
		c.Series = append(c.Series, s.series(part.title, last, excelize.ChartSeries{Fill: fill(part.colour)}))
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
	c := s.chart(excelize.Line, "Adherence, conformance and target", last)
	c.Dimension.Width = 2 * chartWidth
	c.XAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "d mmm"}
	dot := excelize.ChartMarker{Symbol: "circle", Size: 5, Fill: fill("2F6DA8"),
		Border: excelize.LineOptions{Fill: fill("2F6DA8")}}
	blue, amber, red := fill("2F6DA8"), fill("D08A2E"), fill("C8322B")
	none := excelize.ChartMarker{Symbol: "none"}
	c.Series = []excelize.ChartSeries{
		s.series("Adherence", last, excelize.ChartSeries{Fill: blue, Line: excelize.LineOptions{Width: 2.5}, Marker: dot}),
		s.series("Conformance", last,
			excelize.ChartSeries{Fill: amber, Line: excelize.LineOptions{Width: 1.75}, Marker: none}),
		s.series("Target", last, excelize.ChartSeries{Fill: red,
			Line: excelize.LineOptions{Width: 1.75, Dash: excelize.LineDashDash}, Marker: none})}
	return chartRows, s.book.file.AddChart(s.name, cell(1, last+2), c)
}

// chart is one of ours: quiet lines, percentages without decimals.
func (s *sheet) chart(kind excelize.ChartType, title string, _ int) *excelize.Chart {
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

// series takes its values from a column, its names from the first.
func (s *sheet) series(title string, last int, as excelize.ChartSeries) excelize.ChartSeries {
	column := func(i int) string {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return "#REF!" // there are fewer than 16,384 columns
		}
		return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", s.name, name, s.firstRow(), name, last)
	}
	head, err := excelize.CoordinatesToCellName(s.column(title)+1, s.headRow(), true)
	if err != nil {
		head = "#REF!"
	}
	as.Name, as.Categories, as.Values = fmt.Sprintf("'%s'!%s", s.name, head), column(0), column(s.column(title))
	return as
}
