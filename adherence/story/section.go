package story

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"rollcall/schemas"
)

// Error is what is wrong with a story, with its place and what would be right. Line is counted from 1.
type Error struct {
	File    string
	Line    int
	Message string
}

// Error returns file:line: message.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message) }

// line is one line of a section that says something, trimmed, with its number in the file.
type line struct {
	number int
	text   string
}

// section is one part of a story: its name as sectionNames has it, the number of its first line, and what it says.
type section struct {
	name  string
	first int
	lines []line
	body  string
}

// sectionNames lists the parts of a story in the order in which a story has them.
func sectionNames() []string {
	return []string{"date", "zone", "as of", "schedule", "what happened", "rules", "corrections", "gaps", "complete",
		"then"}
}

// checkHeadings refuses a heading without a name, which the archive would read as text or stumble over.
func checkHeadings(file, text string) error {
	number := 0
	for l := range strings.SplitSeq(text, "\n") {
		number++
		if name, ok := strings.CutPrefix(l, "-- "); ok &&
			(name == "--" || strings.TrimSpace(strings.TrimSuffix(name, "--")) == "") {
			return &Error{file, number, "the heading names no section; write one such as -- schedule --"}
		}
	}
	return nil
}

// single reports whether the section holds one value, which may stand in its heading: -- zone Europe/London --.
func single(name string) bool { return name == "date" || name == "zone" || name == "as of" }

// split cuts an archive into its sections and refuses those that are unknown or come twice.
func split(file string, archive *txtar.Archive) (map[string]*section, error) {
	sections := map[string]*section{}
	number := 1 + strings.Count(string(archive.Comment), "\n")
	for _, f := range archive.Files {
		s, err := makeSection(f.Name, string(f.Data), number)
		if err == nil && sections[s.name] != nil {
			err = fmt.Errorf("section %q comes twice; join the two", s.name)
		}
		if err != nil {
			return nil, &Error{file, number, err.Error()}
		}
		sections[s.name] = s
		number += 1 + strings.Count(string(f.Data), "\n")
	}
	return sections, nil
}

// makeSection reads a section whose heading is the line with the given number.
func makeSection(heading, body string, number int) (*section, error) {
	name, value, err := sectionName(heading)
	if err != nil {
		return nil, err
	}
	s := &section{name: name, first: number + 1, body: body}
	if value != "" {
		s.lines = append(s.lines, line{number, value})
	}
	for i, text := range strings.Split(body, "\n") {
		if text = strings.TrimSpace(text); text != "" && !strings.HasPrefix(text, "#") {
			s.lines = append(s.lines, line{s.first + i, text})
		}
	}
	return s, nil
}

// sectionName finds the name in a heading, and the value after it where the section has a single one.
func sectionName(heading string) (name, value string, err error) {
	for _, n := range sectionNames() {
		if normalise(heading) == normalise(n) {
			return n, "", nil
		}
		if rest, ok := strings.CutPrefix(heading, n+" "); ok && single(n) {
			return n, strings.TrimSpace(rest), nil
		}
	}
	hint := "a story has the sections " + strings.Join(sectionNames(), ", ")
	if near := schemas.Nearest(heading, sectionNames()); near != "" {
		hint = fmt.Sprintf("did you mean -- %s --?", near)
	}
	return "", "", fmt.Errorf("section %q is not known; %s", heading, hint)
}

// value returns the one value of a section.
func (s *section) value() (line, error) {
	if len(s.lines) == 1 {
		return s.lines[0], nil
	}
	at := line{number: s.first - 1}
	if len(s.lines) > 1 {
		at = s.lines[1]
	}
	return at, fmt.Errorf("section %q holds %d lines; it wants one, such as -- %s %s --", s.name, len(s.lines), s.name,
		map[string]string{"date": "2026-03-02", "zone": "Europe/London", "as of": "18:00"}[s.name])
}

// normalise brings words to the form in which they are compared: letters and digits only, in lower case.
func normalise(s string) string { return strings.ToLower(notLetters.ReplaceAllString(s, "")) }

var notLetters = regexp.MustCompile(`[^\pL\pN]+`)

// placed puts file and line before an error that has none.
func placed(file string, number int, err error) error {
	if has := (*Error)(nil); err == nil || errors.As(err, &has) {
		return err
	}
	return &Error{file, number, err.Error()}
}

// lineOfKey finds the line that an error of the policy speaks of: by the path of its key, looking for one key after the
// other; else by the line that a syntax error counts, which leaves the section's first line.
func (s *section) lineOfKey(err error) int {
	field := (*schemas.FieldError)(nil)
	if !errors.As(err, &field) {
		if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
			var n int
			if _, scanned := fmt.Sscan(found[1], &n); scanned == nil && n >= s.first {
				return n
			}
		}
		return s.first
	}
	lines, at := strings.Split(s.body, "\n"), 0
	for _, key := range strings.Split(notKey.ReplaceAllString(field.Field, ""), ".") {
		for i := at; i < len(lines); i++ {
			if strings.Contains(lines[i], key) {
				at = i
				break
			}
		}
	}
	return s.first + at
}

var (
	yamlLine = regexp.MustCompile(`line (\d+)`)
	notKey   = regexp.MustCompile(`\[\d+\]`)
)
