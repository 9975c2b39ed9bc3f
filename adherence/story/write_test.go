package story

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"rollcall/adherence"
	"rollcall/schemas"
)

var plainTitle = regexp.MustCompile(`^[\pL\pN][\pL\pN,.;:'()–-]*( [\pL\pN,.;:'()–-]+)*$`)

// format writes a case as a story that Load reads back as the same case, without a then section; update adds one.
func format(c *adherence.Case) []byte {
	title := c.Name
	if !plainTitle.MatchString(title) {
		title = strconv.Quote(title)
	}
	w := &writer{calendar: calendar{zone: c.Zone, date: c.Zone.Date(firstInstant(c)), dated: true}}
	w.archive.Comment = []byte(title + "\n")
	w.section("date "+w.calendar.date.String(), nil)
	w.section("zone "+c.Zone.Name(), nil)
	w.section("as of "+w.calendar.writeOne(c.AsOf), nil)
	w.section("schedule", w.activities(c.Activities))
	w.section("what happened", w.changes(c.Changes))
	if rules := formatRules(&c.Policy); rules != "" {
		w.archive.Files = append(w.archive.Files, txtar.File{Name: "rules", Data: []byte(rules)})
	}
	if len(c.Corrections) > 0 {
		w.section("corrections", w.corrections(c.Corrections))
	}
	if len(c.Gaps) > 0 {
		w.section("gaps", w.gaps(c.Gaps))
	}
	if len(c.Complete) > 0 {
		w.section("complete", w.complete(c.Complete))
	}
	return txtar.Format(&w.archive)
}

// firstInstant is when the case begins, for its date.
func firstInstant(c *adherence.Case) schemas.Instant {
	switch {
	case len(c.Activities) > 0:
		return c.Activities[0].Start
	case len(c.Changes) > 0:
		return c.Changes[0].At
	}
	return c.AsOf
}

// writer writes the sections of a story.
type writer struct {
	calendar calendar
	archive  txtar.Archive
}

func (w *writer) section(name string, lines []string) {
	var data []byte
	for _, l := range lines {
		data = append(append(data, l...), '\n')
	}
	w.archive.Files = append(w.archive.Files, txtar.File{Name: name, Data: data})
}

// dated writes lines and, where the date changes, a line with the date before them.
func (w *writer) dated(n int, line func(c calendar, i int) (schemas.Instant, string)) []string {
	c := w.calendar
	var lines []string
	for i := range n {
		at, text := line(c, i)
		if date := c.zone.Date(at); date != c.date {
			c.date = date
			lines = append(lines, date.String())
			_, text = line(c, i)
		}
		lines = append(lines, text)
	}
	return lines
}

func (w *writer) activities(all []schemas.Activity) []string {
	return w.dated(len(all), func(c calendar, i int) (schemas.Instant, string) {
		a := &all[i]
		text := c.writeTwo(a.Interval()) + " " + sayActivity(a.Code, a.Category) + option("shift", a.Shift)
		if a.Paid {
			text += " paid"
		}
		return a.Start, text + option("description", a.Description)
	})
}

// option writes key=value, and nothing for an empty value.
func option(key, text string) string {
	if text == "" {
		return ""
	}
	return " " + key + "=" + value(text)
}

func (w *writer) changes(all []schemas.Change) []string {
	return w.dated(len(all), func(c calendar, i int) (schemas.Instant, string) {
		f := &all[i]
		text := sayState(schemas.State{Presence: f.Presence, Status: f.Status, Routing: f.Routing, Secondary: f.Secondary})
		for _, o := range []struct{ key, text string }{{"id", f.ID}, {"source", f.Source}, {"agent", f.AgentID},
			{"note", f.Note}, {"raw", f.Raw}} {
			text += option(o.key, o.text)
		}
		return f.At, c.writeOne(f.At) + " " + text
	})
}

func (w *writer) corrections(all []schemas.Correction) []string {
	return w.dated(len(all), func(c calendar, i int) (schemas.Instant, string) {
		k := &all[i]
		return k.Start, c.writeTwo(schemas.Interval{Start: k.Start, End: k.End}) + " " + k.Effect.String() +
			option("id", k.ID) + option("reason", k.Reason)
	})
}

func (w *writer) gaps(all []schemas.Gap) []string {
	return w.dated(len(all), func(c calendar, i int) (schemas.Instant, string) {
		g := &all[i]
		text := c.writeTwo(schemas.Interval{Start: g.Start, End: g.End}) + option("source", g.Source)
		for _, name := range []string{"presence", "status", "routing"} {
			if g.Fields&fieldNames()[name] != 0 {
				text += " " + name
			}
		}
		return g.Start, text
	})
}

func (w *writer) complete(all []adherence.Source) []string {
	return w.dated(len(all), func(c calendar, i int) (schemas.Instant, string) {
		text := c.writeOne(all[i].CompleteUpTo)
		switch name := all[i].Name; {
		case name != "" && plainValue.MatchString(name) && !startsWithDigit(name):
			text = name + " " + text
		case name != "":
			text = strconv.Quote(name) + " " + text
		}
		return all[i].CompleteUpTo, text
	})
}

// startsWithDigit says that a source might be read as a date.
func startsWithDigit(name string) bool { return name[0] >= '0' && name[0] <= '9' }

// formatRules writes what a policy sets besides the defaults, as YAML; as JSON where YAML would not read back the same.
func formatRules(p *schemas.Policy) string {
	set, defaults := keysOf(p), keysOf(new(schemas.DefaultPolicy()))
	for key, v := range set {
		if string(v) == string(defaults[key]) {
			delete(set, key)
		}
	}
	if len(set) == 0 {
		return ""
	}
	doc := map[string]any{}
	for key, v := range set {
		var parsed any
		if json.Unmarshal(v, &parsed) == nil {
			doc[key] = parsed
		}
	}
	canonical, err := p.MarshalJSON()
	if err != nil {
		return ""
	}
	text, err := yaml.Marshal(doc)
	if read, again := schemas.ParsePolicy(text); err == nil && again == nil && !txtar.NeedsQuote(text) {
		if same, err := read.MarshalJSON(); err == nil && string(same) == string(canonical) {
			return string(text)
		}
	}
	return fmt.Sprintf("%s\n", strings.TrimSpace(string(canonical)))
}

// keysOf returns the keys of a policy's canonical document.
func keysOf(p *schemas.Policy) map[string]json.RawMessage {
	keys := map[string]json.RawMessage{}
	if data, err := p.MarshalJSON(); err == nil {
		_ = json.Unmarshal(data, &keys) // what MarshalJSON wrote is an object
	}
	return keys
}

// sameAs reports whether two stories are about the same case.
func (s *Story) sameAs(c *adherence.Case) bool {
	mine, errMine := s.Case.Policy.MarshalJSON()
	other, errOther := c.Policy.MarshalJSON()
	return errMine == nil && errOther == nil && string(mine) == string(other) && s.Case.Name == c.Name &&
		s.Case.Zone.Name() == c.Zone.Name() && s.Case.AsOf == c.AsOf && slices.Equal(s.Case.Activities, c.Activities) &&
		slices.Equal(s.Case.Changes, c.Changes) && slices.Equal(s.Case.Corrections, c.Corrections) &&
		slices.Equal(s.Case.Gaps, c.Gaps) && slices.Equal(s.Case.Complete, c.Complete)
}
