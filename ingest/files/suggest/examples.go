package suggest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// mostExamples is how many rows are shown.
const mostExamples = 5

// finish writes the profile and reads the sample with it.
func (g *guess) finish() {
	g.tellUnused()
	text := g.yaml()
	p, err := profile.Parse("profile", []byte(text), files.LayoutOf)
	if err != nil {
		if wrong := (*profile.Error)(nil); errors.As(err, &wrong) {
			for _, m := range wrong.Problems {
				g.note("not complete yet: %s", strings.TrimPrefix(m.Text(), "lacks "))
			}
		}
		return
	}
	g.Profile = text
	g.read(p)
}

// read reads the sample as the profile says.
func (g *guess) read(p *profile.Profile) {
	said := func(m rows.Problem) {
		if len(g.Notes) < 20 {
			where := ""
			if m.Line > 0 {
				where = fmt.Sprintf("line %d: ", m.Line)
			}
			g.note("%s%s", where, m.Text())
		}
	}
	src := g.table.sample.Source(p)
	if src == nil {
		return
	}
	c := profile.Context{Members: g.known.Members, From: g.monday(), Warn: said, Unfit: said}
	if c.To = c.From + 6; p.Repeats() {
		c.To = c.From + 13
	}
	r := p.Over(src, c)
	head, err := r.Header()
	if err != nil {
		said(rows.Problem{Message: err.Error()})
		return
	}
	var names []string
	for _, f := range head.Fields {
		names = append(names, string(f.Text))
	}
	shown := g.shownColumns(names)
	for _, n := range shown {
		g.Columns = append(g.Columns, names[n])
	}
	for {
		rec, err := r.Next()
		var bad *rows.Problem
		switch {
		case errors.As(err, &bad):
			g.Read++
			g.wrong(bad.Line, nil, bad.Text())
		case err != nil:
			return
		case !rec.Free:
			g.Read++
			g.example(rec, names, shown)
		}
	}
}

// monday is the first day of the week that a header without dates is shown for.
func (g *guess) monday() schemas.Date { return g.known.Today - (g.known.Today+3)%7 }

// shownColumns are the numbers of our columns that examples show.
func (g *guess) shownColumns(names []string) []int {
	var out []int
	for _, name := range []string{"agent_id", "activity", "date", "start_time", "end_time", "start", "end", "at", "until",
		"presence", "status", "time_zone"} {
		if n := slices.Index(names, name); n >= 0 {
			out = append(out, n)
		}
	}
	if g.Kind == files.Schedule || g.Kind == files.Status {
		return out
	}
	out = nil
	for n := range names {
		out = append(out, n)
	}
	return out
}

// example notes a row, and what is wrong with it.
func (g *guess) example(rec *rows.Record, names []string, shown []int) {
	var texts, wrong []string
	for _, n := range shown {
		text := string(rec.Fields[n].Text)
		if ms, ok := rows.ParseLength(rec.Fields[n].Text); ok {
			text = "after " + (time.Duration(ms) * time.Millisecond).String()
		}
		texts = append(texts, text)
	}
	for _, w := range rec.Flaws {
		wrong = append(wrong, fmt.Sprintf("%s: %s", names[w.Field], w.Message))
	}
	if len(wrong) > 0 {
		g.wrong(rec.Line, texts, strings.Join(wrong, "; "))
		return
	}
	if len(g.Examples) < mostExamples {
		g.Examples = append(g.Examples, Example{Line: rec.Line, Texts: texts})
	}
}

// wrong notes a row that cannot be read; the first few are shown.
func (g *guess) wrong(line int, texts []string, why string) {
	if g.Wrong++; g.Wrong <= 3 {
		g.Examples = append(g.Examples, Example{Line: line, Texts: texts, Wrong: why})
	}
}

// tellUnused names the columns from which nothing is taken.
func (g *guess) tellUnused() {
	text := g.yaml()
	var unused []string
	for i := range g.table.columns {
		c := &g.table.columns[i]
		_, _, beside := besideDay(c.name)
		if c.name == "" || c.filled == 0 || beside || isDay(files.SampleCell{Text: c.name}) ||
			strings.Contains(text, quoted(c.name)) {
			continue
		}
		unused = append(unused, c.name)
	}
	if len(unused) > 0 {
		g.note("not used: %s", strings.Join(unused, ", "))
	}
}
