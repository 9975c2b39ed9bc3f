package rows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// MaxProblems is how many problems are listed of one file; more are only counted.
const MaxProblems = 1000

// Problem is what is wrong in one place of a file. Line and Column count from 1; a line of 0 means the file as a whole,
// a column of 0 the whole line.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Field  string `json:"field,omitempty"`
	// Message says what is wrong. In JSON it holds the remedy too, as [Problem.Text] has it.
	Message string `json:"message"`
	// Remedy says what to do about it; it is empty where nothing is known.
	Remedy string `json:"-"`
}

// Text is the message followed by the remedy.
func (p Problem) Text() string {
	if p.Remedy == "" {
		return p.Message
	}
	return p.Message + "; " + p.Remedy
}

// MarshalJSON writes the text as the message.
func (p Problem) MarshalJSON() ([]byte, error) {
	type plain Problem
	p.Message = p.Text()
	return json.Marshal(plain(p))
}

// String writes FILE:LINE:COLUMN: field: message, leaving out what there is not.
func (p Problem) String() string {
	s := p.File
	if p.Line > 0 {
		s += fmt.Sprintf(":%d", p.Line)
		if p.Column > 0 {
			s += fmt.Sprintf(":%d", p.Column)
		}
	}
	s += ": "
	if p.Field != "" {
		s += p.Field + ": "
	}
	return shownText(s + p.Text())
}

// shownText writes what a terminal would obey, such as escape sequences in a header, as Go does; a file must not speak
// to it.
func shownText(s string) string {
	if !strings.ContainsFunc(s, obeyed) {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if obeyed(c) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(c), "'"))
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// obeyed are control characters, those that turn the direction of text included.
func obeyed(c rune) bool { return unicode.In(c, unicode.Cc, unicode.Bidi_Control) }

// Error is the text, so that a problem can be what one record could not be read for.
func (p *Problem) Error() string { return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Text()) }

// Unusable is what makes a file unusable as a whole.
type Unusable struct{ Problem Problem }

// Error is the problem's text.
func (u *Unusable) Error() string { return u.Problem.Text() }

// Unusablef makes the error of a file that cannot be used; the message is formatted.
func Unusablef(remedy, format string, args ...any) error {
	return &Unusable{*Problemf(0, 0, remedy, format, args...)}
}

// Problemf makes the problem of a place; the message is formatted.
func Problemf(line, column int, remedy, format string, args ...any) *Problem {
	return &Problem{Line: line, Column: column, Message: fmt.Sprintf(format, args...), Remedy: remedy}
}

// Remedies joins what can be done about a problem; empty ones are left out.
func Remedies(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), "; ")
}
