package files

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// objects reads NDJSON: one flat JSON object a line, whose keys are the columns. Values are texts, numbers, true, false
// or null, which is the same as leaving the key out.
type objects struct {
	lines   *splitter
	columns []string
	rec     record
	scratch []byte
	// unused is told of each key that is no column, once.
	unused func(Problem)
	known  map[string]bool
}

func newObjects(r io.Reader, columns []string, unused func(Problem)) *objects {
	return &objects{lines: newSplitter(r, '\n'), columns: columns, unused: unused, known: map[string]bool{}}
}

// maxKeys bounds the keys that are remembered as no columns.
const maxKeys = 100

func (o *objects) unknownKey(key string, at int) {
	if !o.known[key] && len(o.known) < maxKeys {
		o.known[key] = true
		o.unused(Problem{Line: o.rec.line, Column: o.rec.column(&field{start: at}), Field: key,
			Message: unknownColumn(key, o.columns, &record{})})
	}
}

// header gives all columns: every object may have any of them.
func (o *objects) header() (*record, error) {
	head := &record{line: 1}
	for _, c := range o.columns {
		head.fields = append(head.fields, field{text: []byte(c), line: 1})
	}
	return head, nil
}

func (o *objects) next() (*record, error) {
	for {
		line, err := o.line()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		return o.read(line)
	}
}

// line gives the next line as it stands.
func (o *objects) line() ([]byte, error) {
	s := o.lines
	n, ended := s.lineEnd(0)
	switch {
	case s.err != nil:
		return nil, s.err
	case n == 0 && !ended:
		return nil, io.EOF
	case n > maxRecord:
		return nil, s.tooLong()
	}
	line := s.buf[s.pos : s.pos+n]
	o.rec = record{line: s.line, fields: o.rec.fields[:0], raw: line, unended: !ended}
	s.advance(n)
	return line, nil
}

func (o *objects) read(line []byte) (*record, error) {
	for range o.columns {
		o.rec.fields = append(o.rec.fields, field{line: o.rec.line})
	}
	o.scratch = o.scratch[:0]
	p := objectReader{o: o, b: line}
	if err := p.object(); err != nil {
		return nil, &malformed{o.rec.line, o.rec.column(&field{start: min(p.at, len(line))}), err.Error()}
	}
	return &o.rec, nil
}

// objectReader reads one line.
type objectReader struct {
	o    *objects
	b    []byte
	at   int
	seen uint32
}

var errNoObject = errors.New(`the line is not a flat JSON object; write one such as {"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"break"}`)

func (p *objectReader) space() {
	for p.at < len(p.b) && (p.b[p.at] == ' ' || p.b[p.at] == '\t' || p.b[p.at] == '\r') {
		p.at++
	}
}

// take steps over c, after spaces.
func (p *objectReader) take(c byte) bool {
	p.space()
	if p.at < len(p.b) && p.b[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *objectReader) object() error {
	if !p.take('{') {
		return errNoObject
	}
	if !p.take('}') {
		for {
			if err := p.member(); err != nil {
				return err
			}
			if p.take('}') {
				break
			}
			if !p.take(',') {
				return p.cut()
			}
		}
	}
	if p.space(); p.at < len(p.b) {
		return fmt.Errorf("text stands behind the object (%.20q); write one object a line", p.b[p.at:])
	}
	return nil
}

// cut tells a line that ends too early from one that is wrong.
func (p *objectReader) cut() error {
	if p.at >= len(p.b) && p.o.rec.unended {
		return errors.New("the object is never closed (the file ends here without an end of line: was it cut off?)")
	}
	return errNoObject
}

func (p *objectReader) member() error {
	p.space()
	keyAt := p.at
	key, err := p.text()
	if err != nil {
		return err
	}
	if !p.take(':') {
		return p.cut()
	}
	p.space()
	c := slices.IndexFunc(p.o.columns, func(n string) bool { return n == string(key) })
	if c < 0 {
		c = slices.IndexFunc(p.o.columns, func(n string) bool { return spelled(n) == spelled(string(key)) })
	}
	f := field{line: p.o.rec.line, start: p.at}
	if f.text, err = p.value(); err != nil {
		return err
	}
	if c < 0 {
		p.o.unknownKey(string(key), keyAt)
		return nil
	}
	if p.seen&(1<<c) != 0 {
		p.at = keyAt
		return fmt.Errorf("the key %.40q comes twice; leave one of them out", key)
	}
	p.seen |= 1 << c
	p.o.rec.fields[c] = f
	return nil
}

// value reads a text, a number, true, false or null (which is empty).
func (p *objectReader) value() ([]byte, error) {
	if p.at < len(p.b) && p.b[p.at] == '"' {
		return p.text()
	}
	start := p.at
	for p.at < len(p.b) && bytes.IndexByte([]byte(",}] \t\r"), p.b[p.at]) < 0 {
		p.at++
	}
	word := p.b[start:p.at]
	switch {
	case string(word) == "null":
		return nil, nil
	case len(word) > 0 && word[0] != '{' && word[0] != '[' && json.Valid(word):
		return word, nil
	}
	p.at = start
	if len(word) == 0 {
		return nil, p.cut()
	}
	return nil, fmt.Errorf("the value %.20q is neither a text nor a number; lists and objects have no place here", word)
}

// text reads a JSON string. Without escapes it is a part of the line.
func (p *objectReader) text() ([]byte, error) {
	if p.at >= len(p.b) || p.b[p.at] != '"' {
		return nil, p.cut()
	}
	start, escaped := p.at, false
	for p.at++; p.at < len(p.b) && p.b[p.at] != '"'; p.at++ {
		if p.b[p.at] == '\\' {
			escaped = true
			p.at++
		}
	}
	if p.at >= len(p.b) {
		p.at = start
		return nil, errors.New("the quote that opens here is never closed; close it, or was the file cut off?")
	}
	p.at++
	if !escaped {
		return p.b[start+1 : p.at-1], nil
	}
	var s string
	if err := json.Unmarshal(p.b[start:p.at], &s); err != nil {
		bad := p.b[start:p.at]
		p.at = start
		return nil, fmt.Errorf("the text %.40q is not JSON: %w", bad, err)
	}
	from := len(p.o.scratch)
	p.o.scratch = append(p.o.scratch, s...)
	return p.o.scratch[from:], nil
}
