package imports

import (
	"context"
	"fmt"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// requirements replaces what is required of each team of the file within the range that the file has for it.
func (m *Ledger) requirements(ctx context.Context, in files.Input, opt *files.Options) (report *Result, err error) {
	err = m.alone(ctx, schemas.JournalRequirement, opt.DryRun, opt.Waiting, func(ctx context.Context) error {
		report, err = m.requirementsAlone(ctx, in, opt)
		return err
	})
	return report, err
}

func (m *Ledger) requirementsAlone(ctx context.Context, in files.Input, opt *files.Options) (*Result, error) {
	members, err := m.store.Memberships(ctx, 0)
	if err != nil {
		return nil, err
	}
	if members == nil {
		members = []schemas.Membership{}
	}
	teams, found, err := files.ReadRequirements(ctx, in, *opt, files.Known{Members: members})
	report := resultOf(found, opt)
	if err != nil {
		return report, err
	}
	led, err := m.turn(ctx, schemas.JournalRequirement, opt)
	if err != nil {
		return report, err
	}
	held, err := m.required(ctx, teams)
	if err != nil {
		return report, err
	}
	diff, row := newRequirementDiff(files.MaxProblems), m.journal(schemas.JournalRequirement, in, opt, led.at, "")
	made := led.entry(&row, report)
	for i := range teams {
		t := &teams[i]
		if t.Range.Empty() || !t.Fits(held[t.Team], found) {
			continue
		}
		made.Range = made.Range.Hull(t.Range)
		diff.team(TeamChange{Team: t.Team, From: t.Range.Start, To: t.Range.End, IntervalS: t.LengthMS / schemas.SecondMS},
			held[t.Team], t.Rows)
	}
	n := &diff.Totals
	made.Added, made.Changed, made.Removed, made.Unchanged = n.Added, n.Changed, n.Removed, n.Unchanged
	row.Detail = fmt.Sprintf("%d teams, %s: %d intervals added, %d changed, %d removed, %d unchanged", len(diff.Teams),
		made.Range, n.Added,
		n.Changed, n.Removed, n.Unchanged)
	report.Written, report.Unchanged, report.Requirements, report.BaseRevision = len(diff.write), n.Unchanged,
		&diff.RequirementChange, led.base
	return report, report.enter(opt, row, made,
		func() error { return m.store.WriteRequirements(ctx, row, made, diff.write) })
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

// enter is write for imports of the ledger; the report shows the entry.
func (r *Result) enter(opt *files.Options, row schemas.JournalRow, made schemas.Import, do func() error) error {
	err := r.write(opt, row, do)
	if err == nil && len(r.Journal) > 0 {
		r.Import = &made
	}
	return err
}
