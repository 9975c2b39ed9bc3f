package profile

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Profile says how a file of another program is read as one of ours: what its columns are called, how it writes dates
// and times, what its activities mean. It is a YAML document; the ready ones ([Ready]) show all that may be in one.
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
	// Headers is how many rows the header has, 0 to 2.
	Headers int
	// Items are the keys, with dots between them, that lead to the list of a JSON file whose entries are rows.
	Items string
	// TimeZone is that of local times in rows that name none; it may be empty.
	TimeZone string
	// LongestMS is how long a shift may be, in milliseconds; 0 where the profile leaves that open.
	LongestMS int64
	// Joins says that activities which the file cuts at midnight are one again.
	Joins bool
	// Cuts says that an activity that lies within another one of its shift cuts that, as a break does.
	Cuts bool
	// Between and After are the states that count between rows which say when a state ended, and after an agent's last
	// one; they name no field where the profile leaves that open.
	Between, After schemas.Change

	layout rows.Layout
	// fill are the columns in which an empty cell means what stands above, ends the texts with which the first row below
	// the table begins.
	fill     []string
	ends     tableEnds
	dates    patterns
	instants patterns
	epoch    epoch
	// twelve says that times have AM or PM, literal that they are of 24 hours; neither that they may be either.
	twelve  bool
	literal bool
	times   patterns
	agent   agentKey
	columns []source
	facts   []fact
	repeat  *repeatRule
	values  map[string]map[string]string
	known   map[string]activity
	ignore  []ignoreRule
	grid    *gridRule
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
	// date and time are the columns of the two halves of an instant.
	date, time string
	// from are the columns whose texts are joined, with between between them.
	from    []string
	between string
	// value is the same for every row.
	value string
	// length is the column of the length of time after which an instant lies that has no text of its own in from; unit is
	// that of bare numbers in it, in milliseconds.
	length string
	unit   int64
	// weekday is the column of days of the week, which are dates by the profile's repeat.
	weekday string
}

// columnsOf lists the columns of the file that the source reads.
func (c *source) columnsOf() []string {
	switch {
	case c.date != "":
		return []string{c.date, c.time}
	case c.length != "":
		return append(slices.Clone(c.from), c.length)
	case c.weekday != "":
		return []string{c.weekday}
	}
	return c.from
}

// fact is one of several rows of ours that a row of the file makes, where all of its conditions hold. Its columns go
// before those of the profile.
type fact struct {
	when    []ignoreRule
	columns []source
}

// activity is what an activity of the file is called and means here.
type activity struct {
	code     string
	category schemas.Category
	paid     string
	ignore   bool
}

// of returns what one of our columns says for the activity, which is the text unless the profile has something else.
func (a *activity) of(column, text string) string {
	switch column {
	case "activity":
		return cmp.Or(a.code, text)
	case "category":
		if a.category != schemas.CategoryNone {
			return a.category.String()
		}
	case "paid":
		return cmp.Or(a.paid, text)
	}
	return text
}

// ignoreRule passes over rows whose column has one of the values or, with not, has none of them.
type ignoreRule struct {
	column string
	values []string
	not    bool
}

// gridRule is how a week grid is read: one row per agent, one column per day.
type gridRule struct {
	// activity is what is done in a time range without a name.
	activity string
	// inside is the activity of a stretch without a name that stands in brackets behind another, which it cuts.
	inside string
	week   string
	// date and cell are the columns of the date and of the one cell of a row.
	date, cell string
	pairs      []gridPair
	cells      map[string]gridCell
	breaks     []gridBreak
}

// gridCell is what a word in a cell means.
type gridCell struct {
	activity   string
	start, end int64 // of the day, in milliseconds; 0 where nobody has said when it is
	breaks     []gridBreak
	nothing    bool
}

// gridBreak is cut out of every shift that lasts at least shifts.
type gridBreak struct {
	after, lasts, shifts int64
	activity             string
}

// schedules says that the files are schedules, whose activities a profile may name.
func (p *Profile) schedules() bool { return p.layout.Find("activity") != nil }

// folded brings a value into the form in which values are compared: NFC, without case and spaces around it.
func folded(s string) string { return strings.ToLower(strings.TrimSpace(norm.NFC.String(s))) }

// repeatRule says over which dates days of the week repeat: the columns with the first and the last; empty means those
// of --from and --to.
type repeatRule struct{ from, to string }

// columns are the columns of the first and the last date.
func (r *repeatRule) columns() [2]string {
	if r == nil {
		return [2]string{}
	}
	return [2]string{r.from, r.to}
}
