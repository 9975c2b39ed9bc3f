package files

import (
	"context"
	"io"
	"slices"

	"rollcall/ingest/files/profile"
	"rollcall/ingest/files/rows"
)

// Recognise returns the profile, of those that somebody has saved, whose columns the file has: of several the one that
// names most of them, of these the first. It is nil for a file that has our own columns, one of Genesys Cloud, or none
// that is known. It looks at the beginning of the file only.
func Recognise(ctx context.Context, kind Kind, in Input, opt Options, saved []*profile.Profile) *profile.Profile {
	saved = slices.DeleteFunc(slices.Clone(saved), func(p *profile.Profile) bool { return p.Kind != string(kind) })
	if len(saved) == 0 || opt.Profile != nil {
		return nil
	}
	s, err := SampleOf(ctx, in, opt)
	if err != nil || s.isOurs(kind) {
		return nil
	}
	var best *profile.Profile
	most := 0
	for _, p := range saved {
		if n := s.fits(p); n > most {
			best, most = p, n
		}
	}
	return best
}

// isOurs says that the file begins with our own columns.
func (s *Sample) isOurs(kind Kind) bool {
	layout := kind.layout()
	names := layout.Names()
	var head []string
	switch {
	case len(s.Rows) > 0:
		for _, c := range s.Rows[0].Cells {
			head = append(head, c.Text)
		}
	case len(s.Lists) > 0:
		head = s.Lists[0].Names
	}
	return len(layout.Lacks(func(n string) bool {
		return slices.ContainsFunc(head, func(h string) bool { return rows.IndexName(names, h) == slices.Index(names, n) })
	})) == 0
}

// fits returns how many columns the profile takes from the file; 0 where the file lacks one of them.
func (s *Sample) fits(p *profile.Profile) int {
	src := s.Source(p)
	if src == nil || p.Headers == 0 {
		return 0 // without names any file would do
	}
	unfit := false
	r := p.Over(src, profile.Context{From: 1, To: 7, Warn: func(rows.Problem) { unfit = true },
		Unfit: func(rows.Problem) { unfit = true }})
	if _, err := r.Header(); err != nil || unfit {
		return 0
	}
	return r.Taken()
}

// Source yields the rows of the sample as the profile would take them from the file; nil where it cannot.
func (s *Sample) Source(p *profile.Profile) rows.Source {
	for i := range s.Lists {
		if l := &s.Lists[i]; l.Items == p.Items {
			return &sampleSource{names: l.Names, rows: l.Rows, width: len(l.Names)}
		}
	}
	if len(s.Lists) > 0 || p.Items != "" || p.Delimiter != 0 && s.Delimiter != 0 && p.Delimiter != s.Delimiter {
		return nil
	}
	n := slices.IndexFunc(s.Rows, func(r SampleRow) bool { return r.Line > p.Skip })
	if n < 0 {
		return nil
	}
	src := &sampleSource{rows: s.Rows[n:]}
	if s.Delimiter == 0 { // a workbook ends its rows with the last cell that is filled
		for _, r := range src.rows {
			src.width = max(src.width, len(r.Cells))
		}
	}
	return src
}

// sampleSource yields rows of a sample. names are those of a list, which has no header of its own; width is the least
// number of fields of a row.
type sampleSource struct {
	names []string
	rows  []SampleRow
	width int
}

// Header returns the names, or the first row.
func (s *sampleSource) Header() (*rows.Record, error) {
	if s.names == nil {
		return s.Next()
	}
	head := &rows.Record{Line: 1}
	for _, name := range s.names {
		head.Fields = append(head.Fields, rows.Field{Text: []byte(name), Line: 1})
	}
	return head, nil
}

// Next returns the next row.
func (s *sampleSource) Next() (*rows.Record, error) {
	if len(s.rows) == 0 {
		return nil, io.EOF
	}
	rec := s.rows[0].Record()
	for len(rec.Fields) < s.width {
		rec.Fields = append(rec.Fields, rows.Field{Line: rec.Line, Start: len(rec.Fields)})
	}
	s.rows = s.rows[1:]
	return rec, nil
}

// Record makes a record of the row.
func (r *SampleRow) Record() *rows.Record {
	rec := &rows.Record{Line: r.Line}
	for i, c := range r.Cells {
		rec.Fields = append(rec.Fields, rows.Field{Text: []byte(c.Text), Line: r.Line, Start: i, Dated: c.Dated})
	}
	return rec
}
