package story

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"rollcall/adherence"
	"rollcall/schemas"
)

// maxStory is how long a story may be, in bytes.
const maxStory = 1 << 20

// Story is a day, or several, of one agent in words, with what must come out of it.
type Story struct {
	// File is the name of the story's file, for messages.
	File string
	// Title is the first line.
	Title string
	// Case is what the story says, ready to be judged. It is nil for a story about input that is refused.
	Case *adherence.Case

	archive  *txtar.Archive
	sections map[string]*section
	calendar calendar
	wanted   expectation
	refusal  error
}

// Load reads a story. The file's name is only for messages. Every error is an [*Error]: it names file and line and says
// what would be right. A story whose then section says `refused:` is about input that is wrong: what is wrong with it
// is no error of Load but is compared by Check.
func Load(file string, data []byte) (*Story, error) {
	switch {
	case len(data) > maxStory:
		return nil, &Error{file, 1, fmt.Sprintf("the story has %d bytes; at most %d are allowed", len(data), maxStory)}
	case !utf8.Valid(data):
		return nil, &Error{file, 1, "the story is not UTF-8; save it as UTF-8"}
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n")
	if err := checkHeadings(file, text); err != nil {
		return nil, err
	}
	s := &Story{File: file, archive: txtar.Parse([]byte(text))}
	var err error
	if s.sections, err = split(file, s.archive); err != nil {
		return nil, err
	}
	if err := s.readTitle(); err != nil {
		return nil, err
	}
	err = s.readCase()
	if refused := s.readRefusal(); refused {
		s.Case, s.refusal = nil, err
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	return s, s.readWanted()
}

// readTitle reads the first line that is not empty; in quotation marks it is the exact name of the case.
func (s *Story) readTitle() error {
	first, _, _ := strings.Cut(strings.TrimLeft(string(s.archive.Comment), "\n"), "\n")
	if s.Title = strings.TrimSpace(first); s.Title == "" {
		return &Error{s.File, 1, "the story has no title; say in its first line what it is about"}
	}
	if strings.HasPrefix(s.Title, `"`) {
		if title, err := strconv.Unquote(s.Title); err == nil {
			s.Title = title
		}
	}
	return nil
}

// readCase reads every section but then.
func (s *Story) readCase() error {
	s.Case = &adherence.Case{Name: s.Title, Policy: schemas.DefaultPolicy()}
	for _, read := range []func() error{s.readZone, s.readDate, s.readRules, s.readSchedule, s.readHappened,
		s.readCorrections, s.readGaps, s.readComplete, s.readAsOf} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

// single reads a section of one value, if there is one.
func (s *Story) single(name string, read func(text string) error) error {
	sec := s.sections[name]
	if sec == nil {
		return nil
	}
	l, err := sec.value()
	if err == nil {
		err = read(l.text)
	}
	return placed(s.File, l.number, err)
}

// readZone reads the zone; without the section it is UTC.
func (s *Story) readZone() error {
	zone := schemas.UTC
	err := s.single("zone", func(text string) (err error) {
		zone, err = schemas.LoadZone(text)
		return err
	})
	s.Case.Zone, s.calendar.zone = zone, zone
	return err
}

func (s *Story) readDate() error {
	return s.single("date", func(text string) (err error) {
		s.calendar.date, err = schemas.ParseDate(text)
		s.calendar.dated = true
		return err
	})
}

// readRules reads the policy. Empty lines before it make the lines that YAML counts those of the file.
func (s *Story) readRules() error {
	sec := s.sections["rules"]
	if sec == nil {
		return nil
	}
	var err error
	s.Case.Policy, err = schemas.ParsePolicy([]byte(strings.Repeat("\n", sec.first-1) + sec.body))
	if err != nil {
		return placed(s.File, sec.lineOfKey(err), err)
	}
	return nil
}

// readAsOf reads the instant up to which the story goes. Without the section it is the end of the last local date
// that date, schedule or what happened names.
func (s *Story) readAsOf() error {
	if s.sections["as of"] != nil {
		return s.single("as of", func(text string) error {
			at, rest, err := s.calendar.one(text)
			if err == nil && rest != "" {
				err = fmt.Errorf("%q follows the time; write the time alone", firstWords(rest))
			}
			s.Case.AsOf = at
			return err
		})
	}
	last := schemas.MinInstant
	if s.calendar.dated {
		last = max(last, s.Case.Zone.DayStart(s.calendar.date))
	}
	for i := range s.Case.Activities {
		last = max(last, s.Case.Activities[i].End-1)
	}
	for i := range s.Case.Changes {
		last = max(last, s.Case.Changes[i].At)
	}
	s.Case.AsOf = min(s.Case.Zone.Day(s.Case.Zone.Date(last)).End, schemas.MaxInstant)
	return nil
}
