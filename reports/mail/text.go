package mail

import (
	"fmt"
	"strings"
	"text/template"
	"unicode"

	"golang.org/x/text/width"
)

// textWidth is the width of the plain text part in columns.
const textWidth = 72

// textFuncs lay out the plain text part. What the first four return ends in a line break.
var textFuncs = template.FuncMap{"line": line, "title": title, "wrap": wrap, "hang": hang, "fit": fit, "right": right,
	"blocks": blocks, "bars": bars}

func line(format string, args ...any) string {
	return strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n"
}

// title begins a section.
func title(text string) string { return "\n" + strings.ToUpper(text) + "\n" }

// wrap breaks words so that every line begins with the indent and fits.
func wrap(indent, text string) string {
	var out, row string
	for word := range strings.FieldsSeq(text) {
		if row != "" && columns(indent)+columns(row)+1+columns(word) > textWidth {
			out += line("%s%s", indent, row)
			row = ""
		}
		row = strings.TrimLeft(row+" "+word, " ")
	}
	if row != "" {
		out += line("%s%s", indent, row)
	}
	return out
}

// hang breaks words whose later lines are indented further.
func hang(text string) string { return "  " + strings.TrimPrefix(wrap("    ", text), "    ") }

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

// blocks draws a percentage as twenty characters.
func blocks(percent float64, known bool) string {
	if !known {
		return strings.Repeat("·", 20)
	}
	full := max(min(int(percent/5+0.5), 20), 0)
	return strings.Repeat("█", full) + strings.Repeat("░", 20-full)
}

// bars draws one percentage over another.
func bars(over, under float64) string {
	full := int(over/5 + 0.5)
	return strings.Repeat("█", full) + strings.Repeat("░", max(int(under/5+0.5)-full, 0))
}
