package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"rollcall/schemas"
)

// profiled gives the rows of a file as its profile means them: with our columns, dates as 2026-03-02, times as 09:00:00.
// What cannot be understood stays as it is and is a flaw of its field. Places are those of the file.
type profiled struct {
	*Profile
	src    source
	report *Report
	people *people
	from   schemas.Date

	width  int
	first  *record // of a file without a header
	taken  []takenColumn
	rules  []int // the column of each ignore rule
	rec    record
	text   []byte
	ends   []int
	cut    []byte
	pieces gridRows
	doubt  dayMonthDoubt
	by     patterns // what dates were read by
}

// takenColumn is one of our columns and the fields of the file that it is made of.
type takenColumn struct {
	profileColumn
	form   form
	fields []int
	values map[string]string
}

// rowText is a text that is being made, with the place that it comes from.
type rowText struct {
	text  string
	at    field
	wrong string
}

// over reads the source as the profile says. from is the first date to replace, 0 where nobody said.
func (p *Profile) over(src source, report *Report, who *people, from schemas.Date) *profiled {
	return &profiled{Profile: p, src: src, report: report, people: who, from: from}
}

// header gives our columns, at the places of the file's header.
func (p *profiled) header() (*record, error) {
	head, err := p.src.header()
	if err != nil {
		return nil, err
	}
	p.width = len(head.fields)
	names := make([]string, p.width)
	for i := range head.fields {
		names[i] = strings.TrimSpace(string(head.fields[i].text))
		if !p.Profile.header {
			names[i] = strconv.Itoa(i + 1)
		}
	}
	p.resolve(head, names)
	if p.grid != nil {
		p.pieces.profiled = p
		p.pieces.readDays(head, names)
	}
	out := &record{line: head.line, raw: head.raw}
	for _, c := range p.taken {
		at := field{line: head.line}
		if len(c.fields) > 0 {
			at = head.fields[c.fields[0]]
		}
		at.text = []byte(c.name)
		out.fields = append(out.fields, at)
	}
	if !p.Profile.header {
		p.first = head
	}
	return out, nil
}

// resolve finds the fields of every column of the profile.
func (p *profiled) resolve(head *record, names []string) {
	for _, c := range p.columns {
		t := takenColumn{profileColumn: c, form: p.Kind.form(c.name), values: p.values[c.name]}
		whole := true
		for _, name := range slices.Concat(c.from, halves(c)) {
			n := p.find(name, names)
			if n < 0 {
				whole = false
				p.lacks(head, names, name, c.name)
				continue
			}
			t.fields = append(t.fields, n)
		}
		if whole {
			p.taken = append(p.taken, t)
		}
	}
	p.take("time_zone", p.zone != "")
	p.take("category", p.Kind == Schedule && slices.ContainsFunc(p.activities(), func(a profileActivity) bool { return a.category != 0 }))
	p.take("paid", p.Kind == Schedule && slices.ContainsFunc(p.activities(), func(a profileActivity) bool { return a.paid != "" }))
	for _, name := range []string{"activity", "date", "start_time", "end_time"} {
		p.take(name, p.grid != nil)
	}
	for _, r := range p.ignore {
		n := p.find(r.column, names)
		if n < 0 {
			p.lacks(head, names, r.column, "")
		}
		p.rules = append(p.rules, n)
	}
}

func halves(c profileColumn) []string {
	if c.date == "" {
		return nil
	}
	return []string{c.date, c.time}
}

func (p *profiled) activities() []profileActivity {
	all := make([]profileActivity, 0, len(p.known))
	for _, a := range p.known {
		all = append(all, a)
	}
	return all
}

// take adds a column that the profile itself fills, if it is to and nothing else fills it.
func (p *profiled) take(name string, is bool) {
	if is && !slices.ContainsFunc(p.taken, func(c takenColumn) bool { return c.name == name }) {
		p.taken = append(p.taken, takenColumn{profileColumn: profileColumn{name: name}, form: p.Kind.form(name)})
	}
}

// find finds a column of the file by name, or by number.
func (p *profiled) find(name string, names []string) int {
	if n := slices.Index(names, name); n >= 0 {
		return n
	}
	return slices.IndexFunc(names, func(n string) bool { return spelled(n) == spelled(name) })
}

// lacks reports a column that is not in the file: a problem where the kind needs it, otherwise a warning.
func (p *profiled) lacks(head *record, names []string, name, ours string) {
	m := fmt.Sprintf("the profile %s takes it from the column %q, which the file does not have (it has %s)", p.Name, name, headerText(head))
	if near := schemas.Nearest(name, names); near != "" {
		m += fmt.Sprintf("; did it mean %q?", near)
	}
	needed := ours == "" || p.grid != nil
	for _, set := range p.Kind.required() {
		needed = needed || slices.Contains(set, ours)
	}
	if ours == "" {
		ours = "ignore"
	}
	if needed {
		p.report.whole(head.line, 0, ours, m)
		return
	}
	p.report.Warn(Problem{Line: head.line, Field: ours, Message: m + "; it stays empty"})
}

// next gives the next row that is not to be passed over.
func (p *profiled) next() (*record, error) {
	for {
		if p.grid != nil {
			if rec := p.pieces.next(); rec != nil {
				return rec, nil
			}
		}
		rec, err := p.source()
		if errors.Is(err, io.EOF) {
			p.doubt.tell(p.report, p.by)
		}
		if err != nil {
			return nil, err
		}
		if len(rec.fields) != p.width {
			m := fmt.Sprintf("the row has %d fields; the header has %d", len(rec.fields), p.width)
			if rec.unended && len(rec.fields) < p.width {
				m += " (the file ends here without an end of line: was it cut off?)"
			}
			return nil, &malformed{rec.line, 0, m}
		}
		if p.passes(rec) || empty(rec) {
			continue
		}
		if p.grid != nil {
			p.pieces.read(rec)
			continue
		}
		if out := p.row(rec); out != nil {
			return out, nil
		}
	}
}

func (p *profiled) source() (*record, error) {
	if rec := p.first; rec != nil {
		p.first = nil
		return rec, nil
	}
	return p.src.next()
}

// passes says whether a rule of the profile passes over the row.
func (p *profiled) passes(rec *record) bool {
	for i, r := range p.ignore {
		if n := p.rules[i]; n >= 0 && r.values[folded(string(rec.fields[n].text))] != r.not {
			return true
		}
	}
	return false
}

// empty says that all fields of a row are, as at the end of a table that was cleared.
func empty(rec *record) bool {
	for i := range rec.fields {
		if len(bytes.TrimSpace(rec.fields[i].text)) > 0 {
			return false
		}
	}
	return len(rec.flaws) == 0
}

// row makes our row of one of the file; nil where its activity is to be passed over.
func (p *profiled) row(rec *record) *record {
	p.begin(rec)
	var means profileActivity
	for i := range p.taken {
		if c := &p.taken[i]; c.form == formActivity {
			means = p.known[folded(p.joined(rec, c))]
		}
	}
	if means.ignore {
		return nil
	}
	for i := range p.taken {
		c := &p.taken[i]
		t := p.textOf(rec, c)
		switch {
		case c.form == formActivity && means.code != "":
			t.text = means.code
		case c.name == "category" && means.category != 0:
			t.text = means.category.String()
		case c.name == "paid" && means.paid != "":
			t.text = means.paid
		}
		p.put(t)
	}
	return p.done()
}

// begin, put and done make a record of texts.
func (p *profiled) begin(rec *record) {
	p.rec = record{line: rec.line, raw: rec.raw, unended: rec.unended, fields: p.rec.fields[:0], flaws: p.rec.flaws[:0]}
	p.text, p.ends = p.text[:0], p.ends[:0]
}

func (p *profiled) put(t rowText) {
	if t.wrong != "" {
		p.rec.flaws = append(p.rec.flaws, flaw{len(p.rec.fields), t.wrong})
	}
	p.text = append(p.text, t.text...)
	p.ends = append(p.ends, len(p.text))
	p.rec.fields = append(p.rec.fields, t.at)
}

func (p *profiled) done() *record {
	from := 0
	for i := range p.rec.fields {
		p.rec.fields[i].text = p.text[from:p.ends[i]]
		from = p.ends[i]
	}
	return &p.rec
}

// joined gives the text of a column's fields as they are in the file, or what the profile's values make of it.
func (p *profiled) joined(rec *record, c *takenColumn) string {
	text := c.value
	if len(c.from) > 0 {
		p.cut = p.cut[:0]
		for i, n := range c.fields {
			if i > 0 {
				p.cut = append(p.cut, c.between...)
			}
			p.cut = append(p.cut, bytes.TrimSpace(rec.fields[n].text)...)
		}
		text = strings.TrimSpace(string(p.cut))
	}
	if v, ok := c.values[folded(text)]; ok {
		return v
	}
	return text
}

// textOf gives the text of one of our columns.
func (p *profiled) textOf(rec *record, c *takenColumn) rowText {
	t := rowText{at: field{line: rec.line}}
	if len(c.fields) > 0 {
		t.at = rec.fields[c.fields[0]]
	}
	for _, w := range rec.flaws {
		if slices.Contains(c.fields, w.field) {
			t.at, t.wrong = rec.fields[w.field], w.message
			return t
		}
	}
	if c.date != "" {
		return p.twoHalves(rec, c, t)
	}
	t.text = p.joined(rec, c)
	if c.name == "time_zone" && t.text == "" {
		t.text = p.zone
	}
	if t.text == "" {
		return t
	}
	switch c.form {
	case formAgent:
		t.text, t.wrong = p.who(t.text)
	case formDate:
		t.text, t.wrong = p.dateOf(t.text, t.at.dated)
	case formTime:
		t.text, t.wrong = p.timeOf(t.text, t.at.dated)
	case formInstant:
		t.text, t.wrong = p.instantOf(t.text, t.at.dated)
	case formText, formActivity:
	}
	return t
}

// twoHalves makes an instant of a date and a time in two columns; 24:00 is the next midnight.
func (p *profiled) twoHalves(rec *record, c *takenColumn, t rowText) rowText {
	date, clock := &rec.fields[c.fields[0]], &rec.fields[c.fields[1]]
	dateText, clockText := strings.TrimSpace(string(date.text)), strings.TrimSpace(string(clock.text))
	if dateText == "" && clockText == "" {
		return t
	}
	text, wrong := p.dateOf(dateText, date.dated)
	day, ok := readDate([]byte(text))
	if wrong != "" || !ok {
		t.text = dateText
		if t.wrong = wrong; wrong == "" {
			t.wrong = fmt.Sprintf("%.40q is not a date; write one, or correct the profile's dates", dateText)
		}
		return t
	}
	t.at = *clock
	if text, t.wrong = p.timeOf(clockText, clock.dated); t.wrong != "" {
		t.text = clockText
		return t
	}
	ms, n, ok := readTime([]byte(text))
	if !ok || n != len(text) {
		t.text, t.wrong = clockText, fmt.Sprintf("%.40q is not a time of day; write hours and minutes, such as 09:00", clockText)
		return t
	}
	t.text = localText(day, ms)
	return t
}

// localText writes date and time, of which the time may lie on a later day.
func localText(day schemas.Date, ms int64) string {
	day += schemas.Date(ms / schemas.DayMS) //nolint:gosec // at most a few days
	return string(appendTime([]byte(day.String()+" "), ms%schemas.DayMS))
}

// dateOf reads a date as the profile has it. Without patterns it stays as it is.
func (p *profiled) dateOf(s string, dated bool) (text, wrong string) {
	if s == "" {
		return "", ""
	}
	if dated || len(p.dates) == 0 {
		return strings.TrimSuffix(s, " 00:00:00"), ""
	}
	day, _, wrong := p.dates.read(s, "date")
	if wrong != "" {
		return s, wrong
	}
	p.dated(s, day, p.dates)
	return day.String(), ""
}

// dated takes note of a date that a pattern has read.
func (p *profiled) dated(s string, day schemas.Date, by patterns) {
	p.by = by
	p.doubt.see(s, day, p.rec.line, by)
}

// timeOf reads a time of day as the profile has it.
func (p *profiled) timeOf(s string, dated bool) (text, wrong string) {
	if s == "" || dated {
		return s, ""
	}
	if len(p.times) > 0 {
		_, ms, wrong := p.times.read(s, "time")
		if wrong != "" {
			return s, wrong
		}
		return string(appendTime(nil, ms)), ""
	}
	ms, ok := looseTime(s, p.twelve, false)
	if !ok && p.twelve {
		return s, fmt.Sprintf("%.40q is no time with AM or PM, as the profile has it (12h); write something like 09:00 AM", s)
	}
	if !ok {
		return s, fmt.Sprintf("%.40q is no time of day; write hours and minutes, such as 09:00", s)
	}
	return string(appendTime(nil, ms)), ""
}

// instantOf reads date and time in one text. Without patterns, and with an offset, it stays as it is.
func (p *profiled) instantOf(s string, dated bool) (text, wrong string) {
	if dated || len(p.instants) == 0 {
		return s, ""
	}
	if c, ok := readClock([]byte(s)); ok && c.hasZone {
		return s, ""
	}
	day, ms, wrong := p.instants.read(s, "date and time")
	if wrong != "" {
		return s, wrong
	}
	p.dated(s, day, p.instants)
	return localText(day, ms), ""
}

// who finds the agent whom a text names.
func (p *profiled) who(text string) (id, wrong string) {
	if id, ok := p.agent.ids[folded(text)]; ok {
		return id, ""
	}
	switch p.agent.key {
	case "email":
		return p.people.byEmail(text)
	case "name":
		return p.people.byName(text)
	case "external_id":
		return text, fmt.Sprintf("%.60q is none of the external ids of the profile %s; add it there under agent, ids", text, p.Name)
	}
	return text, ""
}

// people finds agents of the roster by e-mail address or name.
type people struct {
	members       []schemas.Membership
	emails, names map[string][]string
	known         [2]suggester
}

func (w *people) index() {
	if w.emails != nil {
		return
	}
	w.emails, w.names = map[string][]string{}, map[string][]string{}
	for _, m := range w.members {
		for _, x := range []struct {
			of   map[string][]string
			text string
			to   *suggester
		}{{w.emails, m.Email, &w.known[0]}, {w.names, m.Name, &w.known[1]}} {
			key := folded(x.text)
			if key == "" || slices.Contains(x.of[key], m.AgentID) {
				continue
			}
			if len(x.of[key]) == 0 {
				x.to.known = append(x.to.known, key)
			}
			x.of[key] = append(x.of[key], m.AgentID)
		}
	}
}

func (w *people) byEmail(text string) (id, wrong string) {
	w.index()
	return w.only(w.emails, text, "e-mail address", &w.known[0])
}

func (w *people) byName(text string) (id, wrong string) {
	w.index()
	return w.only(w.names, text, "name", &w.known[1])
}

// only gives the one agent of a key.
func (w *people) only(of map[string][]string, text, what string, near *suggester) (id, wrong string) {
	switch ids := of[folded(text)]; len(ids) {
	case 1:
		return ids[0], ""
	case 0:
		if len(w.members) == 0 {
			return text, fmt.Sprintf("the %s %.60q is not in the roster, which is empty; import the roster first", what, text)
		}
		return text, fmt.Sprintf("the %s %.60q is not in the roster%s", what, text, near.hint(folded(text)))
	default:
		return text, fmt.Sprintf("the %s %.60q belongs to the agents %s; name the one meant by agent_id", what, text, strings.Join(ids, " and "))
	}
}
