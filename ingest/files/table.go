package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"rollcall/schemas"
)

// table is a file that is being read: its records with the kind's columns.
type table struct {
	kind   Kind
	src    source
	at     []int
	width  int
	rec    *record
	report *Report
	bad    bool // the present row has a problem
	dup    bool // the present row repeats an earlier one
	cells  bool // the fields are cells of a workbook, and have names
	nul    bool // there are NUL bytes somewhere in the file
	texts  map[string]string
	close  func() error
	// unread, which may be nil, is told of a record of which nothing else is told.
	unread  func()
	failure error
}

// open makes ready to read the records. A file that cannot be used is told in the report, and has no records.
func open(in Input, look *inspection, opt *Options, report *Report, progress func(int)) (*table, error) {
	f, err := in.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	t := &table{kind: report.Kind, report: report, nul: look.nul && (look.encoding == UTF8 || look.encoding == Windows1252),
		texts: map[string]string{}, close: f.Close}
	if look.encoding == Workbook {
		return t, t.openSheet(f, look.size, opt, progress)
	}
	text, err := textOf(&counted{f, progress}, look)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if is := genesysKind(report.Kind, look.start()); is != "" {
		return t, t.openGenesys(in, look, opt, is, text)
	}
	if opt.Profile == nil && report.Kind == Status && bytes.HasPrefix(bytes.TrimLeft(look.head, "\xef\xbb\xbf \t\r\n"), []byte("{")) {
		t.src = newObjects(text, Status.columns(), report.Warn)
	} else {
		t.src = t.through(opt, opt.splitter(text))
	}
	if err := t.readHeader(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return t, nil
}

// counted tells how many bytes were read.
type counted struct {
	r        io.Reader
	progress func(int)
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.progress(n)
	return n, err
}

func (t *table) readHeader() error {
	head, err := t.src.header()
	m := (*malformed)(nil)
	switch {
	case errors.Is(err, io.EOF):
		t.report.whole(0, 0, "", fmt.Sprintf("the file is empty; begin it with the header %s", columnList(t.kind)))
		return nil
	case errors.As(err, &m):
		t.report.whole(m.line, m.column, "", m.message)
		return nil
	case notRead(err) != nil:
		t.report.whole(0, 0, "", err.Error())
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", t.report.File, err)
	}
	t.width = len(head.fields)
	t.at = mapHeader(t.kind, head, t.report)
	return nil
}

func columnList(k Kind) string { return string(bytes.Join(bytesOf(k.columns()), []byte(","))) }

func bytesOf(texts []string) [][]byte {
	out := make([][]byte, len(texts))
	for i, s := range texts {
		out[i] = []byte(s)
	}
	return out
}

// each calls row for every record that has the right number of fields and counts how it went: accepted, rejected (row
// called problem) or duplicate (row called repeated).
func (t *table) each(ctx context.Context, row func()) error {
	defer func() { _ = t.close() }() // only read
	if t.report.unusable {
		return nil
	}
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		ok, err := t.next()
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		t.bad, t.dup = false, false
		if t.whole() {
			row()
		} else if t.unread != nil {
			t.unread()
		}
		t.count()
		if t.failure != nil {
			return t.failure
		}
	}
}

func (t *table) count() {
	if t.rec.nothing && !t.bad {
		return // no row of its own
	}
	t.report.Read++
	switch {
	case t.bad:
		t.report.Rejected++
	case t.dup:
		t.report.Duplicates++
	default:
		t.report.Accepted++
	}
}

// next gets the next record; records that cannot be read are reported and passed over.
func (t *table) next() (bool, error) {
	for {
		rec, err := t.src.next()
		m := (*malformed)(nil)
		switch {
		case err == nil:
			t.rec = rec
			return true, nil
		case errors.Is(err, io.EOF):
			return false, nil
		case errors.As(err, &m):
			t.report.Read++
			t.report.Rejected++
			t.report.problem(Problem{Line: m.line, Column: m.column, Message: m.message})
			if t.rec = nil; t.unread != nil {
				t.unread()
			}
		case notRead(err) != nil:
			t.report.whole(0, 0, "", err.Error())
			return false, nil
		default:
			return false, fmt.Errorf("read %s: %w", t.report.File, err)
		}
	}
}

// whole checks what concerns all fields: their number, and bytes that no text has.
func (t *table) whole() bool {
	if n := len(t.rec.fields); n != t.width {
		message := fmt.Sprintf("the row has %d fields; the header has %d", n, t.width)
		if t.rec.unended && n < t.width {
			message += " (the file ends here without an end of line: was it cut off?)"
		}
		t.bad = true
		t.report.problem(Problem{Line: t.rec.line, Message: message})
		return false
	}
	if t.nul {
		for i := range t.rec.fields {
			if f := &t.rec.fields[i]; bytes.IndexByte(f.text, 0) >= 0 {
				t.bad = true
				t.report.problem(Problem{Line: f.line, Column: t.rec.column(f),
					Message: fmt.Sprintf("the field holds a NUL byte (%.40q); was the file written completely, and as text?", f.text)})
			}
		}
	}
	for _, w := range t.rec.flaws {
		if c := slices.Index(t.at, w.field); c >= 0 {
			t.problem(c, w.message)
		}
	}
	return !t.bad
}

// bytes gives the text of column c without spaces around it; nil where there is none.
func (t *table) bytes(c int) []byte {
	if t.at[c] < 0 {
		return nil
	}
	return bytes.TrimSpace(t.rec.fields[t.at[c]].text)
}

// maxTexts bounds how many different texts are kept in order to share their memory.
const maxTexts = 1 << 17

// text gives column c as a string; the same text is one string.
func (t *table) text(c int) string {
	b := t.bytes(c)
	if s, ok := t.texts[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(t.texts) < maxTexts && len(s) <= schemas.MaxIDBytes {
		t.texts[s] = s
	}
	return s
}

// problem rejects the row for what is wrong in column c.
func (t *table) problem(c int, message string) {
	t.bad = true
	t.report.problem(t.placed(c, message))
	if p, ok := t.src.(*profiled); ok && p.grid != nil && t.kind.form(t.kind.columns()[c]) == formAgent {
		p.pieces.queue = nil // the agent is told once, not for every day
	}
}

func (t *table) warn(c int, message string) { t.report.Warn(t.placed(c, message)) }

// column is that of column c in the present row.
func (t *table) column(c int) int {
	if own, ok := t.src.(placer); ok {
		_, column := own.place(c)
		return column
	}
	if i := t.at[c]; i >= 0 {
		return t.rec.column(&t.rec.fields[i])
	}
	return 0
}

func (t *table) placed(c int, message string) Problem {
	p := Problem{Line: t.rec.line, Field: t.kind.columns()[c], Message: message}
	if own, ok := t.src.(placer); ok {
		p.Line, p.Column = own.place(c)
		p.Field = own.called(c)
		return p
	}
	if i := t.at[c]; i >= 0 {
		f := &t.rec.fields[i]
		p.Line, p.Column = f.line, t.rec.column(f)
		if t.cells && message != "" {
			p.Message += fmt.Sprintf(" (cell %s)", cellName(p.Column, p.Line))
		}
	}
	return p
}

// id gives column c, which must be an id.
func (t *table) id(c int) string {
	s := t.text(c)
	if e := schemas.CheckID("", s); e != nil {
		t.problem(c, e.Message)
	}
	return s
}

// maxText is the longest free text of a field, in bytes.
const maxText = 1024

// free gives column c, which may be empty or any text up to maxText bytes.
func (t *table) free(c int) string {
	b := t.bytes(c)
	if len(b) == 0 {
		return ""
	}
	switch {
	case len(b) > maxText:
		t.problem(c, fmt.Sprintf("has %d bytes (%.20q…); at most %d are allowed", len(b), b, maxText))
		return ""
	case !validText(b):
		t.problem(c, fmt.Sprintf("is not UTF-8 or holds a control character (%.40q); leave it out", b))
		return ""
	}
	return t.text(c)
}

// choice reads a boolean.
func (t *table) choice(c int, otherwise bool) bool {
	switch s := t.bytes(c); string(bytes.ToLower(s)) {
	case "":
		return otherwise
	case "true", "yes", "y", "1":
		return true
	case "false", "no", "n", "0":
		return false
	default:
		t.problem(c, fmt.Sprintf("is neither true nor false (%.40q); write true or false", s))
		return otherwise
	}
}
