package profile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Profile says how a file of another program is read as one of ours: what its columns are called, how it writes dates
// and times, what its activities mean. It is a YAML document; the ready ones ([Profiles]) show all that may be in one.
type Profile struct {
	// Name is what --profile calls it, About one line of what it is for.
	Name, About string
	// Kind is the name of the kind of files, such as schedule.
	Kind string
	// Text is the YAML.
	Text string
	// Delimiter, Encoding and Sheet say how the file is read; 0 and empty where the profile leaves that open. Skip is how
	// many lines stand before the header.
	Delimiter byte
	Encoding  rows.Encoding
	Sheet     string
	Skip      int
	// TimeZone is that of local times in rows that name none; it may be empty.
	TimeZone string
	// Joins says that activities which the file cuts at midnight are one again.
	Joins bool

	layout   rows.Layout
	header   bool
	dates    patterns
	instants patterns
	twelve   bool
	times    patterns
	agent    agentKey
	columns  []source
	values   map[string]map[string]string
	known    map[string]activity
	ignore   []ignoreRule
	grid     *gridRule
}

// agentKey is how a file names agents: by agent_id, email, name or external_id. The last needs ids, which give the
// agent_id of each; they may be given with any key.
type agentKey struct {
	key string
	ids map[string]string
}

// source is where one of our columns comes from: the first form that is set.
type source struct {
	name string
	line int
	// date and time are the columns of the two halves of an instant.
	date, time string
	// from are the columns whose texts are joined, with between between them.
	from    []string
	between string
	// value is the same for every row.
	value string
}

// activity is what an activity of the file is called and means here.
type activity struct {
	code     string
	category schemas.Category
	paid     string
	ignore   bool
}

// ignoreRule passes over rows whose column has one of the values or, with not, has none of them.
type ignoreRule struct {
	column string
	values map[string]bool
	not    bool
	line   int
}

// gridRule is how a week grid is read: one row per agent, one column per day.
type gridRule struct {
	// activity is what is done in a time range without a name.
	activity string
	week     string
	cells    map[string]gridCell
	breaks   []gridBreak
}

// gridCell is what a word in a cell means.
type gridCell struct {
	activity   string
	start, end int64 // of the day, in milliseconds
	nothing    bool
}

// gridBreak is cut out of every shift that lasts at least shifts.
type gridBreak struct {
	after, lasts, shifts int64
	activity             string
}

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

// Layouts returns the columns of the kind of that name.
type Layouts func(kind string) (rows.Layout, error)

// Parse reads a profile from YAML. The error is an *Error that lists all that is wrong.
func Parse(name string, data []byte, layouts Layouts) (*Profile, error) {
	r := &parser{file: name, layouts: layouts, p: &Profile{
		Name:   name,
		Text:   string(data),
		header: true,
		values: map[string]map[string]string{},
		known:  map[string]activity{},
		agent:  agentKey{key: "agent_id"},
	}}
	doc, err := schemas.ParseDocument(data)
	switch {
	case len(data) > 1<<20:
		r.add(0, "", "the profile is larger than 1 MiB")
	case err != nil:
		r.add(0, "", err.Error())
	default:
		r.read(doc)
	}
	if len(r.problems) > 0 {
		return nil, &Error{r.problems}
	}
	return r.p, nil
}

// parser reads a profile and gathers what is wrong.
type parser struct {
	file     string
	layouts  Layouts
	p        *Profile
	problems []rows.Problem
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
	if n.Kind == kind {
		return true
	}
	r.wrong(n, "must be %s, not %s", kind, n.Kind)
	return false
}

// keys reports keys that are none of these, each with the nearest one.
func (r *parser) keys(n *schemas.Node, allowed ...string) bool {
	if !r.want(n, schemas.NodeMap) {
		return false
	}
	for i, k := range n.Keys {
		if slices.Contains(allowed, k) {
			continue
		}
		hint := "allowed are " + strings.Join(allowed, ", ")
		if near := schemas.Nearest(k, allowed); near != "" {
			hint = "did you mean " + near + "?"
		}
		r.add(n.Items[i].Line, n.Items[i].Path, "is not a key that is known here; "+hint)
	}
	return true
}

// text reads a text, or a number or truth value as it is written.
func (r *parser) text(n *schemas.Node) string {
	switch n.Kind {
	case schemas.NodeText, schemas.NodeNumber, schemas.NodeBool:
		return strings.TrimSpace(n.Text)
	case schemas.NodeNull, schemas.NodeList, schemas.NodeMap:
	}
	r.wrong(n, "must be a text, not %s", n.Kind)
	return ""
}

// list reads a text or a list of texts.
func (r *parser) list(n *schemas.Node) []string {
	if n.Kind != schemas.NodeList {
		return []string{r.text(n)}
	}
	var out []string
	for _, item := range n.Items {
		out = append(out, r.text(item))
	}
	return out
}

func (r *parser) yes(n *schemas.Node) bool {
	return r.want(n, schemas.NodeBool) && n.Text == "true"
}

// each calls f for every entry of a map.
func (r *parser) each(n *schemas.Node, f func(key string, v *schemas.Node)) {
	if n != nil && r.want(n, schemas.NodeMap) {
		for i, k := range n.Keys {
			f(k, n.Items[i])
		}
	}
}

// read reads the document.
func (r *parser) read(doc *schemas.Node) {
	if !r.keys(doc, "name", "about", "kind", "delimiter", "encoding", "sheet", "header", "skip", "time_zone", "dates",
		"times", "instants",
		"agent", "columns", "values", "activities", "ignore", "midnight", "grid") {
		return
	}
	p := r.p
	kind := doc.Get("kind")
	if kind == nil {
		r.add(0, "kind", "is missing; write what the files hold, such as schedule")
		return
	}
	var err error
	if p.layout, err = r.layouts(r.text(kind)); err != nil {
		r.wrong(kind, "%s", err)
		return
	}
	p.Kind = p.layout.Kind
	r.each(doc, func(key string, n *schemas.Node) { r.setting(key, n) })
	r.each(doc.Get("columns"), func(key string, n *schemas.Node) { r.column(key, n) })
	r.each(doc.Get("values"), func(key string, n *schemas.Node) { r.valuesOf(key, n) })
	r.each(doc.Get("activities"), func(key string, n *schemas.Node) { p.known[folded(key)] = r.activity(key, n) })
	if n := doc.Get("grid"); n != nil {
		r.readGrid(n)
	}
	r.complete(doc)
}

// folded brings a value into the form in which values are compared.
func folded(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// setting reads what stands at the top level for itself.
func (r *parser) setting(key string, n *schemas.Node) {
	p := r.p
	var err error
	switch key {
	case "name":
		p.Name = r.text(n)
	case "about":
		p.About = r.text(n)
	case "delimiter":
		p.Delimiter, err = parseDelimiter(r.text(n))
	case "encoding":
		p.Encoding, err = rows.ParseEncoding(r.text(n))
	case "sheet":
		p.Sheet = r.text(n)
	case "header":
		p.header = r.yes(n)
	case "skip":
		p.Skip, err = strconv.Atoi(r.text(n))
		if err != nil || p.Skip < 0 || p.Skip > 1000 {
			err = fmt.Errorf("%q is not a number of lines, 0 to 1000", n.Text)
		}
	case "time_zone":
		p.TimeZone = r.text(n)
		_, err = schemas.LoadZone(p.TimeZone)
	case "dates":
		p.dates = r.patterns(n, true, false)
	case "instants":
		p.instants = r.patterns(n, true, true)
	case "times":
		r.times(n)
	case "agent":
		r.agent(n)
	case "ignore":
		r.ignore(n)
	case "midnight":
		if s := r.text(n); s != "join" && s != "keep" {
			err = fmt.Errorf("%q is neither join (activities cut at midnight are one again) nor keep", s)
		} else {
			p.Joins = s == "join"
		}
	}
	if err != nil {
		r.wrong(n, "%s", err)
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

func (r *parser) patterns(n *schemas.Node, date, clock bool) patterns {
	var ps patterns
	for _, text := range r.list(n) {
		p, err := parsePattern(text, date, clock)
		if err != nil {
			r.wrong(n, "%s", err)
		}
		ps = append(ps, p)
	}
	return ps
}

// times reads 24h, 12h or patterns.
func (r *parser) times(n *schemas.Node) {
	switch n.Text {
	case "24h":
	case "12h":
		r.p.twelve = true
	default:
		r.p.times = r.patterns(n, false, true)
	}
}

func (r *parser) agent(n *schemas.Node) {
	if n.Kind != schemas.NodeMap {
		r.p.agent.key = r.key(n)
		return
	}
	if !r.keys(n, "key", "ids") {
		return
	}
	if k := n.Get("key"); k != nil {
		r.p.agent.key = r.key(k)
	}
	r.p.agent.ids = map[string]string{}
	r.each(n.Get("ids"), func(key string, v *schemas.Node) { r.p.agent.ids[folded(key)] = r.text(v) })
}

func (r *parser) key(n *schemas.Node) string {
	keys := []string{"agent_id", "email", "name", "external_id"}
	s := r.text(n)
	if !slices.Contains(keys, s) {
		r.wrong(n, "%q is none of %s", s, strings.Join(keys, ", "))
	}
	return s
}

// column reads where one of our columns comes from.
func (r *parser) column(name string, n *schemas.Node) {
	c := source{name: name, line: n.Line}
	if all := r.p.layout.Names(); !slices.Contains(all, name) {
		hint := "it has " + strings.Join(all, ", ")
		if near := schemas.Nearest(name, all); near != "" {
			hint = "did you mean " + near + "?"
		}
		r.wrong(n, "is no column of a file of %s; %s", r.p.Kind, hint)
		return
	}
	switch {
	case n.Kind != schemas.NodeMap:
		c.from = []string{r.text(n)}
	case n.Get("value") != nil:
		r.keys(n, "value")
		c.value = r.text(n.Get("value"))
	case n.Get("date") != nil || n.Get("time") != nil:
		r.keys(n, "date", "time")
		if n.Get("date") == nil || n.Get("time") == nil || r.p.layout.Find(name).Form != rows.FormInstant {
			r.wrong(n, "needs both date and time, and is only possible for instants such as start and end")
			return
		}
		c.date, c.time = r.text(n.Get("date")), r.text(n.Get("time"))
	case n.Get("join") != nil:
		r.keys(n, "join", "with")
		c.from, c.between = r.list(n.Get("join")), " "
		if w := n.Get("with"); w != nil {
			c.between = w.Text
		}
	default:
		r.wrong(n, "must name a column of the file, or be one of {value: …}, {date: …, time: …}, {join: […], with: …}")
		return
	}
	if len(c.from) == 0 && c.date == "" && c.value == "" || slices.Contains(c.from, "") {
		r.wrong(n, "names no column of the file")
	}
	r.p.columns = append(r.p.columns, c)
}

func (r *parser) valuesOf(name string, n *schemas.Node) {
	if !slices.Contains(r.p.layout.Names(), name) {
		r.wrong(n, "is no column of a file of %s; it has %s", r.p.Kind, strings.Join(r.p.layout.Names(), ", "))
		return
	}
	m := map[string]string{}
	r.each(n, func(key string, v *schemas.Node) { m[folded(key)] = r.text(v) })
	r.p.values[name] = m
}

// activity reads what an activity of the file means: a category, or more.
func (r *parser) activity(name string, n *schemas.Node) activity {
	a := activity{code: name}
	if n.Kind != schemas.NodeMap {
		a.category = r.category(n)
		return a
	}
	r.keys(n, "code", "category", "paid", "ignore")
	if c := n.Get("code"); c != nil {
		a.code = r.text(c)
	}
	if c := n.Get("category"); c != nil {
		a.category = r.category(c)
	}
	if c := n.Get("paid"); c != nil {
		a.paid = strconv.FormatBool(r.yes(c))
	}
	if c := n.Get("ignore"); c != nil {
		a.ignore = r.yes(c)
	}
	return a
}

func (r *parser) category(n *schemas.Node) schemas.Category {
	c, err := rows.ParseCategory(r.text(n))
	if err != nil {
		r.wrong(n, "%s", err)
	}
	return c
}

func (r *parser) ignore(n *schemas.Node) {
	if !r.want(n, schemas.NodeList) {
		return
	}
	for _, item := range n.Items {
		if !r.keys(item, "column", "is", "is_not") {
			continue
		}
		column, values := item.Get("column"), item.Get("is")
		rule := ignoreRule{values: map[string]bool{}, line: item.Line}
		if rule.not = values == nil; rule.not {
			values = item.Get("is_not")
		}
		if column == nil || values == nil {
			r.wrong(item, `needs a column of the file and the values to pass over, such as {column: Status, is: [Draft, ""]}`)
			continue
		}
		rule.column = r.text(column)
		for _, v := range r.list(values) {
			rule.values[folded(v)] = true
		}
		r.p.ignore = append(r.p.ignore, rule)
	}
}

func (r *parser) readGrid(n *schemas.Node) {
	g := &gridRule{cells: map[string]gridCell{}}
	r.p.grid = g
	if !r.keys(n, "activity", "week", "cells", "breaks") {
		return
	}
	if !r.p.schedules() {
		r.wrong(n, "is only possible for schedules")
	}
	if a := n.Get("activity"); a != nil {
		g.activity = r.text(a)
	} else {
		r.wrong(n, "needs the activity of time ranges without a name, such as activity: Phones")
	}
	if w := n.Get("week"); w != nil {
		g.week = r.text(w)
	}
	r.each(n.Get("cells"), func(key string, v *schemas.Node) { g.cells[folded(key)] = r.gridCell(v) })
	if b := n.Get("breaks"); b != nil && r.want(b, schemas.NodeList) {
		for _, item := range b.Items {
			g.breaks = append(g.breaks, r.gridBreak(item))
		}
	}
}

func (r *parser) gridCell(n *schemas.Node) gridCell {
	if n.Kind != schemas.NodeMap {
		if s := r.text(n); s != "nothing" {
			r.wrong(n, `must be nothing, or {activity: …, times: "09:00-17:00"}`)
		}
		return gridCell{nothing: true}
	}
	c := gridCell{end: schemas.DayMS}
	if !r.keys(n, "activity", "times") || n.Get("activity") == nil {
		r.wrong(n, "needs an activity")
		return c
	}
	c.activity = r.text(n.Get("activity"))
	if t := n.Get("times"); t != nil {
		label, start, end, ok := timeRange(r.text(t))
		if c.start, c.end = start, end; !ok || label != "" {
			r.wrong(t, "%q is no time range; write something like 09:00-17:00", t.Text)
		}
	}
	return c
}

func (r *parser) gridBreak(n *schemas.Node) gridBreak {
	var b gridBreak
	if !r.keys(n, "after", "lasts", "activity", "in_shifts_from") {
		return b
	}
	for _, d := range []struct {
		key    string
		to     *int64
		needed bool
	}{{"after", &b.after, true}, {"lasts", &b.lasts, true}, {"in_shifts_from", &b.shifts, false}} {
		v := n.Get(d.key)
		if v == nil && !d.needed {
			continue
		}
		if v == nil {
			r.wrong(n, "needs %s, such as 2h or 15m", d.key)
			continue
		}
		length, err := time.ParseDuration(r.text(v))
		if err != nil || length <= 0 || length > 24*time.Hour {
			r.wrong(v, "%q is no length of time; write something like 15m or 2h30m", v.Text)
		}
		*d.to = length.Milliseconds()
	}
	if a := n.Get("activity"); a != nil {
		b.activity = r.text(a)
	} else {
		r.wrong(n, "needs an activity, such as Break")
	}
	return b
}

// complete checks what concerns more than one key.
func (r *parser) complete(doc *schemas.Node) {
	p := r.p
	at := doc.Get("columns")
	if at == nil {
		at = doc
	}
	if len(r.problems) > 0 {
		return
	}
	has := func(name string) bool {
		return slices.ContainsFunc(p.columns, func(c source) bool { return c.name == name })
	}
	if p.grid != nil {
		if !has("agent_id") {
			r.wrong(at, "lacks agent_id, the column with the agents")
		}
		if !p.header {
			r.wrong(at, "has no header, in which a grid has its days")
		}
		return
	}
	missing := p.layout.Lacks(has)
	if p.Joins && !has("end_time") {
		r.wrong(doc.Get("midnight"), "join is only possible with the columns date, start_time and end_time")
	}
	if len(missing) > 0 {
		r.wrong(at, "lacks %s; name the columns of the file for them", strings.Join(missing, ", "))
	}
}

// schedules says that the files are schedules, whose activities a profile may name.
func (p *Profile) schedules() bool { return p.layout.Find("activity") != nil }
