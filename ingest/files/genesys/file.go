package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/schemas"
)

// genesysFile gives the rows of a JSON file of Genesys Cloud. The file is one document that holds one long list, of
// agents or of activity codes. It is read twice: once to check that it is whole and to learn what stands beside the list,
// then item by item, of which one at a time is held, because what names an item may stand behind its rows.
type genesysFile struct {
	layout *genesysLayout
	reopen func() (io.ReadCloser, error)
	text   *jsonText
	survey genesysSurvey
	// item is the number of the item that is held in rows, index that of the next.
	item, index int
	inside      bool
	over        bool
	rows        []genesysRow
	at          int
	room        []byte // the texts of rows
	rec         record
	profile     *profiled // nil where none was named
}

// genesysLayout says where the rows of a kind of file stand.
type genesysLayout struct {
	kind Kind
	// list is the key of the list of items; bare says that a document may be nothing but the list.
	list string
	bare bool
	// keys are the JSON keys of the kind's columns, counted from the row; empty for columns that the file does not have.
	keys map[int]string
	// read reads one item into rows.
	read func(*genesysFile) error
}

// genesysRow is one row of an item. The texts are parts of room.
type genesysRow struct {
	cells [12]genesysCell
	spot  spot
	// list is the key of the list inside the item in which the row stands; shift is the number of the shift that holds the list.
	list         string
	shift, index int32
	problems     []Problem
	genesysTimes
}

// genesysCell is the value of a column and its place.
type genesysCell struct {
	from, to int32
	spot     spot
}

// placer is a source that knows better than a record where its columns stand and what they are called.
type placer interface {
	place(c int) (line, column int)
	called(c int) string
}

// genesysMarks are keys of the outermost object that no table has, and the kind of file that they tell.
var genesysMarks = map[string]Kind{
	"agentSchedules": Schedule, "publishedSchedules": Schedule, "businessUnitTimeZone": Schedule, "downloadUrl": Schedule,
	"operationId": Schedule, "result": Schedule, "weekCount": Schedule, "userDetails": Status,
}

// genesysKind tells from the beginning of a text whether it is a file of Genesys Cloud, and of which kind; empty if not.
func genesysKind(wanted Kind, head []byte) Kind {
	j := newJSONText(bytes.NewReader(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
	codes := wanted == Activities || wanted == Statuses
	switch j.peek() {
	case '[':
		if codes && j.open('[') == nil && (j.peek() == '{' || j.peek() == ']') {
			return wanted
		}
		return ""
	case '{':
	default:
		return ""
	}
	var found Kind
	_ = j.members(func(key []byte, _ spot) error { // it ends where the head ends
		if codes && string(key) == "entities" {
			found = wanted
		}
		if k := genesysMarks[string(key)]; k != "" && found == "" {
			found = k
		}
		return j.skip()
	})
	return found
}

// start gives the beginning of the text as UTF-8.
func (v *inspection) start() []byte {
	b, _ := io.ReadAll(decoded(bytes.NewReader(v.head), v.encoding)) // it may be cut inside a character
	return b
}

// openGenesys makes ready to read a file of Genesys Cloud of the kind it is.
func (t *table) openGenesys(in Input, look *inspection, opt *Options, is Kind, text io.Reader) error {
	if is != t.kind {
		t.report.whole(0, 0, "", fmt.Sprintf("the file holds Genesys Cloud data for `import %s`, not for `import %s`", is, t.kind))
		return nil
	}
	reopen := func() (io.ReadCloser, error) {
		f, err := in.Open()
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", in.Name, err)
		}
		again, err := textOf(f, look)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return struct {
			io.Reader
			io.Closer
		}{again, f}, nil
	}
	g := newGenesys(t.kind, text, reopen)
	if t.src = g; opt.Profile != nil {
		g.profile = opt.Profile.over(nil, t.report, &people{members: opt.roster}, 0)
	}
	if err := t.readHeader(); err != nil {
		return errors.Join(err, t.close())
	}
	if g.survey.zone == "" && g.profile != nil {
		g.survey.zone = g.profile.zone
	}
	return nil
}

// newGenesys makes the source of a kind of file.
func newGenesys(kind Kind, text io.Reader, reopen func() (io.ReadCloser, error)) *genesysFile {
	layouts := map[Kind]func() *genesysLayout{Schedule: genesysSchedules, Status: genesysDetails, Activities: genesysCodes, Statuses: genesysStatuses}
	return &genesysFile{layout: layouts[kind](), reopen: reopen, text: newJSONText(text), at: -1}
}

// header checks the whole document and gives the columns that its rows have.
func (g *genesysFile) header() (*record, error) {
	f, err := g.reopen()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	if err := g.survey.read(newJSONText(f), g.layout); err != nil {
		return nil, err
	}
	head := &record{line: 1}
	for c, name := range g.layout.kind.columns() {
		if g.layout.keys[c] != "" {
			head.fields = append(head.fields, field{text: []byte(name), line: 1})
		}
	}
	return head, nil
}

func (g *genesysFile) next() (*record, error) {
	for g.at+1 >= len(g.rows) {
		if g.over {
			return nil, io.EOF
		}
		g.rows, g.room, g.at = g.rows[:0], g.room[:0], -1
		if err := g.nextItem(); err != nil {
			g.over = true
			return nil, err
		}
	}
	g.at++
	row := &g.rows[g.at]
	g.rec = record{line: int(row.spot.line), fields: g.rec.fields[:0], flaws: g.rec.flaws[:0]}
	for c := range g.layout.kind.columns() {
		if g.layout.keys[c] != "" {
			cell := &row.cells[c]
			g.rec.fields = append(g.rec.fields, field{text: g.room[cell.from:cell.to:cell.to], line: int(cell.spot.line)})
		}
	}
	if g.profile != nil && g.layout.kind != Activities && g.layout.kind != Statuses {
		g.rename()
	}
	return &g.rec, nil
}

// rename puts the roster's agent, and the profile's code, in place of those of Genesys Cloud. Both columns come first.
func (g *genesysFile) rename() {
	agent := &g.rec.fields[0]
	id, wrong := g.profile.who(string(agent.text))
	if agent.text = []byte(id); wrong != "" {
		g.rec.flaws = append(g.rec.flaws, flaw{0, wrong})
	}
	if g.layout.kind != Schedule {
		return
	}
	code, category := &g.rec.fields[scheduleActivity], &g.rec.fields[scheduleCategory]
	means := g.profile.known[folded(string(code.text))]
	if means.code != "" {
		code.text = []byte(means.code)
	}
	if means.category != 0 {
		category.text = []byte(means.category.String())
	}
}

// nextItem reads the next item of the list.
func (g *genesysFile) nextItem() error {
	if !g.inside {
		g.inside = true
		if err := g.enter(g.survey.path); err != nil {
			return err
		}
	}
	ok, err := g.text.more(g.index == 0, ']')
	if err == nil && !ok {
		err = io.EOF
	}
	if err != nil {
		return err
	}
	g.item = g.index
	g.index++
	return g.layout.read(g)
}

// enter goes into the objects of the path and into the list at its end.
func (g *genesysFile) enter(path []string) error {
	for _, want := range path {
		if err := g.text.open('{'); err != nil {
			return err
		}
		for first := true; ; first = false {
			ok, err := g.text.more(first, '}')
			if err == nil && !ok {
				err = g.text.wrong("%q is gone; was the file changed while it was read?", want)
			}
			if err != nil {
				return err
			}
			key, err := g.text.text()
			found := err == nil && string(key) == want
			if err == nil {
				err = g.text.take(':')
			}
			if err == nil && !found {
				err = g.text.skip()
			}
			if err != nil {
				return err
			}
			if found {
				break
			}
		}
	}
	return g.text.open('[')
}

// place tells line and column of column c of the present row.
func (g *genesysFile) place(c int) (line, column int) {
	row := &g.rows[g.at]
	s := row.cells[c].spot
	if s.line == 0 {
		s = row.spot
	}
	return int(s.line), int(s.column)
}

// called is the JSON path of column c of the present row.
func (g *genesysFile) called(c int) string {
	row := &g.rows[g.at]
	if row.sort == genesysMarker && c == scheduleStart {
		return g.path(row, "businessUnitDate")
	}
	return g.path(row, g.layout.keys[c])
}

// path is the JSON path of a key of the row; keys that begin with a slash are counted from the item.
func (g *genesysFile) path(row *genesysRow, key string) string {
	var b strings.Builder
	b.WriteString(strings.Join(g.survey.path, "."))
	fmt.Fprintf(&b, "[%d]", g.item)
	if own, ok := strings.CutPrefix(key, "/"); ok {
		return b.String() + "." + own
	}
	if row.shift >= 0 {
		fmt.Fprintf(&b, ".shifts[%d]", row.shift)
	}
	if row.list != "" {
		fmt.Fprintf(&b, ".%s[%d]", row.list, row.index)
	}
	if key != "" {
		b.WriteString("." + key)
	}
	return strings.TrimPrefix(b.String(), ".")
}

// maxItemRows is how many rows one item may have: an agent's activities or states.
const maxItemRows = 100_000

// add begins a row; nil if the item has too many, which the last row tells.
func (g *genesysFile) add(list string, shift, index int) *genesysRow {
	n := len(g.rows)
	if n > maxItemRows {
		return nil
	}
	g.text.peek()
	g.rows = append(g.rows, genesysRow{spot: g.text.spot(), list: list, shift: int32(shift), index: int32(index)}) //nolint:gosec // fewer than bytes of a line
	row := &g.rows[n]
	if n == maxItemRows {
		g.problem(row, row.spot, "", fmt.Sprintf("has more than %d rows; the rest is left out: is it one agent?", maxItemRows))
		return nil
	}
	return row
}

// problem notes what is wrong with the row, for when it is its turn.
func (g *genesysFile) problem(row *genesysRow, at spot, key, message string) {
	row.problems = append(row.problems, Problem{Line: int(at.line), Column: int(at.column), Field: g.path(row, key), Message: message})
}

// keep puts a text into room.
func (g *genesysFile) keep(b []byte, at spot) genesysCell {
	from := len(g.room)
	g.room = append(g.room, b...)
	return genesysCell{int32(from), int32(len(g.room)), at} //nolint:gosec // the texts of one agent
}

// cell reads the value of column c: a text or, where words is set, a boolean. Anything else is a problem of the row.
func (g *genesysFile) cell(row *genesysRow, c int, words bool) error {
	kind, want := g.text.peek(), "a text in quotes"
	at := g.text.spot()
	isWord := kind == 't' || kind == 'f'
	if words {
		want = "true or false"
	}
	switch {
	case kind == 'n':
		return g.text.skip()
	case row.cells[c].spot.line > 0:
		g.problem(row, at, g.layout.keys[c], "the key comes twice; leave one of them out")
		return g.text.skip()
	case kind == '"' && !words:
		b, err := g.text.text()
		row.cells[c] = g.keep(b, at)
		return err
	case isWord && words:
		b, err := g.text.word()
		row.cells[c] = g.keep(b, at)
		return err
	}
	g.problem(row, at, g.layout.keys[c], fmt.Sprintf("is %s; write %s", g.text.kind(), want))
	return g.text.skip()
}

// object reads the members of an object that is a row or holds rows; anything else is a problem of the row.
func (g *genesysFile) object(row *genesysRow, key string, member func(key []byte) error) error {
	if g.text.peek() != '{' {
		if row != nil {
			g.problem(row, g.text.spot(), key, fmt.Sprintf("is %s; an object is wanted", g.text.kind()))
		}
		return g.text.skip()
	}
	return g.text.members(func(key []byte, _ spot) error { return member(key) })
}

// list reads a list inside an item. null is an empty list; anything else is told in a row of its own.
func (g *genesysFile) list(key string, shift int, item func(i int) error) error {
	switch g.text.peek() {
	case '[':
		return g.text.items(item)
	case 'n':
		return g.text.skip()
	}
	if row := g.add("", shift, 0); row != nil {
		g.problem(row, row.spot, key, fmt.Sprintf("is %s; a list is wanted", g.text.kind()))
	}
	return g.text.skip()
}

// nothing says that the present row is an agent with nothing scheduled.
func (g *genesysFile) nothing() bool { return g.rows[g.at].sort == genesysNothing }

// told rejects the present row if reading it found problems.
func (g *genesysFile) told(t *table) bool {
	row := &g.rows[g.at]
	for _, p := range row.problems {
		t.bad = true
		t.report.problem(p)
	}
	return len(row.problems) > 0
}

// genesysSurvey is what stands beside the list.
type genesysSurvey struct {
	// path are the keys that lead to the list; empty for a bare list.
	path []string
	// status and link are those of a search result.
	status string
	link   bool
	// zone is the business unit's time zone, empty where it is not told.
	zone string
	// published are the weeks that are published, in order and joined where they touch; as instants in UTC.
	published []schemas.Interval
	seen      map[string]bool
}

// read goes through the whole document.
func (v *genesysSurvey) read(j *jsonText, layout *genesysLayout) error {
	v.seen = map[string]bool{}
	var err error
	found := layout.bare && j.peek() == '['
	if found {
		err = j.skip()
	} else {
		err = j.members(func(key []byte, at spot) error { return v.member(j, layout, nil, string(key), at) })
		found = v.path != nil
	}
	if err == nil {
		err = j.finish()
	}
	if err != nil {
		return err
	}
	return v.usable(layout, found)
}

// member reads a member of the outermost object or of the result inside it.
func (v *genesysSurvey) member(j *jsonText, layout *genesysLayout, above []string, key string, at spot) error {
	wanted := key == layout.list
	beside := layout.kind == Schedule && slices.Contains([]string{"result", "status", "downloadUrl", "businessUnitTimeZone", "publishedSchedules"}, key)
	if !wanted && !beside {
		return j.skip()
	}
	if v.seen[key] {
		return &malformed{int(at.line), int(at.column), fmt.Sprintf("the key %q comes twice; leave one of them out", key)}
	}
	v.seen[key] = true
	switch {
	case wanted && j.peek() == '[':
		v.path = append(slices.Clone(above), key)
	case key == "result" && j.peek() == '{' && above == nil:
		return j.members(func(key []byte, at spot) error { return v.member(j, layout, []string{"result"}, string(key), at) })
	case key == "publishedSchedules" && j.peek() == '[':
		return j.items(func(int) error { return v.readPublished(j) })
	case beside && j.peek() == '"':
		return v.text(j, key)
	}
	return j.skip()
}

// text reads one of the texts beside the list.
func (v *genesysSurvey) text(j *jsonText, key string) error {
	at := j.spot()
	b, err := j.text()
	if err != nil {
		return err
	}
	switch key {
	case "status":
		v.status = string(b)
	case "downloadUrl":
		v.link = len(b) > 0
	case "businessUnitTimeZone":
		v.zone = string(b)
		if _, err := schemas.LoadZone(v.zone); err != nil {
			return &malformed{int(at.line), int(at.column), key + ": " + err.Error()}
		}
	}
	return nil
}

// readPublished adds one published schedule. One without date or length says nothing.
func (v *genesysSurvey) readPublished(j *jsonText) error {
	if j.peek() != '{' {
		return j.skip()
	}
	var first schemas.Date
	weeks := 0
	err := j.members(func(key []byte, _ spot) error {
		switch {
		case string(key) == "weekDate" && j.peek() == '"':
			b, err := j.text()
			if d, ok := readDate(b); ok {
				first = d
			}
			return err
		case string(key) == "weekCount" && j.peek() >= '1' && j.peek() <= '9':
			b, err := j.word()
			if n, ok := wholeNumber(b); ok && n <= maxWeeks {
				weeks = int(n)
			}
			return err
		}
		return j.skip()
	})
	weeksOf := schemas.Interval{Start: schemas.UTC.DayStart(first), End: schemas.UTC.DayStart(first).Add(int64(7*weeks) * schemas.DayMS)}
	if schemas.MinInstant <= weeksOf.Start && weeksOf.End <= schemas.MaxInstant {
		v.published = schemas.Union(append(v.published, weeksOf))
	}
	return err
}

// maxWeeks is how many weeks one schedule may have; Genesys Cloud allows six.
const maxWeeks = 53

// usable says why a document that is whole has nothing to import.
func (v *genesysSurvey) usable(layout *genesysLayout, found bool) error {
	switch {
	case layout.kind == Schedule && v.status != "" && letters(v.status) != "complete":
		return &malformed{message: fmt.Sprintf("the search for schedules is %.40q; ask for its result again until it is \"Complete\", and import that", v.status)}
	case !found && v.link:
		return &malformed{message: "the search result is only a link (downloadUrl); download what it points to and import that"}
	case !found:
		return &malformed{message: fmt.Sprintf("the file has no list %q; export it again, whole", layout.list)}
	}
	return nil
}
