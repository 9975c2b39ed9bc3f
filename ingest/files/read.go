package files

import (
	"cmp"
	"context"
	"fmt"

	"rollcall/ingest/files/rows"
)

// newReport begins the report on a file.
func newReport(k Kind, in Input, opt *Options) *Report {
	return &Report{Kind: k, File: in.Name, Problems: []rows.Problem{}, Warnings: []rows.Problem{}, found: opt.Problem}
}

// pass reports the progress of a reading: the bytes of earlier ones come before.
type pass struct {
	done, total int64
	report      func(done, total int64)
}

func (p *pass) read(n int) {
	if p.report != nil && n > 0 {
		p.done += int64(n)
		p.report(p.done, max(p.total, p.done))
	}
}

// look inspects the file. One that cannot be read is reported, and the inspection is nil.
func look(ctx context.Context, in Input, opt *Options, report *Report, p *pass) (*inspection, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	v, err := inspect(ctx, in, p.read)
	if err != nil && report.refuse(err) {
		return nil, nil //nolint:nilnil // reported
	}
	if err != nil {
		return nil, err
	}
	if e := cmp.Or(opt.Encoding, opt.profile().Encoding); e != "" && v.encoding != rows.Workbook {
		v.encoding, v.guessed = e, false
	}
	if v.guessed {
		report.Warn(guessed(v))
	}
	if p := opt.Profile; p != nil && p.Kind != string(report.Kind) {
		report.unfit(rows.Problem{Message: fmt.Sprintf("the profile %s is for files of %s, not of %s", p.Name, p.Kind,
			report.Kind), Remedy: "choose another one"})
		return nil, nil //nolint:nilnil // reported
	}
	if opt.Sheet != "" && v.encoding != rows.Workbook {
		report.unfit(rows.Problem{Message: fmt.Sprintf("the file is no workbook, so it has no sheet %.60q to choose",
			opt.Sheet), Remedy: "leave --sheet out"})
		return nil, nil //nolint:nilnil // reported
	}
	report.FileHash, report.Encoding = v.hash, v.encoding
	return v, nil
}

// readOnce reads the file once, row by row. prepare returns what is called for each row of the open table.
func readOnce(ctx context.Context, k Kind, in Input, opt *Options, prepare func(*table) func()) (*Report, error) {
	report := newReport(k, in, opt)
	p := &pass{total: 2 * in.Size, report: opt.Progress}
	v, err := look(ctx, in, opt, report, p)
	if err != nil || v == nil {
		return report, err
	}
	t, err := open(in, v, opt, report, p.read)
	if err != nil {
		return report, err
	}
	if err := t.each(ctx, prepare(t)); err != nil {
		return report, err
	}
	if t.rec == nil && report.Read == 0 && !report.unusable {
		report.Warn(rows.Problem{Message: "the file holds no rows", Remedy: "was it exported completely?"})
	}
	return report, nil
}

// reject takes an accepted row back for a problem that only shows beside other rows.
func (r *Report) reject(p rows.Problem) {
	r.Accepted--
	r.Rejected++
	r.problem(p)
}

// repeat counts an accepted row as a duplicate.
func (r *Report) repeat() {
	r.Accepted--
	r.Duplicates++
}
