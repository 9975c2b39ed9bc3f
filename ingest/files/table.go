package files

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"rollcall/ingest/files/genesys"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
	"rollcall/ingest/files/sheet"
	"rollcall/schemas"
)

// table is a file that is being read: its records with the kind's columns.
type table struct {
	kind *rows.Layout
	src  rows.Source
	// genesys is the source beneath src where the file is one of Genesys Cloud.
	genesys *genesys.File
	at      []int
	// width and named are how many columns the header has, and how many up to the last with a name; unnamed are those
	// without one of which no row had a text yet.
	width, named int
	unnamed      []int
	rec          *rows.Record
	report       *Report
	bad          bool // the present row has a problem
	dup          bool // the present row repeats an earlier one
	cells        bool // the fields are cells of a workbook, and have names
	nul          bool // there are NUL bytes somewhere in the file
	texts        map[string]string
	close        func() error
	// unread, which may be nil, is called for a record that has no row.
	unread  func()
	failure error
}

// open makes ready to read the records. A file that cannot be used is reported, and has no records.
func open(in Input, look *inspection, opt *Options, report *Report, progress func(int)) (*table, error) {
	f, err := in.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	kind := report.Kind.layout()
	t := &table{kind: &kind, report: report, nul: look.nul &&
		look.encoding != rows.Workbook && look.encoding != rows.UTF16LE && look.encoding != rows.UTF16BE,
		texts: map[string]string{}, close: f.Close}
	if err := t.open(f, in, look, opt, progress); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// open finds the source of the records and reads the header.
func (t *table) open(f io.Reader, in Input, look *inspection, opt *Options, progress func(int)) error {
	if look.encoding == rows.Workbook {
		if err := t.openSheet(f, look.size, opt, progress); err != nil || t.src == nil {
			return err
		}
		return t.readHeader()
	}
	text, err := textOf(&counted{f, progress}, look)
	if err != nil {
		return err
	}
	switch is := genesys.Find(t.kind.Kind, look.start()); {
	case is != "" && string(is) != t.kind.Kind:
		t.report.unfit(rows.Problem{
			Message: fmt.Sprintf("the file holds Genesys Cloud data for `import %s`, not for `import %s`", is, t.report.Kind)})
		return nil
	case opt.Profile != nil && isJSON(look.start()) && (is == "" || opt.Profile.Items != ""):
		nested, file := opt.Profile.Nested(text, t.report.Warn), t.close
		t.src, t.close = t.through(opt, nested), func() error { return errors.Join(nested.Close(), file()) }
	case is != "":
		t.openGenesys(is, in, look, opt, text)
	case opt.Profile == nil && t.report.Kind == Status &&
		bytes.HasPrefix(bytes.TrimLeft(look.head, "\xef\xbb\xbf \t\r\n"), []byte("{")):
		t.src = newObjects(text, t.kind.Names(), t.report.Warn)
	case bytes.IndexAny(bytes.TrimSpace(look.start()), "{[") == 0:
		t.report.unfit(noTable(t.report.Kind, look.start()))
		return nil
	default:
		t.src = t.through(opt, newSplitter(text, cmp.Or(opt.Delimiter, opt.profile().Delimiter), opt.profile().Skip))
	}
	return t.readHeader()
}

// isJSON says that a text begins as JSON does: with an object, or a list of objects or lists.
func isJSON(text []byte) bool {
	text = bytes.TrimLeft(text, "\xef\xbb\xbf \t\r\n")
	if bytes.HasPrefix(text, []byte("[")) {
		text = bytes.TrimLeft(text[1:], " \t\r\n")
		return len(text) > 0 && bytes.IndexByte([]byte("{["), text[0]) >= 0
	}
	return bytes.HasPrefix(text, []byte("{"))
}

// openGenesys makes ready to read a file of Genesys Cloud, whose names a profile may replace.
func (t *table) openGenesys(is genesys.Kind, in Input, look *inspection, opt *Options, text io.Reader) {
	t.genesys = genesys.New(is, text, func() (io.ReadCloser, error) {
		f, err := in.Open()
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", in.Name, err)
		}
		again, err := textOf(f, look)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return struct {
			io.Reader
			io.Closer
		}{again, f}, nil
	})
	t.genesys.Warn = t.report.Warn
	if t.src = t.genesys; opt.Profile != nil {
		t.src = opt.Profile.Renaming(t.genesys, opt.roster)
	}
}

// counted reports how many bytes were read.
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
	head, err := t.src.Header()
	switch {
	case errors.Is(err, io.EOF):
		t.report.unfit(rows.Problem{Message: "the file is empty", Remedy: "begin it with the header " +
			strings.Join(t.kind.Names(), ",")})
	case err != nil && !t.report.refuse(err):
		return fmt.Errorf("read %s: %w", t.report.File, err)
	case err == nil && t.nul && bytes.IndexByte(head.Raw, 0) >= 0:
		t.report.unfit(rows.Problem{Message: "the file is neither text nor an Excel workbook",
			Remedy: "export the table as CSV or .xlsx"})
	case err == nil && t.report.unusable: // its source has said why
	case err == nil:
		t.width, t.named = len(head.Fields), head.Named()
		for i := range head.Fields {
			if len(bytes.TrimSpace(head.Fields[i].Text)) == 0 {
				t.unnamed = append(t.unnamed, i)
			}
		}
		t.at = mapHeader(t.kind, head, t.report)
	}
	return nil
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
		if t.intact() {
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
	if t.rec.Free && !t.bad {
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
		rec, err := t.src.Next()
		var p *rows.Problem
		switch {
		case err == nil:
			t.rec = rec
			return true, nil
		case errors.Is(err, io.EOF):
			return false, nil
		case errors.As(err, &p):
			t.report.Read++
			t.report.Rejected++
			t.report.problem(*p)
			if t.rec = nil; t.unread != nil {
				t.unread()
			}
		case t.report.refuse(err):
			return false, nil
		default:
			return false, fmt.Errorf("read %s: %w", t.report.File, err)
		}
	}
}

// intact checks what concerns all fields: their number, bytes that no text has, and what its source found.
func (t *table) intact() bool {
	if p := t.rec.Fit(t.width, t.named); p != nil {
		t.reject(*p)
		return false
	}
	if len(t.unnamed) > 0 {
		t.warnOfUnnamed()
	}
	if t.nul {
		for i := range t.rec.Fields {
			if f := &t.rec.Fields[i]; bytes.IndexByte(f.Text, 0) >= 0 {
				t.reject(rows.Problem{Line: f.Line, Column: t.rec.Column(f),
					Message: fmt.Sprintf("the field holds a NUL byte (%.40q)", f.Text),
					Remedy:  "was the file written completely, and as text?"})
			}
		}
	}
	for _, w := range t.rec.Flaws {
		if c := slices.Index(t.at, w.Field); c >= 0 {
			t.problem(c, w.Remedy, "%s", w.Message)
		}
	}
	if !t.bad {
		for _, p := range t.rec.Problems {
			t.reject(p)
		}
	}
	return !t.bad
}

// warnOfUnnamed warns of the first text in each column that has no name.
func (t *table) warnOfUnnamed() {
	t.unnamed = slices.DeleteFunc(t.unnamed, func(i int) bool {
		f := &t.rec.Fields[i]
		text := bytes.TrimSpace(f.Text)
		if len(text) > 0 {
			t.report.Warn(rows.Problem{Line: f.Line, Column: t.rec.Column(f),
				Message: fmt.Sprintf("the column has no name in the header and is not used (%.60q)", text)})
		}
		return len(text) > 0
	})
}

// reject rejects the row for a problem.
func (t *table) reject(p rows.Problem) {
	t.bad = true
	t.report.problem(p)
}

// bytes returns the text of column c without spaces around it; nil where there is none.
func (t *table) bytes(c int) []byte {
	if t.at[c] < 0 {
		return nil
	}
	return bytes.TrimSpace(t.rec.Fields[t.at[c]].Text)
}

// maxTexts bounds how many different texts are held in order to share their memory.
const maxTexts = 1 << 17

// text returns column c as a string; the same text is one string.
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

// problem rejects the row for what is wrong in column c, and says what to do about it; the message is formatted.
func (t *table) problem(c int, remedy, format string, args ...any) {
	t.reject(t.placed(c, remedy, format, args...))
	if p, ok := t.src.(*profile.Rows); ok && t.kind.Columns[c].Name == "agent_id" {
		p.SkipRow() // the agent is reported once, not for every day
	}
}

func (t *table) warn(c int, remedy, format string, args ...any) {
	t.report.Warn(t.placed(c, remedy, format, args...))
}

// place is where column c stands in the present row; the column is 0 where the file does not have it.
func (t *table) place(c int) (line, column int) {
	if i := t.at[c]; i >= 0 {
		f := &t.rec.Fields[i]
		return f.Line, t.rec.Column(f)
	}
	return t.rec.Line, 0
}

// placed is a problem of column c of the present row.
func (t *table) placed(c int, remedy, format string, args ...any) rows.Problem {
	p := rows.Problem{Field: t.kind.Columns[c].Name, Message: fmt.Sprintf(format, args...), Remedy: remedy}
	p.Line, p.Column = t.place(c)
	if i := t.at[c]; i >= 0 && t.rec.Path != nil {
		p.Field = t.rec.Path(i)
	}
	if p.Column > 0 && t.cells {
		last := &p.Message
		if p.Remedy != "" {
			last = &p.Remedy
		}
		*last += fmt.Sprintf(" (cell %s)", sheet.CellName(p.Column, p.Line))
	}
	return p
}

// id returns column c, which must be an id.
func (t *table) id(c int) string {
	s := t.text(c)
	if e := schemas.CheckID("", s); e != nil {
		t.problem(c, "", "%s", e.Message)
	}
	return s
}

// maxText is the longest free text of a field, in bytes.
const maxText = 1024

// free returns column c, which may be empty or any text up to maxText bytes.
func (t *table) free(c int) string {
	b := t.bytes(c)
	if len(b) == 0 {
		return ""
	}
	switch {
	case len(b) > maxText:
		t.problem(c, fmt.Sprintf("at most %d are allowed", maxText), "has %d bytes (%.20q…)", len(b), b)
		return ""
	case !validText(b):
		t.problem(c, "leave it out", "is not UTF-8 or holds a control character (%.40q)", b)
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
		t.problem(c, "write true or false", "is neither true nor false (%.40q)", s)
		return otherwise
	}
}

// validText says whether b is UTF-8 without control characters other than tab and ends of lines.
func validText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(b)
}
