package app

import (
	"context"
	"fmt"
	"time"

	"rollcall/adherence"
	"rollcall/cmd/internal/config"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// Expired is what of one table a retention deletes, or why it does not.
type Expired struct {
	Table    string `json:"table"`
	KeepDays int    `json:"keep_days"`
	// Before is the first day that stays; it is earlier than KeepDays says where a kept result needs more.
	Before string `json:"before"`
	Rows   int    `json:"rows"`
	// HeldBack says which kept result needs more than KeepDays.
	HeldBack string `json:"held_back"`

	before schemas.Date
	parts  []chstore.Aged
}

// retained are the tables in the order in which a retention goes through them: results before what they were judged by.
var retained = []string{"adherence", "staffing", "status_changes", "schedule", "requirements", "findings", "job_runs", "journal"}

// PlanRetention says what a retention would delete now. Nothing is changed.
func PlanRetention(ctx context.Context, c config.Config, s *chstore.Store, now schemas.Instant) ([]Expired, error) {
	days := c.Retention.Days()
	var plan []Expired
	for _, table := range retained {
		if days[table] == 0 {
			continue
		}
		e := Expired{Table: table, KeepDays: days[table], before: schemas.UTC.Date(now) - schemas.Date(days[table])} //nolint:gosec // days, a few thousand
		if table == "status_changes" || table == "schedule" {
			if err := holdBack(ctx, &c, s, now, &e); err != nil {
				return nil, err
			}
		}
		var err error
		if e.parts, err = s.Aged(ctx, table, e.before); err != nil {
			return nil, err
		}
		for _, p := range e.parts {
			e.Rows += p.Rows
		}
		e.Before = e.before.String()
		plan = append(plan, e)
	}
	return plan, nil
}

// holdBack moves the edge back to what the oldest kept result was judged by: its shifts may have begun the day before, and a
// fact is believed for carry_forward.
func holdBack(ctx context.Context, c *config.Config, s *chstore.Store, now schemas.Instant, e *Expired) error {
	first, _, ok, err := s.DayRange(ctx)
	if err != nil || !ok {
		return err
	}
	if keep := c.Retention.Adherence; keep > 0 {
		first = max(first, schemas.UTC.Date(now)-schemas.Date(keep)) //nolint:gosec // days, a few thousand
	}
	circumstances, err := s.Circumstances(ctx, schemas.Interval{}, 0)
	if err != nil {
		return err
	}
	known, err := adherence.Know(circumstances, schemas.UTC)
	if err != nil {
		return err
	}
	gap, carry, _, _ := known.Reach()
	needed := schemas.UTC.Date(schemas.UTC.DayStart(first - 2).Add(-gap - carry))
	if e.before > needed {
		e.before, e.HeldBack = needed, fmt.Sprintf("the results of %s, which are kept, need it; retention.adherence lets them go", first)
	}
	return nil
}

// Retain deletes what the plan says, and leaves a row in the journal for each table.
func Retain(ctx context.Context, s *chstore.Store, plan []Expired, actor string) (rows int, err error) {
	for i := range plan {
		e := &plan[i]
		if e.Rows == 0 {
			continue
		}
		if err := s.DropAged(ctx, e.Table, e.before, e.parts); err != nil {
			return rows, err
		}
		rows += e.Rows
		row := schemas.JournalRow{ID: newID(), RecordedAt: Now(), Actor: actor, Origin: "retention", Kind: schemas.JournalErasure,
			Detail: fmt.Sprintf("%d rows of %s before %s were deleted: kept for %d days", e.Rows, e.Table, e.Before, e.KeepDays)}
		if err := s.WriteJournal(ctx, row); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// retentionJob gives when the job runs: never while everything is kept for ever.
func (d *Daemon) retentionJob() config.Job {
	j := d.config.Jobs.Retention
	for _, days := range d.config.Retention.Days() {
		if days > 0 {
			return j
		}
	}
	j.Cron = ""
	return j
}

// retain is the job.
func (d *Daemon) retain(ctx context.Context, _ time.Time) (int64, error) {
	plan, err := PlanRetention(ctx, d.config, d.store, Now())
	if err != nil {
		return 0, err
	}
	rows, err := Retain(ctx, d.store, plan, "job retention")
	if rows > 0 {
		d.log.WithField("rows", rows).Info("what was kept long enough is deleted")
	}
	return int64(rows), err
}
