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

// dayColumns are the columns of a grid whose cells hold shifts.
func (g *guess) dayColumns() []*column {
	var out []*column
	for i := range g.table.columns {
		if c := &g.table.columns[i]; isDay(files.SampleCell{Text: c.name}) {
			out = append(out, c)
		}
	}
	return out
}

// grid decides how a file with columns of days is read.
func (g *guess) grid(pairs bool) {
	p := &g.plan
	code := g.findActivity(false)
	p.grid = &gridPlan{activity: code}
	var days []string // what heads the days
	var cells []string
	if pairs {
		days, cells = g.pairs()
	} else {
		for _, c := range g.dayColumns() {
			days = append(days, c.name)
			cells = append(cells, c.texts()...)
		}
	}
	g.gridDates(days)
	g.findZone(false)
	g.cellTexts(cells, code)
	g.findFill("")
}

// gridDates decides how the dates in a header are written or, where it has only days of the week, which they are.
func (g *guess) gridDates(days []string) {
	var texts []string
	weekdays := 0
	for _, name := range days {
		rest, _, named := profile.Weekday(name)
		switch {
		case rest == "" && named:
			weekdays++
		case !isISO(value{text: rest}):
			texts = append(texts, rest)
		}
	}
	if len(texts) > 0 {
		if pattern := g.choosePattern("dates", "Dates are written as", texts, datePatterns, false); pattern != "" {
			g.plan.dates = []string{pattern}
		}
	}
	if weekdays == 0 {
		return
	}
	if since := g.pick("since", isDate); since != "" || g.chosen["repeat"] != "" {
		g.repeats()
		return
	}
	if week := g.firstOf(isDate); week != "" {
		week = g.choose(Choice{
			Key:     "week",
			Label:   "The column with the first date of the week",
			Value:   week,
			Options: g.columnOptions("none"),
			Sure:    Likely,
			Why:     "its values are dates",
		})
		if week != "" {
			g.findDates(week)
			g.plan.grid.keys = append(g.plan.grid.keys, pair{"week", quoted(week)})
			return
		}
	}
	value := g.choose(Choice{Key: "repeat", Label: "The days of the header are", Sure: Guess,
		Why: "the header has days of the week and no dates: the import is told the dates",
		Options: []Option{{"", "one week, whose first day the import is told (from)"},
			{"weekly", "every week from the first to the last date that the import is told (from, to)"}}})
	g.plan.repeat = value
}

// cellColumn finds the column whose cells hold shifts, in times or in words.
func (g *guess) cellColumn() string {
	holds := func(c *column) bool { return c.filled > 0 && c.share(holdsTimes) > 0.3 }
	words := func(c *column) bool {
		return c.filled > 0 && len(c.values) <= 30 && c.share(isNumber) < 0.5 && !isDate(c) && !isClock(c)
	}
	if name := g.firstOf(holds); name != "" {
		return name
	}
	if name := g.pick("cell", words); wordScore("cell", name) == 1 {
		return name
	}
	return ""
}

// oneCell decides how a file is read whose rows have one cell with a shift.
func (g *guess) oneCell() {
	date := g.choose(Choice{
		Key:     "date",
		Label:   "The column with the date",
		Value:   cmp.Or(g.pick("date", isDate), g.firstOf(isDate)),
		Options: g.columnOptions(""),
		Sure:    Certain,
		Why:     "its values are dates",
	})
	g.findDates(date)
	g.cellRow(date, g.cellColumn())
	g.findFill(date)
}

// cellRow decides what the one cell of a row holds.
func (g *guess) cellRow(date, cell string) {
	c := Choice{
		Key:     "cell",
		Label:   "The column with the shift",
		Value:   cell,
		Options: g.columnOptions(""),
		Sure:    Likely,
		Why:     "its values hold times, or are names of shifts",
	}
	if cell == "" {
		c.Sure, c.Why = Open, ""
	}
	cell = g.choose(c)
	code := g.findActivity(false)
	g.plan.grid = &gridPlan{activity: code, keys: []pair{{"date", quoted(date)}, {"cell", quoted(cell)}}}
	g.findZone(false)
	if c := g.table.column(cell); c != nil {
		g.cellTexts(c.texts(), code)
	}
}

// cellTexts decides what the texts of cells mean: words, names beside times, times in brackets.
func (g *guess) cellTexts(texts []string, code string) {
	var words, names []string
	inside, nested := false, false
	for _, text := range texts {
		if len(words) > mostMeanings {
			break
		}
		parts := profile.Parts(text)
		if !slices.ContainsFunc(parts, func(p profile.Part) bool { return p.Timed }) {
			parts = []profile.Part{{Text: text}}
		}
		for _, p := range parts {
			switch {
			case !p.Timed && !slices.Contains(words, p.Text):
				words = append(words, p.Text)
			case p.Name != "" && !slices.Contains(names, p.Name):
				names = append(names, p.Name)
			}
			inside = inside || p.Inside && p.Timed && p.Name == ""
			nested = nested || len(parts) > 1 && p.Timed && p.Name != ""
		}
	}
	g.inside(inside)
	g.meanings(names, code)
	g.words(words)
	g.plan.cut = nested && !inside
}

// inside decides what times in brackets are.
func (g *guess) inside(is bool) {
	if !is {
		return
	}
	code := cmp.Or(g.codeOf(schemas.CategoryMeal), g.codeOf(schemas.CategoryBreak))
	c := Choice{
		Key:     "inside",
		Label:   "Times in brackets are",
		Value:   code,
		Options: g.codeOptions(),
		Free:    true,
		Sure:    Guess,
		Why:     "they lie inside the shift, as a break does",
	}
	if code == "" {
		c.Value = "Break"
	}
	code = g.choose(c)
	if g.codeNamed(code) == "" {
		g.plan.activities = append(g.plan.activities, pair{code, schemas.CategoryBreak.String()})
	}
	g.plan.grid.keys = append(g.plan.grid.keys, pair{"inside", quoted(code)})
}

// words decides what the words of cells mean. A word without times has no length until somebody says one.
func (g *guess) words(words []string) {
	legend := g.legend()
	slices.Sort(words)
	for n, word := range words {
		if n >= mostMeanings {
			g.note("more words stand in cells than can be listed here, such as %s", word)
			return
		}
		c := Choice{
			Key:   "word." + word,
			Label: fmt.Sprintf("%q means", word),
			Free:  true,
			Sure:  Open,
			Why:   "say from when until when, such as 06:00-14:00, or nothing",
			Options: []Option{{"nothing", "nothing: the day is free"}, {"06:00-14:00", "work from 06:00 to 14:00"},
				{"14:00-22:00", "work from 14:00 to 22:00"}, {"22:00-06:00", "work from 22:00 to 06:00"}},
		}
		leave := g.leaveCode(word)
		if leave != "" {
			c.Why = fmt.Sprintf("it looks like %s; say its times, such as %s 09:00-17:00", leave, leave)
			c.Options = append(c.Options, Option{leave + " 09:00-17:00", ""}, Option{leave + " 00:00-24:00", ""})
		}
		switch times, said := legend[letters(word)]; {
		case said:
			c.Value, c.Sure, c.Why = times, Likely, "a note of the file says so"
		case isFree(word):
			c.Value, c.Sure, c.Why = "nothing", Likely, "it looks like a free day"
		}
		value := g.choose(c)
		if value != "nothing" && value != "" && !isStretch(value) {
			g.plan.err = cmp.Or(g.plan.err, fmt.Errorf("word.%s: %q is no times; write something like 06:00-14:00, "+
				"Annual leave 09:00-17:00 or nothing", word, value))
			value = ""
		}
		if value != "" {
			g.plan.grid.cells = append(g.plan.grid.cells, pair{word, quoted(value)})
			g.newCode(value)
		}
	}
}

// newCode makes the code of a word's times known, where it is not.
func (g *guess) newCode(value string) {
	name, _, _, ok := profile.ReadTimes(value)
	if !ok || name == "" || g.codeNamed(name) != "" ||
		slices.ContainsFunc(g.plan.activities, func(p pair) bool { return p.key == name }) {
		return
	}
	if category := categoryOf(name); category != schemas.CategoryNone {
		g.plan.activities = append(g.plan.activities, pair{name, category.String()})
	}
}

// leaveCode is the code of leave or absence that a word looks like; empty where it does not.
func (g *guess) leaveCode(word string) string {
	if code := cmp.Or(g.codeNamed(word), g.likeCode(word)); code != "" {
		return code
	}
	switch c := categoryOf(word); c {
	case schemas.CategoryTimeOff, schemas.CategoryUnavailable:
		return g.codeOf(c)
	default:
		return ""
	}
}

// legend reads notes around the table that say what words mean: F = 06:00-14:00.
func (g *guess) legend() map[string]string {
	out := map[string]string{}
	for _, r := range append(slices.Clone(g.table.above), g.table.below...) {
		for i, c := range r.Cells {
			text := c.Text
			if i+1 < len(r.Cells) && !strings.ContainsAny(text, "=:") {
				text += " = " + r.Cells[i+1].Text
			}
			for _, one := range strings.FieldsFunc(text, func(c rune) bool { return c == ';' || c == ',' || c == '|' }) {
				n := strings.IndexAny(one, "=:")
				if n < 0 || len(letters(one[:n])) == 0 || len(letters(one[:n])) > 12 {
					continue
				}
				for _, p := range profile.Parts(strings.TrimSpace(one[n+1:])) {
					if _, start, end, ok := profile.ReadTimes(p.Text); ok {
						out[letters(one[:n])] = clock(start) + "-" + clock(end)
					}
				}
			}
		}
	}
	return out
}

// clock writes a time of day.
func clock(ms int64) string {
	ms %= schemas.DayMS
	return fmt.Sprintf("%02d:%02d", ms/schemas.HourMS, ms%schemas.HourMS/schemas.MinuteMS)
}
