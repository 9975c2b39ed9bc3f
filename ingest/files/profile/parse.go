package profile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Layouts returns the columns of the kind of that name.
type Layouts func(kind string) (rows.Layout, error)

// Error is what is wrong with a profile, each with its line.
type Error struct{ Problems []rows.Problem }

// Error returns a line for each problem.
func (e *Error) Error() string {
	var lines []string
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// Parse reads a profile from YAML. The error is an *Error that lists all that is wrong.
func Parse(name string, data []byte, layouts Layouts) (*Profile, error) {
	r := &parser{file: name, p: &Profile{
		Name:    name,
		Text:    string(data),
		Headers: 1,
		values:  map[string]map[string]string{},
		known:   map[string]activity{},
		agent:   agentKey{"agent_id", map[string]string{}},
	}}
	doc, err := schemas.ParseDocument(norm.NFC.Bytes(data))
	switch {
	case len(data) > 1<<20:
		r.add(0, "", "the profile is larger than 1 MiB")
	case err != nil:
		r.add(0, "", err.Error())
	default:
		r.read(doc, layouts)
	}
	if len(r.problems) > 0 {
		return nil, &Error{r.problems}
	}
	return r.p, nil
}

// parser reads a profile and gathers what is wrong.
type parser struct {
	file     string
	p        *Profile
	problems []rows.Problem
}

// reader reads the value of a key.
type reader func(n *schemas.Node)

// key is a key that a map may have.
type key struct {
	name string
	read reader
}

func (r *parser) add(line int, path, message string) {
	if len(r.problems) < rows.MaxProblems {
		r.problems = append(r.problems, rows.Problem{File: r.file, Line: line, Field: path, Message: message})
	}
}

func (r *parser) wrong(n *schemas.Node, format string, args ...any) {
	r.add(n.Line, n.Path, fmt.Sprintf(format, args...))
}

// want reports whether the node is of the kind, and says so if it is not.
func (r *parser) want(n *schemas.Node, kind schemas.NodeKind) bool {
	if n.Kind != kind {
		r.wrong(n, "must be %s, not %s", kind, n.Kind)
	}
	return n.Kind == kind
}

// keys reads a map by its keys, in the order in which they are listed here; it reports others. False for no map.
func (r *parser) keys(n *schemas.Node, keys ...key) bool {
	if !r.want(n, schemas.NodeMap) {
		return false
	}
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	for i, k := range n.Keys {
		if !slices.Contains(names, k) {
			r.wrong(n.Items[i], "is not a key that is known here; %s", hint(k, "allowed are ", names))
		}
	}
	for _, k := range keys {
		if v := n.Get(k.name); v != nil {
			k.read(v)
		}
	}
	return true
}

// hint names what was meant by a wrong name, else all that is possible.
func hint(wrong, lead string, names []string) string {
	if near := schemas.Nearest(wrong, names); near != "" {
		return "did you mean " + near + "?"
	}
	return lead + strings.Join(names, ", ")
}

// each reads every entry of a map.
func (r *parser) each(read func(key string, n *schemas.Node)) reader {
	return func(n *schemas.Node) {
		if r.want(n, schemas.NodeMap) {
			for i, k := range n.Keys {
				read(k, n.Items[i])
			}
		}
	}
}

// items reads every item of a list.
func (r *parser) items(read reader) reader {
	return func(n *schemas.Node) {
		if r.want(n, schemas.NodeList) {
			for _, item := range n.Items {
				read(item)
			}
		}
	}
}

// scalar reads a text, or a number or truth value as it is written.
func (r *parser) scalar(n *schemas.Node) string {
	if k := n.Kind; k != schemas.NodeText && k != schemas.NodeNumber && k != schemas.NodeBool {
		r.wrong(n, "must be a text, not %s", k)
		return ""
	}
	return strings.TrimSpace(n.Text)
}

func (r *parser) text(into *string) reader {
	return func(n *schemas.Node) { *into = r.scalar(n) }
}

// texts reads a text or a list of texts.
func (r *parser) texts(into *[]string) reader {
	return func(n *schemas.Node) {
		if n.Kind != schemas.NodeList {
			*into = []string{r.scalar(n)}
			return
		}
		r.items(func(item *schemas.Node) { *into = append(*into, r.scalar(item)) })(n)
	}
}

// pairs reads a map of texts, whose keys are values of the file.
func (r *parser) pairs(into map[string]string) reader {
	return r.each(func(key string, n *schemas.Node) { into[folded(key)] = r.scalar(n) })
}

func (r *parser) yes(into *bool) reader {
	return func(n *schemas.Node) { *into = r.want(n, schemas.NodeBool) && n.Text == "true" }
}

// parsed reads a text that has to be one of its type.
func parsed[T any](r *parser, into *T, parse func(string) (T, error)) reader {
	return func(n *schemas.Node) {
		var err error
		if *into, err = parse(r.scalar(n)); err != nil {
			r.wrong(n, "%s", err)
		}
	}
}

// read reads the document.
func (r *parser) read(doc *schemas.Node, layouts Layouts) {
	p := r.p
	r.keys(doc,
		key{"name", r.text(&p.Name)},
		key{"about", r.text(&p.About)},
		key{"kind", parsed(r, &p.layout, layouts)},
		key{"delimiter", parsed(r, &p.Delimiter, parseDelimiter)},
		key{"encoding", parsed(r, &p.Encoding, rows.ParseEncoding)},
		key{"sheet", r.text(&p.Sheet)},
		key{"header", parsed(r, &p.Headers, parseHeaders)},
		key{"items", r.text(&p.Items)},
		key{"fill", r.texts(&p.fill)},
		key{"ends", r.ends},
		key{"skip", parsed(r, &p.Skip, parseSkip)},
		key{"time_zone", r.zone},
		key{"dates", r.patterns(&p.dates, true, false)},
		key{"times", r.times},
		key{"instants", r.instants},
		key{"agent", r.agent},
		key{"columns", r.each(r.columnOf(&p.columns))},
		key{"rows", r.items(r.fact)},
		key{"repeat", r.repeat},
		key{"values", r.each(r.valuesOf)},
		key{"activities", r.each(r.activity)},
		key{"ignore", r.items(r.ignore)},
		key{"longest", parsed(r, &p.LongestMS, ParseLongest)},
		key{"midnight", parsed(r, &p.Joins, parseMidnight)},
		key{"overlap", parsed(r, &p.Cuts, parseOverlap)},
		key{"between", r.states(&p.Between)},
		key{"after", r.states(&p.After)},
		key{"grid", r.grid})
	p.Kind = p.layout.Kind
	switch {
	case doc.Kind == schemas.NodeMap && doc.Get("kind") == nil:
		r.add(0, "kind", "is missing; write what the files hold, such as schedule")
	case len(r.problems) == 0:
		r.complete(doc)
	}
}

// parseDelimiter reads a delimiter or its name.
func parseDelimiter(s string) (byte, error) {
	switch strings.ToLower(s) {
	case "comma", ",":
		return ',', nil
	case "semicolon", ";":
		return ';', nil
	case "tab", `\t`:
		return '\t', nil
	case "pipe", "|":
		return '|', nil
	}
	return 0, fmt.Errorf("%q is no delimiter; write comma, semicolon, tab or pipe", s)
}

// parseHeaders reads how many rows a header has.
func parseHeaders(s string) (int, error) {
	n := slices.Index([]string{"false", "true", "2"}, s)
	if s == "0" || s == "1" {
		n = int(s[0] - '0')
	}
	if n < 0 {
		return 1, fmt.Errorf("%q is neither true, false nor 2, for a header of two rows", s)
	}
	return n, nil
}

func parseSkip(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1000 {
		return 0, fmt.Errorf("%q is not a number of lines, 0 to 1000", s)
	}
	return n, nil
}

func parseMidnight(s string) (joins bool, err error) {
	if s != "join" && s != "keep" {
		err = fmt.Errorf("%q is neither join (activities cut at midnight are one again) nor keep", s)
	}
	return s == "join", err
}

func parseOverlap(s string) (cuts bool, err error) {
	if s != "cut" && s != "problem" {
		err = fmt.Errorf("%q is neither cut (an activity within another one cuts it, as a break does) nor problem", s)
	}
	return s == "cut", err
}

// parseLength reads a length of time in milliseconds.
func parseLength(s string) (int64, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > 24*time.Hour {
		return 0, fmt.Errorf("%q is no length of time; write something like 15m or 2h30m", s)
	}
	return d.Milliseconds(), nil
}

// ParseLongest reads how long a shift may be, such as 16h, in milliseconds.
func ParseLongest(s string) (int64, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Minute || d.Milliseconds() > schemas.LongestShiftMS {
		return 0, fmt.Errorf("%q is no length of a shift; write something like 16h, at most %dh", s,
			schemas.LongestShiftMS/schemas.HourMS)
	}
	return d.Milliseconds(), nil
}

func (r *parser) patterns(into *patterns, date, clock bool) reader {
	return func(n *schemas.Node) {
		var all []string
		r.texts(&all)(n)
		for _, text := range all {
			p, err := parsePattern(text, date, clock)
			if err != nil {
				r.wrong(n, "%s", err)
			}
			*into = append(*into, p)
		}
	}
}

// instants reads unix, unix_ms and patterns of date and time.
func (r *parser) instants(n *schemas.Node) {
	var all []string
	r.texts(&all)(n)
	for _, text := range all {
		if e := epochs[text]; e != 0 {
			r.p.epoch = e
			continue
		}
		p, err := parsePattern(text, true, true)
		if err != nil {
			r.wrong(n, "%s", err)
		}
		r.p.instants = append(r.p.instants, p)
	}
}

func (r *parser) zone(n *schemas.Node) {
	r.p.TimeZone = r.scalar(n)
	if _, err := schemas.LoadZone(r.p.TimeZone); err != nil {
		r.wrong(n, "%s", err)
	}
}

// times reads 24h, 12h or patterns.
func (r *parser) times(n *schemas.Node) {
	r.p.twelve, r.p.literal = n.Text == "12h", n.Text == "24h"
	if !r.p.twelve && !r.p.literal {
		r.patterns(&r.p.times, false, true)(n)
	}
}

func (r *parser) agent(n *schemas.Node) {
	a := &r.p.agent
	read := parsed(r, &a.key, func(s string) (string, error) {
		keys := []string{"agent_id", "email", "name", "external_id"}
		if !slices.Contains(keys, s) {
			return "", schemas.NotAmong(s, keys)
		}
		return s, nil
	})
	if n.Kind != schemas.NodeMap {
		read(n)
		return
	}
	r.keys(n, key{"key", read}, key{"ids", r.pairs(a.ids)})
}

// isColumn says whether a file of the profile's kind has the column, and reports it if not.
func (r *parser) isColumn(name string, n *schemas.Node) bool {
	l := &r.p.layout
	if l.Find(name) == nil && l.Kind != "" {
		r.wrong(n, "is no column of a file of %s; %s", l.Kind, hint(name, "it has ", l.Names()))
	}
	return l.Find(name) != nil
}

// columnOf reads where one of our columns comes from.
func (r *parser) columnOf(into *[]source) func(name string, n *schemas.Node) {
	return func(name string, n *schemas.Node) { r.column(into, name, n) }
}

func (r *parser) column(into *[]source, name string, n *schemas.Node) {
	if !r.isColumn(name, n) {
		return
	}
	c := source{name: name, between: " "}
	switch {
	case n.Kind != schemas.NodeMap:
		c.from = []string{r.scalar(n)}
	case n.Get("value") != nil:
		r.keys(n, key{"value", r.text(&c.value)})
	case n.Get("date") != nil || n.Get("time") != nil:
		r.keys(n, key{"date", r.text(&c.date)}, key{"time", r.text(&c.time)})
		if c.date == "" || c.time == "" || r.p.layout.Find(name).Form != rows.FormInstant {
			r.wrong(n, "needs both date and time, and is only possible for instants such as start and end")
			return
		}
	case n.Get("length") != nil:
		r.length(&c, n)
	case n.Get("weekday") != nil:
		if r.keys(n, key{"weekday", r.text(&c.weekday)}); r.p.layout.Find(name).Form != rows.FormDate {
			r.wrong(n, "is only possible for a date, of which it is the day of the week")
		}
	case n.Get("join") != nil:
		r.keys(n, key{"join", r.texts(&c.from)}, key{"with", func(w *schemas.Node) { c.between = w.Text }})
	default:
		r.wrong(n, "must name a column of the file, or be one of {value: …}, {date: …, time: …}, {length: …, in: …}, "+
			"{weekday: …} and {join: […], with: …}")
		return
	}
	if len(c.columnsOf()) == 0 && c.value == "" || slices.Contains(c.columnsOf(), "") {
		r.wrong(n, "names no column of the file")
	}
	*into = append(*into, c)
}

// length reads an end that lies so long after its start, unless a column has it.
func (r *parser) length(c *source, n *schemas.Node) {
	r.keys(n, key{"column", r.texts(&c.from)}, key{"length", r.text(&c.length)}, key{"in", parsed(r, &c.unit, parseUnit)})
	if !slices.Contains([]string{"end", "end_time", "until"}, c.name) {
		r.wrong(n, "is only possible for end, end_time and until, which may lie so long after their start")
	}
	if c.length == "" {
		r.wrong(n, "names no column of the file")
	}
}

// states reads states that count where no row says any.
func (r *parser) states(into *schemas.Change) reader {
	return func(n *schemas.Node) {
		r.keys(n, key{"presence", parsed(r, &into.Presence, schemas.ParsePresence)},
			key{"status", parsed(r, &into.Status, schemas.ParseStatus)},
			key{"routing", parsed(r, &into.Routing, schemas.ParseRouting)})
		if r.p.layout.Find("until") == nil && r.p.layout.Kind != "" {
			r.wrong(n, "is only possible for files of status, whose rows say until when a state lasts")
		}
	}
}

func (r *parser) valuesOf(name string, n *schemas.Node) {
	if r.isColumn(name, n) {
		r.p.values[name] = map[string]string{}
		r.pairs(r.p.values[name])(n)
	}
}

// activity reads what an activity of the file means: a category, or more.
func (r *parser) activity(name string, n *schemas.Node) {
	a := activity{code: name}
	category := parsed(r, &a.category, rows.ParseCategory)
	if n.Kind != schemas.NodeMap {
		category(n)
	} else {
		paid := func(n *schemas.Node) {
			var is bool
			r.yes(&is)(n)
			a.paid = strconv.FormatBool(is)
		}
		r.keys(n, key{"code", r.text(&a.code)}, key{"category", category}, key{"paid", paid},
			key{"ignore", r.yes(&a.ignore)})
	}
	r.p.known[folded(name)] = a
}

func (r *parser) ignore(n *schemas.Node) {
	var rule ignoreRule
	var is, not []string
	if !r.keys(n, key{"column", r.text(&rule.column)}, key{"is", r.texts(&is)}, key{"is_not", r.texts(&not)}) {
		return
	}
	if rule.not = is == nil; rule.not {
		is = not
	}
	if rule.column == "" || is == nil {
		r.wrong(n, `needs a column of the file and the values to pass over, such as {column: Status, is: [Draft, ""]}`)
	}
	for _, v := range is {
		rule.values = append(rule.values, folded(v))
	}
	r.p.ignore = append(r.p.ignore, rule)
}

// ends reads the texts with which the first row below a table begins.
func (r *parser) ends(n *schemas.Node) {
	var all []string
	r.texts(&all)(n)
	for _, text := range all {
		if text = folded(text); text == "" {
			r.wrong(n, "must be texts such as Total, with which the first row below the table begins")
			continue
		}
		r.p.ends = append(r.p.ends, text)
	}
}

// fact reads one of several rows that a row of the file makes.
func (r *parser) fact(n *schemas.Node) {
	var f fact
	if !r.want(n, schemas.NodeMap) {
		return
	}
	for i, k := range n.Keys {
		if item := n.Items[i]; k == "when" {
			r.conditions(&f.when, false, item)
		} else {
			r.column(&f.columns, k, item)
		}
	}
	r.p.facts = append(r.p.facts, f)
}

// conditions reads which values which columns must have, or must not have.
func (r *parser) conditions(into *[]ignoreRule, not bool, n *schemas.Node) {
	r.each(func(column string, v *schemas.Node) {
		if column == "not" && !not {
			r.conditions(into, true, v)
			return
		}
		rule := ignoreRule{column: column, not: not}
		var values []string
		r.texts(&values)(v)
		for _, value := range values {
			rule.values = append(rule.values, folded(value))
		}
		*into = append(*into, rule)
	})(n)
}

// repeat reads over which dates days of the week repeat.
func (r *parser) repeat(n *schemas.Node) {
	r.p.repeat = &repeatRule{}
	if n.Kind != schemas.NodeMap {
		if text := r.scalar(n); text != "weekly" {
			r.wrong(n, "must be weekly (over the dates of --from and --to), or {from: …, to: …}, the columns with the dates")
		}
		return
	}
	r.keys(n, key{"from", r.text(&r.p.repeat.from)}, key{"to", r.text(&r.p.repeat.to)})
}

// complete checks what concerns more than one key.
func (r *parser) complete(doc *schemas.Node) {
	p, at := r.p, doc.Get("columns")
	if at == nil {
		at = doc
	}
	facts := p.facts
	if len(facts) == 0 {
		facts = []fact{{}}
	}
	for i := range facts {
		has := func(name string) bool {
			is := func(c source) bool { return c.name == name }
			return slices.ContainsFunc(p.columns, is) || slices.ContainsFunc(facts[i].columns, is)
		}
		if r.completeFact(doc, at, has); len(r.problems) > 0 {
			return
		}
	}
}

// completeFact checks one of the rows that a row of the file makes.
func (r *parser) completeFact(doc, at *schemas.Node, has func(string) bool) {
	p := r.p
	missing := p.layout.Lacks(has)
	weekly := slices.ContainsFunc(p.columns, func(c source) bool { return c.weekday != "" })
	for _, x := range []struct {
		is      bool
		at      *schemas.Node
		message string
	}{
		{p.grid != nil && !has("agent_id"), at, "lacks agent_id, the column with the agents"},
		{p.grid != nil && p.Headers == 0, at, "has no header, in which a grid has its days"},
		{p.grid != nil && len(p.facts) > 0, doc.Get("rows"), "are not possible with a grid, whose cells are rows already"},
		{weekly && p.repeat == nil, at, "has days of the week; say over which dates they repeat, such as repeat: weekly"},
		{p.grid == nil && p.Joins && !has("end_time"), doc.Get("midnight"),
			"join is only possible with the columns date, start_time and end_time"},
		{p.grid == nil && len(missing) > 0, at,
			"lacks " + strings.Join(missing, ", ") + "; name the columns of the file for them"},
	} {
		if x.is {
			r.add(x.at.Line, x.at.Path, x.message)
		}
	}
}
