package files

import (
	"bytes"
	"io"

	"rollcall/ingest/files/rows"
)

// objects reads NDJSON: one flat JSON object a line, whose keys are the columns. Values are texts, numbers, true, false
// or null, which is the same as leaving the key out.
type objects struct {
	lines   *splitter
	columns []string
	rec     rows.Record
	json    rows.JSON
	// seen says which columns the present object has.
	seen uint32
	// unused is called for each key that is no column, once.
	unused func(rows.Problem)
	known  map[string]bool
}

func newObjects(r io.Reader, columns []string, unused func(rows.Problem)) *objects {
	return &objects{lines: newSplitter(r, '\n', 0), columns: columns, unused: unused, known: map[string]bool{}}
}

// maxKeys bounds the keys that are remembered as no columns.
const maxKeys = 100

func (o *objects) unknownKey(key string, at rows.Place) {
	if !o.known[key] && len(o.known) < maxKeys {
		o.known[key] = true
		p := at.Problemf(nearColumn(key, o.columns, nil), "%s", notUsed(key))
		p.Field = key
		o.unused(*p)
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
		number := o.lines.line
		line, ended, err := o.lines.present()
		if err != nil {
			return nil, err
		}
		o.rec = rows.Record{Line: number, Fields: o.rec.Fields[:0], Raw: line, Unended: !ended}
		if len(bytes.TrimSpace(line)) > 0 {
			err = o.read(line)
		}
		o.lines.skipLine(len(line))
		if err != nil {
			return nil, err
		}
		if len(o.rec.Fields) > 0 {
			return &o.rec, nil
		}
	}
}

// read reads the object of a line into the record.
func (o *objects) read(line []byte) error {
	for range o.columns {
		o.rec.Fields = append(o.rec.Fields, rows.Field{Line: o.rec.Line})
	}
	o.seen = 0
	o.json.Reset(line, o.rec.Line)
	if o.json.Peek() != '{' {
		return o.json.Wrong(`write one such as {"agent_id":"ana","at":"2026-03-02T09:00:00Z","status":"break"}`,
			"the line is not a flat JSON object")
	}
	err := o.json.Members(o.member)
	if o.json.Peek(); err == nil && len(o.json.Rest()) > 0 {
		err = o.json.Wrong("write one object a line", "text stands behind the object (%.20q)", o.json.Rest())
	}
	return err
}

func (o *objects) member(key []byte, at rows.Place) error {
	c := rows.IndexName(o.columns, string(key))
	if c < 0 {
		o.unknownKey(string(key), at)
	} else if o.seen&(1<<c) != 0 {
		return at.Problemf("leave one of them out", "the key %.40q comes twice", key)
	}
	value, start, err := o.value()
	if err == nil && c >= 0 {
		o.seen |= 1 << c
		f := &o.rec.Fields[c]
		f.Text, f.Start = value, start
	}
	return err
}

// value reads a text, a number, true, false or null (which is empty), and returns where it begins.
func (o *objects) value() (text []byte, start int, err error) {
	first, rest := o.json.Peek(), o.json.Rest()
	start = len(o.rec.Raw) - len(rest)
	switch first {
	case '"':
		text, err = o.json.Text()
		text = rows.Bare(text)
	case '{', '[':
		if end := bytes.IndexAny(rest, ",}] \t\r"); end >= 0 {
			rest = rest[:end]
		}
		err = o.json.Wrong("lists and objects have no place here", "the value %.20q is neither a text nor a number", rest)
	default:
		if text, err = o.json.Word(); string(text) == "null" {
			text = nil
		}
	}
	return text, start, err
}
