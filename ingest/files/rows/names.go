package rows

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schemas"
)

// FoldName brings a name into the form in which names are compared: without case, spaces and underscores.
func FoldName(s string) string {
	return strings.NewReplacer(" ", "", "_", "", "\u00a0", "").Replace(strings.ToLower(strings.TrimSpace(s)))
}

// IndexName returns the place of a name among the names, as it is or as [FoldName] compares it; -1 where it has none.
func IndexName(names []string, name string) int {
	if n := slices.Index(names, name); n >= 0 {
		return n
	}
	folded := FoldName(name)
	return slices.IndexFunc(names, func(n string) bool { return FoldName(n) == folded })
}

// DidYouMean asks whether the name was meant; it is empty for no name.
func DidYouMean(near string) string {
	if near == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", near)
}

// Suggester finds the known name that is nearest to a wrong one, for a bounded number of wrong ones: the search is
// slow.
type Suggester struct {
	Known []string
	found map[string]string
}

// maxSuggestions bounds the searches of one file.
const maxSuggestions = 50

// Hint asks whether the nearest name was meant; it is empty where none is near.
func (s *Suggester) Hint(wrong string) string {
	near, ok := s.found[wrong]
	if !ok && len(s.found) < maxSuggestions && len(wrong) <= schemas.MaxIDBytes {
		if s.found == nil {
			s.found = map[string]string{}
		}
		near = s.withZeros(wrong)
		if near == "" {
			near = schemas.Nearest(wrong, s.Known)
		}
		s.found[wrong] = near
	}
	return DidYouMean(near)
}

// withZeros returns the known name that differs by zeros at its beginning only, which spreadsheets take away.
func (s *Suggester) withZeros(wrong string) string {
	short := strings.TrimLeft(wrong, "0")
	i := slices.IndexFunc(s.Known, func(known string) bool { return strings.TrimLeft(known, "0") == short })
	if i < 0 || short == "" {
		return ""
	}
	return s.Known[i]
}

// OtherLayout is what to do about a file of the kind whose columns are not known.
func OtherLayout(kind string) string {
	return fmt.Sprintf("`rollcall import suggest FILE --kind %s` proposes how to read it; or choose a profile", kind)
}

// ParseCategory reads a category: our word, or one that differs only in case, spaces, underscores and hyphens.
func ParseCategory(text string) (schemas.Category, error) {
	c, err := schemas.ParseCategory(text)
	if err == nil && c != schemas.CategoryUnscheduled {
		return c, nil
	}
	for c = schemas.CategoryOnQueueWork; c < schemas.CategoryUnscheduled; c++ {
		if FoldLetters(c.String()) == FoldLetters(text) {
			return c, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%q is only in results; write what was planned", text)
	}
	return schemas.CategoryNone, err
}

// FoldLetters returns the ASCII letters of a text in lower case.
func FoldLetters(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			out = append(out, c)
		}
	}
	return string(out)
}
