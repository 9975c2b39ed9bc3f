package suggest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// The shapes of a schedule.
const (
	shapeRows  = "rows"
	shapeGrid  = "grid"
	shapePairs = "pairs"
	shapeCell  = "cell"
	shapeWeek  = "weekly"
)

var shapeOptions = []Option{{shapeRows, "a row for each activity or shift"}, {shapeGrid, "a column for each day"},
	{shapePairs, "two columns for each day, start and end"}, {shapeCell, "a row for each day, its shift in one cell"},
	{shapeWeek, "a row for days of the week, which repeat"}}

// schedule decides how a schedule is laid out.
func (g *guess) schedule() {
	shape, sure, why := g.likelyShape()
	switch shape = g.choose(Choice{
		Key:     "shape",
		Label:   "Its layout is",
		Value:   shape,
		Options: shapeOptions,
		Sure:    sure,
		Why:     why,
	}); shape {
	case shapeGrid, shapePairs:
		g.grid(shape == shapePairs)
	case shapeCell:
		g.oneCell()
	case shapeWeek:
		g.weekly()
	default:
		g.rows()
	}
}

// likelyShape guesses how the file is laid out.
func (g *guess) likelyShape() (shape string, sure Sure, why string) {
	t := &g.table
	days, clocks, stamps, dates, cells, weekdays := 0, 0, 0, 0, 0, 0
	for i := range t.columns {
		c := &t.columns[i]
		switch {
		case isDay(files.SampleCell{Text: c.name}):
			days++
		case c.filled == 0:
		case g.isStamp(c):
			stamps++
		case isDate(c):
			dates++
		case isClock(c):
			clocks++
		case c.share(isWeekdays) > 0.8 && wordScore("weekday", c.name) > 0:
			weekdays++
		case c.share(holdsTimes) > 0.4:
			cells++
		}
	}
	first, _ := g.pairWords()
	switch {
	case first.start != "" || g.namelessEnds():
		return shapePairs, Certain, "each day has two columns"
	case days > 1 || days == 1 && clocks == 0:
		return shapeGrid, Certain, "its columns are days"
	case weekdays > 0 && (clocks > 1 || cells > 0):
		return shapeWeek, Likely, "it has days of the week in place of dates"
	case dates > 0 && clocks < 2 && stamps < 2 && (cells > 0 || g.cellColumn() != ""):
		return shapeCell, Likely, "a cell holds from when until when, or the name of a shift"
	case stamps > 0 || clocks > 1 || dates > 0:
		return shapeRows, Certain, "it has columns for start and end"
	}
	return shapeRows, Guess, "nothing speaks for another layout"
}

// holdsTimes says that a cell holds a stretch of time somewhere.
func holdsTimes(v value) bool {
	timed := func(p profile.Part) bool { return p.Timed }
	return !v.dated && !dateForm.MatchString(v.text) && slices.ContainsFunc(profile.Parts(v.text), timed)
}

// pick is the column that is called most like the field, of those that are so; empty where none is called like it.
func (g *guess) pick(field string, is func(c *column) bool, but ...string) string {
	best, most := "", 0.0
	for i := range g.table.columns {
		c := &g.table.columns[i]
		if c.name == "" || slices.Contains(but, c.name) || slices.Contains(g.plan.agent, c.name) || is != nil && !is(c) {
			continue
		}
		if score := wordScore(field, c.name); score > most {
			best, most = c.name, score
		}
	}
	return best
}

// firstOf is the first column that is so.
func (g *guess) firstOf(is func(c *column) bool, but ...string) string {
	for i := range g.table.columns {
		c := &g.table.columns[i]
		if c.name != "" && !slices.Contains(but, c.name) && !slices.Contains(g.plan.agent, c.name) && is(c) {
			return c.name
		}
	}
	return ""
}

// times are the columns from which the start and the end of a row come.
type times struct{ date, start, endDate, end, length, unit string }

// likelyTimes guesses the columns of start and end.
func (g *guess) likelyTimes() (t times) {
	isLength := func(c *column) bool { return wordScore("length", c.name) > 0 && g.isLength(c) }
	if n := g.countOf(g.isStamp); n > 0 {
		if t.start = cmp.Or(g.pick("start", g.isStamp), g.firstOf(g.isStamp)); n > 1 {
			t.end = cmp.Or(g.pick("end", g.isStamp, t.start), g.firstOf(g.isStamp, t.start))
		}
		if end := g.table.column(t.end); end == nil || end.filled < g.table.column(t.start).filled {
			t.length = g.pick("length", isLength, t.start)
		}
		return t
	}
	t.date = cmp.Or(g.pick("date", isDate), g.firstOf(isDate))
	clock := func(c *column) bool { return isClock(c) && c.name != t.date }
	t.start = cmp.Or(g.pick("start", g.plainClock(clock)), g.firstOf(clock))
	t.end = cmp.Or(g.pick("end", g.plainClock(clock), t.start), g.firstOf(g.plainClock(clock), t.start))
	if t.end == "" {
		t.length = g.pick("length", isLength, t.start)
	}
	if dates := g.countOf(isDate); dates > 1 {
		start, end := g.pick("start", isDate), g.pick("end", isDate)
		if start != "" && end != "" && start != end {
			t.date, t.endDate = start, end
		}
	}
	return t
}

// plainClock leaves out columns of breaks.
func (g *guess) plainClock(is func(c *column) bool) func(c *column) bool {
	return func(c *column) bool { return is(c) && !isBreak(c.name) }
}

// isBreak says that a column is called after a break.
func isBreak(name string) bool {
	c := schemas.CategoryNone
	for _, word := range strings.Fields(name) {
		if len(word) > 3 && c == schemas.CategoryNone {
			c = categoryOf(word)
		}
	}
	return c == schemas.CategoryBreak || c == schemas.CategoryMeal
}

func (g *guess) countOf(is func(c *column) bool) int {
	n := 0
	for i := range g.table.columns {
		if is(&g.table.columns[i]) {
			n++
		}
	}
	return n
}

// isLength says that a column holds lengths of time.
func (g *guess) isLength(c *column) bool {
	return c.filled > 0 && c.share(func(v value) bool {
		_, ok := profile.ReadLength(v.text, "seconds")
		return ok
	}) > 0.9
}

// chooseTimes decides which columns have start and end.
func (g *guess) chooseTimes(t times) times {
	one := func(key, label, value, none, why string) string {
		c := Choice{
			Key:     key,
			Label:   label,
			Value:   value,
			Options: g.columnOptions(none),
			Sure:    Likely,
			Why:     why,
		}
		if value == "" {
			c.Why = ""
		}
		if score := wordScore(key, value); score == 1 {
			c.Sure = Certain
		}
		if value == "" && none == "" {
			c.Sure = Open
		}
		return g.choose(c)
	}
	const named = "its name and its values fit"
	if t.date != "" || g.chosen["date"] != "" || g.countOf(isDate) > 0 {
		t.date = one("date", "The column with the date", t.date, "none", named)
	}
	t.start = one("start", "The column with the start", t.start, "", named)
	t.end = one("end", "The column with the end", t.end, "none: a length says it", named)
	if t.endDate != "" || g.chosen["end_date"] != "" {
		t.endDate = one("end_date", "The column with the date of the end", t.endDate, "none", named)
	}
	if t.end == "" || t.length != "" || g.chosen["length"] != "" {
		t.length = one("length", "The column with the length", t.length, "none", named)
		t.unit = g.unit(t.length)
	}
	return t
}

// unit decides what the bare numbers of a column of lengths count; empty where it has none.
func (g *guess) unit(length string) string {
	c := g.table.column(length)
	if c == nil || c.share(isNumber) == 0 {
		return ""
	}
	most := 0.0
	for _, v := range c.values {
		if ms, ok := profile.ReadLength(v.text, "milliseconds"); ok {
			most = max(most, float64(ms))
		}
	}
	name := letters(length)
	choice := Choice{Key: "unit", Label: "The length counts", Sure: Likely, Why: "its name says so",
		Options: options("hours", "minutes", "seconds", "milliseconds", "days")}
	switch {
	case containsAny(name, "millis", "ms"):
		choice.Value = "milliseconds"
	case containsAny(name, "sec"):
		choice.Value = "seconds"
	case containsAny(name, "min"):
		choice.Value = "minutes"
	case containsAny(name, "hour", "stunde", "std", "hrs", "hora", "heure"):
		choice.Value = "hours"
	case most <= 24:
		choice.Value, choice.Sure, choice.Why = "hours", Guess, fmt.Sprintf("no value is larger than %g", most)
	case most <= 24*60 && g.Kind == files.Schedule:
		choice.Value, choice.Sure, choice.Why = "minutes", Guess, fmt.Sprintf("the largest value is %g", most)
	default:
		choice.Value, choice.Sure, choice.Why = "seconds", Guess, fmt.Sprintf("the largest value is %g", most)
	}
	return g.choose(choice)
}

// lengthYAML is the end of a row that has a length.
func (t *times) lengthYAML(withEnd bool) string {
	var parts []string
	if withEnd && t.end != "" {
		parts = append(parts, "column: "+quoted(t.end))
	}
	parts = append(parts, "length: "+quoted(t.length))
	if t.unit != "" {
		parts = append(parts, "in: "+t.unit)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// rows decides how a file with a row for each activity or shift is read.
func (g *guess) rows() {
	t := g.chooseTimes(g.likelyTimes())
	p := &g.plan
	offsets := false
	switch {
	case t.date == "":
		g.findStamps(t.start, t.end)
		offsets = g.allOffsets(t.start, t.end)
		p.add("start", t.start)
		if t.length != "" {
			p.fields = append(p.fields, field{"end", t.lengthYAML(true)})
		} else {
			p.add("end", t.end)
		}
	case t.endDate != "":
		g.findDates(t.date, t.endDate)
		p.fields = append(p.fields, field{"start", fmt.Sprintf("{date: %s, time: %s}", quoted(t.date), quoted(t.start))},
			field{"end", fmt.Sprintf("{date: %s, time: %s}", quoted(t.endDate), quoted(t.end))})
	default:
		g.findDates(t.date)
		p.add("date", t.date)
		p.add("start_time", t.start)
		if t.length != "" {
			p.fields = append(p.fields, field{"end_time", t.lengthYAML(false)})
		} else {
			p.add("end_time", t.end)
		}
	}
	g.findZone(offsets)
	g.findActivity(true)
	g.extras()
	if t.date != "" && t.endDate == "" && t.length == "" {
		g.breakColumns(t)
	}
	g.findFill(t.date)
	g.findIgnored(t)
}

// extras are the columns that a schedule may have besides.
func (g *guess) extras() {
	for _, f := range []struct{ name, label string }{{"shift", "The column with the id of the shift"},
		{"description", "The column with a remark for the agent"}} {
		name := ""
		if n := g.pick(f.name, nil); wordScore(f.name, n) == 1 {
			name = n
		}
		if _, chosen := g.chosen[f.name]; name != "" || chosen {
			g.plan.add(f.name, g.choose(Choice{
				Key:     f.name,
				Label:   f.label,
				Value:   name,
				Options: g.columnOptions("not used"),
				Sure:    Likely,
				Why:     "its name says so",
			}))
		}
	}
}

// breakColumns finds the columns with the start and the end of a break inside the shift.
func (g *guess) breakColumns(t times) {
	var names []string
	for i := range g.table.columns {
		if c := &g.table.columns[i]; isBreak(c.name) && isClock(c) && c.name != t.start && c.name != t.end {
			names = append(names, c.name)
		}
	}
	for i := 0; i+1 < len(names); i += 2 {
		code := g.codeOf(categoryOf(strings.Fields(names[i])[0]))
		key := "break"
		if i > 0 {
			key = fmt.Sprintf("break_%d", i/2+1)
		}
		code = g.choose(Choice{
			Key:     key,
			Label:   fmt.Sprintf("From %s to %s is", names[i], names[i+1]),
			Value:   code,
			Options: append([]Option{{"", "nothing: not used"}}, g.codeOptions()...),
			Free:    true,
			Sure:    Likely,
			Why:     "the columns are called so",
		})
		if code == "" {
			continue
		}
		if len(g.plan.facts) == 0 {
			g.plan.cut = true
			g.plan.facts = append(g.plan.facts, []field{})
		}
		g.plan.facts = append(g.plan.facts, []field{{"activity", "{value: " + quoted(code) + "}"},
			{"start_time", quoted(names[i])}, {"end_time", quoted(names[i+1])}})
	}
}

// findFill decides which columns have cells that mean what stands above.
func (g *guess) findFill(date string) {
	var names []string
	for _, name := range append(slices.Clone(g.plan.agent), date) {
		c := g.table.column(name)
		if c == nil || len(g.table.body) == 0 || c.filled == len(g.table.body) || cellOf(g.table.body[0], c).Text == "" {
			continue
		}
		names = append(names, name)
	}
	_, chosen := g.chosen["fill"]
	if len(names) == 0 && !chosen {
		return
	}
	value := g.choose(Choice{
		Key:     "fill",
		Label:   "An empty cell means what stands above, in",
		Value:   strings.Join(names, " + "),
		Options: []Option{{"", "no column"}, {Value: strings.Join(names, " + ")}},
		Free:    true,
		Sure:    Likely,
		Why:     "its first row is filled, and later ones are not",
	})
	if value != "" {
		g.plan.fill = strings.Split(value, " + ")
	}
}

// findIgnored looks for rows that end where they begin, and for a column whose value tells them apart.
func (g *guess) findIgnored(t times) {
	start, end := g.table.column(t.start), g.table.column(t.end)
	if t.date != "" || start == nil || end == nil {
		return
	}
	var empty, full []files.SampleRow
	for _, r := range g.table.body {
		if s, e := cellOf(r, start).Text, cellOf(r, end).Text; s == e {
			empty = append(empty, r)
		} else {
			full = append(full, r)
		}
	}
	if len(empty) == 0 || len(full) == 0 {
		return
	}
	byTruth := slices.Clone(g.table.columns)
	slices.SortStableFunc(byTruth, func(a, b column) int { return cmp.Compare(b.share(isTruth), a.share(isTruth)) })
	for i := range byTruth {
		c := &byTruth[i]
		mark := cellOf(empty[0], c).Text
		same := func(r files.SampleRow) bool { return strings.EqualFold(cellOf(r, c).Text, mark) }
		if mark == "" || c.name == t.start || c.name == t.end || slices.Contains(g.plan.agent, c.name) ||
			slices.ContainsFunc(empty, func(r files.SampleRow) bool { return !same(r) }) || slices.ContainsFunc(full, same) {
			continue
		}
		value := g.choose(Choice{
			Key:     "ignore",
			Label:   "Rows are passed over where",
			Value:   c.name + " = " + mark,
			Options: []Option{{"", "never"}, {Value: c.name + " = " + mark}},
			Free:    true,
			Sure:    Likely,
			Why:     "these rows end where they begin, and no others are so",
		})
		if name, mark, ok := strings.Cut(value, " = "); ok {
			g.plan.ignore = append(g.plan.ignore, pair{name, mark})
		}
		return
	}
}

// isTruth says that a value is yes or no.
func isTruth(v value) bool {
	return slices.Contains([]string{"true", "false", "yes", "no", "y", "n"}, strings.ToLower(v.text))
}

// weekly decides how a file with rows for days of the week is read.
func (g *guess) weekly() {
	isWeek := func(c *column) bool { return c.share(isWeekdays) > 0.8 }
	day := g.choose(Choice{
		Key:     "weekday",
		Label:   "The column with the days of the week",
		Value:   cmp.Or(g.pick("weekday", isWeek), g.firstOf(isWeek)),
		Options: g.columnOptions(""),
		Sure:    Certain,
		Why:     "its values are days of the week",
	})
	g.repeats()
	p := &g.plan
	if cell := g.cellColumn(); g.countOf(isClock) < 2 && cell != "" {
		g.cellRow(day, cell)
		return
	}
	start := cmp.Or(g.pick("start", isClock), g.firstOf(isClock))
	t := g.chooseTimes(times{start: start, end: cmp.Or(g.pick("end", isClock, start), g.firstOf(isClock, start))})
	p.fields = append(p.fields, field{"date", "{weekday: " + quoted(day) + "}"})
	p.add("start_time", t.start)
	if p.add("end_time", t.end); t.length != "" && t.end == "" {
		p.fields = append(p.fields, field{"end_time", t.lengthYAML(false)})
	}
	g.findZone(false)
	g.findActivity(true)
	g.findFill("")
}

// repeats decides over which dates days of the week repeat: those of two columns, or those of the import.
func (g *guess) repeats() {
	since := g.pick("since", isDate)
	till := g.pick("till", isDate, since)
	value := "weekly"
	var all []Option
	if since != "" {
		value = strings.TrimSuffix(since+" > "+till, " > ")
		all = append(all, Option{value, "from the dates of " + value})
	}
	all = append(all, Option{"weekly", "over the dates of the import (from, to)"})
	value = g.choose(Choice{
		Key:     "repeat",
		Label:   "The days repeat",
		Value:   value,
		Options: all,
		Free:    true,
		Sure:    Likely,
		Why:     "the file has no dates for them",
	})
	if value == "weekly" || value == "" {
		g.plan.repeat = value
		return
	}
	since, till, _ = strings.Cut(value, " > ")
	g.findDates(since, till)
	g.plan.repeat = "{from: " + quoted(since)
	if till != "" {
		g.plan.repeat += ", to: " + quoted(till)
	}
	g.plan.repeat += "}"
}
