package suggest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"rollcall/ingest/files"
	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
)

// table is the table in a file: where its header is, what its columns hold, where it ends.
type table struct {
	sample *files.Sample
	// items are the keys that lead to the list of a JSON document.
	items string
	// header is the number of the header's (lower) row among those of the sample, -1 where there is none; headers is how
	// many rows it has.
	header, headers int
	names           []string
	columns         []column
	// above and below stand around the table, body is what it holds.
	above, body, below []files.SampleRow
	ends               string
}

// findTable decides which rows are the table.
func (g *guess) findTable() {
	t := &g.table
	if len(t.sample.Lists) > 0 {
		g.findList()
	} else {
		g.findHeader()
		g.findEnd()
	}
	for i, name := range t.names {
		t.columns = append(t.columns, makeColumn(name, i, t.body))
	}
}

// findList decides which list of a JSON document has the rows: that whose entries say most.
func (g *guess) findList() {
	t := &g.table
	best := 0
	var all []Option
	for i := range t.sample.Lists {
		l := &t.sample.Lists[i]
		all = append(all, Option{l.Items, fmt.Sprintf("%s (%s)", cmp.Or(l.Items, "the document itself"),
			strings.Join(l.Names[:min(len(l.Names), 4)], ", "))})
		if b := &t.sample.Lists[best]; len(l.Rows)*len(l.Names) > len(b.Rows)*len(b.Names) {
			best = i
		}
	}
	items := t.sample.Lists[best].Items
	if len(all) > 1 {
		items = g.choose(Choice{
			Key:     "items",
			Label:   "The list with the rows",
			Value:   items,
			Options: all,
			Sure:    Likely,
			Why:     "its entries have most values",
		})
	}
	for i := range t.sample.Lists {
		if l := &t.sample.Lists[i]; l.Items == items {
			t.items, t.names, t.body, t.headers = items, l.Names, l.Rows, 1
		}
	}
}

// mostTitles is how many rows may stand above a header.
const mostTitles = 30

// findHeader decides which row is the header, and how many it has.
func (g *guess) findHeader() {
	t := &g.table
	list := t.sample.Rows
	best, most := -1, 1.0
	for i := range list[:min(len(list), mostTitles)] {
		if score := g.headerScore(i); score > most {
			best, most = i, score
		}
	}
	all := []Option{{"0", "none"}}
	for i := range list[:min(len(list), 12)] {
		all = append(all, Option{strconv.Itoa(list[i].Line), fmt.Sprintf("line %d: %s", list[i].Line, shown(list[i]))})
	}
	line, sure, why := "0", Guess, "no row looks like one"
	if best >= 0 {
		line, sure, why = strconv.Itoa(list[best].Line), Certain, "its texts are names, and what stands below are values"
		if best > 0 {
			sure = Likely
		}
	}
	line = g.choose(Choice{
		Key:     "header",
		Label:   "The row with the names of the columns",
		Value:   line,
		Options: all,
		Free:    true,
		Sure:    sure,
		Why:     why,
	})
	n, _ := strconv.Atoi(line) // 0 for what is no number: there is none
	t.header = slices.IndexFunc(list, func(r files.SampleRow) bool { return r.Line == n })
	t.headers = min(t.header+1, 1)
	t.body = list[t.header+1:]
	if t.header >= 0 {
		t.above = list[:t.header]
		g.secondHeader()
	}
	g.nameColumns()
}

// shown is a row, shortened.
func shown(r files.SampleRow) string {
	var texts []string
	for _, c := range r.Cells {
		if c.Text != "" {
			texts = append(texts, c.Text)
		}
	}
	text := []rune(strings.Join(texts, " · "))
	if len(text) > 60 {
		text = append(text[:60], '…')
	}
	return string(text)
}

// headerScore is how much the row looks like a header.
func (g *guess) headerScore(i int) float64 {
	list := g.table.sample.Rows
	filled, score := 0, 0.0
	seen := map[string]bool{}
	for _, c := range list[i].Cells {
		if c.Text == "" {
			continue
		}
		filled++
		switch {
		case isDay(c):
			score += 1.5
		case isData(c), g.isMember(c.Text):
			score -= 3
		case knownWord(c.Text):
			score += 2
		case len(c.Text) <= 40:
			score += 0.3
		}
		if seen[c.Text] {
			score -= 0.5
		}
		seen[c.Text] = true
	}
	below, wide := list[i+1:min(len(list), i+11)], 0
	for _, r := range below {
		if 2*filledCells(r) >= filled {
			wide++
		}
	}
	if filled < 2 && len(list[i].Cells) > 1 || len(below) == 0 {
		return 0
	}
	return score + 2*float64(wide)/float64(len(below)) - 0.05*float64(i)
}

func filledCells(r files.SampleRow) int {
	n := 0
	for _, c := range r.Cells {
		if c.Text != "" {
			n++
		}
	}
	return n
}

// isDay says that a text heads a day.
func isDay(c files.SampleCell) bool {
	rest, _, named := profile.Weekday(c.Text)
	if rest == "" {
		return named
	}
	return isISO(value{text: rest, dated: c.Dated}) || bestPattern([]string{rest}, datePatterns[:19]) != ""
}

// secondHeader decides whether the row above or below the header is part of it.
func (g *guess) secondHeader() {
	t := &g.table
	list := t.sample.Rows
	two, lower := false, t.header
	if t.header > 0 && list[t.header-1].Line+1 == list[t.header].Line && groups(list[t.header-1], list[t.header]) {
		two = true
	} else if n := t.header + 1; n < len(list) && list[n].Line == list[n-1].Line+1 && groups(list[n-1], list[n]) {
		two, lower = true, n
	}
	value, sure, why := "1", Certain, ""
	if two {
		value, sure, why = "2", Likely, "the row above has the names of groups, or the days"
	}
	if filledCells(list[max(t.header-1, 0)]) > 1 && t.header > 0 || two {
		value = g.choose(Choice{
			Key:     "header_rows",
			Label:   "Rows of the header",
			Value:   value,
			Options: options("1", "2"),
			Sure:    sure,
			Why:     why,
		})
	}
	switch {
	case value != "2":
		return
	case !two && t.header > 0:
		lower = t.header
	}
	t.header, t.headers = lower, 2
	t.above, t.body = list[:lower-1], list[lower+1:]
}

// groups says that the upper row has names of groups of columns, or days, and the lower one the names in them.
func groups(upper, lower files.SampleRow) bool {
	count, days, words := map[string]int{}, 0, 0
	for _, c := range lower.Cells {
		switch {
		case c.Text == "":
			continue
		case isDay(c):
			days++
		case isData(c):
			return false
		case knownWord(c.Text):
			words++
		}
		count[strings.ToLower(c.Text)]++
	}
	repeated := 0
	for _, n := range count {
		if n > 1 {
			repeated++
		}
	}
	upperDays := 0
	for _, c := range upper.Cells {
		if isDay(c) {
			upperDays++
		}
	}
	return upperDays >= 2 && (repeated > 0 && words > 0 || days >= 2) ||
		repeated >= 2 && filledCells(upper) < filledCells(lower) && filledCells(upper) > 1
}

// nameColumns gives the columns their names.
func (g *guess) nameColumns() {
	t := &g.table
	if t.header < 0 {
		for _, r := range t.body {
			for len(t.names) < len(r.Cells) {
				t.names = append(t.names, strconv.Itoa(len(t.names)+1))
			}
		}
		return
	}
	head := t.sample.Rows[t.header].Record()
	if t.headers > 1 {
		head = profile.JoinHeader(t.sample.Rows[t.header-1].Record(), head)
	}
	for _, f := range head.Fields {
		t.names = append(t.names, strings.TrimSpace(string(f.Text)))
	}
}

// findEnd decides where the table ends.
func (g *guess) findEnd() {
	t := &g.table
	end, why := t.firstBelow()
	var word string
	if end >= 0 {
		word = endWord(t.body[end])
	} else if n := slices.IndexFunc(t.sample.Tail, func(r files.SampleRow) bool { return isTotal(firstText(r)) }); n >= 0 {
		word, why = endWord(t.sample.Tail[n]), "the file ends with it"
	}
	_, chosen := g.chosen["ends"]
	if word == "" && !chosen {
		return
	}
	word = g.choose(Choice{
		Key:     "ends",
		Label:   "The table ends above the row that begins with",
		Value:   word,
		Options: []Option{{"", "nothing: it ends with the file"}, {word, ""}},
		Free:    true,
		Sure:    Likely,
		Why:     why,
	})
	if t.ends = word; word == "" {
		return
	}
	begins := func(r files.SampleRow) bool { return profile.BeginsWith(firstText(r), word) }
	if n := slices.IndexFunc(t.body, begins); n >= 0 {
		t.body, t.below = t.body[:n], t.body[n:]
	}
}

// firstBelow finds the first row below the table: totals, or what stands apart and is unlike the rows before; -1 where
// the table goes on to the end of the sample.
func (t *table) firstBelow() (row int, why string) {
	if len(t.body) < 2 {
		return -1, ""
	}
	var filled []int
	for _, r := range t.body {
		filled = append(filled, filledCells(r))
	}
	usual := slices.Sorted(slices.Values(filled))[len(filled)/2]
	for i := max(1, len(t.body)-40); i < len(t.body); i++ {
		r := t.body[i]
		apart := r.Line > t.body[i-1].Line+1
		last := !slices.ContainsFunc(t.body[i+1:], func(r files.SampleRow) bool {
			return filledCells(r)*2 > usual && !isTotal(firstText(r))
		})
		switch {
		case !last:
		case isTotal(firstText(r)):
			return i, "what stands there is a total or a note"
		case apart && (filled[i]*2 <= usual || strings.Contains(firstText(r), "=")),
			filled[i] == 1 && usual > 2 && len(r.Cells) <= 2:
			return i, "what stands there is unlike the rows before"
		}
	}
	return -1, ""
}

func firstText(r files.SampleRow) string {
	for _, c := range r.Cells {
		if c.Text != "" {
			return c.Text
		}
	}
	return ""
}

// endWord is the text by which a row below a table is known: without the numbers and signs behind it. A short one, as
// in a legend, keeps its sign.
func endWord(r files.SampleRow) string {
	text := firstText(r)
	n := strings.IndexFunc(text, func(c rune) bool { return c == ':' || c == '=' || unicode.IsDigit(c) })
	if n < 1 {
		return text
	}
	if word := strings.TrimSpace(text[:n]); len(word) > 2 {
		return word
	}
	return text[:n+1]
}

// column finds a column by its name; nil where there is none.
func (t *table) column(name string) *column {
	n := rows.IndexName(t.names, name)
	if name == "" || n < 0 {
		return nil
	}
	return &t.columns[n]
}
