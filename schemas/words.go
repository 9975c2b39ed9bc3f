package schemas

import (
	"fmt"
	"strings"
)

// word gives the i-th word, or its number for a value that no constant names.
func word(words []string, i uint8) string {
	if int(i) < len(words) {
		return words[i]
	}
	return fmt.Sprintf("value(%d)", i)
}

// index finds the word; the empty word is the zero value where there is one.
func index(words []string, s string) (uint8, error) {
	for i, w := range words {
		if w == s {
			return uint8(i), nil //nolint:gosec // the lists have fewer than 256 words
		}
	}
	known := words
	if known[0] == "" {
		known = known[1:]
	}
	hint := ""
	if near := Nearest(s, known); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return 0, fmt.Errorf("%q is none of %s%s", s, strings.Join(known, ", "), hint)
}

// Nearest gives the word that is spelled most like s, ignoring case, or "" when none is near: more than half of the
// letters (at least one, at most four) would have to change. The measure is the Levenshtein distance.
func Nearest(s string, words []string) string {
	s = strings.ToLower(s)
	best, allowed := "", min(max(len(s)/2, 1), 4)
	for _, w := range words {
		if d := distance(s, strings.ToLower(w)); d <= allowed {
			best, allowed = w, d-1
		}
	}
	return best
}

// distance counts the bytes to insert, delete or replace in order to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost = min(corner, row[j], row[j+1]) + 1
			}
			corner, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
