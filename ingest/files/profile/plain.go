package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rollcall/ingest/files/rows"
)

// plainRows makes one plain table of one that is laid out for people: a header of two rows becomes one of a row, a cell
// that means "as above" has what stands above, and the table ends where its totals begin.
type plainRows struct {
	*Profile
	src  rows.Source
	warn func(rows.Problem)
	// filled are the columns whose empty cells mean what stands above, above what does.
	filled []int
	above  []filledCell
	ended  bool
}

// filledCell is a cell that the rows below it repeat by leaving theirs empty.
type filledCell struct {
	text  []byte
	dated bool
}

// plain reads the source as a plain table, if the profile says that there is anything to it.
func (p *Profile) plain(src rows.Source, c *Context) rows.Source {
	if p.Headers < 2 && len(p.fill) == 0 && len(p.ends) == 0 {
		return src
	}
	return &plainRows{Profile: p, src: src, warn: c.Warn}
}

// Header returns the names of the columns: of two rows, each name with the one above it before it.
func (t *plainRows) Header() (*rows.Record, error) {
	head, err := t.src.Header()
	if err != nil {
		return nil, err
	}
	if t.Headers > 1 {
		upper := copied(head)
		below, err := t.src.Next()
		if err != nil {
			return nil, err
		}
		head = JoinHeader(upper, below)
	}
	names := columnNames(head, t.Headers)
	for _, name := range t.fill {
		if n := rows.IndexName(names, name); n >= 0 { // that one is missing is reported with the others
			t.filled = append(t.filled, n)
		}
	}
	t.above = make([]filledCell, len(t.filled))
	if t.Headers == 0 {
		t.fillIn(head)
	}
	return head, nil
}

// columnNames are the names of the columns of a header: of a file without one, their numbers.
func columnNames(head *rows.Record, headers int) []string {
	out := make([]string, len(head.Fields))
	for i := range head.Fields {
		if out[i] = strings.TrimSpace(string(head.Fields[i].Text)); headers == 0 {
			out[i] = strconv.Itoa(i + 1)
		}
	}
	return out
}

// copied is a record that lasts.
func copied(rec *rows.Record) *rows.Record {
	out := *rec
	out.Fields = slices.Clone(rec.Fields)
	for i := range out.Fields {
		out.Fields[i].Text = bytes.Clone(out.Fields[i].Text)
	}
	out.Raw, out.Flaws = bytes.Clone(rec.Raw), nil
	return &out
}

// JoinHeader makes one header of two: a name in the lower row belongs under the last name above or left above it.
func JoinHeader(upper, lower *rows.Record) *rows.Record {
	out := copied(lower)
	for len(out.Fields) < len(upper.Fields) {
		out.Fields = append(out.Fields, rows.Field{Line: lower.Line, Start: len(out.Fields)})
	}
	var group rows.Field
	for i := range out.Fields {
		f := &out.Fields[i]
		over := rows.Field{}
		if i < len(upper.Fields) {
			over = upper.Fields[i]
		}
		name := bytes.TrimSpace(f.Text)
		switch {
		case len(bytes.TrimSpace(over.Text)) > 0:
			group = over
		case len(name) > 0:
			over = group
		}
		if above := bytes.TrimSpace(over.Text); len(above) > 0 {
			f.Dated = f.Dated || over.Dated && len(name) == 0
			f.Text = bytes.TrimSpace([]byte(string(above) + " " + string(name)))
		}
	}
	return out
}

// Next returns the next row of the table.
func (t *plainRows) Next() (*rows.Record, error) {
	if t.ended {
		return nil, io.EOF
	}
	rec, err := t.src.Next()
	if err != nil {
		return nil, err
	}
	if t.ends.match(rec) {
		t.ended = true
		return nil, t.passRest(rec)
	}
	if !rec.Blank() {
		t.fillIn(rec)
	}
	return rec, nil
}

// fillIn fills the cells that mean what stands above. A cell that says something of its own begins the columns behind
// it anew.
func (t *plainRows) fillIn(rec *rows.Record) {
	for i, n := range t.filled {
		if n >= len(rec.Fields) {
			continue
		}
		f := &rec.Fields[n]
		if text := bytes.TrimSpace(f.Text); len(text) > 0 {
			if !bytes.Equal(text, t.above[i].text) {
				clear(t.above[i+1:])
			}
			t.above[i] = filledCell{append(t.above[i].text[:0:0], text...), f.Dated}
			continue
		}
		if len(t.above[i].text) == 0 {
			continue
		}
		f.Text, f.Dated = t.above[i].text, t.above[i].dated
		rec.Flaws = slices.DeleteFunc(rec.Flaws, func(w rows.Flaw) bool { return w.Field == n }) // merged cells
	}
}

// passRest passes over what stands below the table and says how much that is.
func (t *plainRows) passRest(rec *rows.Record) error {
	line, begins, count := rec.Line, firstText(rec), 1
	for {
		_, err := t.src.Next()
		var bad *rows.Problem
		switch {
		case err == nil || errors.As(err, &bad):
			count++
			continue
		case !errors.Is(err, io.EOF):
			return err
		}
		t.warn(rows.Problem{Line: line, Message: fmt.Sprintf(
			"the table ends above %.40q, as the profile has it; rows that are passed over from there on: %d", begins, count)})
		return io.EOF
	}
}

// tableEnds are the texts with which the first row below a table begins.
type tableEnds []string

// match says whether the first text of the row is, or begins with, one of the texts.
func (e tableEnds) match(rec *rows.Record) bool {
	if len(e) == 0 {
		return false
	}
	text := firstText(rec)
	return slices.ContainsFunc(e, func(end string) bool { return BeginsWith(text, end) })
}

// BeginsWith says that a text begins with another, whatever its case, and with whole words: Total 3, but not Totally.
func BeginsWith(text, word string) bool {
	word = folded(word)
	rest, ok := strings.CutPrefix(folded(text), word)
	last, _ := utf8.DecodeLastRuneInString(word)
	next, _ := utf8.DecodeRuneInString(rest)
	return ok && word != "" && (!unicode.IsLetter(last) || !unicode.IsLetter(next))
}

// firstText is the first text of a row.
func firstText(rec *rows.Record) string {
	for i := range rec.Fields {
		if text := bytes.TrimSpace(rec.Fields[i].Text); len(text) > 0 {
			return string(text)
		}
	}
	return ""
}
