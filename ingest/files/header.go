package files

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/schemas"
)

// spelled brings a header name into the form in which names are compared: without case, spaces and underscores.
func spelled(s string) string {
	return strings.NewReplacer(" ", "", "_", "", "\u00a0", "").Replace(strings.ToLower(strings.TrimSpace(s)))
}

// mapHeader finds the kind's columns in the header record: for each the number of its field, or -1. A column that the
// kind does not know is a warning, one that comes twice or is missing makes the file unusable.
func mapHeader(k Kind, head *record, report *Report) []int {
	names := k.columns()
	at := make([]int, len(names))
	for i := range at {
		at[i] = -1
	}
	for i := range head.fields {
		f := &head.fields[i]
		text := strings.TrimSpace(string(f.text))
		c := slices.IndexFunc(names, func(n string) bool { return spelled(n) == spelled(text) })
		switch {
		case c < 0:
			report.Warn(Problem{Line: f.line, Column: head.column(f), Field: text, Message: unknownColumn(text, names, head)})
		case at[c] >= 0:
			report.whole(f.line, head.column(f), names[c], fmt.Sprintf("the column comes twice (%q); leave one of them out", text))
		default:
			at[c] = i
		}
	}
	checkRequired(k, at, head, report)
	return at
}

func unknownColumn(text string, names []string, head *record) string {
	m := fmt.Sprintf("the column is not used (%.60q)", text)
	near := schemas.Nearest(spelled(text), mapped(names, spelled))
	for _, n := range names {
		if near != "" && spelled(n) == near && !holds(head, n) {
			return m + fmt.Sprintf("; did you mean %q?", n)
		}
	}
	return m
}

func mapped(names []string, f func(string) string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = f(n)
	}
	return out
}

func holds(head *record, name string) bool {
	return slices.ContainsFunc(head.fields, func(f field) bool { return spelled(string(f.text)) == spelled(name) })
}

// checkRequired reports the columns that are missing to the set that lacks fewest.
func checkRequired(k Kind, at []int, head *record, report *Report) {
	var missing []string
	for i, set := range k.required() {
		var lacks []string
		for _, n := range set {
			if at[slices.Index(k.columns(), n)] < 0 {
				lacks = append(lacks, n)
			}
		}
		if i == 0 || len(lacks) < len(missing) {
			missing = lacks
		}
	}
	for _, n := range missing {
		report.whole(head.line, 0, n, fmt.Sprintf("the column is missing (the header has %s); a %s file has the columns %s",
			headerText(head), k, strings.Join(k.columns(), ", ")))
	}
}

// headerText shows the names of a header, shortened.
func headerText(head *record) string {
	var names []string
	for i := range head.fields {
		names = append(names, fmt.Sprintf("%.40q", head.fields[i].text))
		if i == 20 {
			names = append(names, "…")
			break
		}
	}
	return strings.Join(names, ", ")
}

// HoldsStatuses says whether the header is that of secondary statuses, and not of activities. A file that cannot be read
// is not; reading it will tell why.
func HoldsStatuses(ctx context.Context, in Input, opt *Options) bool {
	scratch := newReport(Statuses, in, opt)
	scratch.found = nil // it only looks
	v, err := look(ctx, in, opt, scratch, &pass{})
	if err != nil || v == nil {
		return false
	}
	t, err := open(in, v, opt, scratch, func(int) {})
	if err != nil {
		return false
	}
	defer func() { _ = t.close() }()   // only read
	_, genesys := t.src.(*genesysFile) // whose activity codes name statuses too
	return !scratch.unusable && !genesys
}
