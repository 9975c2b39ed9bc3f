package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxRecord is how long a record may be, in bytes of UTF-8. A quote that is never closed is given up there.
const maxRecord = 1 << 16

// splitter reads character-separated values as RFC 4180 has them: fields in quotes may hold the delimiter, ends of lines
// and doubled quotes. Ends of lines are LF or CR LF; empty lines are passed over. It hands out its own buffer, so that a
// row costs no memory.
type splitter struct {
	r         io.Reader
	buf       []byte
	pos, end  int
	eof       bool
	err       error
	line      int // of buf[pos]
	delimiter byte
	skip      int // lines before the header
	rec       record
	unquoted  []byte
}

// newSplitter splits at the delimiter; 0 means that the header line is to tell it.
func newSplitter(r io.Reader, delimiter byte) *splitter {
	return &splitter{r: r, buf: make([]byte, 4*maxRecord), line: 1, delimiter: delimiter}
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

// lineEnd gives the length of the line that begins at buf[from], without its LF. The second value is false where the file
// ends without one, or the record grows too long.
func (s *splitter) lineEnd(offset int) (int, bool) {
	seen := offset
	for {
		if i := bytes.IndexByte(s.buf[s.pos+seen:s.end], '\n'); i >= 0 {
			return seen - offset + i, true
		}
		seen = s.end - s.pos
		if s.eof || seen > maxRecord {
			return seen - offset, false
		}
		s.fill()
	}
}

// header finds the delimiter, unless it was given, and gives the first record.
func (s *splitter) header() (*record, error) {
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
	return s.next()
}

// advance steps over a line of n bytes and its LF.
func (s *splitter) advance(n int) {
	s.pos = min(s.pos+n+1, s.end)
	s.line++
}

// delimiterOf gives the delimiter that the header line holds most often, outside quotes.
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

func (s *splitter) next() (*record, error) {
	for {
		n, ended := s.lineEnd(0)
		if s.err != nil {
			return nil, s.err
		}
		if n == 0 && !ended {
			return nil, io.EOF
		}
		line := s.buf[s.pos : s.pos+n]
		if n > maxRecord {
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
	s.rec = record{line: s.line, fields: s.rec.fields[:0], raw: line, unended: !ended}
	for start := 0; ; {
		n := bytes.IndexByte(line[start:], s.delimiter)
		end := start + n
		if n < 0 {
			end = len(line)
		}
		s.rec.fields = append(s.rec.fields, field{text: line[start:end], line: s.line, start: start})
		if n < 0 {
			return
		}
		start = end + 1
	}
}

// tooLong passes over a line without end.
func (s *splitter) tooLong() error {
	e := &malformed{s.line, 1, fmt.Sprintf("the line is longer than %d bytes; is it a line of a table?", maxRecord)}
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
		if s.eof || i > maxRecord {
			return false
		}
		s.fill()
	}
	return true
}

// quoted reads a record that begins with the present line and holds quotes. Positions are kept as offsets from pos,
// because fill moves the buffer.
func (s *splitter) quoted() (*record, error) {
	s.rec = record{line: s.line, fields: s.rec.fields[:0]}
	s.unquoted = s.unquoted[:0]
	q := quotedRecord{s: s, line: s.line}
	if m := q.read(); m != nil {
		s.skipLine(q.recover)
		return nil, m
	}
	s.rec.raw = s.buf[s.pos : s.pos+q.at]
	for i := range s.rec.fields {
		f := &s.rec.fields[i]
		f.text = s.unquoted[q.ends[i].from:q.ends[i].to]
	}
	s.pos, s.line = min(s.pos+q.at+1, s.end), q.line+1
	return &s.rec, nil
}

// quotedRecord is the reading of one record with quotes.
type quotedRecord struct {
	s *splitter
	// at is the offset of the next byte; line and lineStart are those of its line.
	at, line, lineStart int
	// ends are the texts of the fields in unquoted.
	ends []struct{ from, to int }
	// recover is the offset from which to look for the next line after an error.
	recover int
}

func (q *quotedRecord) read() *malformed {
	for {
		f := field{line: q.line, lineStart: q.lineStart, start: q.at}
		from := len(q.s.unquoted)
		var m *malformed
		if q.s.more(q.at) && q.s.buf[q.s.pos+q.at] == '"' {
			m = q.inQuotes()
		} else {
			m = q.bare()
		}
		if m != nil {
			return m
		}
		q.s.rec.fields = append(q.s.rec.fields, f)
		q.ends = append(q.ends, struct{ from, to int }{from, len(q.s.unquoted)})
		if !q.s.more(q.at) {
			q.s.rec.unended = true
			return nil
		}
		if q.s.buf[q.s.pos+q.at] == '\n' {
			return nil
		}
		q.at++ // the delimiter
	}
}

// inQuotes reads a field from its opening quote to the delimiter or end of line behind its closing one.
func (q *quotedRecord) inQuotes() *malformed {
	open := q.wrong(q.at, "the quote that opens here is never closed; close it, or was the file cut off?")
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
	return open
}

// closed checks what stands behind a closing quote.
func (q *quotedRecord) closed() *malformed {
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
	return q.wrong(q.at, "text stands behind a closing quote; write a quote inside a field twice")
}

// bare reads a field without quotes.
func (q *quotedRecord) bare() *malformed {
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
			return q.wrong(q.at, "a quote stands inside a field without quotes; put the field in quotes and write the quote twice")
		default:
			q.s.unquoted = append(q.s.unquoted, b)
		}
	}
	if q.at > maxRecord {
		q.recover = q.at
		return q.wrong(q.at, fmt.Sprintf("the record is longer than %d bytes", maxRecord))
	}
	if n := len(q.s.unquoted); n > from && q.s.unquoted[n-1] == '\r' {
		q.s.unquoted = q.s.unquoted[:n-1]
	}
	return nil
}

func (q *quotedRecord) wrong(at int, message string) *malformed {
	before := q.s.buf[q.s.pos+q.lineStart : q.s.pos+at]
	return &malformed{q.line, utf8.RuneCount(before) + 1, message}
}
