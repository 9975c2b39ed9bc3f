package files

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"rollcall/ingest/files/rows"
	"rollcall/ingest/files/sheet"
)

// Sample is a look at the beginning of a file, and at its end where that costs nothing, from which can be guessed how
// it is to be read. A table has Rows; JSON has Lists.
type Sample struct {
	// File is the name of the file.
	File     string
	Encoding rows.Encoding
	// Delimiter is that of a text; 0 for a workbook or JSON.
	Delimiter byte
	// Rows are the first rows that are not empty, as they stand, and Tail the last ones of a file that is longer than the
	// sample. Whole says that the rows are all.
	Rows, Tail []SampleRow
	Whole      bool
	// Lists are the lists of objects in a JSON document.
	Lists []SampleList
}

// SampleRow is a row of a table.
type SampleRow struct {
	Line  int
	Cells []SampleCell
}

// SampleCell is a cell, without spaces around it. Dated says that the file stores it as a date or a time.
type SampleCell struct {
	Text  string
	Dated bool
}

// SampleList is a list of objects: the keys that lead to it, with dots between them, the dotted names of what the first
// objects hold, and their values. What stands around the list belongs to each of its objects.
type SampleList struct {
	Items string
	Names []string
	Rows  []SampleRow
}

// Bounds of a sample: bytes of text from the beginning and the end, rows, names of a list.
const (
	sampleBytes = 256 << 10
	sampleTail  = 16 << 10
	sampleRows  = 400
	sampleNames = 300
)

// SampleOf looks at a file. It reads so much of it as the sample holds, whatever its size. The error is an
// *rows.Unusable or a *rows.Problem for a file that no table can be read from.
func SampleOf(ctx context.Context, in Input, opt Options) (*Sample, error) {
	f, err := in.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	defer func() { _ = f.Close() }() // only read
	text, err := unpacked(f)
	if err != nil {
		return nil, err
	}
	head, err := io.ReadAll(io.LimitReader(text, sampleBytes))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", in.Name, err)
	}
	v := &inspection{ascii: true}
	v.see(head)
	if len(head) == sampleBytes {
		v.rest = nil // the sample ends inside a character
	}
	v.encoding = v.detect()
	if err := errors.Join(ctx.Err(), notText(v.head, in)); err != nil {
		return nil, err
	}
	s := &Sample{File: in.Name, Encoding: v.encoding, Whole: len(head) < sampleBytes}
	switch {
	case v.encoding == rows.Workbook:
		return s, s.workbook(f, in.Size, &opt)
	case opt.Encoding != "":
		s.Encoding, v.encoding = opt.Encoding, opt.Encoding
	}
	decoded, err := textOf(bytes.NewReader(head), v)
	if err != nil {
		return nil, err
	}
	data, _ := io.ReadAll(decoded) // it may be cut inside a character
	if isJSON(data) {
		return s, s.json(data)
	}
	s.Delimiter = cmp.Or(opt.Delimiter, likelyDelimiter(data))
	s.Rows = s.table(data, 1, sampleRows)
	if n := len(s.Rows); !s.Whole && n > 1 && n < sampleRows {
		s.Rows = s.Rows[:n-1] // it is cut off
	}
	s.Whole = s.Whole && len(s.Rows) < sampleRows
	if !s.Whole {
		s.tail(f, in.Size, v)
	}
	return s, nil
}

// likelyDelimiter returns the delimiter into whose fields most lines fall alike.
func likelyDelimiter(data []byte) byte {
	lines := bytes.SplitN(data, []byte("\n"), 60)
	if d, ok := bytes.CutPrefix(bytes.ToLower(bytes.TrimSpace(lines[0])), []byte("sep=")); ok && len(d) == 1 {
		return d[0]
	}
	best, most := byte(','), 0
	for _, d := range []byte{',', ';', '\t', '|'} {
		counts := map[int]int{}
		for _, line := range lines {
			if n := bytes.Count(line, []byte{d}); n > 0 {
				counts[n]++
			}
		}
		for n, lines := range counts {
			if score := lines*16 + min(n, 15); score > most {
				best, most = d, score
			}
		}
	}
	return best
}

// table splits a text into rows; those that cannot be read are left out.
func (s *Sample) table(data []byte, line, most int) (out []SampleRow) {
	split := newSplitter(bytes.NewReader(data), s.Delimiter, 0)
	split.line = line
	if bytes.HasPrefix(bytes.ToLower(data[:min(len(data), 4)]), []byte("sep=")) && line == 1 {
		split.lineEnd()
		split.skipLine(0)
	}
	for len(out) < most {
		rec, err := split.Next()
		var bad *rows.Problem
		switch {
		case err == nil:
			out = append(out, sampleRow(rec))
		case !errors.As(err, &bad):
			return out
		}
	}
	return out
}

func sampleRow(rec *rows.Record) SampleRow {
	row := SampleRow{Line: rec.Line}
	for _, f := range rec.Fields {
		row.Cells = append(row.Cells, SampleCell{string(bytes.TrimSpace(f.Text)), f.Dated})
	}
	return row
}

// tail reads the last rows of a text that can be read anywhere.
func (s *Sample) tail(f io.Reader, size int64, v *inspection) {
	at, ok := f.(io.ReaderAt)
	if !ok || size < 2*sampleTail || bytes.HasPrefix(v.head, []byte("\x1f\x8b")) {
		return
	}
	last := make([]byte, sampleTail)
	n, _ := at.ReadAt(last, size-sampleTail) // less where the file grew shorter
	text, err := textOf(bytes.NewReader(last[:n]), v)
	if err != nil {
		return
	}
	data, _ := io.ReadAll(text) // it begins inside a line
	if _, rest, whole := bytes.Cut(data, []byte("\n")); whole {
		s.Tail = s.table(rest, 0, sampleRows)
	}
}

// workbook reads the first rows of a sheet.
func (s *Sample) workbook(f io.Reader, size int64, opt *Options) error {
	at, err := readerAt(f, size)
	if err != nil {
		return err
	}
	book, err := sheet.Open(at, size, sheet.Options{Name: cmp.Or(opt.Sheet, opt.profile().Sheet),
		Warn: func(rows.Problem) {}, Read: func(int) {}})
	if err != nil {
		return err
	}
	defer func() { _ = book.Close() }() // only read
	for s.Whole = false; len(s.Rows) < sampleRows; {
		rec, err := book.Next()
		var bad *rows.Problem
		switch {
		case err == nil:
			s.Rows = append(s.Rows, sampleRow(rec))
		case errors.As(err, &bad):
		case errors.Is(err, io.EOF):
			s.Whole = true
			return nil
		default:
			return err
		}
	}
	return nil
}
