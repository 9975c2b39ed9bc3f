package story

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

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

// Result is what a story's check gave: OK, or how the judge differs from it.
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

// Update returns the story's file with a then section that is what the judge says now: the figures that the section
// named, or those that say something where it named none. A story that is right stays as it is, byte for byte but for
// line ends.
func (s *Story) Update() ([]byte, error) {
	if s.Check().OK {
		return txtar.Format(s.archive), nil
	}
	then, err := s.happens()
	if err != nil {
		return nil, err
	}
	out := &txtar.Archive{Comment: s.archive.Comment, Files: slices.Clone(s.archive.Files)}
	i := slices.IndexFunc(out.Files, func(f txtar.File) bool { return normalise(f.Name) == "then" })
	if i < 0 {
		out.Files = append(out.Files, txtar.File{Name: "then"})
		i = len(out.Files) - 1
	}
	out.Files[i].Data = []byte(then)
	return txtar.Format(out), nil
}

// happens writes the then section as the judge has it.
func (s *Story) happens() (string, error) {
	if s.Case == nil {
		if s.refusal == nil {
			return "", &Error{s.File, s.thenLine(), "the story wants its input refused, but it is right; take the line away"}
		}
		var place *Error
		_, message, _ := strings.Cut(s.refusal.Error(), ": ")
		if errors.As(s.refusal, &place) {
			message = place.Message
		}
		return refusedMark + " " + message + "\n", nil
	}
	result, err := s.Case.Evaluate()
	if err != nil {
		return "", &Error{s.File, s.thenLine(), err.Error()}
	}
	var b strings.Builder
	for i := range result.Days {
		d := &result.Days[i]
		w := wantedDay{}
		if k := slices.IndexFunc(s.wanted.days, func(w wantedDay) bool { return w.date == d.Day }); k >= 0 {
			w = s.wanted.days[k]
		}
		s.showDay(&b, d, &w)
	}
	if len(result.Days) == 0 {
		b.WriteString("no day\n")
	}
	return b.String(), nil
}
