package files

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"rollcall/ingest/files/rows"
)

// splitter reads character-separated values as RFC 4180 has them: fields in quotes may hold the delimiter, ends of
// lines and doubled quotes. Ends of lines are LF or CR LF; empty lines are passed over. It hands out its own buffer, so
// that a row costs no memory. A quote that is never closed is given up after rows.MaxRecord bytes.
type splitter struct {
	r         io.Reader
	buf       []byte
	pos, end  int
	eof       bool
	err       error
	line      int // of buf[pos]
	delimiter byte
	skip      int // lines before the header
	rec       rows.Record
	unquoted  []byte
	ends      [][2]int // the texts of the present record's fields in unquoted
}

// newSplitter splits at the delimiter; 0 means that the header line is to tell it.
func newSplitter(r io.Reader, delimiter byte, skip int) *splitter {
	return &splitter{r: r, buf: make([]byte, 4*rows.MaxRecord), line: 1, delimiter: delimiter, skip: skip}
}

// fill gets more bytes behind buf[pos:end], which moves to the front.
func (s *splitter) fill() {
	if s.pos > 0 {
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	}
	for tries := 0; s.end < len(s.buf) && tries < 100; tries++ {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if errors.Is(err, io.EOF) {
			s.eof = true
			return
		}
		if err != nil {
			s.err, s.eof = err, true
			return
		}
		if n > 0 {
			return
		}
	}
	if s.end < len(s.buf) {
		s.err, s.eof = io.ErrNoProgress, true
	}
}

// lineEnd returns the length of the line that begins at buf[from], without its LF. The second value is false where the
// file ends without one, or the record grows too long.
func (s *splitter) lineEnd(offset int) (int, bool) {
	seen := offset
	for {
		if i := bytes.IndexByte(s.buf[s.pos+seen:s.end], '\n'); i >= 0 {
			return seen - offset + i, true
		}
		seen = s.end - s.pos
		if s.eof || seen > rows.MaxRecord {
			return seen - offset, false
		}
		s.fill()
	}
}

// Header finds the delimiter, unless it was given, and returns the first record.
func (s *splitter) Header() (*rows.Record, error) {
	for range s.skip {
		s.skipLine(0)
	}
	n, _ := s.lineEnd(0)
	first := strings.TrimRight(string(s.buf[s.pos:s.pos+n]), "\r")
	if d, ok := strings.CutPrefix(strings.ToLower(first), "sep="); ok && len(d) == 1 {
		s.delimiter = d[0] // a line for Excel
		s.advance(n)
		n, _ = s.lineEnd(0)
		first = string(s.buf[s.pos : s.pos+n])
	}
	if s.delimiter == 0 {
		s.delimiter = delimiterOf(first)
	}
	return s.Next()
}

// advance steps over a line of n bytes and its LF.
func (s *splitter) advance(n int) {
	s.pos = min(s.pos+n+1, s.end)
	s.line++
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
		n, ended := s.lineEnd(0)
		if s.err != nil {
			return nil, s.err
		}
		if n == 0 && !ended {
			return nil, io.EOF
		}
		line := s.buf[s.pos : s.pos+n]
		if n > rows.MaxRecord {
			return nil, s.tooLong()
		}
		if bytes.IndexByte(line, '"') >= 0 {
			return s.quoted()
		}
		bare := bytes.TrimSuffix(line, []byte("\r"))
		if len(bare) == 0 {
			s.advance(n)
			continue
		}
		s.plain(bare, ended)
		s.advance(n)
		return &s.rec, nil
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

// tooLong passes over a line without end.
func (s *splitter) tooLong() error {
	e := rows.Problemf(s.line, 1, "is it a line of a table?", "the line is longer than %d bytes", rows.MaxRecord)
	s.skipLine(0)
	return e
}

// skipLine goes to the line after the one in which buf[pos+offset] lies.
func (s *splitter) skipLine(offset int) {
	s.line += bytes.Count(s.buf[s.pos:s.pos+offset], []byte{'\n'})
	s.pos += offset
	for {
		if i := bytes.IndexByte(s.buf[s.pos:s.end], '\n'); i >= 0 {
			s.pos += i + 1
			s.line++
			return
		}
		s.pos = s.end
		if s.eof {
			return
		}
		s.fill()
	}
}

// more makes sure that buf[pos+i] is there; false at the end of the file or of what a record may be long.
func (s *splitter) more(i int) bool {
	for s.pos+i >= s.end {
		if s.eof || i > rows.MaxRecord {
			return false
		}
		s.fill()
	}
	return true
}

// quoted reads a record that begins with the present line and holds quotes. Positions are kept as offsets from pos,
// because fill moves the buffer.
func (s *splitter) quoted() (*rows.Record, error) {
	s.rec = rows.Record{Line: s.line, Fields: s.rec.Fields[:0]}
	s.unquoted, s.ends = s.unquoted[:0], s.ends[:0]
	q := quotedRecord{s: s, line: s.line}
	if m := q.read(); m != nil {
		s.skipLine(q.recover)
		return nil, m
	}
	s.rec.Raw = s.buf[s.pos : s.pos+q.at]
	for i := range s.rec.Fields {
		f := &s.rec.Fields[i]
		f.Text = s.unquoted[s.ends[i][0]:s.ends[i][1]]
	}
	s.pos, s.line = min(s.pos+q.at+1, s.end), q.line+1
	return &s.rec, nil
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
		if q.s.more(q.at) && q.s.buf[q.s.pos+q.at] == '"' {
			m = q.inQuotes()
		} else {
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
		if q.s.buf[q.s.pos+q.at] == '\n' {
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
		b := q.s.buf[q.s.pos+q.at]
		if b != '"' {
			q.s.unquoted = append(q.s.unquoted, b)
			if b == '\n' {
				q.line, q.lineStart = q.line+1, q.at+1
			}
			continue
		}
		q.at++
		if q.s.more(q.at) && q.s.buf[q.s.pos+q.at] == '"' {
			q.s.unquoted = append(q.s.unquoted, '"')
			continue
		}
		return q.closed()
	}
	return open.wrong(open.at, "close it, or was the file cut off?", "the quote that opens here is never closed")
}

// closed checks what stands behind a closing quote.
func (q *quotedRecord) closed() *rows.Problem {
	if q.s.more(q.at) && q.s.buf[q.s.pos+q.at] == '\r' {
		if !q.s.more(q.at+1) || q.s.buf[q.s.pos+q.at+1] == '\n' {
			q.at++
		}
	}
	if !q.s.more(q.at) {
		return nil
	}
	if b := q.s.buf[q.s.pos+q.at]; b == '\n' || b == q.s.delimiter {
		return nil
	}
	q.recover = q.at
	return q.wrong(q.at, "write a quote inside a field twice", "text stands behind a closing quote")
}

// bare reads a field without quotes.
func (q *quotedRecord) bare() *rows.Problem {
	from := len(q.s.unquoted)
	for ; q.s.more(q.at); q.at++ {
		switch b := q.s.buf[q.s.pos+q.at]; b {
		case q.s.delimiter, '\n':
			if n := len(q.s.unquoted); b == '\n' && n > from && q.s.unquoted[n-1] == '\r' {
				q.s.unquoted = q.s.unquoted[:n-1]
			}
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
	if n := len(q.s.unquoted); n > from && q.s.unquoted[n-1] == '\r' {
		q.s.unquoted = q.s.unquoted[:n-1]
	}
	return nil
}

func (q *quotedRecord) wrong(at int, remedy, format string, args ...any) *rows.Problem {
	before := q.s.buf[q.s.pos+q.lineStart : q.s.pos+at]
	return rows.Problemf(q.line, utf8.RuneCount(before)+1, remedy, format, args...)
}
