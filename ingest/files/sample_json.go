package files

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
)

// sampleLists gathers the lists of objects in JSON.
type sampleLists map[string]*SampleList

// json finds the lists of objects in a text of which only the beginning may be there: one document, or one a line.
func (s *Sample) json(data []byte) error {
	lists := sampleLists{}
	err := lists.lines(data)
	if err != nil {
		err = lists.document(rows.NewJSON(bytes.NewReader(data)), "")
	}
	for _, items := range slices.Sorted(maps.Keys(lists)) {
		list := lists[items]
		for i := range list.Rows {
			missing := len(list.Names) - len(list.Rows[i].Cells)
			list.Rows[i].Cells = append(list.Rows[i].Cells, make([]SampleCell, missing)...)
		}
		if len(list.Names) > 0 {
			s.Lists = append(s.Lists, *list)
		}
	}
	if len(s.Lists) > 0 {
		return nil
	}
	if err == nil {
		err = rows.Unusablef("a list of objects is wanted, or an object a line",
			"the JSON holds no list of objects with values")
	}
	return err
}

// lines reads an object a line. The error says that the text is no such file.
func (l sampleLists) lines(data []byte) error {
	for n, line := range bytes.Split(data, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		j := rows.NewJSON(bytes.NewReader(line))
		v, err := j.Value()
		if err == nil {
			err = j.Finish()
		}
		if err != nil && len(l) > 0 {
			return nil // the last line is cut off
		}
		if err != nil {
			return err
		}
		v.Line += int32(n) //nolint:gosec // a place in a file
		l.add("", []*rows.Value{&v})
	}
	return nil
}

// document reads the next value of a document, which lies behind the keys.
func (l sampleLists) document(j *rows.JSON, items string) error {
	switch j.Peek() {
	case '[':
		return j.Items(func(int) error {
			v, err := j.Value()
			if err == nil {
				l.add(items, []*rows.Value{&v})
			}
			return err
		})
	case '{':
		return j.Members(func(key []byte, _ rows.Place) error { return l.document(j, under(items, string(key))) })
	}
	return j.Skip()
}

// under is the place of a key.
func under(items, key string) string { return strings.TrimPrefix(items+"."+key, ".") }

// add takes a value that lies behind the keys; around are the objects that it lies in and itself, the innermost last.
func (l sampleLists) add(items string, around []*rows.Value) {
	v := around[len(around)-1]
	if v.Kind == '[' {
		for i := range v.Items {
			l.add(items, append(around[:len(around)-1:len(around)-1], &v.Items[i]))
		}
		return
	}
	if v.Kind != '{' {
		return
	}
	l.row(items, around)
	for i, key := range v.Keys {
		l.inner(under(items, key), around, &v.Items[i])
	}
}

// inner looks for lists in a value of an object.
func (l sampleLists) inner(items string, around []*rows.Value, v *rows.Value) {
	switch v.Kind {
	case '[':
		l.add(items, append(around[:len(around):len(around)], v))
	case '{':
		for i, key := range v.Keys {
			l.inner(under(items, key), append(around[:len(around):len(around)], v), &v.Items[i])
		}
	}
}

// row adds an object to its list: its values, and those around it that it has not itself.
func (l sampleLists) row(items string, around []*rows.Value) {
	list := l[items]
	if list == nil {
		list = &SampleList{Items: items}
		l[items] = list
	}
	if len(list.Rows) == sampleRows {
		return
	}
	row := SampleRow{Line: int(around[len(around)-1].Line), Cells: make([]SampleCell, len(list.Names))}
	had := map[string]bool{}
	for i := len(around) - 1; i >= 0; i-- {
		around[i].Paths(func(path string, v *rows.Value) {
			if had[path] {
				return
			}
			had[path] = true
			n := slices.Index(list.Names, path)
			if n < 0 && len(list.Names) == sampleNames {
				return
			}
			if n < 0 {
				n = len(list.Names)
				list.Names, row.Cells = append(list.Names, path), append(row.Cells, SampleCell{})
			}
			row.Cells[n].Text = v.Text
		})
	}
	list.Rows = append(list.Rows, row)
}
