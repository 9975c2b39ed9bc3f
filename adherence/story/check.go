package story

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/schemas"
)

// Difference is one thing that did not come out as the story says. Line is that of the story, counted from 1; Want is
// empty for what is there and was not wanted, Got for what was wanted and is not there.
type Difference struct {
	Line int    `json:"line"`
	What string `json:"what"`
	Want string `json:"want,omitempty"`
	Got  string `json:"got,omitempty"`
}

// String writes the difference for people.
func (d Difference) String() string {
	switch {
	case d.Want == "":
		return fmt.Sprintf("line %d: %s: not wanted, but there is: %s", d.Line, d.What, d.Got)
	case d.Got == "":
		return fmt.Sprintf("line %d: %s: wanted, but there is not: %s", d.Line, d.What, d.Want)
	}
	return fmt.Sprintf("line %d: %s: wanted %s, got %s", d.Line, d.What, d.Want, d.Got)
}

// Result is the result of checking a story: OK, or how the judge differs from it.
type Result struct {
	File        string       `json:"story"`
	Title       string       `json:"title"`
	OK          bool         `json:"ok"`
	Differences []Difference `json:"differences"`
}

// Check judges the story and compares. Every day, every exception and, for a day that lists verdicts, every row must be
// as the story says; of the figures only those are compared that the story names.
func (s *Story) Check() Result {
	r := Result{File: s.File, Title: s.Title, Differences: []Difference{}}
	if s.Case == nil {
		r.Differences = append(r.Differences, s.checkRefusal()...)
	} else {
		r.Differences = append(r.Differences, s.checkCase()...)
	}
	r.OK = len(r.Differences) == 0
	return r
}

func (s *Story) checkRefusal() (all []Difference) {
	for _, l := range s.wanted.refused {
		switch {
		case s.refusal == nil:
			all = append(all, Difference{l.number, "refusal", l.text, ""})
		case !strings.Contains(s.refusal.Error(), l.text):
			all = append(all, Difference{l.number, "refusal", l.text, s.refusal.Error()})
		}
	}
	return all
}

func (s *Story) checkCase() (all []Difference) {
	result, err := s.Case.Evaluate()
	if err != nil {
		return []Difference{{s.thenLine(), "judging", "", err.Error()}}
	}
	if s.sections["then"] == nil {
		return []Difference{{s.thenLine(), "then", "a section that says what must come out", ""}}
	}
	for i := range s.wanted.days {
		w := &s.wanted.days[i]
		k := slices.IndexFunc(result.Days, func(d schemas.AgentDay) bool { return d.Day == w.date })
		if k < 0 {
			all = append(all, Difference{w.line, "day", w.date.String(), ""})
			continue
		}
		all = append(all, s.checkDay(&result.Days[k], w)...)
	}
	for i := range result.Days {
		d := &result.Days[i]
		if !slices.ContainsFunc(s.wanted.days, func(w wantedDay) bool { return w.date == d.Day }) {
			all = append(all, Difference{s.thenLine(), "day", "", d.Day.String()})
		}
	}
	return all
}

// thenLine is the line of the heading of the then section, or the first line.
func (s *Story) thenLine() int {
	if sec := s.sections["then"]; sec != nil {
		return sec.first - 1
	}
	return 1
}

func (s *Story) checkDay(d *schemas.AgentDay, w *wantedDay) (all []Difference) {
	for _, t := range w.figures {
		i := slices.IndexFunc(figures(), func(f figure) bool { return f.name == t.figure })
		if got := figures()[i].show(d); got != t.text {
			all = append(all, Difference{t.line, fmt.Sprintf("%s %s", d.Day, t.figure), t.text, got})
		}
	}
	all = append(all, checkRows(d.Day.String()+" exception", w.line, w.exceptions, s.exceptionRows(d))...)
	if w.lists {
		all = append(all, checkRows(d.Day.String()+" verdict", w.line, w.verdicts, s.verdictRows(d))...)
	}
	return all
}

// checkRows compares rows by their contents: those wanted that are missing, those that are there besides, and an order
// that is another. at is the line for rows that no line wants.
func checkRows(what string, at int, wanted []wantedText, got []row) (all []Difference) {
	rest := slices.Clone(got)
	ordered := len(wanted) == len(got)
	for i, w := range wanted {
		k := slices.IndexFunc(rest, func(r row) bool { return w.text == r.exact || w.text == r.loose })
		if k < 0 {
			all = append(all, Difference{w.line, what, w.text, ""})
			continue
		}
		ordered = ordered && (w.text == got[i].exact || w.text == got[i].loose)
		rest = slices.Delete(rest, k, k+1)
	}
	for _, r := range rest {
		all = append(all, Difference{at, what, "", r.exact})
	}
	if len(all) == 0 && !ordered {
		all = append(all, Difference{at, what, "the rows in order of time", "the same rows in another order"})
	}
	return all
}
