package profile

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

// Rows yields the rows of a file as its profile means them: with our columns, dates as 2026-03-02, times as 09:00:00.
// What cannot be understood stays as it is and is a flaw of its field. Places are those of the file.
type Rows struct {
	*Profile
	Context
	src    rows.Source
	people people

	// width and named are how many columns the header has, and how many up to the last with a name.
	width, named int
	absent       []string // columns that the profile needs and the file does not have

	first *rows.Record // of a file without a header
	taken []takenColumn
	rules []takenRule // which rows are passed over
	made  []takenFact
	// planned are the rows that the present row of the file makes, of which those before plannedAt are done; day is that
	// of the present one.
	present   *rows.Record
	planned   []plannedRow
	plannedAt int
	day       schemas.Date
	// span are the fields of the first and last date of a row that repeats, -1 where there are none.
	span [2]int
	// ignored are rows that rules pass over, unmade those that make none of ours.
	ignored, unmade passed

	rec    rows.Record
	text   []byte
	ends   []int
	cut    []byte
	pieces gridRows
	doubt  dayMonthDoubt
	by     patterns // what dates were read by
	clocks map[string]clockText
}

// clockText is what a time of day was read as, or what is wrong with it.
type clockText struct {
	text  string
	wrong *rows.Flaw
}

// maxRemembered bounds the texts of a file whose reading is remembered.
const maxRemembered = 1 << 12

// takenColumn is one of our columns and the fields of the file that it is made of.
type takenColumn struct {
	source
	form   rows.Form
	fields []int
	values map[string]string
}

// rowText is a text that is being made, with the place that it comes from.
type rowText struct {
	text  string
	at    rows.Field
	wrong *rows.Flaw
}

// Context is what the rows of a profile depend on besides their file.
type Context struct {
	// Members is the roster, in which agents are found by e-mail address or name.
	Members []schemas.Membership
	// From and To are the first and the last date to replace, 0 where they are not given.
	From, To schemas.Date
	// Warn is called for what may be wrong with the file, Unfit for what makes it unusable.
	Warn, Unfit func(rows.Problem)
}

// Over reads the source as the profile says.
func (p *Profile) Over(src rows.Source, c Context) *Rows {
	return &Rows{
		Profile: p,
		Context: c,
		src:     p.paired(p.plain(src, &c), &c),
		people:  people{members: c.Members},
		clocks:  map[string]clockText{},
		pieces:  gridRows{spans: map[string]timeSpan{}},
	}
}

// Header returns our columns, at the places of the file's header.
func (p *Rows) Header() (*rows.Record, error) {
	head, err := p.src.Header()
	if err != nil {
		return nil, err
	}
	p.width, p.named = len(head.Fields), head.Named()
	names := columnNames(head, p.Headers)
	p.resolve(head, names)
	if p.grid != nil {
		p.pieces.Rows = p
		p.pieces.readDays(head, names)
	} else {
		p.fits(head)
	}
	out := &rows.Record{Line: head.Line, Raw: head.Raw}
	for _, c := range p.taken {
		at := rows.Field{Line: head.Line}
		if len(c.fields) > 0 {
			at = head.Fields[c.fields[0]]
		}
		at.Text = []byte(c.name)
		out.Fields = append(out.Fields, at)
	}
	if p.Headers == 0 {
		p.first = head
	}
	return out, nil
}

// resolve finds the fields of every column of the profile.
func (p *Rows) resolve(head *rows.Record, names []string) {
	for _, c := range p.columns {
		if t, whole := p.find(c, head, names); whole {
			p.taken = append(p.taken, t)
		}
	}
	p.take("time_zone", p.TimeZone != "")
	for _, a := range p.known {
		p.take("category", p.schedules() && a.category != 0)
		p.take("paid", p.schedules() && a.paid != "")
	}
	for _, name := range []string{"activity", "date", "start_time", "end_time"} {
		p.take(name, p.grid != nil)
	}
	for _, name := range p.fill {
		if rows.IndexName(names, name) < 0 {
			p.lacks(head, names, name, "")
		}
	}
	p.rules = p.findRules(p.ignore, head, names)
	p.span = [2]int{-1, -1}
	for i, name := range p.repeat.columns() {
		if name == "" {
			continue
		}
		if p.span[i] = rows.IndexName(names, name); p.span[i] < 0 {
			p.lacks(head, names, name, "date")
		}
	}
	p.makeFacts(head, names)
}

// take adds a column that the profile itself fills, if it is to and nothing else fills it.
func (p *Rows) take(name string, is bool) {
	if is && !slices.ContainsFunc(p.taken, func(c takenColumn) bool { return c.name == name }) {
		t := takenColumn{source: source{name: name}}
		if c := p.layout.Find(name); c != nil { // a kind without local times has no time_zone
			t.form = c.Form
		}
		p.taken = append(p.taken, t)
	}
}

// lacks reports a column that is not in the file: a problem where the kind needs it, otherwise a warning.
func (p *Rows) lacks(head *rows.Record, names []string, name, ours string) {
	near := ""
	if n := schemas.Nearest(name, names); n != "" {
		near = fmt.Sprintf("did it mean %q?", n)
	}
	if ours == "" || p.grid != nil ||
		slices.ContainsFunc(p.layout.Required, func(set []string) bool { return slices.Contains(set, ours) }) {
		if text := strings.TrimSuffix(fmt.Sprintf("%q (%s)", name, near), " ()"); !slices.Contains(p.absent, text) {
			p.absent = append(p.absent, text)
		}
		return
	}
	p.Warn(rows.Problem{Line: head.Line, Field: ours, Message: fmt.Sprintf("the profile %s takes it from the column %q, "+
		"which the file does not have (it has %s)", p.Name, name, head.Quoted()),
		Remedy: rows.Remedies(near, "it stays empty")})
}

// fits reports, in one problem, the columns that the profile needs and the file does not have.
func (p *Rows) fits(head *rows.Record) bool {
	if len(p.absent) == 0 {
		return true
	}
	p.Unfit(rows.Problem{Line: head.Line, Message: fmt.Sprintf("the profile %s does not fit the file, which has no "+
		"column %s (it has %s)", p.Name, strings.Join(p.absent, ", "), head.Quoted()), Remedy: rows.OtherLayout(p.Kind)})
	return false
}

// Next returns the next row that is not to be passed over.
func (p *Rows) Next() (*rows.Record, error) {
	for {
		if rec := p.nextMade(); rec != nil {
			return rec, nil
		}
		rec, err := p.source()
		if errors.Is(err, io.EOF) {
			p.doubt.report(p.Warn, p.by)
			p.ignored.warn(p.Warn, "the profile says so (ignore)")
			p.unmade.warn(p.Warn, "none of the profile's rows holds for them, or their columns are empty")
		}
		if err != nil {
			return nil, err
		}
		if wrong := rec.Fit(p.width, p.named); wrong != nil {
			return nil, wrong
		}
		switch {
		case slices.ContainsFunc(p.rules, func(r takenRule) bool { return r.holds(rec) }):
			p.ignored.add(rec.Line)
		case p.grid != nil:
			p.pieces.read(rec)
		default:
			p.present = rec
			p.plan(rec)
		}
	}
}

// nextMade returns the next row that the present row of the file makes; nil when it makes no more.
func (p *Rows) nextMade() *rows.Record {
	if p.grid != nil {
		return p.pieces.next()
	}
	for p.plannedAt < len(p.planned) {
		next := &p.planned[p.plannedAt]
		p.plannedAt++
		if out := p.row(p.present, next); out != nil {
			return out
		}
		p.ignored.add(p.present.Line)
	}
	return nil
}

func (p *Rows) source() (*rows.Record, error) {
	if rec := p.first; rec != nil {
		p.first = nil
		return rec, nil
	}
	return p.src.Next()
}

// SkipRow passes over what the present row of the file makes besides.
func (p *Rows) SkipRow() { p.pieces.queue, p.planned = nil, p.planned[:0] }

// row makes a planned row of the present one of the file; nil where its activity is to be passed over.
func (p *Rows) row(rec *rows.Record, plan *plannedRow) *rows.Record {
	p.begin(rec)
	p.day = plan.day
	var means activity
	columns := p.made[plan.fact].columns
	for i := range columns {
		if c := &columns[i]; c.name == "activity" {
			means = p.known[folded(p.joined(rec, c))]
		}
	}
	if means.ignore {
		return nil
	}
	for i := range columns {
		c := &columns[i]
		t := p.textOf(rec, c)
		if c.weekday != "" {
			t.text, t.wrong = p.day.String(), plan.wrong
		}
		t.text = means.of(c.name, t.text)
		p.put(t)
	}
	return p.done()
}

// begin, put and done make a record of texts.
func (p *Rows) begin(rec *rows.Record) {
	p.rec = rows.Record{Line: rec.Line, Raw: rec.Raw, Unended: rec.Unended, Fields: p.rec.Fields[:0],
		Flaws: p.rec.Flaws[:0]}
	p.text, p.ends = p.text[:0], p.ends[:0]
}

func (p *Rows) put(t rowText) {
	p.rec.AddFlaw(len(p.rec.Fields), t.wrong)
	p.text = append(p.text, t.text...)
	p.ends = append(p.ends, len(p.text))
	p.rec.Fields = append(p.rec.Fields, t.at)
}

func (p *Rows) done() *rows.Record {
	from := 0
	for i := range p.rec.Fields {
		p.rec.Fields[i].Text = p.text[from:p.ends[i]]
		from = p.ends[i]
	}
	return &p.rec
}

// joined returns the text of a column's fields as they are in the file, or what the profile's values make of it.
func (p *Rows) joined(rec *rows.Record, c *takenColumn) string {
	text := c.value
	if len(c.from) > 0 {
		p.cut = p.cut[:0]
		for i, n := range c.fields {
			if i > 0 {
				p.cut = append(p.cut, c.between...)
			}
			p.cut = append(p.cut, bytes.TrimSpace(rec.Fields[n].Text)...)
		}
		text = strings.TrimSpace(string(p.cut))
	}
	if v, ok := c.values[folded(text)]; ok {
		return v
	}
	return text
}

// textOf returns the text of one of our columns.
func (p *Rows) textOf(rec *rows.Record, c *takenColumn) rowText {
	t := rowText{at: rows.Field{Line: rec.Line}}
	if len(c.fields) > 0 {
		t.at = rec.Fields[c.fields[0]]
	}
	for _, w := range rec.Flaws {
		if slices.Contains(c.fields, w.Field) {
			t.at, t.wrong = rec.Fields[w.Field], &w
			return t
		}
	}
	if c.date != "" {
		return p.twoHalves(rec, c, t)
	}
	if c.length != "" {
		return p.ending(rec, c, t)
	}
	t.text = p.joined(rec, c)
	if c.name == "time_zone" && t.text == "" {
		t.text = p.TimeZone
	}
	if t.text == "" {
		return t
	}
	if c.name == "agent_id" {
		t.text, t.wrong = p.who(&p.people, t.text)
		return t
	}
	switch c.form {
	case rows.FormDate:
		t.text, t.wrong = p.dateOf(t.text, t.at.Dated)
	case rows.FormTime:
		t.text, t.wrong = p.timeOf(t.text, t.at.Dated)
	case rows.FormInstant:
		t.text, t.wrong = p.instantOf(t.text, t.at.Dated)
	case rows.FormText, rows.FormNumber:
	}
	return t
}

// ending makes the end of a stretch of time: the text of its column or, where that is empty, the length of it.
func (p *Rows) ending(rec *rows.Record, c *takenColumn, t rowText) rowText {
	if len(c.from) > 0 {
		own := *c
		own.length, own.fields = "", c.fields[:len(c.from)]
		if t = p.textOf(rec, &own); t.text != "" || t.wrong != nil {
			return t
		}
	}
	f := &rec.Fields[c.fields[len(c.fields)-1]]
	text := strings.TrimSpace(string(f.Text))
	if t.at, t.text = *f, text; text == "" {
		return t
	}
	ms, wrong := lengthOf(text, c.unit)
	if t.wrong = wrong; wrong == nil {
		t.text = string(rows.AppendLength(nil, ms))
	}
	return t
}

// twoHalves makes an instant of a date and a time in two columns; 24:00 is the next midnight.
func (p *Rows) twoHalves(rec *rows.Record, c *takenColumn, t rowText) rowText {
	date, clock := &rec.Fields[c.fields[0]], &rec.Fields[c.fields[1]]
	dateText, clockText := strings.TrimSpace(string(date.Text)), strings.TrimSpace(string(clock.Text))
	if dateText == "" && clockText == "" {
		return t
	}
	text, wrong := p.dateOf(dateText, date.Dated)
	day, ok := rows.ParseDate([]byte(text))
	if wrong == nil && !ok {
		wrong = rows.Flawf("write one, or correct the profile's dates", "%.40q is not a date", dateText)
	}
	if wrong != nil {
		t.text, t.wrong = dateText, wrong
		return t
	}
	t.at = *clock
	text, t.wrong = p.timeOf(clockText, clock.Dated)
	at, ok := rows.ParseClock(text)
	if t.wrong == nil && !ok {
		t.wrong = notATime(clockText)
	}
	if t.text = clockText; t.wrong == nil {
		t.text = localText(day, at.MS)
	}
	return t
}

// localText writes date and time, of which the time may lie on a later day.
func localText(day schemas.Date, ms int64) string {
	day += schemas.Date(ms / schemas.DayMS) //nolint:gosec // at most a few days
	return string(rows.AppendTimeOfDay([]byte(day.String()+" "), ms%schemas.DayMS))
}

// dateOf reads a date as the profile has it. Without patterns it stays as it is.
func (p *Rows) dateOf(s string, dated bool) (text string, wrong *rows.Flaw) {
	if s == "" {
		return "", nil
	}
	if dated || len(p.dates) == 0 {
		return strings.TrimSuffix(s, " 00:00:00"), nil
	}
	day, _, wrong := p.dates.read(s, "date")
	if wrong != nil {
		return s, wrong
	}
	p.dated(s, day, p.dates)
	return day.String(), nil
}

// dated takes note of a date that a pattern has read.
func (p *Rows) dated(s string, day schemas.Date, by patterns) {
	p.by = by
	p.doubt.see(s, day, p.rec.Line, by)
}

// timeOf reads a time of day as the profile has it.
func (p *Rows) timeOf(s string, dated bool) (text string, wrong *rows.Flaw) {
	if s == "" || dated {
		return s, nil
	}
	t, known := p.clocks[s]
	if !known {
		t.text, t.wrong = p.readTime(s)
		if len(p.clocks) < maxRemembered {
			p.clocks[s] = t
		}
	}
	return t.text, t.wrong
}

func (p *Rows) readTime(s string) (text string, wrong *rows.Flaw) {
	var ms int64
	if len(p.times) > 0 {
		_, ms, wrong = p.times.read(s, "time")
	} else if loose, ok := looseTime(s, p.twelve); ok {
		if ms = loose; !p.twelve && !p.literal {
			return s, nil // what stands beside it may say more
		}
	} else if wrong = notATime(s); p.twelve {
		wrong = rows.Flawf("write something like 09:00 AM", "%.40q is no time with AM or PM, as the profile has it (12h)", s)
	}
	if wrong != nil {
		return s, wrong
	}
	return string(rows.AppendTimeOfDay(nil, ms)), nil
}

func notATime(s string) *rows.Flaw {
	return rows.Flawf("write hours and minutes, such as 09:00", "%.40q is no time of day", s)
}

// instantOf reads date and time in one text. Without patterns, and with an offset, it stays as it is.
func (p *Rows) instantOf(s string, dated bool) (text string, wrong *rows.Flaw) {
	if at, ok := p.epoch.read(s); ok {
		return at.String(), nil
	}
	if dated || len(p.instants) == 0 {
		return s, nil
	}
	if c, ok := rows.ParseWallTime([]byte(s)); ok && c.HasOffset {
		return s, nil
	}
	day, ms, wrong := p.instants.read(s, "date and time")
	if wrong != nil {
		return s, wrong
	}
	p.dated(s, day, p.instants)
	return localText(day, ms), nil
}
