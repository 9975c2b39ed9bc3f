package files

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"rollcall/ingest/files/rows"
)

// splitter reads character-separated values as RFC 4180 has them: fields in quotes may hold the delimiter, ends of
// lines and doubled quotes. Ends of lines are LF or CR LF; rows of nothing but delimiters and spaces are passed over,
// and ="000123" is 000123. It hands out its own buffer, so that a row costs no memory. A quote that is never closed is
// given up after rows.MaxRecord bytes.
type splitter struct {
	rows.Window
	line      int // of B[0]
	delimiter byte
	skip      int // lines before the header
	rec       rows.Record
	unquoted  []byte
	ends      [][2]int // the texts of the present record's fields in unquoted
}

// newSplitter splits at the delimiter; 0 means that the header line says which it is.
func newSplitter(r io.Reader, delimiter byte, skip int) *splitter {
	return &splitter{Window: rows.NewWindow(r, 4*rows.MaxRecord), line: 1, delimiter: delimiter, skip: skip}
}

// lineEnd returns the length of the present line, without its LF; false where the file ends without one, or the line
// grows too long.
func (s *splitter) lineEnd() (n int, ended bool) {
	for {
		if i := bytes.IndexByte(s.B[n:], '\n'); i >= 0 {
			return n + i, true
		}
		if n = len(s.B); n > rows.MaxRecord || !s.Fill() {
			return n, false
		}
	}
}

// present returns the present line. The error is io.EOF after the last one, a *rows.Problem for one that is too long
// and was passed over.
func (s *splitter) present() (line []byte, ended bool, err error) {
	n, ended := s.lineEnd()
	switch err := s.Failure(); {
	case err != nil:
		return nil, false, err
	case n == 0 && !ended:
		return nil, false, io.EOF
	case n > rows.MaxRecord:
		long := rows.Problemf(s.line, 1, "is it a line of a table?", "the line is longer than %d bytes", rows.MaxRecord)
		s.skipLine(0)
		return nil, false, long
	}
	return s.B[:n], ended, nil
}

// Header finds the delimiter, unless it was given, and returns the first record.
func (s *splitter) Header() (*rows.Record, error) {
	for range s.skip {
		s.skipLine(0)
	}
	n, _ := s.lineEnd()
	first := strings.TrimRight(strings.ToLower(string(s.B[:n])), "\r")
	if d, ok := strings.CutPrefix(first, "sep="); ok && len(d) == 1 {
		s.delimiter = d[0] // a line for Excel
		s.skipLine(0)
	} else if s.delimiter == 0 {
		s.delimiter = delimiterOf(first)
	}
	return s.Next()
}

// delimiterOf returns the delimiter that the header line holds most often, outside quotes.
func delimiterOf(header string) byte {
	best, most := byte(','), 0
	for _, d := range []byte{',', ';', '\t', '|'} {
		n, quoted := 0, false
		for i := range len(header) {
			switch header[i] {
			case '"':
				quoted = !quoted
			case d:
				if !quoted {
					n++
				}
			}
		}
		if n > most {
			best, most = d, n
		}
	}
	return best
}

func (s *splitter) Next() (*rows.Record, error) {
	for {
		line, ended, err := s.present()
		if err != nil {
			return nil, err
		}
		if bytes.IndexByte(line, '"') >= 0 {
			if err := s.quoted(); err != nil {
				return nil, err
			}
		} else {
			s.plain(bytes.TrimSuffix(line, []byte("\r")), ended)
			s.skipLine(len(line))
		}
		if !s.rec.Blank() {
			return &s.rec, nil
		}
	}
}

// plain splits a line that holds no quote.
func (s *splitter) plain(line []byte, ended bool) {
	s.rec = rows.Record{Line: s.line, Fields: s.rec.Fields[:0], Raw: line, Unended: !ended}
	for start := 0; ; {
		n := bytes.IndexByte(line[start:], s.delimiter)
		end := start + n
		if n < 0 {
			end = len(line)
		}
		s.rec.Fields = append(s.rec.Fields, rows.Field{Text: line[start:end], Line: s.line, Start: start})
		if n < 0 {
			return
		}
		start = end + 1
	}
}

// skipLine goes to the line after the one in which B[offset] lies.
func (s *splitter) skipLine(offset int) {
	s.line += bytes.Count(s.B[:offset], []byte{'\n'})
	s.B = s.B[offset:]
	for {
		if i := bytes.IndexByte(s.B, '\n'); i >= 0 {
			s.B = s.B[i+1:]
			s.line++
			return
		}
		if s.B = s.B[len(s.B):]; !s.Fill() {
			return
		}
	}
}

// more makes sure that B[i] is there; false at the end of the file or of what a record may be long.
func (s *splitter) more(i int) bool {
	for i >= len(s.B) {
		if i > rows.MaxRecord || !s.Fill() {
			return false
		}
	}
	return true
}

// quoted reads a record that begins with the present line and holds quotes. Positions are offsets in B, which
// moves in memory.
func (s *splitter) quoted() error {
	s.rec = rows.Record{Line: s.line, Fields: s.rec.Fields[:0]}
	s.unquoted, s.ends = s.unquoted[:0], s.ends[:0]
	q := quotedRecord{s: s, line: s.line}
	if m := q.read(); m != nil {
		s.skipLine(q.recover)
		return m
	}
	s.rec.Raw = s.B[:q.at]
	for i := range s.rec.Fields {
		f := &s.rec.Fields[i]
		f.Text = rows.Bare(s.unquoted[s.ends[i][0]:s.ends[i][1]])
	}
	s.B, s.line = s.B[min(q.at+1, len(s.B)):], q.line+1
	return nil
}

// quotedRecord is the reading of one record with quotes.
type quotedRecord struct {
	s *splitter
	// at is the offset of the next byte; line and lineStart are those of its line.
	at, line, lineStart int
	// recover is the offset from which to look for the next line after an error.
	recover int
}

func (q *quotedRecord) read() *rows.Problem {
	for {
		f := rows.Field{Line: q.line, LineStart: q.lineStart, Start: q.at}
		from := len(q.s.unquoted)
		var m *rows.Problem
		switch {
		case q.s.more(q.at) && q.s.B[q.at] == '"':
			m = q.inQuotes()
		case q.s.more(q.at+1) && string(q.s.B[q.at:q.at+2]) == `="`:
			q.at++
			m = q.inQuotes()
		default:
			m = q.bare()
		}
		if m != nil {
			return m
		}
		q.s.rec.Fields = append(q.s.rec.Fields, f)
		q.s.ends = append(q.s.ends, [2]int{from, len(q.s.unquoted)})
		if !q.s.more(q.at) {
			q.s.rec.Unended = true
			return nil
		}
		if q.s.B[q.at] == '\n' {
			return nil
		}
		q.at++ // the delimiter
	}
}

// inQuotes reads a field from its opening quote to the delimiter or end of line behind its closing one.
func (q *quotedRecord) inQuotes() *rows.Problem {
	open := *q
	q.recover = q.at
	for q.at++; q.s.more(q.at); q.at++ {
		b := q.s.B[q.at]
		if b != '"' {
			q.s.unquoted = append(q.s.unquoted, b)
			if b == '\n' {
				q.line, q.lineStart = q.line+1, q.at+1
			}
			continue
		}
		q.at++
		if q.s.more(q.at) && q.s.B[q.at] == '"' {
			q.s.unquoted = append(q.s.unquoted, '"')
			continue
		}
		return q.closed()
	}
	return open.wrong(open.at, "close it, or was the file cut off?", "the quote that opens here is never closed")
}

// closed checks what stands behind a closing quote.
func (q *quotedRecord) closed() *rows.Problem {
	if q.s.more(q.at) && q.s.B[q.at] == '\r' {
		if !q.s.more(q.at+1) || q.s.B[q.at+1] == '\n' {
			q.at++
		}
	}
	if !q.s.more(q.at) {
		return nil
	}
	if b := q.s.B[q.at]; b == '\n' || b == q.s.delimiter {
		return nil
	}
	q.recover = q.at
	return q.wrong(q.at, "write a quote inside a field twice", "text stands behind a closing quote")
}

// bare reads a field without quotes.
func (q *quotedRecord) bare() *rows.Problem {
	from := len(q.s.unquoted)
	for ; q.s.more(q.at); q.at++ {
		switch b := q.s.B[q.at]; b {
		case q.s.delimiter:
			return nil
		case '\n':
			q.trim(from)
			return nil
		case '"':
			q.recover = q.at
			return q.wrong(q.at, "put the field in quotes and write the quote twice",
				"a quote stands inside a field without quotes")
		default:
			q.s.unquoted = append(q.s.unquoted, b)
		}
	}
	if q.at > rows.MaxRecord {
		q.recover = q.at
		return q.wrong(q.at, "", "the record is longer than %d bytes", rows.MaxRecord)
	}
	q.trim(from)
	return nil
}

// trim takes the CR of an end of line off the present field, whose text begins at from.
func (q *quotedRecord) trim(from int) {
	field := bytes.TrimSuffix(q.s.unquoted[from:], []byte("\r"))
	q.s.unquoted = q.s.unquoted[:from+len(field)]
}

func (q *quotedRecord) wrong(at int, remedy, format string, args ...any) *rows.Problem {
	before := q.s.B[q.lineStart:at]
	return rows.Problemf(q.line, utf8.RuneCount(before)+1, remedy, format, args...)
}
