package imports

import (
	"context"
	"fmt"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// schedules is the name under which a revision of the schedule is compared and written, one at a time over all
// processes (see Store.Exclusive): two at once never interleave, the second sees the first.
const schedules = "schedules"

// schedule replaces, for each agent of the file, the days of its range that differ, as one revision.
func (m *Ledger) schedule(ctx context.Context, in files.Input, opt *files.Options) (*Result, error) {
	if opt.DryRun {
		return m.previewSchedule(ctx, in, opt)
	}
	draft, err := m.readSchedule(ctx, in, opt)
	if err != nil || draft.Report.refuse(opt.AllowPartial) || draft.empty() {
		return draft.reported(), err
	}
	err = m.alone(ctx, schemas.JournalSchedule, false, opt.Waiting, func(ctx context.Context) error {
		if err := draft.compare(ctx, m, m.now()); err != nil {
			return err
		}
		return m.writeSchedule(ctx, draft, in, opt)
	})
	return draft.Report, err
}

// previewSchedule compares the file with what the store holds, and judges the days that have begun with and without
// it. A file with problems is previewed too, as far as its good rows go.
func (m *Ledger) previewSchedule(ctx context.Context, in files.Input, opt *files.Options) (*Result, error) {
	draft, err := m.readSchedule(ctx, in, opt)
	if err == nil {
		err = draft.compare(ctx, m, m.now())
	}
	if err != nil {
		return draft.reported(), err
	}
	r := draft.Report
	if r.Schedule != nil {
		if r.Schedule.NotInFile, err = draft.notInFile(ctx, m.store); err != nil {
			return r, err
		}
	}
	r.refuse(opt.AllowPartial)
	var who []supposed
	for i := range draft.Agents {
		if a := &draft.Agents[i]; a.BegunFrom != 0 {
			who = append(who, supposed{a.AgentID, a.BegunFrom, a.BegunTo, i})
		}
	}
	r.Effect, err = m.effect(ctx, who, func(part []supposed) (days []schemas.ScheduleDay, err error) {
		for _, s := range part {
			days = append(days, draft.begun(s.number)...)
		}
		return days, nil
	}, opt.Judged)
	return r, err
}

// readSchedule reads and checks the file against roster and activity codes.
func (m *Ledger) readSchedule(ctx context.Context, in files.Input, opt *files.Options) (*scheduleDraft, error) {
	var known files.Known
	var err error
	if known.Members, err = m.store.Memberships(ctx, 0); err != nil {
		return nil, err
	}
	if known.Codes, err = m.store.ActivityCodes(ctx, 0); err != nil {
		return nil, err
	}
	if known.Members == nil {
		known.Members = []schemas.Membership{}
	}
	plan, report, err := files.ReadSchedule(ctx, in, *opt, known)
	d := &scheduleDraft{Report: resultOf(report, opt), plan: plan, ifRevision: opt.IfRevision,
		members: schemas.MembershipsByAgent(known.Members)}
	if plan != nil {
		d.From, d.To = plan.From, plan.To
	}
	return d, err
}

// writeSchedule writes the draft as a revision, unless it changes nothing or problems forbid it.
func (m *Ledger) writeSchedule(ctx context.Context, draft *scheduleDraft, in files.Input, opt *files.Options) error {
	at := max(m.now(), draft.newestAt+1)
	row := m.journal(schemas.JournalSchedule, in, opt, at, "")
	rev := schemas.Revision{
		ID:         row.ID,
		RecordedAt: at,
		Actor:      opt.Actor,
		Origin:     in.Name,
		From:       draft.From,
		To:         draft.To,
		Agents:     draft.plan.Agents(),
		Activities: draft.plan.Activities,
		FileHash:   draft.Report.FileHash,
	}
	for i := range draft.Agents {
		a := &draft.Agents[i]
		rev.DaysChanged += a.DaysChanged
		rev.DaysRemoved += a.DaysRemoved
		rev.DaysUnchanged += a.DaysUnchanged
		if !a.Touched.Empty() {
			span(&row, a.AgentID, a.Touched)
		}
	}
	row.Detail = fmt.Sprintf("%s to %s: %d agent-days changed, %d removed, %d unchanged", rev.From, rev.To,
		rev.DaysChanged,
		rev.DaysRemoved, rev.DaysUnchanged)
	err := draft.Report.write(opt, row,
		func() error { return m.store.WriteSchedule(ctx, row, rev, draft.written(opt.Wrote)) })
	if err == nil && draft.Report.Written > 0 && !draft.Report.Refused {
		draft.Report.Revision = &rev
	}
	return err
}
