package suggest

import (
	"fmt"
	"strings"
)

// status decides how a file of states is read: changes, stretches with an end or a length, or sessions.
func (g *guess) status() {
	t := g.chooseTimes(g.likelyTimes())
	p := &g.plan
	offsets := false
	if t.date == "" {
		g.findStamps(t.start, t.end)
		offsets = g.allOffsets(t.start, t.end)
		p.add("at", t.start)
	} else {
		g.findDates(t.date, t.endDate)
		p.fields = append(p.fields, field{"at", halves(t.date, t.start)})
	}
	switch {
	case t.length != "":
		p.fields = append(p.fields, field{"until", t.lengthYAML(t.date == "")})
	case t.end != "" && t.date == "":
		p.add("until", t.end)
	case t.end != "" && t.endDate != "":
		p.fields = append(p.fields, field{"until", halves(t.endDate, t.end)})
	case t.end != "":
		p.fields = append(p.fields, field{"until", halves(t.date, t.end)})
		g.note("states end on the date on which they begin; one over midnight would end before it begins")
	}
	g.findZone(offsets)
	constant := g.findState(t)
	if t.end == "" && t.length == "" {
		return
	}
	c := Choice{
		Key:     "between",
		Label:   "Between rows the agent is",
		Value:   unknownState,
		Options: stateOptions(),
		Sure:    Likely,
		Why:     "the file says nothing of that time",
	}
	if constant {
		c.Value, c.Why = "offline", "rows are from login to logout"
	}
	p.between = g.choose(c)
	c.Key, c.Label, c.Value = "after", "After the last row the agent is", p.between
	p.after = g.choose(c)
}

// halves is an instant of a column with its date and one with its time.
func halves(date, clock string) string {
	return fmt.Sprintf("{date: %s, time: %s}", quoted(date), quoted(clock))
}

// findState decides which column has the state, or which it is in every row, and what the states mean. It says
// whether it is the same in every row.
func (g *guess) findState(t times) (constant bool) {
	few := func(c *column) bool {
		return c.filled > 0 && len(c.values) <= mostMeanings && !g.isStamp(c) && c.share(isNumber) < 0.9 &&
			c.share(isTime) < 0.9
	}
	state := g.pick("state", few, t.start, t.end, t.length)
	reason := g.pick("reason", few, t.start, t.end, t.length, state)
	c := Choice{Key: "state", Label: "The state is", Value: state, Sure: Certain, Why: "its name and its values fit"}
	for _, o := range g.columnOptions("") {
		c.Options = append(c.Options, Option{o.Value, "in the column " + o.Value})
	}
	for _, s := range states {
		c.Options = append(c.Options, Option{"=" + s.name, "always " + s.label})
	}
	switch {
	case state != "" && reason != "":
		joined := state + " + " + reason
		c.Options = append(c.Options, Option{joined, "in the columns " + joined})
		c.Value, c.Sure, c.Why = joined, Likely, "the second column says why"
	case state == "" && (g.sessionColumns() || t.end != ""):
		c.Value, c.Sure, c.Why = "=available", Likely, "rows are from login to logout"
	case state == "":
		c.Sure, c.Why = Open, "no column looks like one"
	}
	value := g.choose(c)
	if name, always := strings.CutPrefix(value, "="); always {
		presence, status := stateNamed(name)
		g.plan.constant("presence", presence)
		g.plan.constant("status", status)
		return true
	}
	g.stateValues(value)
	return false
}

// stateValues decides what the texts of the columns mean.
func (g *guess) stateValues(columns string) {
	from := strings.Split(columns, " + ")
	where := quoted(from[0])
	if len(from) > 1 {
		where = "{join: " + list(from) + `, with: "/"}`
	}
	if columns == "" {
		return
	}
	g.plan.fields = append(g.plan.fields, field{"presence", where}, field{"status", where})
	presences, statuses := valuesPlan{column: "presence"}, valuesPlan{column: "status"}
	for n, text := range g.stateTexts(from) {
		if n >= mostMeanings {
			g.note("more states come than can be listed here; those count as unknown until somebody says what they mean")
			break
		}
		state := stateOf(text)
		c := Choice{
			Key:     "means." + text,
			Label:   fmt.Sprintf("%q means", strings.TrimSuffix(text, "/")),
			Value:   state,
			Options: stateOptions(),
			Sure:    Likely,
			Why:     "its name says so",
		}
		if state == unknownState {
			c.Sure, c.Why = Open, "its name says nothing"
		}
		presence, status := stateNamed(g.choose(c))
		presences.pairs = append(presences.pairs, pair{text, presence})
		statuses.pairs = append(statuses.pairs, pair{text, status})
	}
	g.plan.values = append(g.plan.values, presences, statuses)
}

// stateTexts are the different texts of the columns, as the profile joins them.
func (g *guess) stateTexts(from []string) []string {
	var out []string
	seen := map[string]bool{"": true, "/": true}
	for _, row := range g.table.body {
		var parts []string
		for _, name := range from {
			parts = append(parts, cellOf(row, g.table.column(name)).Text)
		}
		if text := strings.TrimSpace(strings.Join(parts, "/")); !seen[strings.ToLower(text)] {
			seen[strings.ToLower(text)] = true
			out = append(out, text)
		}
	}
	return out
}
