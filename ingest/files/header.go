package files

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// mapHeader finds the kind's columns in the header record: for each the number of its field, or -1. A column that the
// kind does not know is a warning, one that comes twice or is missing makes the file unusable.
func mapHeader(kind *rows.Layout, head *rows.Record, report *Report) []int {
	names := kind.Names()
	at := slices.Repeat([]int{-1}, len(names))
	for i := range head.Fields {
		f := &head.Fields[i]
		text := strings.TrimSpace(string(f.Text))
		p := rows.Problem{Line: f.Line, Column: head.Column(f)}
		switch c := rows.IndexName(names, text); {
		case text == "":
		case c < 0:
			p.Field, p.Message = text, notUsed(text)
			p.Remedy = nearColumn(text, names, head)
			report.Warn(p)
		case at[c] >= 0:
			p.Field, p.Message, p.Remedy = names[c], fmt.Sprintf("the column comes twice (%q)", text), "leave one of them out"
			report.unfit(p)
		default:
			at[c] = i
		}
	}
	for _, n := range kind.Lacks(func(n string) bool { return at[slices.Index(names, n)] >= 0 }) {
		report.unfit(rows.Problem{Line: head.Line, Field: n,
			Message: fmt.Sprintf("the column is missing (the header has %s)", head.Quoted()),
			Remedy:  fmt.Sprintf("a %s file has the columns %s", kind.Kind, strings.Join(names, ", "))})
	}
	return at
}

func notUsed(column string) string { return fmt.Sprintf("the column is not used (%.60q)", column) }

// nearColumn asks whether a column was meant that the header, which may be nil, does not have.
func nearColumn(text string, names []string, head *rows.Record) string {
	folded := make([]string, len(names))
	for i, n := range names {
		folded[i] = rows.FoldName(n)
	}
	near := schemas.Nearest(rows.FoldName(text), folded)
	if near == "" || head != nil &&
		slices.ContainsFunc(head.Fields, func(f rows.Field) bool { return rows.FoldName(string(f.Text)) == near }) {
		return ""
	}
	return rows.DidYouMean(names[slices.Index(folded, near)])
}

// HoldsStatuses says whether the header is that of secondary statuses, and not of activities. A file that cannot be
// read is not; reading it reports why.
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
	defer func() { _ = t.close() }()             // only read
	return !scratch.unusable && t.genesys == nil // the activity codes of Genesys Cloud name statuses too
}
