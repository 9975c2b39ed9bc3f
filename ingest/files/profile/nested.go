package profile

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
)

// nestedRows reads JSON as a table: one row for each object of a list, whose columns are the dotted paths that the
// profile names. What an object does not have is looked for in those around it, from the list outwards. Several
// documents may follow each other (NDJSON).
type nestedRows struct {
	json *rows.JSON
	// items are the keys that lead to the list, names the columns.
	items, names []string
	seen         []bool
	warn         func(rows.Problem)
	next         func() (*rows.Record, error, bool)
	stop         func()
	rec          rows.Record
}

// Nested reads JSON as the profile says. Close ends the reading.
func (p *Profile) Nested(r io.Reader, warn func(rows.Problem)) interface {
	rows.Source
	io.Closer
} {
	n := &nestedRows{json: rows.NewJSON(r), names: p.fileColumns(), warn: warn}
	if p.Items != "" {
		n.items = strings.Split(p.Items, ".")
	}
	n.seen = make([]bool, len(n.names))
	n.next, n.stop = iter.Pull2(n.all)
	return n
}

// fileColumns lists the columns of the file that the profile names, each once.
func (p *Profile) fileColumns() []string {
	var all []string
	add := func(names ...string) {
		for _, name := range names {
			if name != "" && !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	sources := func(list []source) {
		for i := range list {
			add(list[i].columnsOf()...)
		}
	}
	sources(p.columns)
	rules := p.ignore
	for _, f := range p.facts {
		sources(f.columns)
		rules = append(rules[:len(rules):len(rules)], f.when...)
	}
	for _, r := range rules {
		add(r.column)
	}
	span := p.repeat.columns()
	add(span[:]...)
	add(p.fill...)
	if p.grid != nil {
		add(p.grid.date, p.grid.cell, p.grid.week)
	}
	return all
}

// Header returns the columns that the profile names: any object may have any of them.
func (n *nestedRows) Header() (*rows.Record, error) {
	head := &rows.Record{Line: 1}
	for _, name := range n.names {
		head.Fields = append(head.Fields, rows.Field{Text: []byte(name), Line: 1})
	}
	return head, nil
}

// Close ends the reading.
func (n *nestedRows) Close() error {
	n.stop()
	return nil
}

// errStopped says that nobody wants more rows.
var errStopped = errors.New("stopped")

// all yields the rows, and then what is wrong with the document.
func (n *nestedRows) all(yield func(*rows.Record, error) bool) {
	var err error
	for first := true; err == nil && (n.json.Peek() != 0 || first); first = false {
		err = n.find(n.items, yield)
	}
	if err == nil {
		err = n.json.Finish()
	}
	if err == nil {
		for i, name := range n.names {
			if !n.seen[i] {
				n.warn(rows.Problem{Field: name, Message: fmt.Sprintf("no entry of the JSON has %q", name)})
			}
		}
		err = io.EOF
	}
	if !errors.Is(err, errStopped) {
		yield(nil, err)
	}
}

// find reads the next value, in which the list lies behind the keys. A list on the way is read entry by entry.
func (n *nestedRows) find(keys []string, yield func(*rows.Record, error) bool) error {
	switch {
	case n.json.Peek() == '[':
		return n.json.Items(func(int) error { return n.entry(keys, yield) })
	case len(keys) == 0 || n.json.Peek() != '{':
		return n.entry(keys, yield)
	}
	var had []string
	found := false
	err := n.json.Members(func(key []byte, _ rows.Place) error {
		if string(key) == keys[0] {
			found = true
			return n.find(keys[1:], yield)
		}
		if len(had) < 20 {
			had = append(had, string(key))
		}
		return n.json.Skip()
	})
	if err == nil && !found {
		err = n.json.Wrong(fmt.Sprintf("it has %s; correct items in the profile", strings.Join(had, ", ")),
			"the JSON has no %q", keys[0])
	}
	return err
}

// entry reads an entry of the list, or one that holds the list behind the keys.
func (n *nestedRows) entry(keys []string, yield func(*rows.Record, error) bool) error {
	v, err := n.json.Value()
	if err != nil {
		return err
	}
	return n.expand([]*rows.Value{&v}, keys, yield)
}

// expand yields a row for each object behind the keys; around are the objects that it lies in, the innermost last.
func (n *nestedRows) expand(around []*rows.Value, keys []string, yield func(*rows.Record, error) bool) error {
	v := around[len(around)-1]
	switch {
	case v.Kind == '[':
		for i := range v.Items {
			if err := n.expand(append(around[:len(around)-1:len(around)-1], &v.Items[i]), keys, yield); err != nil {
				return err
			}
		}
		return nil
	case v.Kind != '{':
		wrong := v.Problemf("is items in the profile right?", "the entry is no object (%.20q)", v.Text)
		if v.Kind != 'n' && !yield(nil, wrong) {
			return errStopped
		}
		return nil
	case len(keys) > 0:
		if inner := v.Member(keys[0]); inner != nil {
			return n.expand(append(around[:len(around):len(around)], inner), keys[1:], yield)
		}
		return nil // an agent without states
	}
	if !yield(n.record(around), nil) {
		return errStopped
	}
	return nil
}

// record makes the row of an object.
func (n *nestedRows) record(around []*rows.Value) *rows.Record {
	own := around[len(around)-1]
	n.rec = rows.Record{Line: int(own.Line), Fields: n.rec.Fields[:0], Flaws: n.rec.Flaws[:0]}
	for i, name := range n.names {
		var v *rows.Value
		for k := len(around) - 1; k >= 0 && v == nil; k-- {
			v = around[k].At(name)
		}
		f := rows.Field{Line: int(own.Line), Start: int(own.Column) - 1}
		if v != nil {
			n.seen[i] = true
			f = rows.Field{Text: []byte(v.Text), Line: int(v.Line), Start: int(v.Column) - 1}
			if v.Kind == '{' || v.Kind == '[' {
				n.rec.AddFlaw(i, rows.Flawf("name what is in it, as a path with dots", "%q is not a single value", name))
			}
		}
		n.rec.Fields = append(n.rec.Fields, f)
	}
	return &n.rec
}

// Next returns the next row.
func (n *nestedRows) Next() (*rows.Record, error) {
	rec, err, more := n.next()
	if !more {
		return nil, io.EOF
	}
	return rec, err
}
