package files

import (
	"fmt"
	"unicode/utf8"

	"rollcall/schemas"
)

// validText says whether b is UTF-8 without control characters other than tab and ends of lines.
func validText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(b)
}

// category reads a category: our word, or one that differs only in case, spaces, underscores and hyphens.
func category(text string) (schemas.Category, error) {
	c, err := schemas.ParseCategory(text)
	if err == nil && c != schemas.CategoryUnscheduled {
		return c, nil
	}
	for c = schemas.CategoryOnQueueWork; c < schemas.CategoryUnscheduled; c++ {
		if letters(c.String()) == letters(text) {
			return c, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%q is only in results; write what was planned", text)
	}
	return schemas.CategoryNone, err
}

// letters gives the ASCII letters of a text in lower case.
func letters(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			out = append(out, c)
		}
	}
	return string(out)
}

// suggester finds the known name that is nearest to a wrong one, for a bounded number of wrong ones: the search is slow.
type suggester struct {
	known []string
	found map[string]string
}

// maxSuggestions bounds the searches of one file.
const maxSuggestions = 50

// hint is "; did you mean …?" or nothing.
func (s *suggester) hint(wrong string) string {
	near, ok := s.found[wrong]
	if !ok && len(s.found) < maxSuggestions && len(wrong) <= schemas.MaxIDBytes {
		if s.found == nil {
			s.found = map[string]string{}
		}
		near = schemas.Nearest(wrong, s.known)
		s.found[wrong] = near
	}
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}
