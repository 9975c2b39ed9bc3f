package files

import (
	"errors"

	"rollcall/ingest/files/rows"
)

// MaxProblems is how many problems, and how many warnings, a report lists; it counts all.
const MaxProblems = rows.MaxProblems

// Problem is what is wrong in one place of a file.
type Problem = rows.Problem

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
	FileHash string        `json:"file_hash"`
	Encoding rows.Encoding `json:"encoding"`
	// Read = Accepted + Rejected + Duplicates, in rows. A duplicate says what an earlier row said.
	Read       int `json:"rows_read"`
	Accepted   int `json:"rows_accepted"`
	Rejected   int `json:"rows_rejected"`
	Duplicates int `json:"rows_duplicate"`
	// Written counts what an import of the file wrote or, in a dry run, would write: agents of a roster, codes, statuses,
	// agent-days of a schedule, status changes, gaps. Unchanged counts those that the store already holds just so (not
	// known for status changes, of which the store holds one copy). Both are 0 until the file is compared with the store.
	Written   int `json:"written"`
	Unchanged int `json:"unchanged"`
	// Problems are the first MaxProblems of ProblemCount; likewise Warnings. Of an agent or activity that is not
	// known only the first row is listed, so that others are seen too.
	Problems     []rows.Problem `json:"problems"`
	ProblemCount int            `json:"problem_count"`
	Warnings     []rows.Problem `json:"warnings"`
	WarningCount int            `json:"warning_count"`
	Unmapped     []Unmapped     `json:"unmapped,omitempty"`
	// unusable says that the file as a whole cannot be read, so that no part of it is taken either.
	unusable bool
	// found is called for every problem and warning; it may be nil.
	found func(p rows.Problem, warning bool)
}

func (r *Report) problem(p rows.Problem) {
	r.ProblemCount++
	r.Problems = r.note(p, false, r.Problems)
}

// again counts a problem whose like is listed already.
func (r *Report) again(p rows.Problem) {
	r.ProblemCount++
	r.note(p, false, nil)
}

// Warn adds a warning; its File is set.
func (r *Report) Warn(p rows.Problem) {
	r.WarningCount++
	r.Warnings = r.note(p, true, r.Warnings)
}

// note reports the problem or warning and adds it to the list, if there is room.
func (r *Report) note(p rows.Problem, warning bool, list []rows.Problem) []rows.Problem {
	p.File = r.File
	if r.found != nil {
		r.found(p, warning)
	}
	if len(list) < MaxProblems {
		list = append(list, p)
	}
	return list
}

// unfit reports what makes the file unusable.
func (r *Report) unfit(p rows.Problem) {
	r.unusable = true
	r.problem(p)
}

// refuse reports an error that is about what the file holds, which then cannot be used; false for any other error.
func (r *Report) refuse(err error) bool {
	var p *rows.Problem
	if u := (*rows.Unusable)(nil); errors.As(err, &u) {
		p = &u.Problem
	}
	if p != nil || errors.As(err, &p) {
		r.unfit(*p)
	}
	return p != nil
}

// Blocked says whether the problems forbid to import the file, whose good rows may be imported with allowPartial.
func (r *Report) Blocked(allowPartial bool) bool {
	return r.unusable || r.ProblemCount > 0 && !allowPartial
}
