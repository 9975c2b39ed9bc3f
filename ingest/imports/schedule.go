package imports

import (
	"context"
	"fmt"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// schedule replaces, for each agent of the file, the days of its range that differ, as one revision. A dry run also
// judges the days that have begun with and without it; a file with problems is previewed as far as its good rows go.
func (m *Ledger) schedule(ctx context.Context, in files.Input, opt *Options) (*Result, error) {
	d, err := m.readSchedule(ctx, in, opt)
	if d == nil {
		return nil, err
	}
	if err != nil || !opt.DryRun && (d.report.refuse(opt) || d.empty()) {
		return d.report, err
	}
	return d.report, m.alone(ctx, schemas.JournalSchedule, opt.DryRun, opt.Waiting,
		func(ctx context.Context, t *turn) error {
			switch err := d.compare(ctx, m, t, opt.IfRevision); {
			case err != nil:
				return err
			case opt.DryRun:
				return m.previewSchedule(ctx, d, opt)
			}
			return m.writeSchedule(ctx, d, in, opt)
		})
}

// readSchedule reads and checks the file against roster and activity codes.
func (m *Ledger) readSchedule(ctx context.Context, in files.Input, opt *Options) (*scheduleDraft, error) {
	members, err := m.members(ctx)
	if err != nil {
		return nil, err
	}
	codes, err := m.store.ActivityCodes(ctx, 0)
	if err != nil {
		return nil, err
	}
	policies, err := m.store.Policies(ctx, 0)
	if err != nil {
		return nil, err
	}
	removes, err := newRemoving(members, policies)
	if err != nil {
		return nil, err
	}
	plan, found, err := files.ReadSchedule(ctx, in, opt.Options,
		files.Known{Members: members, Codes: codes, Policies: policies})
	return &scheduleDraft{report: resultOf(found, opt), plan: plan, members: removes.members, removes: removes}, err
}

// previewSchedule finds who is not in the file, and what the draft would do to adherence.
func (m *Ledger) previewSchedule(ctx context.Context, d *scheduleDraft, opt *Options) (err error) {
	r := d.report
	r.refuse(opt)
	var who []supposed
	for i := range d.agents {
		who = d.agents[i].supposed(who, d.agents[i].AgentID, i)
	}
	r.Effect, err = m.effect(ctx, who, d.read, opt.Judged)
	return err
}

// writeSchedule writes the draft as a revision, unless it changes nothing or problems forbid it.
func (m *Ledger) writeSchedule(ctx context.Context, d *scheduleDraft, in files.Input, opt *Options) error {
	row := journalRow(schemas.JournalSchedule, in.Name, opt.Actor, max(m.now(), d.turn.at))
	n := &d.report.Schedule.Totals
	rev := schemas.Revision{
		ID:            row.ID,
		RecordedAt:    row.RecordedAt,
		Actor:         opt.Actor,
		Origin:        in.Name,
		From:          d.plan.From,
		To:            d.plan.To,
		Agents:        d.plan.Agents(),
		Activities:    d.plan.Activities,
		DaysChanged:   n.DaysChanged,
		DaysRemoved:   n.DaysRemoved,
		DaysUnchanged: n.DaysUnchanged,
		FileHash:      d.report.FileHash,
	}
	for i := range d.agents {
		if a := &d.agents[i]; !a.touched.Empty() {
			row.Touch(a.AgentID, a.touched)
		}
	}
	row.Detail = fmt.Sprintf("%s to %s: %d agent-days changed, %d removed, %d unchanged", rev.From, rev.To,
		rev.DaysChanged, rev.DaysRemoved, rev.DaysUnchanged) + d.removes.noted()
	err := d.report.write(opt, row,
		func() error { return m.store.WriteSchedule(ctx, row, rev, d.written(opt.Wrote)) })
	if err == nil && len(d.report.Journal) > 0 {
		d.report.Revision = &rev
	}
	return err
}
