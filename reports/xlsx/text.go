package xlsx

import (
	"strings"
	"unicode/utf8"
)

// maxUnits is the most UTF-16 units that a cell can hold.
const maxUnits = 32_767

// cellText returns the text as a cell can hold it, and whether that differs: without characters that XML forbids, bytes
// that are not UTF-8 replaced, cut with an ellipsis after 32,767 UTF-16 units.
func cellText(s string) (string, bool) {
	if printableASCII(s) {
		return s, false
	}
	clean := strings.Map(func(r rune) rune {
		if forbidden(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	clean = cut(clean)
	return clean, clean != s
}

// printableASCII is the quick answer for nearly every text: short and without anything that a cell could not hold.
func printableASCII(s string) bool {
	if len(s) > maxUnits {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// forbidden says whether XML 1.0 has no way to write a character.
func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// cut keeps the last unit for the ellipsis and never halves a character.
func cut(s string) string {
	units, end := 0, 0
	for i, r := range s {
		if units += unitsOf(r); units > maxUnits {
			return s[:end] + "…"
		}
		if units < maxUnits {
			end = i + utf8.RuneLen(r)
		}
	}
	return s
}

func unitsOf(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// textWidth estimates how many columns of the default font's digits a text takes in one line. East Asian characters and
// emoji are taken as two.
func textWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case r >= 0x1100:
			w += 2
		case r >= 'A' && r <= 'Z':
			w += 1.15
		default:
			w++
		}
	}
	return w
}
