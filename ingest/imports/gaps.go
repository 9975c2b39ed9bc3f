package imports

import (
	"context"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// gaps adds feed gaps that the store does not hold yet. A gap of a whole feed leaves the rest of the file's gaps to be
// judged again with it, for every agent.
func (m *Ledger) gaps(ctx context.Context, in files.Input, opt *Options) (*Result, error) {
	members, err := m.store.Memberships(ctx, 0)
	if err != nil {
		return nil, err
	}
	read, found, err := files.ReadGaps(ctx, in, opt.Options, files.Known{Members: members})
	report := resultOf(found, opt)
	if err != nil {
		return report, err
	}
	held, err := m.store.Gaps(ctx, schemas.Interval{}, 0)
	if err != nil {
		return report, err
	}
	out := differing(report, held, read, func(g schemas.Gap) schemas.Gap { g.RecordedAt, g.Fields = 0, 0; return g })
	row := journalRow(schemas.JournalGaps, in.Name, opt.Actor, m.now())
	row.Detail = changedDetail(report)
	everyone := false
	for i := range out {
		out[i].RecordedAt = row.RecordedAt
		everyone = everyone || out[i].AgentID == ""
		row.Touch(out[i].AgentID, schemas.Interval{Start: out[i].Start, End: out[i].End})
	}
	if everyone {
		row.Agents, row.Ranges = nil, nil
	}
	return report, report.write(opt, row, func() error { return m.store.WriteGaps(ctx, row, out) })
}
