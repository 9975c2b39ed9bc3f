package files

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// mapHeader finds the kind's columns in the header record: for each the number of its field, or -1. A column that the
// kind does not know is a warning, one that comes twice makes the file unusable. So do missing ones, in one problem:
// the file has another layout, and nothing else about its columns matters.
func mapHeader(kind *rows.Layout, head *rows.Record, report *Report) []int {
	names := kind.Names()
	at := slices.Repeat([]int{-1}, len(names))
	for i := range head.Fields {
		if c := rows.IndexName(names, strings.TrimSpace(string(head.Fields[i].Text))); c >= 0 {
			at[c] = i
		}
	}
	if missing := kind.Lacks(func(n string) bool { return at[slices.Index(names, n)] >= 0 }); len(missing) > 0 {
		report.unfit(otherLayout(kind, head, missing))
		return at
	}
	at = slices.Repeat([]int{-1}, len(names))
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
	return at
}

// otherLayout says that a file lacks columns of the kind.
func otherLayout(kind *rows.Layout, head *rows.Record, missing []string) rows.Problem {
	what := "the column " + missing[0] + " is"
	if n := len(missing) - 1; n > 0 {
		what = "the columns " + strings.Join(missing[:n], ", ") + " and " + missing[n] + " are"
	}
	p := rows.Problem{Line: head.Line, Message: fmt.Sprintf("%s missing: a file of %s has the columns %s; this one has %s",
		what, kind.Kind, strings.Join(kind.Names(), ", "), head.Quoted())}
	var texts []string
	for i := range head.Fields {
		texts = append(texts, rows.FoldName(string(head.Fields[i].Text)))
	}
	for _, name := range missing {
		if near := schemas.Nearest(rows.FoldName(name), texts); near != "" {
			p.Remedy = rows.Remedies(p.Remedy, fmt.Sprintf("is %.40q meant as %s?",
				bytes.TrimSpace(head.Fields[slices.Index(texts, near)].Text), name))
		}
	}
	p.Remedy = rows.Remedies(p.Remedy, rows.OtherLayout(kind.Kind))
	return p
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
