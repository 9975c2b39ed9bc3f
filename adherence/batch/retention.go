package batch

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// RetentionStore is what a retention reads and deletes (satisfied by chstore.Store).
type RetentionStore interface {
	Circumstances(ctx context.Context, within schemas.Interval, knownAt schemas.Instant) (schemas.Circumstances, error)
	DayRange(ctx context.Context) (first, last schemas.Date, ok bool, err error)
	Aged(ctx context.Context, table string, before schemas.Date) ([]chstore.Aged, error)
	DropAged(ctx context.Context, table string, before schemas.Date, old []chstore.Aged) error
	LongAbsences(ctx context.Context, within schemas.Interval) ([]chstore.LongAbsence, error)
	WriteJournal(ctx context.Context, row schemas.JournalRow) error
}

// Expired is what a retention deletes of one table, or why it does not.
type Expired struct {
	Table    string `json:"table"`
	KeepDays int    `json:"keep_days"`
	// Before is the first day that stays; it is earlier than KeepDays says where a stored result needs more.
	Before string `json:"before"`
	Rows   int    `json:"rows"`
	// HeldBack says which stored result needs more than KeepDays.
	HeldBack string `json:"held_back"`

	before schemas.Date
	parts  []chstore.Aged
}

// retained are the tables that a retention goes through: results before what they were judged by.
var retained = [...]string{"adherence", "staffing", "status_changes", "schedule", "requirements", "findings",
	"job_runs", "journal"}

// PlanRetention says what a retention would delete now, when tables are to hold so many days; 0 days are for ever.
// Nothing is changed.
func PlanRetention(ctx context.Context, s RetentionStore, days map[string]int, now schemas.Instant) ([]Expired, error) {
	oldest := func(table string) schemas.Date {
		return schemas.UTC.Date(now) - schemas.Date(days[table]) //nolint:gosec // a few thousand
	}
	var plan []Expired
	for _, table := range retained {
		if days[table] == 0 {
			continue
		}
		e := Expired{Table: table, KeepDays: days[table], before: oldest(table)}
		if table == "status_changes" || table == "schedule" {
			results := schemas.Date(0)
			if days["adherence"] > 0 {
				results = oldest("adherence")
			}
			if err := e.holdBack(ctx, s, results); err != nil {
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

// holdBack moves the edge back to what the oldest stored result, of the date oldest or later, was judged by.
func (e *Expired) holdBack(ctx context.Context, s RetentionStore, oldest schemas.Date) error {
	first, _, ok, err := s.DayRange(ctx)
	if err != nil || !ok {
		return err
	}
	if oldest != 0 {
		first = max(first, oldest)
	}
	needed, because, err := needs(ctx, s, first)
	if err != nil || e.before <= needed {
		return err
	}
	e.before = needed
	e.HeldBack = fmt.Sprintf("the results of %s, which are kept, need it%s; retention.adherence lets them go", first,
		because)
	return nil
}

// needs returns the first date of which a result of the date needs facts and schedules: its shifts may have begun the
// day before, and a fact is believed for carry_forward. Where a feed says how far it is complete, what it said of
// somebody away is believed up to the longest absence, and the presence that says so may be older still, which because
// is about.
func needs(ctx context.Context, s RetentionStore, result schemas.Date) (first schemas.Date, because string, err error) {
	circumstances, err := s.Circumstances(ctx, schemas.Interval{}, 0)
	if err != nil {
		return 0, "", err
	}
	known, err := adherence.Know(circumstances, schemas.UTC)
	if err != nil {
		return 0, "", err
	}
	reach := known.Reach()
	believed := reach.LongestCarryMS
	for f := range known.Feeds {
		if f.CompleteUpTo != 0 {
			believed = max(believed, schemas.LongestAbsenceMS)
		}
	}
	end := schemas.UTC.DayStart(result - 2).Add(-reach.ShiftGapMS)
	first = schemas.UTC.Date(end.Add(-believed))
	away, err := s.LongAbsences(ctx, schemas.Interval{Start: end.Add(-believed), End: end})
	for _, a := range away {
		if at := schemas.UTC.Date(a.At); at < first && known.FeedCompleteUpTo(a.Source) != 0 {
			first, because = at, fmt.Sprintf(", because %s has been away since %s", a.AgentID, at)
		}
	}
	return first, because, err
}

// Retain deletes what the plan says, and writes a journal row for each table. It returns how many rows were deleted.
func Retain(ctx context.Context, s RetentionStore, plan []Expired, actor string,
	clock func() time.Time) (rows int, err error) {
	for i := range plan {
		e := &plan[i]
		if e.Rows == 0 {
			continue
		}
		if err := s.DropAged(ctx, e.Table, e.before, e.parts); err != nil {
			return rows, err
		}
		rows += e.Rows
		row := schemas.JournalRow{
			ID:         uuid.NewString(),
			RecordedAt: schemas.InstantOf(clock()),
			Actor:      actor,
			Origin:     "retention",
			Kind:       schemas.JournalErasure,
			Detail: fmt.Sprintf("%d rows of %s before %s were deleted: kept for %d days", e.Rows, e.Table, e.Before,
				e.KeepDays),
		}
		if err := s.WriteJournal(ctx, row); err != nil {
			return rows, err
		}
	}
	return rows, nil
}
