package imports

import (
	"context"
	"fmt"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// requirements replaces what is required of each team of the file within the range that the file has for it.
func (m *Ledger) requirements(ctx context.Context, in files.Input, opt *Options) (*Result, error) {
	members, err := m.members(ctx)
	if err != nil {
		return nil, err
	}
	teams, found, err := files.ReadRequirements(ctx, in, opt.Options, files.Known{Members: members})
	r := resultOf(found, opt)
	if err != nil {
		return r, err
	}
	return r, m.compared(ctx, schemas.JournalRequirement, in, opt, r, func(ctx context.Context, w *writing) error {
		return m.compareRequirements(ctx, teams, r, w)
	})
}

// compareRequirements finds the intervals that change, and prepares their write.
func (m *Ledger) compareRequirements(ctx context.Context, teams []files.TeamRequirements, r *Result, w *writing) error {
	held, err := m.required(ctx, teams)
	if err != nil {
		return err
	}
	d := newRequirementDiff(files.MaxProblems)
	for i := range teams {
		t := &teams[i]
		if t.Range.Empty() || !t.Fits(held[t.Team], r.Report) {
			continue
		}
		w.entry.Range = w.entry.Range.Hull(t.Range)
		d.team(TeamChange{Team: t.Team, From: t.Range.Start, To: t.Range.End, IntervalS: t.LengthMS / schemas.SecondMS},
			held[t.Team], t.Rows)
	}
	n := &d.Totals
	w.row.Detail = fmt.Sprintf("%d teams, %s: %d intervals added, %d changed, %d removed, %d unchanged",
		len(d.Teams), w.entry.Range, n.Added, n.Changed, n.Removed, n.Unchanged)
	r.Written, r.Unchanged, r.Requirements = len(d.write), n.Unchanged, &d.RequirementChange
	m.writeRequirements(ctx, w, d)
	return nil
}

// writeRequirements prepares the write of the intervals that differ.
func (m *Ledger) writeRequirements(ctx context.Context, w *writing, d *requirementDiff) {
	w.counts(&d.Totals.Tally)
	w.write = func() error { return m.store.WriteRequirements(ctx, w.row, w.entry.Import, d.write) }
}

// required reads what is held of each team within its range, by team.
func (m *Ledger) required(ctx context.Context, teams []files.TeamRequirements) (map[string][]schemas.Requirement,
	error) {
	var q chstore.RequirementQuery
	ranges := map[string]schemas.Interval{}
	for i := range teams {
		q.Teams = append(q.Teams, teams[i].Team)
		q.Within = q.Within.Hull(teams[i].Range)
		ranges[teams[i].Team] = teams[i].Range
	}
	held := map[string][]schemas.Requirement{}
	if q.Within.Empty() {
		return held, nil
	}
	err := m.store.Requirements(ctx, q, func(r *schemas.Requirement) error {
		if r.Interval().Overlaps(ranges[r.Team]) {
			held[r.Team] = append(held[r.Team], *r)
		}
		return nil
	})
	return held, err
}
