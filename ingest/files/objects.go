package files

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"

	"rollcall/ingest/files/rows"
)

// objects reads NDJSON: one flat JSON object a line, whose keys are the columns. Values are texts, numbers, true, false
// or null, which is the same as leaving the key out.
type objects struct {
	lines   *splitter
	columns []string
	rec     rows.Record
	scratch []byte
	// unused is called for each key that is no column, once.
	unused func(rows.Problem)
	known  map[string]bool
}

func newObjects(r io.Reader, columns []string, unused func(rows.Problem)) *objects {
	return &objects{lines: newSplitter(r, '\n', 0), columns: columns, unused: unused, known: map[string]bool{}}
}

// maxKeys bounds the keys that are remembered as no columns.
const maxKeys = 100

func (o *objects) unknownKey(key string, at int) {
	if !o.known[key] && len(o.known) < maxKeys {
		o.known[key] = true
		o.unused(rows.Problem{Line: o.rec.Line, Column: o.rec.Column(&rows.Field{Start: at}), Field: key,
			Message: notUsed(key),
			Remedy:  nearColumn(key, o.columns, nil)})
	}
}

// Header returns all columns: every object may have any of them.
func (o *objects) Header() (*rows.Record, error) {
	head := &rows.Record{Line: 1}
	for _, c := range o.columns {
		head.Fields = append(head.Fields, rows.Field{Text: []byte(c), Line: 1})
	}
	return head, nil
}

func (o *objects) Next() (*rows.Record, error) {
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

// line returns the next line as it stands.
func (o *objects) line() ([]byte, error) {
	s := o.lines
	n, ended := s.lineEnd(0)
	switch {
	case s.err != nil:
		return nil, s.err
	case n == 0 && !ended:
		return nil, io.EOF
	case n > rows.MaxRecord:
		return nil, s.tooLong()
	}
	line := s.buf[s.pos : s.pos+n]
	o.rec = rows.Record{Line: s.line, Fields: o.rec.Fields[:0], Raw: line, Unended: !ended}
	s.advance(n)
	return line, nil
}

func (o *objects) read(line []byte) (*rows.Record, error) {
	for range o.columns {
		o.rec.Fields = append(o.rec.Fields, rows.Field{Line: o.rec.Line})
	}
	o.scratch = o.scratch[:0]
	p := objectReader{o: o, b: line}
	if wrong := p.object(); wrong != nil {
		return nil, rows.Problemf(o.rec.Line, o.rec.Column(&rows.Field{Start: min(p.at, len(line))}), wrong.Remedy, "%s",
			wrong.Message)
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

func noObject() *rows.Flaw {
	return rows.Flawf(`write one such as {"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"break"}`,
		"the line is not a flat JSON object")
}

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

func (p *objectReader) object() *rows.Flaw {
	if !p.take('{') {
		return noObject()
	}
	if !p.take('}') {
		for {
			if wrong := p.member(); wrong != nil {
				return wrong
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
		return rows.Flawf("write one object a line", "text stands behind the object (%.20q)", p.b[p.at:])
	}
	return nil
}

// cut tells a line that ends too early from one that is wrong.
func (p *objectReader) cut() *rows.Flaw {
	if p.at >= len(p.b) && p.o.rec.Unended {
		return rows.Flawf("", "the object is never closed (the file ends here without an end of line: was it cut off?)")
	}
	return noObject()
}

func (p *objectReader) member() *rows.Flaw {
	p.space()
	keyAt := p.at
	key, wrong := p.text()
	if wrong != nil {
		return wrong
	}
	if !p.take(':') {
		return p.cut()
	}
	p.space()
	c := slices.IndexFunc(p.o.columns, func(n string) bool { return n == string(key) })
	if c < 0 {
		c = columnCalled(string(key), p.o.columns)
	}
	f := rows.Field{Line: p.o.rec.Line, Start: p.at}
	if f.Text, wrong = p.value(); wrong != nil {
		return wrong
	}
	if c < 0 {
		p.o.unknownKey(string(key), keyAt)
		return nil
	}
	if p.seen&(1<<c) != 0 {
		p.at = keyAt
		return rows.Flawf("leave one of them out", "the key %.40q comes twice", key)
	}
	p.seen |= 1 << c
	p.o.rec.Fields[c] = f
	return nil
}

// value reads a text, a number, true, false or null (which is empty).
func (p *objectReader) value() ([]byte, *rows.Flaw) {
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
	return nil, rows.Flawf("lists and objects have no place here", "the value %.20q is neither a text nor a number", word)
}

// text reads a JSON string. Without escapes it is a part of the line.
func (p *objectReader) text() ([]byte, *rows.Flaw) {
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
		return nil, rows.Flawf("close it, or was the file cut off?", "the quote that opens here is never closed")
	}
	p.at++
	if !escaped {
		return p.b[start+1 : p.at-1], nil
	}
	var s string
	if err := json.Unmarshal(p.b[start:p.at], &s); err != nil {
		bad := p.b[start:p.at]
		p.at = start
		return nil, rows.Flawf("", "the text %.40q is not JSON: %s", bad, err)
	}
	from := len(p.o.scratch)
	p.o.scratch = append(p.o.scratch, s...)
	return p.o.scratch[from:], nil
}
