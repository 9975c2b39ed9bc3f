package suggest

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// isStamp says that a column holds instants: a date and a time in one text.
func (g *guess) isStamp(c *column) bool {
	if c.filled == 0 {
		return false
	}
	texts := c.texts()
	return c.share(isWallTime) > 0.9 || bestPattern(texts, instantPatterns()) != "" ||
		wordScore("start", c.name)+wordScore("end", c.name) > 0 && epochOf(texts, g.known.Today) != ""
}

// isDate says that a column holds dates.
func isDate(c *column) bool {
	return c.filled > 0 && c.share(isNumber) < 1 && (c.share(isISO) > 0.9 || bestPattern(c.texts(), datePatterns) != "")
}

// isClock says that a column holds times of day.
func isClock(c *column) bool { return c.filled > 0 && c.share(isTime) > 0.8 }

// reading is what the patterns that read texts alike make of them.
type reading struct {
	pattern     string
	days        []schemas.Date
	first, last schemas.Date
}

// readings are the different ways in which texts can be read by the patterns.
func readings(texts, patterns []string, clock bool) []reading {
	var out []reading
	for _, p := range fitting(texts, patterns) {
		r := reading{pattern: p}
		for _, text := range texts {
			day, _, _ := profile.ReadDate(p, text, clock) // it fits
			r.days = append(r.days, day)
		}
		r.first, r.last = slices.Min(r.days), slices.Max(r.days)
		if !slices.ContainsFunc(out, func(o reading) bool { return slices.Equal(o.days, r.days) }) {
			out = append(out, r)
		}
	}
	return out
}

// choosePattern decides how dates, or with clock instants, are written.
func (g *guess) choosePattern(key, label string, texts, patterns []string, clock bool) string {
	c := Choice{Key: key, Label: label, Free: true, Sure: Open, Why: "no known way of writing them fits"}
	all := readings(texts, patterns, clock)
	for _, r := range all {
		c.Options = append(c.Options, Option{r.pattern, fmt.Sprintf("%s (%s is %s)", r.pattern, texts[0], r.days[0])})
	}
	switch {
	case len(all) == 1:
		c.Value, c.Sure, c.Why = all[0].pattern, Certain, "it reads every value"
	case len(all) > 1:
		c.Value, c.Sure, c.Why = g.likelyReading(all, texts)
	}
	return g.choose(c)
}

// likelyReading decides between readings: dates that lie closer together are likelier, then those that are nearer to
// today.
func (g *guess) likelyReading(all []reading, texts []string) (pattern string, sure Sure, why string) {
	all = slices.Clone(all)
	far := func(r reading) schemas.Date {
		switch {
		case g.known.Today < r.first:
			return r.first - g.known.Today
		case g.known.Today > r.last:
			return g.known.Today - r.last
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b reading) int {
		if d := int(a.last-a.first) - int(b.last-b.first); d != 0 {
			return d
		}
		return int(far(a)) - int(far(b))
	})
	best, other := all[0], all[1]
	if best.last-best.first < other.last-other.first {
		return best.pattern, Likely, "so the dates lie close together; read otherwise they lie scattered"
	}
	return best.pattern, Guess, fmt.Sprintf("%s can be %s or %s; the first is nearer to today", texts[0], best.days[0],
		other.days[0])
}

// findDates decides how the dates of columns are written, if that has to be said.
func (g *guess) findDates(columns ...string) {
	var texts []string
	for _, name := range columns {
		c := g.table.column(name)
		if c == nil {
			continue
		}
		for _, v := range c.values {
			if !v.dated && !isISO(v) {
				texts = append(texts, v.text)
			}
		}
	}
	if len(texts) > 0 {
		if p := g.choosePattern("dates", "Dates are written as", texts, datePatterns, false); p != "" {
			g.plan.dates = []string{p}
		}
	}
}

// findStamps decides how the instants of columns are written, if that has to be said.
func (g *guess) findStamps(columns ...string) {
	var texts []string
	for _, name := range columns {
		c := g.table.column(name)
		if c == nil {
			continue
		}
		for _, v := range c.values {
			if !v.dated && !isWallTime(v) {
				texts = append(texts, v.text)
			}
		}
	}
	if len(texts) == 0 {
		return
	}
	patterns := instantPatterns()
	if e := epochOf(texts, g.known.Today); e != "" {
		patterns = []string{e}
	}
	if p := g.choosePattern("instants", "Dates with times are written as", texts, patterns, true); p != "" {
		g.plan.stamps = []string{p}
	}
}

// findZone decides the zone of local times: a column, or one for all, or each agent's own. offsets says that the file
// has instants which need none.
func (g *guess) findZone(offsets bool) {
	for i := range g.table.columns {
		c := &g.table.columns[i]
		if c.filled > 0 && (c.share(isZone) > 0.9 || wordScore("time_zone", c.name) == 1) {
			name := g.choose(Choice{
				Key:     "time_zone",
				Label:   "The column with the time zone",
				Value:   c.name,
				Options: g.columnOptions("not used"),
				Sure:    Certain,
				Why:     "its values are time zones",
			})
			if g.plan.add("time_zone", name); name != "" {
				return
			}
		}
	}
	if offsets || !g.layoutHas("time_zone") {
		return
	}
	c := Choice{
		Key:     "zone",
		Label:   "Local times are of the time zone",
		Free:    true,
		Options: []Option{{"", "each agent's own"}},
		Sure:    Likely,
		Why:     "the roster says it",
	}
	zones := map[string]bool{}
	missing := len(g.known.Members) == 0
	for i := range g.known.Members {
		zone := g.known.Members[i].TimeZone
		if missing = missing || zone == ""; zone != "" && !zones[zone] && len(zones) < 20 {
			zones[zone] = true
			c.Options = append(c.Options, Option{Value: zone})
		}
	}
	switch {
	case missing && g.known.Zone != "":
		c.Why = "agents without a zone of their own have that of the configuration, " + g.known.Zone
	case missing:
		c.Sure, c.Why = Open, "neither the file nor the roster says it for every agent"
	}
	g.plan.zone = g.choose(c)
}

// allOffsets says that every instant of the columns has an offset, or is an epoch time.
func (g *guess) allOffsets(columns ...string) bool {
	n := 0
	for _, name := range columns {
		c := g.table.column(name)
		if c == nil {
			continue
		}
		if n++; c.share(hasOffset) < 1 && epochOf(c.texts(), g.known.Today) == "" {
			return false
		}
	}
	return n > 0
}

// containsAny says that a text holds one of the words.
func containsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// cellOf is the text of a row in a column.
func cellOf(r files.SampleRow, c *column) files.SampleCell {
	if c == nil || c.index >= len(r.Cells) {
		return files.SampleCell{}
	}
	return r.Cells[c.index]
}
