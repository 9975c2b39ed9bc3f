package xlsx

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// The size of a chart in pixels, and how many rows it takes below the last one, a blank one before it included.
const (
	chartWidth  = 1180
	chartHeight = 340
	chartRows   = 20
)

// mostBars is how many teams a chart shows; with more, nobody could read their names.
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
	bars.Series = []excelize.ChartSeries{s.series("Adherence", last, excelize.ChartSeries{Fill: fill("2F6DA8")})}
	lines := s.chart(excelize.Line, "", last)
	lines.Series = []excelize.ChartSeries{s.series("Target", last, excelize.ChartSeries{
		Line: excelize.LineOptions{Width: 1.75, Dash: excelize.LineDashDash, Fill: fill("C8322B")}, Marker: excelize.ChartMarker{Symbol: "none"}})}
	return chartRows, s.book.file.AddChart(s.name, cell(1, last+2), bars, lines)
}

// drawTrend puts a chart of adherence, conformance and target over time below the table.
func drawTrend(s *sheet, last int) (int, error) {
	if s.row == s.headRow() || s.part > 1 {
		return 0, nil
	}
	c := s.chart(excelize.Line, "Adherence, conformance and target", last)
	dot := excelize.ChartMarker{Symbol: "circle", Size: 5, Fill: fill("2F6DA8"), Border: excelize.LineOptions{Fill: fill("2F6DA8")}}
	none := excelize.ChartMarker{Symbol: "none"}
	c.Series = []excelize.ChartSeries{
		s.series("Adherence", last, excelize.ChartSeries{Line: excelize.LineOptions{Width: 2.5, Fill: fill("2F6DA8")}, Marker: dot}),
		s.series("Conformance", last, excelize.ChartSeries{Line: excelize.LineOptions{Width: 1.75, Fill: fill("D08A2E")}, Marker: none}),
		s.series("Target", last, excelize.ChartSeries{Line: excelize.LineOptions{Width: 1.75, Dash: excelize.LineDashDash, Fill: fill("C8322B")}, Marker: none})}
	return chartRows, s.book.file.AddChart(s.name, cell(1, last+2), c)
}

// chart is one of ours: quiet lines, percentages without decimals.
func (s *sheet) chart(kind excelize.ChartType, title string, _ int) *excelize.Chart {
	c := &excelize.Chart{Type: kind, Dimension: excelize.ChartDimension{Width: chartWidth, Height: chartHeight},
		Legend: excelize.ChartLegend{Position: "bottom", Font: font(9, false, ink)}, ShowBlanksAs: "gap",
		XAxis:  excelize.ChartAxis{Font: *font(9, false, ink)},
		YAxis:  excelize.ChartAxis{Font: *font(9, false, quiet), MajorGridLines: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "0%"}},
		Border: excelize.LineOptions{Type: excelize.LineNone},
		Format: excelize.GraphicOptions{Positioning: "oneCell", AltText: title}}
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
