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
	g.week = -1
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
	case weekday >= 0 && g.week < 0 && g.From == 0:
		column := g.days[weekday].column
		g.Unfit(rows.Problem{Line: head.Line, Column: head.Column(&head.Fields[column]), Field: "date",
			Message: fmt.Sprintf("%q says no date", names[column]),
			Remedy: "give the first day of the week with --from and the last with --to, or name the column with the week in " +
				"the profile (grid, week)"})
	}
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
	monday, wrong := g.firstDay(rec)
	if wrong != nil {
		g.queue = append(g.queue, gridPiece{column: g.week, wrong: wrong})
		return
	}
	for _, d := range g.days {
		date := d.date
		if !d.dated {
			first := time.Weekday((int(monday) + 4) % 7) // 1970-01-01 was a Thursday
			date = monday + schemas.Date((int(d.weekday)-int(first)+7)%7)
		}
		g.cell(rec, d.column, date)
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
	case text != "" && !g.word(text, column, date):
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;/+&\n\r", r) }) {
			if part = strings.TrimSpace(part); part != "" && !g.word(part, column, date) && !g.stretch(part, column, date) {
				wrong = g.unknown(part)
				break
			}
		}
	}
	switch {
	case wrong != nil:
		g.queue = append(g.queue[:from], gridPiece{column: column, date: date, wrong: wrong})
	case len(g.queue) == from:
		g.queue = append(g.queue, gridPiece{column: column, date: date, nothing: true})
	}
}

// word reads a word such as OFF or AL.
func (g *gridRows) word(text string, column int, date schemas.Date) bool {
	c, ok := g.grid.cells[folded(text)]
	if ok && !c.nothing {
		g.queue = append(g.queue, gridPiece{column: column, date: date, activity: c.activity, start: c.start, end: c.end})
	}
	return ok
}

// stretch reads 09:00-17:30, with or without a name, and cuts the breaks out.
func (g *gridRows) stretch(text string, column int, date schemas.Date) bool {
	v, known := g.spans[text]
	if !known {
		ok := false
		if v, ok = timeRange(text); !ok {
			return false
		}
		if len(g.spans) < maxRemembered {
			g.spans[text] = v
		}
	}
	start, end := v.start, v.end
	add := func(activity string, start, end int64) {
		if start < end {
			g.queue = append(g.queue, gridPiece{column: column, date: date, activity: activity, start: start, end: end})
		}
	}
	if v.name != "" {
		add(v.name, start, end)
		return true
	}
	breaks := slices.DeleteFunc(slices.Clone(g.grid.breaks),
		func(b gridBreak) bool { return end-start < b.shifts || start+b.after >= end })
	slices.SortFunc(breaks, func(a, b gridBreak) int { return int(a.after - b.after) })
	work := start
	for _, b := range breaks {
		at, until := max(work, start+b.after), min(end, max(work, start+b.after)+b.lasts)
		add(g.grid.activity, work, at)
		add(b.activity, at, until)
		work = max(work, until)
	}
	add(g.grid.activity, work, end)
	return true
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

// timeSpan is a stretch of time of a day, with the name that stands beside it.
type timeSpan struct {
	name       string
	start, end int64
}

var spanForm = regexp.MustCompile(
	`(?s)^(|.*?[^\d:.])` + timeForm + ` *(?:-|–|—| to | until ) *` + timeForm + `(|[^\d:.].*)$`)

// timeRange reads 09:00-17:30, 9-17:30 or 9am - 5:30pm, with or without a name before or behind. An end that is not
// after the start is on the next day.
func timeRange(s string) (v timeSpan, ok bool) {
	m := spanForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return v, false
	}
	before, behind := strings.TrimRight(m[1], ": "), strings.TrimSpace(m[len(m)-1])
	var ok1, ok2 bool
	v.start, ok1 = timeOfGroups(m[2:], false, true)
	v.end, ok2 = timeOfGroups(m[2+timeGroups:], false, true)
	if v.end <= v.start {
		v.end += schemas.DayMS
	}
	v.name = before + behind
	return v, ok1 && ok2 && v.start < schemas.DayMS && (before == "" || behind == "")
}
