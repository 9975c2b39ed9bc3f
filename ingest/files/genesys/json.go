package genesys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"rollcall/ingest/files/rows"
)

// Bounds of JSON that comes from elsewhere.
const (
	maxJSONDepth = 64
	jsonBuffer   = 4 * rows.MaxRecord
)

// spot is a place in a text: line and column, in characters, from 1.
type spot struct{ line, column int32 }

// jsonText reads JSON from a stream token by token: it holds a part of the text that does not grow with the file, and
// knows where every token stands. A text or number that it returns is valid until the next call.
type jsonText struct {
	r        io.Reader
	buf      []byte
	pos, end int
	eof      bool
	failure  error // of the reader
	// line is that of buf[pos]; it begins at buf[lineStart], which may have left the buffer, and continued of its bytes up
	// to pos continue a character.
	line, lineStart, continued int
	depth                      int
	key                        []byte // of the present member
}

func newJSONText(r io.Reader) *jsonText {
	return &jsonText{r: r, buf: make([]byte, jsonBuffer), line: 1}
}

// fill gets more bytes behind buf[pos:end], which moves to the front; false at the end of the text.
func (j *jsonText) fill() bool {
	if j.eof {
		return false
	}
	if j.pos > 0 {
		j.end = copy(j.buf, j.buf[j.pos:j.end])
		j.lineStart -= j.pos
		j.pos = 0
	}
	for range 100 {
		n, err := j.r.Read(j.buf[j.end:])
		j.end += n
		if err != nil {
			j.eof = true
			if !errors.Is(err, io.EOF) {
				j.failure = err
			}
			return n > 0
		}
		if n > 0 {
			return true
		}
	}
	j.eof, j.failure = true, io.ErrNoProgress
	return false
}

// peek steps over space and returns the byte that stands there, 0 at the end.
func (j *jsonText) peek() byte {
	for {
		for ; j.pos < j.end; j.pos++ {
			switch c := j.buf[j.pos]; c {
			case ' ', '\t', '\r':
			case '\n':
				j.line++
				j.lineStart, j.continued = j.pos+1, 0
			default:
				return c
			}
		}
		if !j.fill() {
			return 0
		}
	}
}

// spot is where the byte of peek stands.
func (j *jsonText) spot() spot {
	//nolint:gosec // a place in a file that people send
	return spot{int32(j.line), int32(j.pos - j.lineStart - j.continued + 1)}
}

// wrong says what is wrong with the text here, or that reading failed.
func (j *jsonText) wrong(remedy, format string, args ...any) error {
	if j.failure != nil {
		return j.failure
	}
	s := j.spot()
	return rows.Problemf(int(s.line), int(s.column), remedy, format, args...)
}

// unexpected tells a text that ends too early from one that is wrong.
func (j *jsonText) unexpected(want string) error {
	c := j.peek()
	if c == 0 && j.eof && j.pos >= j.end {
		return j.wrong(fmt.Sprintf("%s is missing: was the file cut off?", want), "the JSON ends in the middle")
	}
	rest := j.buf[j.pos:min(j.end, j.pos+12)]
	return j.wrong("", "the file is not JSON: %q stands where %s is wanted", rest, want)
}

// take steps over c, which must be there.
func (j *jsonText) take(c byte) error {
	if j.peek() != c {
		return j.unexpected(fmt.Sprintf("%q", c))
	}
	j.pos++
	return nil
}

// open begins a list or an object, with the bracket c; more goes on.
func (j *jsonText) open(c byte) error {
	if err := j.take(c); err != nil {
		return err
	}
	if j.depth++; j.depth > maxJSONDepth {
		return j.wrong("is it an export?", "the JSON is nested more than %d deep", maxJSONDepth)
	}
	return nil
}

// more steps to the next item or member: over the comma, unless it is the first, or over the closing bracket.
func (j *jsonText) more(first bool, closing byte) (bool, error) {
	switch c := j.peek(); {
	case c == closing:
		j.pos++
		j.depth--
		return false, nil
	case first:
		return true, nil
	case c != ',':
		return false, j.unexpected(fmt.Sprintf("a comma or %q", closing))
	}
	j.pos++
	if j.peek() == closing {
		return false, j.unexpected("another item")
	}
	return true, nil
}

// items calls item for each item of the list, which item must read.
func (j *jsonText) items(item func(i int) error) error {
	if err := j.open('['); err != nil {
		return err
	}
	for i := 0; ; i++ {
		ok, err := j.more(i == 0, ']')
		if err == nil && ok {
			err = item(i)
		}
		if err != nil || !ok {
			return err
		}
	}
}

// members calls member for each member of the object with its key and the key's place; member must read the value. The
// key is good until then.
func (j *jsonText) members(member func(key []byte, at spot) error) error {
	if err := j.open('{'); err != nil {
		return err
	}
	for i := 0; ; i++ {
		ok, err := j.more(i == 0, '}')
		if err != nil || !ok {
			return err
		}
		j.peek()
		at := j.spot()
		key, err := j.text()
		if err != nil {
			return err
		}
		j.key = append(j.key[:0], key...)
		if err = j.take(':'); err == nil {
			err = member(j.key, at)
		}
		if err != nil {
			return err
		}
	}
}

// text reads a text.
func (j *jsonText) text() ([]byte, error) {
	if j.peek() != '"' {
		return nil, j.unexpected("a text in quotes")
	}
	n, continued, escaped := 1, 0, false
	for ; ; n++ {
		for j.pos+n >= j.end {
			if n > rows.MaxRecord {
				return nil, j.wrong("is its closing quote missing?", "the text is longer than %d bytes", rows.MaxRecord)
			}
			if !j.fill() {
				return nil, j.wrong("", "the quote that opens here is never closed: was the file cut off?")
			}
		}
		c := j.buf[j.pos+n]
		if c == '"' {
			break
		}
		switch {
		case c == '\\':
			escaped = true
			n++
		case c < ' ':
			return nil, j.wrong("is its closing quote missing?", "the text that begins here holds a control character (%q)", c)
		case c&0xc0 == 0x80:
			continued++
		}
	}
	return j.unescaped(j.buf[j.pos:j.pos+n+1], continued, escaped)
}

// unescaped steps over the text with its quotes and returns what it means.
func (j *jsonText) unescaped(quoted []byte, continued int, escaped bool) ([]byte, error) {
	out := quoted[1 : len(quoted)-1]
	switch {
	case escaped:
		var s string
		if err := json.Unmarshal(quoted, &s); err != nil {
			return nil, j.wrong("", "the text %.40q is not JSON: %v", quoted, err)
		}
		out = []byte(s)
	case !utf8.Valid(out):
		return nil, j.wrong("export the file as UTF-8", "the text %.40q is not UTF-8", out)
	}
	if len(out) > rows.MaxRecord {
		return nil, j.wrong("", "the text is longer than %d bytes", rows.MaxRecord)
	}
	j.pos += len(quoted)
	j.continued += continued
	return out, nil
}

// word reads a number, true, false or null.
func (j *jsonText) word() ([]byte, error) {
	j.peek()
	n := 0
	for ; ; n++ {
		if j.pos+n >= j.end && (n > 1000 || !j.fill()) {
			break
		}
		if bytes.IndexByte([]byte(" \t\r\n,:]}[{\""), j.buf[j.pos+n]) >= 0 {
			break
		}
	}
	w := j.buf[j.pos : j.pos+n]
	if n == 0 {
		return nil, j.unexpected("a value")
	}
	if n > 1000 || !json.Valid(w) {
		return nil, j.wrong("write a number, a text in quotes, true, false or null",
			"the file is not JSON: %.20q is no value", w)
	}
	j.pos += n
	return w, nil
}

// skip steps over a value, which must be JSON.
func (j *jsonText) skip() error {
	switch j.peek() {
	case '"':
		_, err := j.text()
		return err
	case '{':
		return j.members(func([]byte, spot) error { return j.skip() })
	case '[':
		return j.items(func(int) error { return j.skip() })
	}
	_, err := j.word()
	return err
}

// kind names the value that stands here, for messages.
func (j *jsonText) kind() string {
	switch j.peek() {
	case '"':
		return "a text"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

// finish checks that nothing stands behind the value.
func (j *jsonText) finish() error {
	if c := j.peek(); c != 0 || j.failure != nil || j.pos < j.end {
		return j.wrong("write one document a file", "text stands behind the JSON document (%.20q)",
			j.buf[j.pos:min(j.end, j.pos+20)])
	}
	return nil
}
