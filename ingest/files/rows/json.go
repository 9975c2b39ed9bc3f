package rows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of JSON that comes from elsewhere.
const (
	maxJSONDepth = 64
	maxJSONWord  = 1000
)

// Place is a place in a text: line and column, in characters, from 1.
type Place struct{ Line, Column int32 }

// Problemf makes the problem of the place; the message is formatted.
func (p Place) Problemf(remedy, format string, args ...any) *Problem {
	return Problemf(int(p.Line), int(p.Column), remedy, format, args...)
}

// JSON reads JSON from a stream token by token: it holds a part of the text that does not grow with the file, and
// knows where every token stands. A text or number that it returns is valid until the next call.
type JSON struct {
	w     Window
	at    Place // of w.B
	depth int
	key   []byte // of the present member
}

// NewJSON reads the stream.
func NewJSON(r io.Reader) *JSON { return &JSON{w: NewWindow(r, 4*MaxRecord), at: Place{1, 1}} }

// Reset reads the text that is the line of that number.
func (j *JSON) Reset(text []byte, line int) {
	*j = JSON{w: Window{B: text, err: io.EOF}, at: Place{int32(line), 1}, key: j.key} //nolint:gosec // a place in a file
}

// Rest is what is held of the text from here on.
func (j *JSON) Rest() []byte { return j.w.B }

// Place is where Rest begins; after Peek that is the byte of Peek.
func (j *JSON) Place() Place { return j.at }

// advance steps over n bytes, which have so many characters.
func (j *JSON) advance(n, characters int) {
	j.w.B = j.w.B[n:]
	j.at.Column += int32(characters) //nolint:gosec // a place in a file
}

// Peek steps over space and returns the byte that stands there, 0 at the end.
func (j *JSON) Peek() byte {
	for {
		for n, c := range j.w.B {
			switch c {
			case ' ', '\t', '\r':
				j.at.Column++
			case '\n':
				j.at = Place{j.at.Line + 1, 1}
			default:
				j.w.B = j.w.B[n:]
				return c
			}
		}
		j.w.B = j.w.B[len(j.w.B):]
		if !j.w.Fill() {
			return 0
		}
	}
}

// Wrong says what is wrong with the text here, or that reading failed.
func (j *JSON) Wrong(remedy, format string, args ...any) error {
	if err := j.w.Failure(); err != nil {
		return err
	}
	return j.at.Problemf(remedy, format, args...)
}

// unexpected distinguishes a text that ends too early from one that is wrong.
func (j *JSON) unexpected(want string) error {
	if j.Peek(); len(j.w.B) == 0 {
		return j.Wrong(fmt.Sprintf("%s is missing: was the file cut off?", want), "the JSON ends in the middle")
	}
	return j.Wrong("", "the file is not JSON: %q stands where %s is wanted", j.w.B[:min(len(j.w.B), 12)], want)
}

// take steps over c, which must be there.
func (j *JSON) take(c byte) error {
	if j.Peek() != c {
		return j.unexpected(fmt.Sprintf("%q", c))
	}
	j.advance(1, 1)
	return nil
}

// Open begins a list or an object, with the bracket c; more goes on.
func (j *JSON) Open(c byte) error {
	if err := j.take(c); err != nil {
		return err
	}
	if j.depth++; j.depth > maxJSONDepth {
		return j.Wrong("is it an export?", "the JSON is nested more than %d deep", maxJSONDepth)
	}
	return nil
}

// More steps to the next item or member: over the comma, unless it is the first, or over the closing bracket.
func (j *JSON) More(first bool, closing byte) (bool, error) {
	switch c := j.Peek(); {
	case c == closing:
		j.advance(1, 1)
		j.depth--
		return false, nil
	case first:
		return true, nil
	case c != ',':
		return false, j.unexpected(fmt.Sprintf("a comma or %q", closing))
	}
	j.advance(1, 1)
	if j.Peek() == closing {
		return false, j.unexpected("another item")
	}
	return true, nil
}

// Items calls item for each item of the list, which item must read.
func (j *JSON) Items(item func(i int) error) error {
	if err := j.Open('['); err != nil {
		return err
	}
	for i := 0; ; i++ {
		ok, err := j.More(i == 0, ']')
		if err == nil && ok {
			err = item(i)
		}
		if err != nil || !ok {
			return err
		}
	}
}

// Members calls member for each member of the object with its key and the key's place; member must read the value. The
// key is good until then.
func (j *JSON) Members(member func(key []byte, at Place) error) error {
	if err := j.Open('{'); err != nil {
		return err
	}
	for i := 0; ; i++ {
		ok, err := j.More(i == 0, '}')
		if err != nil || !ok {
			return err
		}
		j.Peek()
		at := j.Place()
		key, err := j.Text()
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

// Text reads a text.
func (j *JSON) Text() ([]byte, error) {
	if j.Peek() != '"' {
		return nil, j.unexpected("a text in quotes")
	}
	n, escaped := 1, false
	for ; ; n++ {
		for n >= len(j.w.B) {
			if n > MaxRecord {
				return nil, j.Wrong("is its closing quote missing?", "the text is longer than %d bytes", MaxRecord)
			}
			if !j.w.Fill() {
				return nil, j.Wrong("close it, or was the file cut off?", "the quote that opens here is never closed")
			}
		}
		switch c := j.w.B[n]; {
		case c == '"':
			return j.unescaped(j.w.B[:n+1], escaped)
		case c == '\\':
			escaped = true
			n++
		case c < ' ':
			return nil, j.Wrong("is its closing quote missing?", "the text that begins here holds a control character (%q)", c)
		}
	}
}

// unescaped steps over the text with its quotes and returns what it means.
func (j *JSON) unescaped(quoted []byte, escaped bool) ([]byte, error) {
	out := quoted[1 : len(quoted)-1]
	switch {
	case escaped:
		var s string
		if err := json.Unmarshal(quoted, &s); err != nil {
			return nil, j.Wrong("", "the text %.40q is not JSON: %v", quoted, err)
		}
		out = norm.NFC.Bytes([]byte(s))
	case !utf8.Valid(out):
		return nil, j.Wrong("export the file as UTF-8", "the text %.40q is not UTF-8", out)
	}
	if len(out) > MaxRecord {
		return nil, j.Wrong("", "the text is longer than %d bytes", MaxRecord)
	}
	j.advance(len(quoted), utf8.RuneCount(quoted))
	return out, nil
}

// Word reads a number, true, false or null.
func (j *JSON) Word() ([]byte, error) {
	j.Peek()
	n := 0
	for n <= maxJSONWord && (n < len(j.w.B) || j.w.Fill()) && bytes.IndexByte([]byte(" \t\r\n,:]}[{\""), j.w.B[n]) < 0 {
		n++
	}
	w := j.w.B[:n]
	switch {
	case n == 0:
		return nil, j.unexpected("a value")
	case n > maxJSONWord || !json.Valid(w):
		return nil, j.Wrong("write a number, a text in quotes, true, false or null",
			"the file is not JSON: %.20q is no value", w)
	}
	j.advance(n, n)
	return w, nil
}

// Skip steps over a value, which must be JSON.
func (j *JSON) Skip() error {
	switch j.Peek() {
	case '"':
		_, err := j.Text()
		return err
	case '{':
		return j.Members(func([]byte, Place) error { return j.Skip() })
	case '[':
		return j.Items(func(int) error { return j.Skip() })
	}
	_, err := j.Word()
	return err
}

// Kind names the value that stands here, for messages.
func (j *JSON) Kind() string {
	switch j.Peek() {
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

// Finish checks that nothing stands behind the value.
func (j *JSON) Finish() error {
	if j.Peek(); len(j.w.B) > 0 || j.w.Failure() != nil {
		return j.Wrong("write one document a file", "text stands behind the JSON document (%.20q)",
			j.w.B[:min(len(j.w.B), 20)])
	}
	return nil
}
