package files

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// MaxProblems is how many problems, and how many warnings, a report lists; it counts all.
const MaxProblems = 1000

// Problem is what is wrong in one place of a file. Line and Column count from 1; a line of 0 means the file as a whole, a
// column of 0 the whole line.
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

// divided moves what stands behind the first semicolon into the remedy.
func (p Problem) divided() Problem {
	if p.Remedy == "" {
		p.Message, p.Remedy, _ = strings.Cut(p.Message, "; ")
	}
	return p
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

// shownText writes what a terminal would obey, such as escape sequences in a header, as Go does; a file must not speak to it.
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

// Unmapped is a state text that means nothing to us, with how often it came and where first.
type Unmapped struct {
	Field string `json:"field"`
	Text  string `json:"text"`
	Count int    `json:"count"`
	Line  int    `json:"line"`
}

// Report is what reading one file found.
type Report struct {
	Kind Kind   `json:"kind"`
	File string `json:"file"`
	// FileHash is SHA-256 of the file's bytes in hex.
	FileHash string   `json:"file_hash"`
	Encoding Encoding `json:"encoding"`
	// Read = Accepted + Rejected + Duplicates, in rows. A duplicate says what an earlier row said.
	Read       int `json:"rows_read"`
	Accepted   int `json:"rows_accepted"`
	Rejected   int `json:"rows_rejected"`
	Duplicates int `json:"rows_duplicate"`
	// Written counts what an import of the file wrote or, in a dry run, would write: agents of a roster, codes, statuses,
	// agent-days of a schedule, status changes, gaps. Unchanged counts those that the store already holds just so (not known
	// for status changes, of which the store holds one copy). Both are 0 until the file is compared with the store.
	Written   int `json:"written"`
	Unchanged int `json:"unchanged"`
	// Problems are the first MaxProblems of ProblemCount; likewise Warnings. Of an agent or activity that is not known only the
	// first row is listed, so that others are seen too.
	Problems     []Problem  `json:"problems"`
	ProblemCount int        `json:"problem_count"`
	Warnings     []Problem  `json:"warnings"`
	WarningCount int        `json:"warning_count"`
	Unmapped     []Unmapped `json:"unmapped,omitempty"`
	// unusable says that the file as a whole cannot be read, so that no part of it is taken either.
	unusable bool
	// found is told of every problem and warning; it may be nil.
	found func(p Problem, warning bool)
}

func (r *Report) problem(p Problem) {
	r.ProblemCount++
	p = p.divided()
	p.File = r.File
	if r.found != nil {
		r.found(p, false)
	}
	if len(r.Problems) < MaxProblems {
		r.Problems = append(r.Problems, p)
	}
}

// again counts a problem whose like is listed already.
func (r *Report) again(p Problem) {
	r.ProblemCount++
	p = p.divided()
	p.File = r.File
	if r.found != nil {
		r.found(p, false)
	}
}

// Warn adds a warning; its File is set.
func (r *Report) Warn(p Problem) {
	r.WarningCount++
	p = p.divided()
	p.File = r.File
	if r.found != nil {
		r.found(p, true)
	}
	if len(r.Warnings) < MaxProblems {
		r.Warnings = append(r.Warnings, p)
	}
}

// whole notes what makes the file unusable.
func (r *Report) whole(line, column int, field, message string) {
	r.unusable = true
	r.problem(Problem{Line: line, Column: column, Field: field, Message: message})
}

// Blocked says whether the problems forbid to import the file, whose good rows may be imported with allowPartial.
func (r *Report) Blocked(allowPartial bool) bool {
	return r.unusable || r.ProblemCount > 0 && !allowPartial
}
