package xlsx

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/reports"
	"rollcall/schemas"
)

// column is how one column of a sheet looks and adds up.
type column struct {
	title string
	kind  kind
	// figure is its name in a comparison of reports; empty where [Read] does not compare it.
	figure string
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

// field is a column with its value for a row that is about a T, nil for none.
type field[T any] struct {
	column
	value func(T) any
}

// listing is a sheet with one row for each T.
type listing[T any] struct {
	*sheet
	fields []field[T]
}

func newListing[T any](s *sheet, fields ...[]field[T]) *listing[T] {
	r := &listing[T]{s, slices.Concat(fields...)}
	for _, f := range r.fields {
		s.columns = append(s.columns, f.column)
	}
	return r
}

// add writes the row of v.
func (r *listing[T]) add(v T) error {
	cells := make([]any, len(r.fields))
	for i := range r.fields {
		cells[i] = r.fields[i].value(v)
	}
	return r.sheet.add(cells)
}

// The kinds of columns that most sheets have.
func of[T, V any](kind kind, title string, value func(T) V) field[T] {
	return field[T]{column{title: title, kind: kind}, func(v T) any { return value(v) }}
}

func free[T any](title string, value func(T) string) field[T] { return of(kindFree, title, value) }

func term[T any](title string, value func(T) string) field[T] { return of(kindText, title, value) }

func count[T any](title string, value func(T) int) field[T] {
	f := of(kindCount, title, value)
	f.sum = true
	return f
}

// duration is a column of lengths in milliseconds, which add up.
func duration[T any](title string, value func(T) int64) field[T] {
	return field[T]{column{title: title, kind: kindLength, sum: true}, func(v T) any { return length(value(v)) }}
}

// unsummed leaves the column out of the totals.
func (f field[T]) unsummed() field[T] { f.sum = false; return f }

// large makes room for totals of millions of hours.
func (f field[T]) large() field[T] { f.bulk = true; return f }

// as has the field stand for a figure that [reports.Verify] compares.
func (f field[T]) as(figure string) field[T] { f.figure = figure; return f }

// aside puts columns right of what is printed.
func aside[T any](list ...field[T]) []field[T] {
	for i := range list {
		list[i].aside = true
	}
	return list
}

// judged is a day or a group of days.
type judged interface {
	Adherence() schemas.Percent
	Conformance() schemas.Percent
	Coverage() schemas.Percent
}

// figure finds a figure of a day by its name.
func figure(name string) schemas.DayFigure {
	list := schemas.DayFigures()
	return list[slices.IndexFunc(list, func(f schemas.DayFigure) bool { return f.Name == name })]
}

// rate is the column of a percentage, whose total is the quotient of totals.
func rate[T any](name string, num, den []string, of func(T) schemas.Percent) field[T] {
	c := column{title: figure(name).Title, kind: kindPercent, figure: name, num: num, den: den}
	return field[T]{c, func(v T) any { return percent(of(v)) }}
}

// rates are the columns of the three percentages, with the target and whether it is met beside the first.
func rates[T judged](goal func(T) *float64) []field[T] {
	return []field[T]{
		rate("adherence_percent", []string{"Counted in"}, []string{"Counted"}, T.Adherence),
		of(kindTarget, "Target", func(v T) any { return target(goal(v)) }),
		of(kindText, "Target met", func(v T) any { return metText(v.Adherence(), goal(v)) }),
		rate("conformance_percent", []string{"On queue"}, []string{"On queue due"}, T.Conformance),
		rate("coverage_percent", []string{"Scheduled", "-Ignored", "-Unknown"}, []string{"Scheduled", "-Ignored"},
			T.Coverage),
	}
}

func metText(p schemas.Percent, goal *float64) any {
	met, known := reports.TargetMet(p, goal)
	switch {
	case !known:
		return nil
	case met:
		return "yes"
	}
	return "no"
}

// lengths are the columns of the lengths that every sheet shows: all up to the time outside the schedule. What follows
// them in the table of figures stands aside, or is a side of conformance.
func lengths[T any](sums func(T) *schemas.Sums) []field[T] {
	var list []field[T]
	for _, f := range schemas.FiguresOf(schemas.FigureLength) {
		c := duration(f.Title, func(v T) int64 { return f.MS(sums(v)) }).as(f.Name)
		c.bulk = f.Name == "scheduled_s" || f.Name == "in_s"
		if list = append(list, c); f.Name == "outside_s" {
			break
		}
	}
	return list
}

// sides are the columns from which the totals of adherence and conformance are worked out. They are empty where a day
// has no percentage.
func sides[T judged]() []field[T] {
	side := func(title string, of func(T) schemas.Percent, part func(schemas.Percent) int64) field[T] {
		return field[T]{column{title: title, kind: kindLength, sum: true, bulk: true}, func(v T) any {
			p := of(v)
			if _, ok := p.Value(); !ok {
				return nil
			}
			return length(part(p))
		}}
	}
	num, den := func(p schemas.Percent) int64 { return p.Num }, func(p schemas.Percent) int64 { return p.Den }
	return aside(side("Counted in", T.Adherence, num), side("Counted", T.Adherence, den),
		side("On queue", T.Conformance, num), side("On queue due", T.Conformance, den))
}

// groupFields are the figures of a group, which stands in each row.
func groupFields[T judged](group func(T) *reports.Group) []field[T] {
	return slices.Concat(rates(func(v T) *float64 { return group(v).Target }),
		lengths(func(v T) *schemas.Sums { return &group(v).Sums }),
		[]field[T]{
			count("Exceptions", func(v T) int { return group(v).Exceptions }),
			count("Absent", func(v T) int { return group(v).Absent }),
			count("Left out", func(v T) int { return group(v).LeftOut() }),
			count("Provisional", func(v T) int { return group(v).Provisional }),
		}, sides[T]())
}

func teamFields() []field[*reports.Group] {
	return append([]field[*reports.Group]{
		free("Team", func(g *reports.Group) string { return cmp.Or(g.Team, noTeam) }),
		free("Site", func(g *reports.Group) string { return strings.Join(g.Sites, ", ") }),
		count("Agents", func(g *reports.Group) int { return g.Agents }).unsummed(),
		count("Agent-days", func(g *reports.Group) int { return g.Days }),
	}, groupFields(func(g *reports.Group) *reports.Group { return g })...)
}

func agentFields() []field[*reports.AgentGroup] {
	return append([]field[*reports.AgentGroup]{
		free("Name", func(g *reports.AgentGroup) string { return g.Name }),
		free("Agent", func(g *reports.AgentGroup) string { return g.AgentID }),
		free("Team", func(g *reports.AgentGroup) string { return cmp.Or(g.Team, noTeam) }),
		free("Site", func(g *reports.AgentGroup) string { return strings.Join(g.Sites, ", ") }),
		count("Agent-days", func(g *reports.AgentGroup) int { return g.Days }),
	}, groupFields(func(g *reports.AgentGroup) *reports.Group { return &g.Group })...)
}

// trendFields are the columns of sheet Trend, by day or by week.
func trendFields(weeks bool) []field[*reports.DayGroup] {
	first := of(kindDate, "Day", func(g *reports.DayGroup) int { return date(g.First) })
	second := term("Weekday", func(g *reports.DayGroup) string { return g.First.Time().Weekday().String() })
	if weeks {
		first.title = "From"
		second = of(kindDate, "To", func(g *reports.DayGroup) int { return date(g.Last) })
	}
	return append([]field[*reports.DayGroup]{first, second,
		count("Agent-days", func(g *reports.DayGroup) int { return g.Days })},
		groupFields(func(g *reports.DayGroup) *reports.Group { return &g.Group })...)
}

// noTeam stands where agents are in no team.
const noTeam = "(no team)"

// whose are the first columns of days and exceptions.
func whose[T any](day func(T) *reports.Day) []field[T] {
	return []field[T]{
		of(kindDate, "Day", func(v T) int { return date(day(v).Day) }),
		free("Agent", func(v T) string { return day(v).AgentID }),
		free("Name", func(v T) string { return day(v).Name }).as("agent_name"),
		free("Team", func(v T) string { return day(v).Team }).as("team"),
		free("Site", func(v T) string { return day(v).Site }).as("site"),
	}
}

func dayFields() []field[*reports.Day] {
	type day = *reports.Day
	exceptions, reason, unscheduled := figure("exception_count"), figure("adherence_reason"),
		figure("unscheduled_on_queue_s")
	return slices.Concat(whose(func(d day) day { return d }), rates(func(d day) *float64 { return d.Target }),
		lengths(func(d day) *schemas.Sums { return &d.Sums }),
		[]field[day]{
			count(exceptions.Title, func(d day) int { return len(d.Exceptions) }).as(exceptions.Name),
			term("State", func(d day) string { return d.State.String() }).as("state"),
			term(reason.Title, func(d day) string { return reports.Plain(d.AdherenceReason.String()) }).as(reason.Name),
		}, sides[day](), aside(duration(unscheduled.Title,
			func(d day) int64 { return d.UnscheduledOnQueueMS }).as(unscheduled.Name),
			free("Policy", func(d day) string { return d.Policy }),
			free("Time zone", func(d day) string { return d.TimeZone })))
}

// exceptionRow is an exception of a day.
type exceptionRow struct {
	day       *reports.Day
	exception *schemas.Exception
}

// exceptionFields are the columns of sheet Exceptions: those of [reports.ExceptionColumns] in the order of the sheet.
func exceptionFields() []field[exceptionRow] {
	table := reports.ExceptionColumns()
	list := whose(func(r exceptionRow) *reports.Day { return r.day })
	for _, name := range []string{"start", "end", "seconds", "scheduled_category", "scheduled_code", "actual", "kind",
		"impact", "note"} {
		c := table[slices.IndexFunc(table, func(c reports.ExceptionColumn) bool { return c.Name == name })]
		f := term(c.Title, func(r exceptionRow) string { return c.Text(r.day, r.exception) })
		switch name {
		case "start":
			f = of(kindClock, c.Title, func(r exceptionRow) float64 { return clock(r.exception.Start, r.day.Zone) })
		case "end":
			f = of(kindClock, c.Title, func(r exceptionRow) float64 { return clock(r.exception.End, r.day.Zone) })
		case "seconds":
			f = duration(c.Title, func(r exceptionRow) int64 { return r.exception.MS })
		case "scheduled_category", "kind":
			f.value = func(r exceptionRow) any { return reports.Plain(c.Text(r.day, r.exception)) }
		case "scheduled_code", "actual", "note":
			f.kind = kindFree
		}
		list = append(list, f)
	}
	list = append(list, term("State", func(r exceptionRow) string { return r.day.State.String() }))
	return append(list, aside(free("Times in", func(r exceptionRow) string { return r.day.Zone.Name() }))...)
}

// serialOfEpoch is 1970-01-01 in the 1900 date system.
const serialOfEpoch = 25569

func date(d schemas.Date) int { return int(d) + serialOfEpoch }

// clock returns the zone's wall clock at the instant as a serial number, date and all.
func clock(t schemas.Instant, zone schemas.Zone) float64 {
	_, off := t.Time().In(zone.Location()).Zone()
	return float64(int64(t)+int64(off)*schemas.SecondMS)/float64(schemas.DayMS) + serialOfEpoch
}

// length returns milliseconds as a fraction of a day.
func length(ms int64) float64 { return float64(ms) / float64(schemas.DayMS) }

// percent returns the exact fraction, or nil when there is none.
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
