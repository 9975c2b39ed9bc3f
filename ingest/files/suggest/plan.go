package suggest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rollcall/ingest/files"
	"rollcall/ingest/files/rows"
)

// plan is a profile that is being made.
type plan struct {
	// err is a choice that cannot be.
	err    error
	agent  []string
	key    string
	fields []field
	// facts are the rows that each row of the file makes besides, cut says that they lie in each other.
	facts  [][]field
	cut    bool
	fill   []string
	dates  []string
	stamps []string // patterns of instants
	zone   string
	repeat string // a YAML value
	grid   *gridPlan
	values []valuesPlan
	// activities are what activities of the file mean, as YAML values.
	activities []pair
	ignore     []pair
	// between and after are the states that count where no row does.
	between, after string
}

// pair is a key and a value.
type pair struct{ key, value string }

// field is one of our columns and where it comes from: a YAML value.
type field struct{ name, from string }

// gridPlan is a grid: the keys besides its cells, and what the words of its cells mean.
type gridPlan struct {
	activity string
	keys     []pair
	cells    []pair
}

// valuesPlan are what the values of a column mean.
type valuesPlan struct {
	column string
	pairs  []pair
}

// add adds a column that comes from one of the file.
func (p *plan) add(name, column string) {
	if column != "" {
		p.fields = append(p.fields, field{name, quoted(column)})
	}
}

// constant adds a column that is the same in every row.
func (p *plan) constant(name, value string) {
	p.fields = append(p.fields, field{name, "{value: " + quoted(value) + "}"})
}

var plainText = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(?:[ ./-][A-Za-z0-9_]+)*$`)

// quoted writes a text as YAML has it.
func quoted(s string) string {
	if plainText.MatchString(s) && !slices.Contains([]string{"true", "false", "yes", "no", "null", "on", "off", "y", "n"},
		strings.ToLower(s)) {
		return s
	}
	b, _ := json.Marshal(s) // a text
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}

// list writes a list of texts.
func list(texts []string) string {
	var out []string
	for _, s := range texts {
		out = append(out, quoted(s))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// yaml writes the profile.
func (g *guess) yaml() string {
	var b strings.Builder
	p, t := &g.plan, &g.table
	put := func(key, value string) {
		if value != "" && value != "[]" {
			fmt.Fprintf(&b, "%s: %s\n", key, value)
		}
	}
	put("kind", string(g.Kind))
	g.yamlTable(put)
	put("fill", list(p.fill))
	if t.ends != "" {
		put("ends", list([]string{t.ends}))
	}
	put("dates", list(p.dates))
	put("instants", list(p.stamps))
	put("time_zone", p.zone)
	put("agent", p.key)
	b.WriteString("columns:\n")
	if len(p.agent) > 1 {
		fmt.Fprintf(&b, "  agent_id: {join: %s}\n", list(p.agent))
	} else if len(p.agent) == 1 {
		fmt.Fprintf(&b, "  agent_id: %s\n", quoted(p.agent[0]))
	}
	for _, f := range p.fields {
		fmt.Fprintf(&b, "  %s: %s\n", f.name, f.from)
	}
	p.yamlRows(&b)
	put("repeat", p.repeat)
	for i, v := range p.values {
		if i == 0 {
			b.WriteString("values:\n")
		}
		yamlPairs(&b, "  "+v.column+":\n", "    ", v.pairs)
	}
	yamlPairs(&b, "activities:\n", "  ", p.activities)
	for i, rule := range p.ignore {
		if i == 0 {
			b.WriteString("ignore:\n")
		}
		fmt.Fprintf(&b, "  - {column: %s, is: [%s]}\n", quoted(rule.key), quoted(rule.value))
	}
	put("between", stateYAML(p.between))
	if p.after != p.between {
		put("after", stateYAML(p.after))
	}
	return b.String()
}

// yamlTable writes how the file is taken apart.
func (g *guess) yamlTable(put func(key, value string)) {
	t := &g.table
	if name := map[byte]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "pipe"}[t.sample.Delimiter]; name != "" {
		put("delimiter", name)
	}
	if t.sample.Encoding != rows.Workbook && t.sample.Encoding != rows.UTF8 {
		put("encoding", string(t.sample.Encoding))
	}
	if t.items != "" {
		put("items", quoted(t.items))
	}
	if len(t.sample.Lists) > 0 {
		return
	}
	if t.header >= 0 {
		if first := t.sample.Rows[t.header+1-t.headers].Line; first > 1 {
			put("skip", fmt.Sprint(first-1))
		}
	}
	if t.headers != 1 {
		put("header", map[int]string{0: "false", 2: "2"}[t.headers])
	}
}

// yamlRows writes the rows that a row makes, and the grid.
func (p *plan) yamlRows(b *strings.Builder) {
	for i, fact := range p.facts {
		if i == 0 {
			b.WriteString("rows:\n")
		}
		var parts []string
		for _, f := range fact {
			parts = append(parts, f.name+": "+f.from)
		}
		fmt.Fprintf(b, "  - {%s}\n", strings.Join(parts, ", "))
	}
	if p.cut {
		b.WriteString("overlap: cut\n")
	}
	if p.grid == nil {
		return
	}
	fmt.Fprintf(b, "grid:\n  activity: %s\n", quoted(p.grid.activity))
	for _, k := range p.grid.keys {
		fmt.Fprintf(b, "  %s: %s\n", k.key, k.value)
	}
	yamlPairs(b, "  cells:\n", "    ", p.grid.cells)
}

// yamlPairs writes a map of texts to YAML values, if there are any.
func yamlPairs(b *strings.Builder, head, indent string, pairs []pair) {
	for i, v := range pairs {
		if i == 0 {
			b.WriteString(head)
		}
		fmt.Fprintf(b, "%s%s: %s\n", indent, quoted(v.key), v.value)
	}
}

// stateYAML writes the states of a choice.
func stateYAML(name string) string {
	if name == "" {
		return ""
	}
	presence, status := stateNamed(name)
	return fmt.Sprintf("{presence: %s, status: %s}", presence, status)
}

// layoutHas says that the kind has one of our columns.
func (g *guess) layoutHas(name string) bool {
	layout, err := files.LayoutOf(string(g.Kind))
	return err == nil && layout.Find(name) != nil
}
