package archtest_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const root = "../../.."

var (
	pageName = regexp.MustCompile(`[\w./-]*\w\.md\b`)
	heading  = regexp.MustCompile(`(?m)^#{2,3} (\d+(?:\.\d+)?)\.? `)
	// A section is named as "RULES.md section 5 rule 8", "RULES.md sections 3 to 6", `rollcall rules 5.4` or /rules#5.4.
	sectionNames = regexp.MustCompile(
		`RULES\.md sections? (\d+)(?:(?:, | and | to )(\d+))*(?:,? rules? (\d+)(?:(?: and | to )(\d+))?)?`)
	ruleNames = regexp.MustCompile(`(?:rollcall rules |/rules#)(\d+(?:\.\d+)?)`)
	// lineBreak is where a comment goes on in the next line.
	lineBreak = regexp.MustCompile(`\s*\n\s*(?://|--|#)?\s*`)
)

// released are the folders whose files may not change any more, not even in a comment: the store holds their checksums.
var released = []string{"schemas/migrations"}

// texts yields the text files of the tree by their path from the root.
func texts(t *testing.T, yield func(name, text string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || name == "bin" || slices.Contains(released, name)):
			return fs.SkipDir
		case !slices.Contains([]string{".go", ".sql", ".html", ".txtar", ".txt", ".md", ".json", ".yml", ".yaml", ".css",
			".js"}, path.Ext(name)):
			return nil
		}
		text, err := os.ReadFile(path.Join(root, name)) //nolint:gosec // a file of the tree
		if err == nil && utf8.Valid(text) {
			yield(name, string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every page that the tree names is in the tree: beside the file that names it, at the root, or anywhere under that
// name.
func TestPagesThatAreNamedExist(t *testing.T) {
	var pages []string
	texts(t, func(name, _ string) {
		if path.Ext(name) == ".md" {
			pages = append(pages, name, path.Base(name))
		}
	})
	texts(t, func(name, text string) {
		for _, page := range pageName.FindAllString(text, -1) {
			if !slices.Contains(pages, page) && !slices.Contains(pages, path.Join(path.Dir(name), page)) {
				t.Errorf("%s names %s, which does not exist", name, page)
			}
		}
	})
}

// Every section of the rules that the tree names stands in them.
func TestSectionsOfTheRulesThatAreNamedExist(t *testing.T) {
	rules, err := os.ReadFile(path.Join(root, "adherence", "RULES.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]bool{}
	for _, m := range heading.FindAllSubmatch(rules, -1) {
		sections[string(m[1])] = true
	}
	texts(t, func(name, text string) {
		for _, section := range sectionsNamed(lineBreak.ReplaceAllString(text, " ")) {
			if !sections[section] {
				t.Errorf("%s names section %s of RULES.md, which does not exist", name, section)
			}
		}
	})
}

// sectionsNamed lists the sections of the rules that a text names; rule 4 of section 5 is 5.4.
func sectionsNamed(text string) (out []string) {
	for _, m := range sectionNames.FindAllStringSubmatch(text, -1) {
		last := ""
		for i, number := range m[1:] {
			switch {
			case number == "":
			case i < 2:
				out, last = append(out, number), number
			default:
				out = append(out, last+"."+number)
			}
		}
	}
	for _, m := range ruleNames.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestSectionsNamed(t *testing.T) {
	for text, want := range map[string][]string{
		"RULES.md section 5 rule 8":        {"5", "5.8"},
		"RULES.md sections 3 to 6":         {"3", "6"},
		"RULES.md sections 4 and 5 rule 6": {"4", "5", "5.6"},
		"RULES.md section 5, rules 1 to 2": {"5", "5.1", "5.2"},
		"`rollcall rules 12`, /rules#5.4":  {"12", "5.4"},
	} {
		if got := sectionsNamed(text); !slices.Equal(got, want) {
			t.Errorf("%s: %s, want %s", text, strings.Join(got, " "), strings.Join(want, " "))
		}
	}
}
