package schemas

import (
	"fmt"
	"slices"
	"strings"
)

// An enumeration is a number that counts into a list of names; where the first name is empty, the zero value is none of
// them.

// nameOf returns the name of a value, or its number where no constant names it.
func nameOf[T ~uint8](names []string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("value(%d)", v)
}

// valueOf returns the value of a name; the empty text is the zero value where that has no name.
func valueOf[T ~uint8](names []string, s string) (T, error) {
	if i := slices.Index(names, s); i >= 0 {
		return T(i), nil //nolint:gosec // the lists have fewer than 256 names
	}
	return 0, NotAmong(s, names)
}

// NotAmong returns the error for a text that is none of the names; it suggests the nearest.
func NotAmong(s string, names []string) error {
	if names[0] == "" {
		names = names[1:]
	}
	return fmt.Errorf("%q is none of %s%s", s, strings.Join(names, ", "), DidYouMean(s, names))
}

// DidYouMean returns the end of a sentence that suggests the nearest name, such as `; did you mean "meal"?`; it is
// empty where none is near.
func DidYouMean(s string, names []string) string {
	if near := Nearest(s, names); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// readName reads a name into v.
func readName[T ~uint8](v *T, names []string, text []byte) (err error) {
	*v, err = valueOf[T](names, string(text))
	return err
}

// Nearest returns the name that is spelled most like s, ignoring case, or "" when none is near: more than half of the
// letters (at least one, at most four) would have to change. The measure is the Levenshtein distance.
func Nearest(s string, names []string) string {
	s = strings.ToLower(s)
	best, allowed := "", min(max(len(s)/2, 1), 4)
	for _, w := range names {
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
