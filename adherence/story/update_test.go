package story

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"rollcall/schemas"
)

// update returns the story's file with a then section that is what the judge says now: the figures that the section
// named, or those that say something where it named none. A story that is right stays as it is, byte for byte but for
// line ends.
func (s *Story) update() ([]byte, error) {
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

// showDay writes a day as the then section has it, with the figures that w names, or those that say something.
func (s *Story) showDay(b *strings.Builder, d *schemas.AgentDay, w *wantedDay) {
	fmt.Fprintf(b, "%s\n", d.Day)
	for _, f := range figures() {
		asked := slices.ContainsFunc(w.figures, func(t wantedText) bool { return t.figure == f.name })
		if asked || len(w.figures) == 0 && f.show(d) != sayLength(0) {
			fmt.Fprintf(b, "%-22s %s\n", f.name, f.show(d))
		}
	}
	showRows(b, "exceptions", s.exceptionRows(d))
	if w.lists {
		showRows(b, "verdicts", s.verdictRows(d))
	}
}

func showRows(b *strings.Builder, heading string, rows []row) {
	if len(rows) > 0 {
		fmt.Fprintln(b, heading)
	}
	for _, r := range rows {
		fmt.Fprintln(b, "  "+r.exact)
	}
}
