package files

import (
	"context"
	"fmt"

	"rollcall/schemas"
)

// activities adds codes and new versions of codes. The category of activities that are scheduled already stays.
func (m *Importer) activities(ctx context.Context, in Input, opt *Options) (*Report, error) {
	read, report, err := ReadActivityCodes(ctx, in, *opt)
	if err != nil {
		return report, err
	}
	held, err := m.store.ActivityCodes(ctx, 0)
	if err != nil {
		return report, err
	}
	at := m.now()
	out := differing(report, held, read, func(c schemas.ActivityCode) schemas.ActivityCode { c.RecordedAt = 0; return c })
	for i := range out {
		out[i].RecordedAt = at
	}
	row := m.journal(schemas.JournalActivities, in, opt, at, changedDetail(report))
	return report, report.write(opt, row, func() error { return m.store.WriteActivityCodes(ctx, row, out) })
}

// statuses adds secondary statuses and new versions of them.
func (m *Importer) statuses(ctx context.Context, in Input, opt *Options) (*Report, error) {
	read, report, err := ReadStatuses(ctx, in, *opt)
	if err != nil {
		return report, err
	}
	held, err := m.store.Statuses(ctx, 0)
	if err != nil {
		return report, err
	}
	at := m.now()
	out := differing(report, held, read, func(s schemas.SecondaryStatus) schemas.SecondaryStatus { s.RecordedAt = 0; return s })
	for i := range out {
		out[i].RecordedAt = at
	}
	row := m.journal(schemas.JournalActivities, in, opt, at, changedDetail(report))
	return report, report.write(opt, row, func() error { return m.store.WriteStatuses(ctx, row, out) })
}

// differing gives the rows that are not held just so, and counts both sorts. bare takes recorded_at off a row.
func differing[T comparable](report *Report, held, read []T, bare func(T) T) []T {
	known := map[T]bool{}
	for _, h := range held {
		known[bare(h)] = true
	}
	var out []T
	for _, r := range read {
		if known[bare(r)] {
			report.Unchanged++
		} else {
			out = append(out, r)
		}
	}
	report.Written = len(out)
	return out
}

func changedDetail(r *Report) string {
	return fmt.Sprintf("%d %s written, %d unchanged", r.Written, r.Kind, r.Unchanged)
}
