package profile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// gridPair is how the two columns of a stretch of time are called beside their day: Mon Start and Mon End, or End
// Mon. Without words the column of the day has the start, and the one right of it, which has no name, the end. With
// an activity the stretch is one of it, which cuts the others of the cell: Mon Lunch from, Mon Lunch to.
type gridPair struct{ start, end, activity string }

// pairRows makes one column of each day whose stretches of time have a column for their start and one for their end.
type pairRows struct {
	*Profile
	Context
	src rows.Source
	// width and named are those of the file's header.
	width, named int
	// kept are the columns that are no part of a pair.
	kept []int
	days []pairedDay
	text []byte
	ends []int
	rec  rows.Record
}

// pairedDay is a day and its columns: of each pair the start and the end, -1 where there is none.
type pairedDay struct {
	head  rows.Field
	pairs [][2]int
}

// paired reads the source with one column a day, if the profile has two.
func (p *Profile) paired(src rows.Source, c *Context) rows.Source {
	if p.grid == nil || len(p.grid.pairs) == 0 {
		return src
	}
	return &pairRows{Profile: p, Context: *c, src: src}
}

// Header finds the pairs.
func (t *pairRows) Header() (*rows.Record, error) {
	head, err := t.src.Header()
	if err != nil {
		return nil, err
	}
	t.width, t.named = len(head.Fields), head.Named()
	out := copied(head)
	out.Fields = nil
	for i := range head.Fields {
		if !t.take(head, i) {
			t.kept = append(t.kept, i)
			out.Fields = append(out.Fields, head.Fields[i])
		}
	}
	for i := range t.days {
		d := &t.days[i]
		for n, pair := range d.pairs {
			if (pair[0] < 0) != (pair[1] < 0) || n == 0 && pair[0] < 0 {
				p := t.grid.pairs[n]
				t.Unfit(rows.Problem{Line: d.head.Line, Column: head.Column(&d.head), Field: "date", Message: fmt.Sprintf(
					"the day %q has no column for both %q and %q", d.head.Text, p.start, p.end)})
			}
		}
		out.Fields = append(out.Fields, d.head)
	}
	return copied(out), nil
}

// take takes a column that is one of a pair, and says whether it is.
func (t *pairRows) take(head *rows.Record, i int) bool {
	f := head.Fields[i]
	name := strings.TrimSpace(string(f.Text))
	for n, pair := range t.grid.pairs {
		for side, word := range []string{pair.start, pair.end} {
			day, ok := withoutWord(name, word)
			if ok && (side == 0 || word != "") && t.isDay(day, f.Dated) {
				f.Text, f.Dated = []byte(day), f.Dated && day == name
				return t.put(f, n, side, i)
			}
		}
		if last := len(t.days) - 1; name == "" && pair.end == "" && last >= 0 && t.days[last].pairs[n][0] == i-1 {
			t.days[last].pairs[n][1] = i // the column right of the start, without a name
			return true
		}
	}
	return false
}

// put notes a column of a day.
func (t *pairRows) put(day rows.Field, pair, side, column int) bool {
	n := slices.IndexFunc(t.days, func(d pairedDay) bool { return bytes.Equal(d.head.Text, day.Text) })
	if n < 0 {
		n = len(t.days)
		d := pairedDay{head: day}
		d.head.Text = bytes.Clone(day.Text)
		for range t.grid.pairs {
			d.pairs = append(d.pairs, [2]int{-1, -1})
		}
		t.days = append(t.days, d)
	}
	if t.days[n].pairs[pair][side] >= 0 {
		return false
	}
	t.days[n].pairs[pair][side] = column
	return true
}

// withoutWord takes a word off the beginning or the end of a name; false where it has not the word.
func withoutWord(name, word string) (rest string, ok bool) {
	parts, words := strings.Fields(name), strings.Fields(word)
	switch n := len(parts) - len(words); {
	case n < 1:
	case slices.EqualFunc(parts[n:], words, strings.EqualFold):
		return strings.Join(parts[:n], " "), true
	case slices.EqualFunc(parts[:len(words)], words, strings.EqualFold):
		return strings.Join(parts[len(words):], " "), true
	}
	return "", false
}

// isDay says whether a text heads a day.
func (t *pairRows) isDay(text string, dated bool) bool {
	g := gridRows{Rows: &Rows{Profile: t.Profile, Context: t.Context}}
	_, ok := g.day(text, dated)
	return ok
}

// Next makes the cells of the days.
func (t *pairRows) Next() (*rows.Record, error) {
	rec, err := t.src.Next()
	if err != nil {
		return nil, err
	}
	if wrong := rec.Fit(t.width, t.named); wrong != nil {
		return nil, wrong
	}
	t.rec = rows.Record{Line: rec.Line, Raw: rec.Raw, Unended: rec.Unended, Fields: t.rec.Fields[:0],
		Flaws: t.rec.Flaws[:0]}
	t.text, t.ends = t.text[:0], t.ends[:0]
	for _, n := range t.kept {
		t.flaws(rec, n)
		t.rec.Fields = append(t.rec.Fields, rec.Fields[n])
	}
	for i := range t.days {
		t.cell(rec, &t.days[i])
	}
	from := 0
	for i, end := range t.ends {
		t.rec.Fields[len(t.kept)+i].Text = t.text[from:end]
		from = end
	}
	return &t.rec, nil
}

// flaws copies the flaws of a field to that which is added next.
func (t *pairRows) flaws(rec *rows.Record, field int) {
	for _, w := range rec.Flaws {
		if w.Field == field {
			t.rec.AddFlaw(len(t.rec.Fields), &w)
		}
	}
}

// cell writes the pairs of a day as a cell: 09:00-17:00, Lunch 12:00-12:30. A pair of which only the start is there, or
// whose sides say the same, is a word such as OFF.
func (t *pairRows) cell(rec *rows.Record, d *pairedDay) {
	from := len(t.text)
	at := rec.Fields[d.pairs[0][0]]
	for n, pair := range d.pairs {
		if pair[0] < 0 || pair[1] < 0 {
			continue
		}
		t.flaws(rec, pair[0])
		t.flaws(rec, pair[1])
		start, end := bytes.TrimSpace(rec.Fields[pair[0]].Text), bytes.TrimSpace(rec.Fields[pair[1]].Text)
		if len(start)+len(end) == 0 {
			continue
		}
		if len(t.text) > from {
			t.text = append(t.text, ", "...)
		}
		if name := t.grid.pairs[n].activity; name != "" {
			t.text = append(append(t.text, name...), ' ')
		}
		if t.text = append(t.text, clockOf(start)...); len(end) > 0 && !bytes.Equal(start, end) {
			t.text = append(append(t.text, '-'), clockOf(end)...)
		}
	}
	at.Dated = false
	t.rec.Fields = append(t.rec.Fields, at)
	t.ends = append(t.ends, len(t.text))
}

// clockOf leaves out the date that a workbook gives a time of day.
func clockOf(text []byte) []byte {
	if _, ok := rows.ParseDate(text); ok && len(text) > 11 {
		return text[11:]
	}
	return text
}

// timesOf reads times such as 09:00-17:00, in milliseconds of the day.
func timesOf(text string) (start, end int64, ok bool) {
	v, ok := timeRange(text, false)
	return v.start, v.end, ok && v.name == "" && v.wrong == nil && v.start < schemas.DayMS
}
