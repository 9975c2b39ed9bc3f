package mail

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// textWidth is the width of the plain text part in columns.
const textWidth = 72

// page writes the plain text part.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	p.WriteString(strings.TrimRight(text, " ") + "\n")
}

// head begins a section.
func (p *page) head(title string) {
	p.line("")
	p.line("%s", strings.ToUpper(title))
}

// wrapped writes words, broken so that every line begins with the indent and fits.
func (p *page) wrapped(indent, text string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && columns(indent)+columns(line)+1+columns(word) > textWidth {
			p.line("%s%s", indent, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		p.line("%s%s", indent, line)
	}
}

// columns counts the columns that a terminal needs for a text: two for wide characters, none for marks that combine.
func columns(text string) int {
	n := 0
	for _, r := range text {
		switch k := width.LookupRune(r).Kind(); {
		case unicode.Is(unicode.Mn, r) || r == 0x200d || r == 0xfe0f:
		case k == width.EastAsianWide || k == width.EastAsianFullwidth || r >= 0x1f300 && r <= 0x1faff:
			n += 2
		default:
			n++
		}
	}
	return n
}

// fit cuts a text or fills it with spaces to n columns.
func fit(text string, n int) string {
	if columns(text) > n {
		out := []rune(text)
		for len(out) > 0 && columns(string(out))+1 > n {
			out = out[:len(out)-1]
		}
		text = string(out) + "…"
	}
	return text + strings.Repeat(" ", max(n-columns(text), 0))
}

// right puts spaces before a text.
func right(text string, n int) string { return strings.Repeat(" ", max(n-columns(text), 0)) + text }

// blocks draws a percentage as n characters.
func blocks(percent float64, known bool, n int) string {
	if !known {
		return strings.Repeat("·", n)
	}
	full := max(min(int(percent*float64(n)/100+0.5), n), 0)
	return strings.Repeat("█", full) + strings.Repeat("░", n-full)
}

// text writes the view as plain text.
func (v *view) text() string {
	p := &page{}
	p.line("%s", v.Heading)
	p.wrapped("", v.Scope)
	if v.Provisional != "" {
		p.line("")
		p.wrapped("", "PROVISIONAL: "+v.Provisional)
	}
	if v.Empty != "" {
		p.line("")
		p.wrapped("", v.Empty)
	} else {
		v.figures(p)
		v.lists(p)
		v.picture(p)
	}
	v.end(p)
	return p.String()
}

func (v *view) figures(p *page) {
	t := &v.Total
	p.line("")
	p.line("Adherence    %s  %s", right(t.Adherence, 9), blocks(t.Percent, t.Known, 20))
	p.line("Conformance  %s", right(t.Conformance, 9))
	p.line("Coverage     %s", right(t.Coverage, 9))
	for _, words := range []string{t.Target, t.Change, t.Detail} {
		p.wrapped("", words)
	}
	if len(v.Weeks) > 0 {
		p.head(v.WeeksTitle)
		for _, w := range v.Weeks {
			p.line("  %s %s  %s", right(w.Label, 6), right(w.Figure, 9), blocks(w.Percent, w.Known, 20))
		}
	}
}

func (v *view) lists(p *page) {
	v.persons(p, v.PeopleTitle, v.People, v.MorePeople)
	v.persons(p, v.AbsentTitle, v.Absent, v.MoreAbsent)
	if len(v.Teams) > 0 {
		p.head("Teams")
		for i := range v.Teams {
			t := &v.Teams[i]
			p.line("  %s %s  %s", fit(t.Name, 30), right(t.Adherence, 9), blocks(t.Percent, t.Known, 20))
			for _, words := range []string{t.Target, t.Change, t.Detail} {
				p.wrapped("    ", words)
			}
		}
	}
	v.persons(p, "Time unknown", v.Unknown, v.MoreUnknown)
}

func (v *view) persons(p *page, title string, list []personView, more string) {
	if len(list) == 0 {
		return
	}
	p.head(title)
	for _, who := range list {
		name := who.Name
		if who.Team != "" {
			name += " (" + who.Team + ")"
		}
		text := name + " " + who.Figure
		if who.Words != "" {
			text += ": " + who.Words
		}
		p.hanging(text)
	}
	if more != "" {
		p.line("  %s", more)
	}
}

// hanging writes words whose later lines are indented further.
func (p *page) hanging(text string) {
	inner := &page{}
	inner.wrapped("    ", text)
	p.WriteString("  " + strings.TrimPrefix(inner.String(), "    "))
}

func (v *view) picture(p *page) {
	if len(v.Heads) > 0 {
		p.head(v.HeadsTitle)
		for _, words := range v.HeadsSum {
			p.wrapped("  ", words)
		}
		most := 1.0
		for _, h := range v.Heads {
			most = max(most, h.ActualHeads, h.PlannedHeads)
		}
		for _, h := range v.Heads {
			full, planned := int(h.ActualHeads/most*20+0.5), int(h.PlannedHeads/most*20+0.5)
			p.line("  %s %s  %s", h.Label, right(h.Figure, 14), strings.Repeat("█", full)+
				strings.Repeat("░", max(planned-full, 0)))
		}
	}
	if len(v.Short) > 0 {
		p.head(shortTitle)
		for _, t := range v.Short {
			p.hanging(t.Name + ": " + t.Hours)
			for _, w := range t.Worst {
				p.line("    %s  %s", w.Label, w.Words)
			}
		}
		if v.MoreShort != "" {
			p.line("  %s", v.MoreShort)
		}
	}
}

// shortTitle heads the list of teams of which heads were missing.
const shortTitle = "When heads were missing"

func (v *frame) end(p *page) {
	if v.Link != "" || v.Workbook != "" {
		p.line("")
	}
	if v.Link != "" {
		p.line("%s:", v.LinkText)
		p.line("%s", v.Link)
	}
	if v.Workbook != "" {
		p.wrapped("", v.Workbook)
		if v.WorkbookLink != "" {
			p.line("%s", v.WorkbookLink)
		}
	}
	p.line("")
	p.line("-- ")
	for _, f := range v.Footer {
		p.wrapped("", f)
	}
}
