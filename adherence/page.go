package adherence

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed RULES.md
var rulesPage string

// RulesPage returns RULES.md, the rules by which days are judged, in Markdown.
func RulesPage() string { return rulesPage }

// sectionHeading is the heading of a section, such as 5, or of a rule of it, such as 5.4.
var sectionHeading = regexp.MustCompile(`(?m)^(##|###) (\d+(?:\.\d+)?)\.? .*$`)

// RulesSection returns one section of the rules, such as 5, or one rule of it, such as 5.4, with its heading. The error
// of a section that does not exist lists those that do.
func RulesSection(number string) (string, error) {
	headings := sectionHeading.FindAllStringSubmatchIndex(rulesPage, -1)
	var known []string
	for i, h := range headings {
		level := h[3] - h[2]
		found := rulesPage[h[4]:h[5]]
		known = append(known, found)
		if found != number {
			continue
		}
		end := len(rulesPage)
		for _, next := range headings[i+1:] {
			if next[3]-next[2] <= level {
				end = next[0]
				break
			}
		}
		section := rulesPage[h[0]:end]
		if level == len("###") { // a part without a number follows the last rule
			if i := strings.Index(section[level:], "\n### "); i >= 0 {
				section = section[:level+i]
			}
		}
		return strings.TrimRight(section, "\n") + "\n", nil
	}
	return "", fmt.Errorf("the rules have no section %q; they have %s", number, strings.Join(known, ", "))
}
