package profile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// gridRows makes rows of a week grid: each cell holds the activities of one agent on one day, or says that there are
// none.
type gridRows struct {
	*Rows
	days []gridDay
	week int
	// date is the field of the date where a row has one cell, else -1.
	date int
	// source is the present row of the file; queue are the pieces of it that are still to come.
	source *rows.Record
	queue  []gridPiece
	at     int
	// spans are cells that were read before.
	spans map[string]timeSpan
}

// gridDay is a column of a day: its date, or its day of the week where the header only says that.
type gridDay struct {
	column  int
	date    schemas.Date
	weekday time.Weekday
	dated   bool
}

// gridPiece is one activity of a cell, in milliseconds since midnight of its date.
type gridPiece struct {
	column     int
	date       schemas.Date
	activity   string
	start, end int64
	wrong      *rows.Flaw
	nothing    bool
}

// readDays finds the columns of days in the header.
func (g *gridRows) readDays(head *rows.Record, names []string) {
	used := map[int]bool{}
	for _, c := range g.taken {
		for _, n := range c.fields {
			used[n] = true
		}
	}
	g.week, g.date = -1, -1
	if g.grid.cell != "" {
		g.oneCell(head, names)
		return
	}
	if g.grid.week != "" {
		if g.week = rows.IndexName(names, g.grid.week); g.week < 0 {
			g.lacks(head, names, g.grid.week, "date")
		}
	}
	if !g.fits(head) {
		return
	}
	for i := range head.Fields {
		if used[i] || i == g.week {
			continue
		}
		if d, ok := g.day(names[i], head.Fields[i].Dated); ok {
			d.column = i
			g.days = append(g.days, d)
		}
	}
	weekday := slices.IndexFunc(g.days, func(d gridDay) bool { return !d.dated })
	switch {
	case len(g.days) == 0:
		g.Unfit(rows.Problem{Line: head.Line, Field: "date",
			Message: fmt.Sprintf("no column is a day (the header has %s)", head.Quoted()),
			Remedy:  "head the columns with dates, as the profile has them, or with Monday to Sunday"})
	case weekday >= 0 && g.week < 0 && g.repeat == nil && g.From == 0:
		column := g.days[weekday].column
		g.Unfit(rows.Problem{Line: head.Line, Column: head.Column(&head.Fields[column]), Field: "date",
			Message: fmt.Sprintf("%q says no date", names[column]),
			Remedy: "give the first day of the week with --from and the last with --to, or name the column with the week in " +
				"the profile (grid, week)"})
	case weekday >= 0 && g.week < 0 && g.repeat == nil && g.To-g.From > 6:
		g.Unfit(rows.Problem{Line: head.Line, Field: "date",
			Message: fmt.Sprintf("the header has days of one week, but %s to %s are %d days", g.From, g.To, g.To-g.From+1),
			Remedy: "give the first and the last day of one week with --from and --to, or write repeat: weekly in the " +
				"profile, if every week is so"})
	}
}

// oneCell finds the column with a cell a row, and that with its date.
func (g *gridRows) oneCell(head *rows.Record, names []string) {
	cell := rows.IndexName(names, g.grid.cell)
	if g.date = rows.IndexName(names, g.grid.date); cell < 0 {
		g.lacks(head, names, g.grid.cell, "activity")
	}
	if g.date < 0 {
		g.lacks(head, names, g.grid.date, "date")
	}
	g.days = []gridDay{{column: max(cell, 0), dated: true}}
}

// day reads the header of a day: a date, with or without the day of the week, or that alone.
func (g *gridRows) day(text string, dated bool) (gridDay, bool) {
	bare, weekday, named := withoutWeekday(text)
	if bare == "" {
		return gridDay{weekday: weekday}, named
	}
	if date, ok := rows.ParseDate([]byte(bare)); ok && (dated || len(bare) == 10) {
		return gridDay{date: date, dated: true}, true
	}
	if len(g.dates) > 0 {
		if date, _, wrong := g.dates.read(bare, "date"); wrong == nil {
			return gridDay{date: date, dated: true}, true
		}
	}
	return gridDay{}, false
}

// withoutWeekday takes the English name of a day of the week off a text, whole or its first three letters.
func withoutWeekday(text string) (rest string, day time.Weekday, named bool) {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	words = slices.DeleteFunc(words, func(w string) bool {
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(w, d.String()) || strings.EqualFold(strings.TrimSuffix(w, "."), d.String()[:3]) {
				day, named = d, true
				return true
			}
		}
		return false
	})
	return strings.Join(words, " "), day, named
}

// read takes the cells of a row apart.
func (g *gridRows) read(rec *rows.Record) {
	g.source, g.queue, g.at = rec, g.queue[:0], 0
	if g.date >= 0 {
		g.dated(rec)
		return
	}
	from, wrong := g.firstDay(rec)
	to := from + 6
	if wrong == nil && g.repeat != nil {
		from, to, wrong = g.repeated(rec)
	}
	if wrong != nil {
		g.queue = append(g.queue, gridPiece{column: max(g.week, 0), wrong: wrong})
		return
	}
	for _, d := range g.days {
		if d.dated {
			g.cell(rec, d.column, d.date)
			continue
		}
		for date := from; date <= to; date++ {
			if weekdayOf(date) == d.weekday {
				g.cell(rec, d.column, date)
			}
		}
	}
}

// dated takes the one cell of a row apart, for each of the row's dates.
func (g *gridRows) dated(rec *rows.Record) {
	f := &rec.Fields[g.date]
	text := strings.TrimSpace(string(f.Text))
	var days []schemas.Date
	var wrong *rows.Flaw
	if g.repeat != nil {
		days, wrong = g.datesOn(rec, text)
	} else {
		text, wrong = g.dateOf(text, f.Dated)
		day, ok := rows.ParseDate([]byte(text))
		if days = []schemas.Date{day}; wrong == nil && (!ok || len(text) != 10) {
			wrong = rows.Flawf("write one, or correct the profile's dates", "%.40q is not a date", text)
		}
	}
	if wrong != nil {
		g.queue = append(g.queue, gridPiece{column: g.date, wrong: wrong})
		return
	}
	for _, day := range days {
		g.cell(rec, g.days[0].column, day)
	}
}

// firstDay returns the first day of the row's week, where the header has only days of the week.
func (g *gridRows) firstDay(rec *rows.Record) (schemas.Date, *rows.Flaw) {
	if g.week < 0 {
		return g.From, nil
	}
	f := &rec.Fields[g.week]
	text, wrong := g.dateOf(strings.TrimSpace(string(f.Text)), f.Dated)
	if wrong != nil {
		return 0, wrong
	}
	date, ok := rows.ParseDate([]byte(text))
	if !ok || len(text) != 10 {
		return 0, rows.Flawf("", "%.40q is not the first date of a week", text)
	}
	return date, nil
}

// cell takes one cell apart.
func (g *gridRows) cell(rec *rows.Record, column int, date schemas.Date) {
	f := &rec.Fields[column]
	text := strings.TrimSpace(string(f.Text))
	from := len(g.queue)
	var wrong *rows.Flaw
	for _, w := range rec.Flaws {
		if w.Field == column {
			wrong = &w
		}
	}
	switch {
	case wrong != nil:
	case f.Dated:
		wrong = rows.Flawf("format the cell as text and write it again, such as 09:00-17:30",
			"is a date or a time (%s), not a stretch of time", text)
	case text != "":
		wrong = g.parts(text, column, date)
	}
	switch {
	case wrong != nil:
		g.queue = append(g.queue[:from], gridPiece{column: column, date: date, wrong: wrong})
	case len(g.queue) == from:
		g.queue = append(g.queue, gridPiece{column: column, date: date, nothing: true})
	}
}

// parts takes the text of a cell apart and says what is wrong with it.
func (g *gridRows) parts(text string, column int, date schemas.Date) *rows.Flaw {
	if known, wrong := g.word(text, column, date); known {
		return wrong
	}
	for _, part := range partsOf(text) {
		known, wrong := g.word(part.text, column, date)
		if !known {
			known, wrong = g.stretch(part, column, date)
		}
		if !known {
			wrong = g.unknown(part.text)
		}
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

// word reads a word such as OFF or AL, if it is one.
func (g *gridRows) word(text string, column int, date schemas.Date) (known bool, wrong *rows.Flaw) {
	c, known := g.grid.cells[folded(text)]
	switch {
	case !known || c.nothing:
	case c.end == 0:
		return true, g.noTimes(text, c)
	default:
		g.cut(c.activity, c.start, c.end, c.breaks, column, date)
	}
	return known, nil
}

// stretch reads 09:00-17:30, with or without a name, and cuts the breaks out. It says whether the text is one, and what
// is wrong with it.
func (g *gridRows) stretch(part cellPart, column int, date schemas.Date) (known bool, wrong *rows.Flaw) {
	text := part.text
	v, known := g.spans[text]
	if !known {
		if v, known = timeRange(text, g.literal); !known {
			return false, nil
		}
		if len(g.spans) < maxRemembered {
			g.spans[text] = v
		}
	}
	switch {
	case v.wrong != nil:
		return true, v.wrong
	case v.name != "":
		g.add(v.name, v.start, v.end, column, date)
	case part.inside && g.grid.inside == "":
		return false, nil
	case part.inside:
		g.add(g.grid.inside, v.start, v.end, column, date)
	default:
		g.cut(g.grid.activity, v.start, v.end, g.grid.breaks, column, date)
	}
	return true, nil
}

// unknown says what a cell may hold.
func (g *gridRows) unknown(part string) *rows.Flaw {
	var words []string
	for w := range g.grid.cells {
		words = append(words, strings.ToUpper(w))
	}
	slices.Sort(words)
	return rows.Flawf(rows.DidYouMean(schemas.Nearest(strings.ToUpper(part), words)),
		"%.40q is neither a stretch of time such as 09:00-17:30 nor a word of the profile %s (%s)", part, g.Name,
		strings.Join(words, ", "))
}

// next returns the next piece as a record of ours; nil when the row is done.
func (g *gridRows) next() *rows.Record {
	for g.at < len(g.queue) {
		piece := &g.queue[g.at]
		g.at++
		if means := g.known[folded(piece.activity)]; !means.ignore {
			return g.record(piece, means)
		}
		g.ignored.add(g.source.Line)
	}
	return nil
}

func (g *gridRows) record(piece *gridPiece, means activity) *rows.Record {
	g.begin(g.source)
	at := g.source.Fields[piece.column]
	at.Text, at.Dated = nil, false
	for i := range g.taken {
		c := &g.taken[i]
		t := rowText{at: at}
		switch c.name {
		case "activity":
			t.text = piece.activity
		case "date":
			t.text = (piece.date + schemas.Date(piece.start/schemas.DayMS)).String() //nolint:gosec // at most two days
			t.wrong = piece.wrong
		case "start_time":
			t.text = string(rows.AppendTimeOfDay(nil, piece.start%schemas.DayMS))
		case "end_time":
			if t.text = string(rows.AppendTimeOfDay(nil, piece.end%schemas.DayMS)); piece.end == schemas.DayMS {
				t.text = "24:00:00"
			}
		default:
			t = g.textOf(g.source, c)
		}
		t.text = means.of(c.name, t.text)
		g.put(t)
	}
	g.rec.Free = piece.nothing
	return g.done()
}

// timeSpan is a stretch of time of a day, with the name that stands beside it, or what is wrong with it.
type timeSpan struct {
	name       string
	start, end int64
	wrong      *rows.Flaw
}

// digitSpan is 730:1630, where the colon stands between two times.
var digitSpan = regexp.MustCompile(`^\s*(\d{3,4}) ?: ?(\d{3,4})\s*$`)

// timeRange reads 09:00-17:30, 9-17:30 or 9am - 5:30pm, with or without a name before or behind. literal says that all
// times are of 24 hours. An end that is not after the start is on the next day.
func timeRange(s string, literal bool) (v timeSpan, ok bool) {
	if m := digitSpan.FindStringSubmatch(s); m != nil {
		s = m[1] + "-" + m[2]
	}
	before, first, last, behind, ok := rows.SplitSpan(s)
	from, ok1 := rows.ParseClock(first)
	to, ok2 := rows.ParseClock(last)
	before, behind = strings.TrimRight(before, ": "), strings.TrimSpace(behind)
	if !ok || !ok1 || !ok2 || before != "" && behind != "" {
		return v, false
	}
	if literal {
		from.Loose, to.Loose = false, false
	}
	v.name = before + behind
	if v.start, v.end, v.wrong = rows.Span(from, to); v.wrong == nil {
		v.wrong = rows.UnclearByDay(from, to)
	}
	if v.wrong != nil {
		v.wrong.Message = fmt.Sprintf("%.40q is not clear: %s", strings.TrimSpace(s), v.wrong.Message)
	}
	return v, true
}
