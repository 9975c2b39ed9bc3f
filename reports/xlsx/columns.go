package xlsx

import (
	"strings"

	"rollcall/reports"
	"rollcall/schemas"
)

// column is one column of a sheet.
type column struct {
	title string
	kind  kind
	// sum: the totals row adds the column up.
	sum bool
	// num and den: the totals row divides the totals of the columns with these titles. A title that begins with a
	// minus is taken away.
	num, den []string
	// bulk: the total may reach millions of hours.
	bulk bool
	// aside: right of what is printed; what totals are worked out from.
	aside bool
}

// lengths are the columns of the sums of a day or a team, in the order of lengthCells.
func lengths() []column {
	var list []column
	for _, title := range []string{"Scheduled", "In", "Tolerated", "Out", "Neutral", "Ignored", "Unknown", "Outside"} {
		list = append(list, column{title: title, kind: kindLength, sum: true, bulk: title == "Scheduled" || title == "In"})
	}
	return list
}

func lengthCells(s *schemas.Sums) []any {
	return []any{length(s.ScheduledMS), length(s.InMS), length(s.ToleratedMS), length(s.OutMS), length(s.NeutralMS),
		length(s.IgnoredMS), length(s.UnknownMS), length(s.OutsideMS)}
}

// percents are the columns of the three percentages, the target and whether it is met beside the first.
func percents() []column {
	return []column{
		{title: "Adherence", kind: kindPercent, num: []string{"Counted in"}, den: []string{"Counted"}},
		{title: "Target", kind: kindTarget},
		{title: "Target met", kind: kindText},
		{title: "Conformance", kind: kindPercent, num: []string{"On queue"}, den: []string{"On queue due"}},
		{title: "Coverage", kind: kindPercent, num: []string{"Scheduled", "-Ignored", "-Unknown"}, den: []string{"Scheduled", "-Ignored"}},
	}
}

// sides are the columns from which the totals of adherence and conformance are worked out. They are empty where a day
// has no percentage.
func sides() []column {
	return []column{
		{title: "Counted in", kind: kindLength, sum: true, bulk: true, aside: true},
		{title: "Counted", kind: kindLength, sum: true, bulk: true, aside: true},
		{title: "On queue", kind: kindLength, sum: true, bulk: true, aside: true},
		{title: "On queue due", kind: kindLength, sum: true, bulk: true, aside: true},
	}
}

func sideCells(p schemas.Percent) []any {
	if _, ok := p.Value(); !ok {
		return []any{nil, nil}
	}
	return []any{length(p.Num), length(p.Den)}
}

// percentCells are the values of percents.
func percentCells(adherence, conformance, coverage schemas.Percent, goal *float64) []any {
	var met any
	if yes, known := reports.TargetMet(adherence, goal); known {
		met = "no"
		if yes {
			met = "yes"
		}
	}
	return []any{percent(adherence), target(goal), met, percent(conformance), percent(coverage)}
}

// groupCells are the percentages, lengths and counts of a group, and what totals are worked out from.
func groupCells(g *reports.Group) []any {
	cells := append(percentCells(g.Adherence(), g.Conformance(), g.Coverage(), g.Target), lengthCells(&g.Sums)...)
	cells = append(cells, g.Exceptions, g.Absent, g.LeftOut(), g.Provisional)
	return append(append(cells, sideCells(g.Adherence())...), sideCells(g.Conformance())...)
}

// groupColumns are the columns of groupCells.
func groupColumns() []column {
	return join(percents(), lengths(), []column{
		{title: "Exceptions", kind: kindCount, sum: true}, {title: "Absent", kind: kindCount, sum: true},
		{title: "Left out", kind: kindCount, sum: true}, {title: "Provisional", kind: kindCount, sum: true}}, sides())
}

func join(lists ...[]column) []column {
	var all []column
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func summaryColumns() []column {
	return join([]column{{title: "Team", kind: kindFree}, {title: "Site", kind: kindFree}, {title: "Agents", kind: kindCount},
		{title: "Agent-days", kind: kindCount, sum: true}}, groupColumns())
}

func agentColumns() []column {
	return join([]column{{title: "Name", kind: kindFree}, {title: "Agent", kind: kindFree}, {title: "Team", kind: kindFree},
		{title: "Site", kind: kindFree}, {title: "Agent-days", kind: kindCount, sum: true}}, groupColumns())
}

func agentCells(g *reports.AgentGroup) []any {
	return append([]any{g.Name, g.AgentID, teamName(g.Team), strings.Join(g.Sites, ", "), g.Days}, groupCells(&g.Group)...)
}

// trendColumns are those of sheet Trend, by day or by week.
func trendColumns(weeks bool) []column {
	first, second := column{title: "Day", kind: kindDate}, column{title: "Weekday", kind: kindText}
	if weeks {
		first.title, second = "From", column{title: "To", kind: kindDate}
	}
	return join([]column{first, second, {title: "Agent-days", kind: kindCount, sum: true}}, groupColumns())
}

func trendCells(g *reports.DayGroup, weeks bool) []any {
	second := any(g.First.Time().Weekday().String())
	if weeks {
		second = date(g.Last)
	}
	return append([]any{date(g.First), second, g.Days}, groupCells(&g.Group)...)
}

func teamName(team string) string {
	if team == "" {
		return "(no team)"
	}
	return team
}

func summaryCells(g *reports.Group) []any {
	return append([]any{teamName(g.Team), strings.Join(g.Sites, ", "), g.Agents, g.Days}, groupCells(g)...)
}

func dayColumns() []column {
	return join([]column{{title: "Day", kind: kindDate}, {title: "Agent", kind: kindFree}, {title: "Name", kind: kindFree},
		{title: "Team", kind: kindFree}, {title: "Site", kind: kindFree}}, percents(), lengths(), []column{
		{title: "Exceptions", kind: kindCount, sum: true}, {title: "State", kind: kindText},
		{title: "Left out as", kind: kindText}}, sides(), []column{
		{title: "On queue unscheduled", kind: kindLength, sum: true, aside: true},
		{title: "Policy", kind: kindFree, aside: true}, {title: "Time zone", kind: kindFree, aside: true}})
}

func dayCells(d *reports.Day) []any {
	cells := append([]any{date(d.Day), d.AgentID, d.Name, d.Team, d.Site}, percentCells(d.Adherence(), d.Conformance(), d.Coverage(), d.Target)...)
	cells = append(cells, lengthCells(&d.Sums)...)
	cells = append(cells, len(d.Exceptions), d.State.String(), reports.Plain(d.AdherenceReason.String()))
	cells = append(append(cells, sideCells(d.Adherence())...), sideCells(d.Conformance())...)
	return append(cells, length(d.UnscheduledOnQueueMS), d.Policy, d.TimeZone)
}

func exceptionColumns() []column {
	return []column{{title: "Day", kind: kindDate}, {title: "Agent", kind: kindFree}, {title: "Name", kind: kindFree},
		{title: "Team", kind: kindFree}, {title: "Site", kind: kindFree}, {title: "Start", kind: kindClock},
		{title: "End", kind: kindClock}, {title: "Duration", kind: kindLength, sum: true}, {title: "Scheduled", kind: kindText},
		{title: "Activity", kind: kindFree}, {title: "Actual", kind: kindFree}, {title: "Kind", kind: kindText},
		{title: "Impact", kind: kindText}, {title: "Note", kind: kindFree}, {title: "State", kind: kindText}, {title: "Times in", kind: kindFree, aside: true}}
}

func exceptionCells(d *reports.Day, e *schemas.Exception) []any {
	return []any{date(d.Day), d.AgentID, d.Name, d.Team, d.Site, clock(e.Start, d.Zone), clock(e.End, d.Zone), length(e.MS),
		reports.Plain(e.Category.String()), e.Code, reports.ActualWords(e.Parts), reports.Plain(e.Kind.String()),
		reports.ImpactWords(e.Parts), reports.ExceptionSentence(e, d.Zone), d.State.String(), d.Zone.Name()}
}

// serialOfEpoch is 1970-01-01 in the 1900 date system.
const serialOfEpoch = 25569

func date(d schemas.Date) int { return int(d) + serialOfEpoch }

// clock gives the zone's wall clock at the instant as a serial number, date and all.
func clock(t schemas.Instant, zone schemas.Zone) float64 {
	_, off := t.Time().In(zone.Location()).Zone()
	return float64(int64(t)+int64(off)*schemas.SecondMS)/float64(schemas.DayMS) + serialOfEpoch
}

// length gives milliseconds as a fraction of a day.
func length(ms int64) float64 { return float64(ms) / float64(schemas.DayMS) }

// percent gives the exact fraction, or nil when there is none.
func percent(p schemas.Percent) any {
	if _, ok := p.Value(); !ok {
		return nil
	}
	return float64(p.Num) / float64(p.Den)
}

func target(t *float64) any {
	if t == nil {
		return nil
	}
	return *t / 100
}
