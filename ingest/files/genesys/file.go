package genesys

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Kind is what a file holds, by the name of the kind of file that its rows become.
type Kind string

// The kinds of files.
const (
	Schedules Kind = "schedule"
	Details   Kind = "status"
	Codes     Kind = "activities"
	Presences Kind = "statuses"
)

// File yields the rows of a JSON file of Genesys Cloud. The file is one document that holds one long list, of agents or
// of activity codes. It is read twice: once to check that it is complete and to learn what stands beside the list, then
// item by item, of which one at a time is held, because what names an item may stand behind its rows.
type File struct {
	// Warn is called for what is odd and no problem of a row; it may be nil.
	Warn   func(rows.Problem)
	layout *layout
	reopen func() (io.ReadCloser, error)
	text   *rows.JSON
	survey survey
	// item is the number of the item whose rows are held, index that of the next.
	item, index int
	inside      bool
	over        bool
	rows        []row
	at          int
	texts       []byte // of rows
	rec         rows.Record
}

// layout says where the rows of a kind of file stand.
type layout struct {
	kind Kind
	// list is the key of the list of items; bare says that a document may be nothing but the list.
	list    string
	bare    bool
	columns []column
	// members read what the object of a row says, by key.
	members map[string]member
	// read reads one item into rows.
	read func(*File) error
}

// member reads the value of a key of a row.
type member func(*File, *row) error

// text reads a text into the column.
func text(column int) member { return func(f *File, r *row) error { return f.cell(r, column) } }

// choice reads true or false into the column.
func choice(column int) member {
	return func(f *File, r *row) error {
		return f.value(r, column, "true or false", "tf", f.text.Word)
	}
}

// column is one of our columns and the JSON key that it comes from, counted from the row or, with a slash, from the
// item.
type column struct{ name, key string }

// row is one row of an item. The texts are parts of File.texts.
type row struct {
	cells [8]cell
	spot  rows.Place
	// list is the key of the list inside the item in which the row stands; shift is the number of the shift that holds the
	// list.
	list         string
	shift, index int32
	problems     []rows.Problem
	Times
	// end is when a state ends, 0 where it does not say.
	end schemas.Instant
}

// cell is the value of a column and its place.
type cell struct {
	from, to int32
	spot     rows.Place
}

// Find returns the kind of file of Genesys Cloud whose text begins so, where a file of the kind wanted is expected;
// empty for any other file.
func Find(wanted string, head []byte) Kind {
	// keys of the outermost object that no table has
	marks := map[string]Kind{
		"agentSchedules": Schedules, "publishedSchedules": Schedules, "businessUnitTimeZone": Schedules,
		"downloadUrl": Schedules,
		"operationId": Schedules, "result": Schedules, "weekCount": Schedules, "userDetails": Details,
	}
	j := rows.NewJSON(bytes.NewReader(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
	codes := Kind(wanted) == Codes || Kind(wanted) == Presences
	if codes {
		marks["entities"] = Kind(wanted)
	}
	switch j.Peek() {
	case '[':
		if codes && j.Open('[') == nil && (j.Peek() == '{' || j.Peek() == ']') {
			return Kind(wanted)
		}
		return ""
	case '{':
	default:
		return ""
	}
	var found Kind
	_ = j.Members(func(key []byte, _ rows.Place) error { // it ends where the head ends
		if k := marks[string(key)]; k != "" && (found == "" || string(key) == "entities") {
			found = k
		}
		return j.Skip()
	})
	return found
}

// New makes the source of the rows in text. reopen opens the same text once more, to check it first.
func New(kind Kind, text io.Reader, reopen func() (io.ReadCloser, error)) *File {
	layouts := map[Kind]func() *layout{Schedules: schedules, Details: details, Codes: codes, Presences: presences}
	f := &File{layout: layouts[kind](), reopen: reopen, text: rows.NewJSON(text), at: -1}
	f.rec.Path = f.pathOf
	return f
}

// Header checks the whole document and returns the columns that its rows have.
func (f *File) Header() (*rows.Record, error) {
	again, err := f.reopen()
	if err != nil {
		return nil, err
	}
	defer func() { _ = again.Close() }() // only read
	if err := f.survey.read(rows.NewJSON(again), f.layout); err != nil {
		return nil, err
	}
	head := &rows.Record{Line: 1}
	for _, c := range f.layout.columns {
		head.Fields = append(head.Fields, rows.Field{Text: []byte(c.name), Line: 1})
	}
	return head, nil
}

// Next returns the next row. Its path names fields by their JSON path.
func (f *File) Next() (*rows.Record, error) {
	for f.at+1 >= len(f.rows) {
		if f.over {
			return nil, io.EOF
		}
		f.rows, f.texts, f.at = f.rows[:0], f.texts[:0], -1
		if err := f.nextItem(); err != nil {
			f.over = true
			return nil, err
		}
	}
	f.at++
	r := &f.rows[f.at]
	f.rec = rows.Record{Line: int(r.spot.Line), Fields: f.rec.Fields[:0], Flaws: f.rec.Flaws[:0], Problems: r.problems,
		Path: f.rec.Path}
	for i := range f.layout.columns {
		c := &r.cells[i]
		at := c.spot
		if at.Line == 0 {
			at = r.spot
		}
		f.rec.Fields = append(f.rec.Fields,
			rows.Field{Text: f.texts[c.from:c.to:c.to], Line: int(at.Line), Start: int(at.Column) - 1})
	}
	return &f.rec, nil
}

// Times returns the times of the present row of a schedule.
func (f *File) Times() *Times { return &f.rows[f.at].Times }

// TimeZone is that of the business unit; empty where the file does not name it.
func (f *File) TimeZone() string { return f.survey.zone }

// Published are the weeks that the file says are published, in order and joined where they touch, as dates in UTC.
func (f *File) Published() []schemas.Interval { return f.survey.published }

// nextItem reads the next item of the list.
func (f *File) nextItem() error {
	if !f.inside {
		f.inside = true
		if err := f.enter(f.survey.path); err != nil {
			return err
		}
	}
	ok, err := f.text.More(f.index == 0, ']')
	if err == nil && !ok {
		err = io.EOF
	}
	if err != nil {
		return err
	}
	f.item = f.index
	f.index++
	return f.layout.read(f)
}

// errEntered ends the reading of an object's members at the one that is wanted.
var errEntered = errors.New("the member was found")

// enter goes into the objects of the path and into the list at its end.
func (f *File) enter(path []string) error {
	for _, want := range path {
		err := f.text.Members(func(key []byte, _ rows.Place) error {
			if string(key) == want {
				return errEntered
			}
			return f.text.Skip()
		})
		if err == nil {
			err = f.text.Wrong("was the file changed while it was read?", "%q is gone", want)
		}
		if !errors.Is(err, errEntered) {
			return err
		}
	}
	return f.text.Open('[')
}

// pathOf is the JSON path of a field of the present row.
func (f *File) pathOf(field int) string {
	r := &f.rows[f.at]
	if r.Marker && f.layout.columns[field].name == "start" {
		return f.path(r, "businessUnitDate")
	}
	return f.path(r, f.layout.columns[field].key)
}

// path is the JSON path of a key of the row; keys that begin with a slash are counted from the item.
func (f *File) path(r *row, key string) string {
	var b strings.Builder
	b.WriteString(strings.Join(f.survey.path, "."))
	fmt.Fprintf(&b, "[%d]", f.item)
	if own, ok := strings.CutPrefix(key, "/"); ok {
		return b.String() + "." + own
	}
	if r.shift >= 0 {
		fmt.Fprintf(&b, ".shifts[%d]", r.shift)
	}
	if r.list != "" {
		fmt.Fprintf(&b, ".%s[%d]", r.list, r.index)
	}
	if key != "" {
		b.WriteString("." + key)
	}
	return strings.TrimPrefix(b.String(), ".")
}

// maxItemRows is how many rows one item may have: an agent's activities or states.
const maxItemRows = 100_000

// add begins a row; nil if the item has too many, which the last row reports.
func (f *File) add(list string, shift, index int) *row {
	n := len(f.rows)
	if n > maxItemRows {
		return nil
	}
	f.text.Peek()
	//nolint:gosec // fewer than bytes of a line
	f.rows = append(f.rows, row{spot: f.text.Place(), list: list, shift: int32(shift), index: int32(index)})
	r := &f.rows[n]
	if n == maxItemRows {
		f.problem(r, r.spot, "", "the rest is left out: is it one agent?", "has more than %d rows", maxItemRows)
		return nil
	}
	return r
}

// problem notes what is wrong with the row, for when it is its turn.
func (f *File) problem(r *row, at rows.Place, key, remedy, format string, args ...any) {
	p := at.Problemf(remedy, format, args...)
	p.Field = f.path(r, key)
	r.problems = append(r.problems, *p)
}

// warn tells what is odd about the row.
func (f *File) warn(r *row, remedy, format string, args ...any) {
	if f.Warn != nil {
		p := r.spot.Problemf(remedy, format, args...)
		p.Field = f.path(r, "")
		f.Warn(*p)
	}
}

// put stores a text of the rows.
func (f *File) put(b []byte, at rows.Place) cell {
	from := len(f.texts)
	f.texts = append(f.texts, b...)
	return cell{int32(from), int32(len(f.texts)), at} //nolint:gosec // the texts of one agent
}

func (f *File) textOf(c cell) []byte { return f.texts[c.from:c.to] }

// cell reads the value of a column, which is a text. Anything else is a problem of the row.
func (f *File) cell(r *row, column int) error {
	return f.value(r, column, "a text in quotes", "\"", f.text.Text)
}

// textIfAny reads the value of a column if it is a text, and passes anything else over.
func (f *File) textIfAny(r *row, column int) error {
	if f.text.Peek() != '"' {
		return f.text.Skip()
	}
	return f.cell(r, column)
}

// value reads the value of a column, which begins with one of the bytes.
func (f *File) value(r *row, column int, want, begins string, read func() ([]byte, error)) error {
	first := f.text.Peek()
	at, key := f.text.Place(), f.layout.columns[column].key
	switch {
	case first == 'n':
	case r.cells[column].spot.Line > 0:
		f.problem(r, at, key, "leave one of them out", "the key comes twice")
	case strings.IndexByte(begins, first) < 0:
		f.problem(r, at, key, "write "+want, "is %s", f.text.Kind())
	default:
		b, err := read()
		r.cells[column] = f.put(b, at)
		return err
	}
	return f.text.Skip()
}

// object reads the members of an object that is a row or holds rows; anything else is a problem of the row.
func (f *File) object(r *row, key string, member func(key []byte) error) error {
	if f.text.Peek() != '{' {
		f.problem(r, f.text.Place(), key, "an object is wanted", "is %s", f.text.Kind())
		return f.text.Skip()
	}
	return f.text.Members(func(key []byte, _ rows.Place) error { return member(key) })
}

// fields reads the object of a row by the members of the layout.
func (f *File) fields(r *row) error {
	return f.object(r, "", func(key []byte) error {
		if read := f.layout.members[string(key)]; read != nil {
			return read(f, r)
		}
		return f.text.Skip()
	})
}

// agent reads an item that is an agent: member reads what is known of the agent into a row, and adds rows to which the
// agent's column is copied. Anything but an object is a row with a problem.
func (f *File) agent(with string, member func(agent *row, key []byte) error) error {
	agent := row{shift: -1}
	if f.text.Peek() != '{' {
		if r := f.add("", -1, 0); r != nil {
			f.problem(r, r.spot, "", fmt.Sprintf("an object with %s is wanted", with), "is %s", f.text.Kind())
		}
		return f.text.Skip()
	}
	agent.spot = f.text.Place()
	err := f.text.Members(func(key []byte, _ rows.Place) error { return member(&agent, key) })
	if err != nil {
		return err
	}
	if len(f.rows) == 0 && f.layout.kind == Schedules {
		f.rows = append(f.rows, row{spot: agent.spot, shift: -1, Times: Times{Free: true}})
	}
	for i := range f.rows {
		f.rows[i].cells[0] = agent.cells[0]
		if i == 0 {
			f.rows[0].problems = append(f.rows[0].problems, agent.problems...)
		}
	}
	return nil
}

// list reads a list inside an item. null is an empty list; anything else is reported in a row of its own.
func (f *File) list(key string, shift int, item func(i int) error) error {
	switch f.text.Peek() {
	case '[':
		return f.text.Items(item)
	case 'n':
		return f.text.Skip()
	}
	if r := f.add("", shift, 0); r != nil {
		f.problem(r, r.spot, key, "a list is wanted", "is %s", f.text.Kind())
	}
	return f.text.Skip()
}

// each reads the rows of a list inside an item.
func (f *File) each(key string, shift int, read func(*row) error) error {
	return f.list(key, shift, func(i int) error {
		if r := f.add(key, shift, i); r != nil {
			return read(r)
		}
		return f.text.Skip()
	})
}

// survey is what stands beside the list.
type survey struct {
	// path are the keys that lead to the list; empty for a bare list.
	path []string
	// status and link are those of a search result, zone is the business unit's time zone; empty where there is none.
	status, link, zone string
	zoneAt             rows.Place
	// published are the weeks that are published, in order and joined where they touch; as instants in UTC.
	published []schemas.Interval
	seen      map[string]bool
}

// read goes through the whole document.
func (v *survey) read(j *rows.JSON, layout *layout) error {
	v.seen = map[string]bool{}
	var err error
	found := layout.bare && j.Peek() == '['
	if found {
		err = j.Skip()
	} else {
		err = j.Members(func(key []byte, at rows.Place) error { return v.member(j, layout, nil, string(key), at) })
		found = v.path != nil
	}
	if err == nil {
		err = j.Finish()
	}
	if err != nil {
		return err
	}
	return v.usable(layout, found)
}

// member reads a member of the outermost object or of the result inside it.
func (v *survey) member(j *rows.JSON, layout *layout, above []string, key string, at rows.Place) error {
	texts := map[string]*string{"status": &v.status, "downloadUrl": &v.link, "businessUnitTimeZone": &v.zone}
	beside := layout.kind == Schedules && (texts[key] != nil || key == "result" || key == "publishedSchedules")
	if key != layout.list && !beside {
		return j.Skip()
	}
	if v.seen[key] {
		return at.Problemf("leave one of them out", "the key %q comes twice", key)
	}
	v.seen[key] = true
	switch first := j.Peek(); {
	case key == layout.list && first == '[':
		v.path = append(slices.Clone(above), key)
	case key == "result" && first == '{' && above == nil:
		return j.Members(func(key []byte, at rows.Place) error {
			return v.member(j, layout, []string{"result"}, string(key), at)
		})
	case key == "publishedSchedules" && first == '[':
		return j.Items(func(int) error { return v.readPublished(j) })
	case texts[key] != nil && first == '"':
		if key == "businessUnitTimeZone" {
			v.zoneAt = j.Place()
		}
		b, err := j.Text()
		*texts[key] = string(b)
		return err
	}
	return j.Skip()
}

// readPublished adds one published schedule. One without date or length is passed over.
func (v *survey) readPublished(j *rows.JSON) error {
	if j.Peek() != '{' {
		return j.Skip()
	}
	var first schemas.Date
	weeks := int64(0)
	err := j.Members(func(key []byte, _ rows.Place) error {
		switch {
		case string(key) == "weekDate" && j.Peek() == '"':
			b, err := j.Text()
			if d, ok := rows.ParseDate(b); ok {
				first = d
			}
			return err
		case string(key) == "weekCount" && j.Peek() >= '1' && j.Peek() <= '9':
			b, err := j.Word()
			if n, ok := wholeNumber(b); ok && n <= maxWeeks {
				weeks = n
			}
			return err
		}
		return j.Skip()
	})
	start := schemas.UTC.DayStart(first)
	published := schemas.Interval{Start: start, End: start.Add(7 * weeks * schemas.DayMS)}
	if schemas.MinInstant <= published.Start && published.End <= schemas.MaxInstant {
		v.published = schemas.Union(append(v.published, published))
	}
	return err
}

// maxWeeks is how many weeks one schedule may have; Genesys Cloud allows six.
const maxWeeks = 53

// usable says why a complete document has nothing to import.
func (v *survey) usable(layout *layout, found bool) error {
	_, err := schemas.LoadZone(v.zone)
	switch {
	case err != nil && v.zoneAt.Line > 0:
		return v.zoneAt.Problemf("", "businessUnitTimeZone: %s", err)
	case v.status != "" && rows.FoldLetters(v.status) != "complete":
		return rows.Problemf(0, 0, `ask for its result again until it is "Complete", and import that`,
			"the search for schedules is %.40q", v.status)
	case !found && v.link != "":
		return rows.Problemf(0, 0, "download what it points to and import that",
			"the search result is only a link (downloadUrl)")
	case !found:
		return rows.Problemf(0, 0, "export it again, whole", "the file has no list %q", layout.list)
	}
	return nil
}
