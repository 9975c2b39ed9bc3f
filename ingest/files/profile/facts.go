package profile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// takenFact is a fact whose columns are found: for each column of ours where it comes from.
type takenFact struct {
	columns []takenColumn
	when    []takenRule
	// own are the fields that only this fact reads: where all of them are empty there is none.
	own []int
	// weekday is the field of days of the week, -1 where it has none.
	weekday int
}

// takenRule is a rule about a column that is found; -1 where the file does not have it.
type takenRule struct {
	ignoreRule
	field int
}

// holds says whether the column has one of the values or, with not, none of them.
func (r *takenRule) holds(rec *rows.Record) bool {
	return r.field >= 0 && slices.Contains(r.values, folded(string(rec.Fields[r.field].Text))) != r.not
}

// plannedRow is a row that one of the file makes: which fact it is, and on which date, if its days are those of the
// week.
type plannedRow struct {
	fact  int
	day   schemas.Date
	wrong *rows.Flaw
}

// passed counts rows of the file that make none of ours.
type passed struct{ count, line int }

func (n *passed) add(line int) {
	if n.count++; n.count == 1 {
		n.line = line
	}
}

// warn says how many there are.
func (n *passed) warn(to func(rows.Problem), why string) {
	if n.count > 0 {
		to(rows.Problem{Line: n.line, Remedy: why,
			Message: fmt.Sprintf("rows that are passed over, of which this is the first: %d", n.count)})
	}
}

// find finds the fields of a source's columns; false where the file lacks one.
func (p *Rows) find(c source, head *rows.Record, names []string) (t takenColumn, whole bool) {
	t = takenColumn{source: c, form: p.layout.Find(c.name).Form, values: p.values[c.name]}
	whole = true
	for _, name := range c.columnsOf() {
		n := rows.IndexName(names, name)
		if n < 0 {
			whole = false
			p.lacks(head, names, name, c.name)
			continue
		}
		t.fields = append(t.fields, n)
	}
	return t, whole
}

// findRules finds the columns of rules.
func (p *Rows) findRules(list []ignoreRule, head *rows.Record, names []string) (out []takenRule) {
	for _, r := range list {
		n := rows.IndexName(names, r.column)
		if n < 0 {
			p.lacks(head, names, r.column, "")
		}
		out = append(out, takenRule{r, n})
	}
	return out
}

// makeFacts finds the columns of the profile's facts. The columns that they have besides those of every row are taken
// too. A profile without facts has one: the row itself.
func (p *Rows) makeFacts(head *rows.Record, names []string) {
	list := p.facts
	if len(list) == 0 {
		list = []fact{{}}
	}
	common := len(p.taken)
	found := make([][]takenColumn, len(list))
	for i, f := range list {
		for _, c := range f.columns {
			if t, whole := p.find(c, head, names); whole {
				found[i] = append(found[i], t)
			}
		}
		for _, t := range found[i] {
			if !slices.ContainsFunc(p.taken, func(c takenColumn) bool { return c.name == t.name }) {
				p.taken = append(p.taken, t)
			}
		}
	}
	for i, f := range list {
		made := takenFact{columns: slices.Clone(p.taken), when: p.findRules(f.when, head, names), weekday: -1}
		for n := range made.columns {
			c := &made.columns[n]
			if own := slices.IndexFunc(found[i], func(t takenColumn) bool { return t.name == c.name }); own >= 0 {
				*c = found[i][own]
				made.own = append(made.own, c.fields...)
			} else if n >= common {
				*c = takenColumn{source: source{name: c.name}, form: c.form}
			}
			if c.weekday != "" {
				made.weekday = c.fields[0]
			}
		}
		p.made = append(p.made, made)
	}
}

// plan decides which rows a row of the file makes.
func (p *Rows) plan(rec *rows.Record) {
	p.planned, p.plannedAt, p.rec.Line = p.planned[:0], 0, rec.Line
	for i := range p.made {
		f := &p.made[i]
		if slices.ContainsFunc(f.when, func(r takenRule) bool { return !r.holds(rec) }) || f.blank(rec) {
			continue
		}
		if f.weekday < 0 {
			p.planned = append(p.planned, plannedRow{fact: i})
			continue
		}
		days, wrong := p.datesOn(rec, strings.TrimSpace(string(rec.Fields[f.weekday].Text)))
		if wrong != nil {
			p.planned = append(p.planned, plannedRow{fact: i, wrong: wrong})
		}
		for _, day := range days {
			p.planned = append(p.planned, plannedRow{fact: i, day: day})
		}
	}
	if len(p.planned) == 0 {
		p.unmade.add(rec.Line)
	}
}

// blank says that all fields that only the fact reads are empty.
func (f *takenFact) blank(rec *rows.Record) bool {
	return len(f.own) > 0 && !slices.ContainsFunc(f.own, func(n int) bool {
		return len(bytes.TrimSpace(rec.Fields[n].Text)) > 0
	})
}

// mostRepeated is the longest range, in days, over which rows are repeated.
const mostRepeated = 400

// repeated returns the first and the last date on which a row is repeated: those of its own columns, inside those to
// replace.
func (p *Rows) repeated(rec *rows.Record) (from, to schemas.Date, wrong *rows.Flaw) {
	from, to = p.From, p.To
	for i, field := range p.span {
		if field < 0 {
			continue
		}
		f := &rec.Fields[field]
		text, wrong := p.dateOf(strings.TrimSpace(string(f.Text)), f.Dated)
		if wrong != nil {
			return 0, 0, wrong
		}
		day, ok := rows.ParseDate([]byte(text))
		switch {
		case text == "":
		case !ok || len(text) != 10:
			return 0, 0, rows.Flawf("write one, or correct the profile's dates", "%.40q is not a date", text)
		case i == 0 && (from == 0 || day > from):
			from = day
		case i == 1 && (to == 0 || day < to):
			to = day
		}
	}
	switch {
	case from == 0 || to == 0:
		return 0, 0, rows.Flawf("give the dates with --from and --to, or name the columns with them in the profile (repeat)",
			"it repeats every week, but nothing says from when until when")
	case to-from >= mostRepeated:
		return 0, 0, rows.Flawf("give fewer days with --from and --to", "it would be repeated for longer than %d days",
			mostRepeated)
	}
	return from, to, nil
}

// datesOn returns the dates of the row's range on days of the week such as Mon, Mon-Fri or Sat, Sun.
func (p *Rows) datesOn(rec *rows.Record, text string) (days []schemas.Date, wrong *rows.Flaw) {
	week, ok := weekdaysOf(text)
	if !ok {
		return nil, rows.Flawf("write something like Mon, Mon-Fri or Sat, Sun", "%.40q is no day of the week", text)
	}
	from, to, wrong := p.repeated(rec)
	if wrong != nil {
		return nil, wrong
	}
	for d := from; d <= to; d++ {
		if week[weekdayOf(d)] {
			days = append(days, d)
		}
	}
	return days, nil
}

// weekdayOf is the day of the week of a date; 1970-01-01 was a Thursday.
func weekdayOf(d schemas.Date) time.Weekday { return time.Weekday(((int(d)+4)%7 + 7) % 7) }

// weekdaysOf reads days of the week: one, several, or from one to another.
func weekdaysOf(text string) (week [7]bool, ok bool) {
	text = strings.NewReplacer("–", "-", "—", "-", " to ", "-").Replace(text)
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;/+&", r) }) {
		first, last, ranged := strings.Cut(part, "-")
		rest, from, named := withoutWeekday(first)
		if !named || rest != "" {
			return week, false
		}
		to := from
		if ranged {
			if rest, to, named = withoutWeekday(last); !named || rest != "" {
				return week, false
			}
		}
		for d := from; ; d = (d + 1) % 7 {
			if week[d] = true; d == to {
				break
			}
		}
		ok = true
	}
	return week, ok
}
