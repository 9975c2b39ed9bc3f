package files

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"rollcall/ingest/files/rows"
	"rollcall/ingest/files/sheet"
)

// ExcerptLine is a line of a text or a row of a workbook, as far as it fits a page.
type ExcerptLine struct {
	// Number counts from 1.
	Number int
	// Before, Marked and After together are the text. Marked is the field that a problem is about: nothing in the lines
	// around its own, and where the problem names no column.
	Before, Marked, After string
}

// Excerpt is what stands around a problem: the line before it, its own, the one after it, as far as the file has them.
// A problem with the file as a whole has none.
type Excerpt []ExcerptLine

// The characters of a line that an excerpt shows, and how many of them stand before the place of the problem.
const (
	excerptWidth = 160
	excerptLead  = 90
)

// Excerpts reads the file once more and returns what stands around each of the problems, which are those of a report on
// it with that encoding. Control characters are shown as a dot. Memory grows with the problems, not with the file or
// its lines.
func Excerpts(ctx context.Context, in Input, opt Options, encoding rows.Encoding, problems []rows.Problem) ([]Excerpt,
	error) {
	x := &excerpts{problems: problems, out: make([]Excerpt, len(problems))}
	x.plan()
	if len(x.views) == 0 {
		return x.out, nil
	}
	f, err := in.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	defer func() { _ = f.Close() }() // only read
	if encoding == rows.Workbook {
		err = x.rows(ctx, f, in.Size, &opt)
	} else {
		err = x.lines(ctx, f, encoding)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", in.Name, err)
	}
	return x.out, nil
}

// excerpts is the reading of excerpts.
type excerpts struct {
	problems []rows.Problem
	out      []Excerpt
	// views are what is to be seen, by line and place.
	views []view
}

// view is the part of one line that one problem shows; own says that the problem is in this line.
type view struct {
	line, from, problem int
	own                 bool
	text                []rune
}

// plan lists the views.
func (x *excerpts) plan() {
	for i, p := range x.problems {
		if p.Line < 1 {
			continue
		}
		from := max(0, p.Column-excerptLead)
		for line := max(p.Line-1, 1); line <= p.Line+1; line++ {
			x.views = append(x.views, view{line: line, from: from, problem: i, own: line == p.Line})
		}
	}
	slices.SortFunc(x.views, func(a, b view) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.from, b.from), cmp.Compare(a.problem, b.problem))
	})
}

// take returns the views of a line, and passes over those of lines before it.
func (x *excerpts) take(line int) []view {
	for len(x.views) > 0 && x.views[0].line < line {
		x.views = x.views[1:]
	}
	n := 0
	for n < len(x.views) && x.views[n].line == line {
		n++
	}
	out := x.views[:n]
	x.views = x.views[n:]
	return out
}

// lines reads a text.
func (x *excerpts) lines(ctx context.Context, f io.Reader, encoding rows.Encoding) error {
	text, err := textOf(f, &inspection{encoding: encoding})
	if err != nil {
		return err
	}
	r := bufio.NewReaderSize(text, 1<<16)
	for line := 1; len(x.views) > 0; line++ {
		if line%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		views := x.take(line)
		if len(views) == 0 {
			err = passLine(r)
		} else if err = see(r, views); err == nil || errors.Is(err, io.EOF) {
			x.keepText(views, errors.Is(err, io.EOF))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// passLine reads to the end of a line.
func passLine(r *bufio.Reader) error {
	for {
		if _, err := r.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// see reads a line and adds to each of its views what belongs to it.
func see(r *bufio.Reader, views []view) error {
	first := 0 // the first view that is not complete
	for i := 0; ; i++ {
		c, _, err := r.ReadRune()
		switch {
		case err != nil:
			return err
		case c == '\n':
			return nil
		case first == len(views):
			return passLine(r)
		case i == 0 && c == '\ufeff':
			i--
			continue
		}
		for k := first; k < len(views) && views[k].from <= i; k++ {
			if i < views[k].from+excerptWidth {
				views[k].text = append(views[k].text, printable(c))
			} else if k == first {
				first++
			}
		}
	}
}

// printable is how a character is shown: one that cannot be seen is a dot.
func printable(c rune) rune {
	if c == '\t' || c == '\r' || unicode.IsPrint(c) {
		return c
	}
	return '·'
}

// keepText puts the views of a text's line into the excerpts. The last line, if nothing is in it, is none.
func (x *excerpts) keepText(views []view, last bool) {
	for _, v := range views {
		text := []rune(strings.TrimRight(string(v.text), "\r"))
		if last && len(text) == 0 && !v.own {
			continue
		}
		line := ExcerptLine{Number: v.line, Before: string(text)}
		if at := x.problems[v.problem].Column - 1 - v.from; v.own && at >= 0 && at <= len(text) {
			end := fieldEnd(text, at)
			line.Before, line.Marked, line.After = string(text[:at]), string(text[at:end]), string(text[end:])
			if end == at {
				line.Marked = " "
			}
		}
		if v.from > 0 {
			line.Before = "…" + line.Before
		}
		if len(v.text) == excerptWidth {
			line.After += "…"
		}
		x.out[v.problem] = append(x.out[v.problem], line)
	}
}

// fieldEnd returns the end of the field that begins at the place.
func fieldEnd(text []rune, at int) int {
	if at < len(text) && text[at] == '"' {
		for i := at + 1; i < len(text); i++ {
			switch {
			case text[i] == '\\' || text[i] == '"' && i+1 < len(text) && text[i+1] == '"':
				i++ // what comes next ends nothing
			case text[i] == '"':
				return i + 1
			}
		}
		return len(text)
	}
	ends := string(delimiterOf(string(text)))
	if before := strings.TrimRight(string(text[:at]), " "); strings.HasSuffix(before, ":") {
		ends = ",}]"
	}
	if n := slices.IndexFunc(text[at:], func(c rune) bool { return strings.ContainsRune(ends, c) }); n >= 0 {
		return at + n
	}
	return len(text)
}

// rows reads a workbook.
func (x *excerpts) rows(ctx context.Context, f io.Reader, size int64, opt *Options) error {
	at, err := readerAt(f, size)
	if err != nil {
		return err
	}
	s, err := sheet.Open(at, size,
		sheet.Options{Name: cmp.Or(opt.Sheet, opt.profile().Sheet), Warn: func(rows.Problem) {}, Read: func(int) {}})
	if u := new(rows.Unusable); errors.As(err, &u) {
		return nil // the report says so
	}
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // only read
	for len(x.views) > 0 && ctx.Err() == nil {
		rec, err := s.Next()
		var bad *rows.Problem
		var unusable *rows.Unusable
		switch {
		case errors.As(err, &bad):
			continue
		case errors.Is(err, io.EOF) || errors.As(err, &unusable):
			return nil
		case err != nil:
			return err
		}
		x.keepRow(x.take(rec.Line), rec)
	}
	return ctx.Err()
}

// The cells of a row that an excerpt shows, how many of them stand before that of the problem, and the characters of
// each.
const (
	excerptCells    = 9
	excerptCellLead = 5
	excerptCell     = 40
)

// keepRow puts the views of a row into the excerpts.
func (x *excerpts) keepRow(views []view, rec *rows.Record) {
	for _, v := range views {
		column := x.problems[v.problem].Column
		from := max(0, min(column-excerptCellLead, len(rec.Fields)-excerptCells))
		line := ExcerptLine{Number: v.line}
		for i := from; i < min(from+excerptCells, len(rec.Fields)); i++ {
			cell := []rune(strings.Map(printable, string(rec.Fields[i].Text)))
			if len(cell) > excerptCell {
				cell = append(cell[:excerptCell], '…')
			}
			part := &line.Before
			if line.Marked != "" {
				part = &line.After
			}
			if i > from {
				*part += " │ "
			}
			if v.own && i == column-1 {
				line.Marked = cmp.Or(string(cell), " ")
			} else {
				*part += string(cell)
			}
		}
		x.out[v.problem] = append(x.out[v.problem], line)
	}
}
