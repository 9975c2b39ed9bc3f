package suggest

import (
	"slices"
	"strings"

	"rollcall/ingest/files"
)

// pairWord is how two columns of a day are called beside it.
type pairWord struct{ start, end string }

// besideDay takes a name apart that is a day, as long as it goes, and words beside it.
func besideDay(name string) (day, word string, ok bool) {
	parts := strings.Fields(name)
	for n := len(parts) - 1; n > 0; n-- {
		for _, s := range [][2][]string{{parts[:n], parts[n:]}, {parts[len(parts)-n:], parts[:len(parts)-n]}} {
			day, word = strings.Join(s[0], " "), strings.Join(s[1], " ")
			if isDay(files.SampleCell{Text: day}) && hasLetters(word) &&
				(wordScore("start", word) > 0 || wordScore("end", word) > 0 || isBreak(word)) {
				return day, word, true
			}
		}
	}
	return "", "", false
}

func hasLetters(s string) bool { return strings.Trim(letters(s), "0123456789") != "" }

// pairWords finds the words of start and end beside days; and those of a break inside.
func (g *guess) pairWords() (shift pairWord, breaks []pairWord) {
	var words []string
	for _, name := range g.table.names {
		if _, word, ok := besideDay(name); ok && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	var rest []string
	for _, w := range words {
		switch {
		case isBreak(w):
			rest = append(rest, w)
		case shift.start == "" && wordScore("start", w) > 0:
			shift.start = w
		case shift.end == "":
			shift.end = w
		}
	}
	if shift.end == "" {
		return pairWord{}, nil
	}
	for i := 0; i+1 < len(rest); i += 2 {
		breaks = append(breaks, pairWord{rest[i], rest[i+1]})
	}
	return shift, breaks
}

// namelessEnds says that each day's column has one without a name right of it, and both hold times.
func (g *guess) namelessEnds() bool {
	n := 0
	t := &g.table
	for i := 0; i+1 < len(t.columns); i++ {
		if isDay(files.SampleCell{Text: t.names[i]}) && t.names[i+1] == "" {
			if !isClock(&t.columns[i]) || !isClock(&t.columns[i+1]) {
				return false
			}
			n++
		}
	}
	return n > 0
}

// pairs decides which columns of a day have its start and its end, and returns what heads the days and the words in the
// columns.
func (g *guess) pairs() (days, cells []string) {
	shift, breaks := g.pairWords()
	all := []Option{}
	for _, name := range g.table.names {
		if _, word, ok := besideDay(name); ok && !slices.ContainsFunc(all, func(o Option) bool { return o.Value == word }) {
			all = append(all, Option{Value: word})
		}
	}
	p := g.plan.grid
	if shift.start == "" {
		p.keys = append(p.keys, pair{"pairs", `[{start: "", end: ""}]`})
	} else {
		shift.start = g.choose(Choice{
			Key:     "pair_start",
			Label:   "The start of a day is called",
			Value:   shift.start,
			Options: all,
			Sure:    Likely,
			Why:     "it stands beside each day",
		})
		shift.end = g.choose(Choice{
			Key:     "pair_end",
			Label:   "The end of a day is called",
			Value:   shift.end,
			Options: all,
			Sure:    Likely,
			Why:     "it stands beside each day",
		})
		list := []string{"{start: " + quoted(shift.start) + ", end: " + quoted(shift.end) + "}"}
		for _, b := range breaks {
			category := categoryOf(strings.Fields(b.start)[0])
			if code := g.codeOf(category); code != "" {
				list = append(list, "{start: "+quoted(b.start)+", end: "+quoted(b.end)+", activity: "+quoted(code)+"}")
			} else {
				g.note("no activity code of %s is known, so that %s and %s are not used", category, b.start, b.end)
			}
		}
		p.keys = append(p.keys, pair{"pairs", "[" + strings.Join(list, ", ") + "]"})
	}
	for i := range g.table.columns {
		c := &g.table.columns[i]
		day, _, ok := besideDay(c.name)
		if !ok && isDay(files.SampleCell{Text: c.name}) {
			day, ok = c.name, true
		}
		if ok && !slices.Contains(days, day) {
			days = append(days, day)
		}
		for _, v := range c.values {
			if ok && !isTime(v) && !isNumber(v) {
				cells = append(cells, v.text)
			}
		}
	}
	return days, cells
}
