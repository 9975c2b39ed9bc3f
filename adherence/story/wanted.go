package story

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rollcall/schemas"
)

// expectation is what the then section wants.
type expectation struct {
	days    []wantedDay
	refused []line
}

// wantedDay is what is wanted of one day. Exceptions are always compared, verdicts only if the day lists them.
type wantedDay struct {
	date       schemas.Date
	line       int
	figures    []wantedText
	exceptions []wantedText
	verdicts   []wantedText
	lists      bool
}

// wantedText is one line of a day in the form in which it is compared: figure names a figure, and is empty for a row.
type wantedText struct {
	line         int
	figure, text string
}

// refusedMark begins a line of a story about input that is refused.
const refusedMark = "refused:"

// readRefusal reports whether the story wants its input refused.
func (s *Story) readRefusal() bool {
	if sec := s.sections["then"]; sec != nil {
		for _, l := range sec.lines {
			if text, ok := strings.CutPrefix(l.text, refusedMark); ok {
				s.wanted.refused = append(s.wanted.refused, line{l.number, strings.TrimSpace(text)})
			}
		}
	}
	return len(s.wanted.refused) > 0
}

// readWanted reads the then section.
func (s *Story) readWanted() error {
	sec := s.sections["then"]
	if sec == nil {
		return nil
	}
	r := wantedReader{calendar: s.calendar, block: "figures"}
	for _, l := range sec.lines {
		if err := r.read(l); err != nil {
			return placed(s.File, l.number, err)
		}
	}
	s.wanted.days = r.days
	return nil
}

// wantedReader reads the then section line by line.
type wantedReader struct {
	calendar calendar
	block    string
	days     []wantedDay
}

func (r *wantedReader) read(l line) error {
	if found := dateLine.FindStringSubmatch(l.text); found != nil {
		date, err := schemas.ParseDate(found[1])
		if len(r.days) > 0 && date <= r.days[len(r.days)-1].date {
			err = fmt.Errorf("%s does not come after the day before it; write the days in order, each once", date)
		}
		r.days = append(r.days, wantedDay{date: date, line: l.number})
		r.block, r.calendar.date, r.calendar.dated = "figures", date, true
		return err
	}
	if normalise(l.text) == "noday" && len(r.days) == 0 {
		return nil
	}
	if len(r.days) == 0 {
		if !r.calendar.dated {
			return errors.New("no day is named; write its date on a line before, such as 2026-03-02")
		}
		r.days = append(r.days, wantedDay{date: r.calendar.date, line: l.number})
	}
	return r.readOfDay(&r.days[len(r.days)-1], l)
}

func (r *wantedReader) readOfDay(day *wantedDay, l line) error {
	switch word := normalise(l.text); {
	case word == "exceptions" || word == "verdicts":
		r.block = word
		day.lists = day.lists || word == "verdicts"
		return nil
	case r.block != "figures" && strings.Contains(l.text, "|"):
		return r.readRow(day, l)
	}
	r.block = "figures"
	f, rest, err := figureOf(l.text)
	if err != nil {
		return err
	}
	text, err := f.read(rest)
	day.figures = append(day.figures, wantedText{l.number, f.name, text})
	return err
}

// readRow reads a row of exceptions or verdicts: its times, then columns between bars.
func (r *wantedReader) readRow(day *wantedDay, l line) error {
	columns, err := cells(l.text)
	if err != nil {
		return err
	}
	if len(columns) != 4 {
		return fmt.Errorf("the row has %d columns; write times | activity | kind | impact for an exception, times |"+
			" activity | what the agent does | verdict for a verdict", len(columns))
	}
	v, rest, err := r.calendar.two(columns[0])
	switch {
	case err != nil:
		return err
	case rest != "":
		return fmt.Errorf("%q follows the times; put a bar | after them", firstWords(rest))
	}
	columns[0] = calendar{zone: r.calendar.zone, date: day.date, dated: true}.writeTwo(v)
	read := []func(string) (string, error){readScheduled, readKind, readImpacts}
	if r.block == "verdicts" {
		read = []func(string) (string, error){readScheduled, readActual, readVerdict}
	}
	for i := range read {
		if columns[i+1], err = read[i](columns[i+1]); err != nil {
			return err
		}
	}
	row := wantedText{line: l.number, text: strings.Join(columns, " | ")}
	if r.block == "verdicts" {
		day.verdicts = append(day.verdicts, row)
	} else {
		day.exceptions = append(day.exceptions, row)
	}
	return nil
}

// free stands for no activity.
const free = "-"

func readScheduled(text string) (string, error) {
	if text == free || text == "–" {
		return free, nil
	}
	code, name, rest, err := cutLabel(text)
	if err != nil {
		return "", err
	}
	if rest != "" {
		return "", fmt.Errorf("%q follows the activity; put a bar | after it", firstWords(rest))
	}
	c, err := categoryOf(name, schemas.CategoryUnscheduled)
	return sayActivity(code, c), err
}

func readActual(text string) (string, error) {
	c, err := readChange(text)
	return sayState(schemas.State{Presence: c.Presence, Status: c.Status, Routing: c.Routing, Secondary: c.Secondary}), err
}

func readKind(text string) (string, error) {
	v, err := wordOf(text, "kind of exception", schemas.KindWrongStatus, schemas.Kind.String)
	return spaced(v), err
}

func readVerdict(text string) (string, error) {
	if text == free || text == "–" {
		return free, nil
	}
	v, err := wordOf(text, "verdict", schemas.VerdictOutside, schemas.Verdict.String)
	return spaced(v), err
}

// readImpacts reads the impacts of an exception's parts, in order.
func readImpacts(text string) (string, error) {
	var all []string
	for word := range strings.SplitSeq(text, ",") {
		v, err := wordOf(strings.TrimSpace(word), "impact", schemas.ImpactNeutral, schemas.Impact.String)
		if err != nil {
			return "", err
		}
		all = append(all, spaced(v))
	}
	return strings.Join(all, ", "), nil
}

// figureOf finds the figure that a line begins with, the longest name first.
func figureOf(text string) (figure, string, error) {
	all := figures()
	words := strings.Fields(text)
	for n := min(len(words), 3); n > 0; n-- {
		name := normalise(strings.Join(words[:n], " "))
		if i := slices.IndexFunc(all, func(f figure) bool { return normalise(f.name) == name }); i >= 0 {
			return all[i], strings.Join(words[n:], " "), nil
		}
	}
	names := make([]string, len(all), len(all)+2)
	for i := range all {
		names[i] = all[i].name
	}
	names = append(names, "exceptions", "verdicts")
	if near := schemas.Nearest(words[0], names); near != "" {
		return figure{}, "", fmt.Errorf("%q is no figure of a day; did you mean %q?", firstWords(text), near)
	}
	return figure{}, "", fmt.Errorf("%q is no figure of a day; write one of: %s", firstWords(text),
		strings.Join(names, ", "))
}

var (
	percentPattern = regexp.MustCompile(`^(\d+(?:\.\d{1,2})?)\s*%$`)
	nonePattern    = regexp.MustCompile(`^none(?:\s*\((.+)\))?$`)
	lengthPattern  = regexp.MustCompile(`^(\d+):([0-5]\d):([0-5]\d)(?:\.(\d{1,3}))?$`)
)

// readPercent reads 58.33 %, or none (reason).
func readPercent(text string) (string, error) {
	if found := percentPattern.FindStringSubmatch(text); found != nil {
		v, err := strconv.ParseFloat(found[1], 64)
		return sayPercent(v), err
	}
	found := nonePattern.FindStringSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%q is no percentage; write one such as 58.33 %%, or none (absent)", firstWords(text))
	}
	if found[1] == "" {
		return sayNone(schemas.ReasonNone), nil
	}
	v, err := wordOf(found[1], "reason", schemas.ReasonTimeOff, schemas.Reason.String)
	return sayNone(v), err
}

// readLength reads hours:minutes:seconds.
func readLength(text string) (string, error) {
	found := lengthPattern.FindStringSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%q is no length; write hours:minutes:seconds, such as 1:45:00", firstWords(text))
	}
	m := makeMoment([]string{"", found[1], found[2], found[3], found[4], ""})
	return sayLength(m.clock()), nil
}
