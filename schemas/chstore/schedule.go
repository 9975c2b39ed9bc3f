package chstore

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// WriteSchedule writes the days that the revision changes, then the revision, then the journal row, with which all of
// them become visible at once. Revision and RecordedAt of the days are taken from rev.
func (s *Store) WriteSchedule(ctx context.Context, row schemas.JournalRow, rev schemas.Revision,
	days iter.Seq2[*schemas.ScheduleDay, error]) error {
	return s.journalled(ctx, row, schemas.JournalSchedule, func() error {
		if err := s.insertScheduleDays(ctx, &rev, days); err != nil {
			return fmt.Errorf("revision %s: %w", rev.ID, err)
		}
		return insert(ctx, s, "schedule_imports_store", announcedBy(row.ID, fieldsOf[schemas.Revision]),
			[]schemas.Revision{rev})
	})
}

// scheduleDaysPerBlock bounds the days held in memory.
const scheduleDaysPerBlock = 8192

// insertScheduleDays streams the days, a new insert whenever one would touch too many months.
func (s *Store) insertScheduleDays(ctx context.Context, rev *schemas.Revision,
	days iter.Seq2[*schemas.ScheduleDay, error]) error {
	next, stop := iter.Pull2(days)
	defer stop()
	block, one := newScheduleBlock(), make([]schemas.ScheduleDay, 1)
	var held *schemas.ScheduleDay
	for {
		months := monthSet{}
		// fill takes days until the block is full (nil), the months are too many, or there are no more (io.EOF).
		fill := func(context.Context) error {
			block.reset()
			for block.rows() < scheduleDaysPerBlock {
				if held == nil {
					d, err, ok := next()
					if !ok || err != nil {
						return endOr(err)
					}
					held = d
				}
				if !months.takeDay(held.Day) {
					return io.EOF
				}
				one[0] = *held
				one[0].Revision, one[0].RecordedAt = rev.ID, rev.RecordedAt
				block.put(one...)
				held = nil
			}
			return nil
		}
		input := block.input()
		err := fill(ctx)
		if block.rows() > 0 && (err == nil || err == io.EOF) { //nolint:errorlint // fill returns io.EOF itself
			q := ch.Query{Body: input.Into("schedule_days_store"), Input: input, Settings: bulkInsert}
			if err == nil {
				q.OnInput = fill
			}
			err = s.do(ctx, q)
		}
		if err != nil && err != io.EOF { //nolint:errorlint // fill returns io.EOF itself
			return fmt.Errorf("insert schedule days: %w", err)
		}
		if held == nil {
			return nil
		}
	}
}

func endOr(err error) error {
	if err != nil {
		return err
	}
	return io.EOF
}

// Revisions returns the schedule imports and undos as known at an instant, in the order in which they were recorded.
func (s *Store) Revisions(ctx context.Context, known schemas.Instant) ([]schemas.Revision, error) {
	return all(ctx, s, "read schedule revisions", query("schedule_imports").knownAt(known), fieldsOf[schemas.Revision])
}

// ScheduleQuery says which days to read: those of the selection from From to To, both included, as recorded by KnownAt.
// AllRevisions asks for all revisions of the days instead of the newest.
type ScheduleQuery struct {
	Selection
	From, To     schemas.Date
	KnownAt      schemas.Instant
	AllRevisions bool
}

// ScheduleDays returns every agent's days, agents in byte order, days in order: for each day the newest revision that
// is visible, or nothing when that one removed the day. With AllRevisions a day comes once per visible revision, the
// newest last, removed ones too. Activities are in the order in which they were written.
func (s *Store) ScheduleDays(ctx context.Context, q ScheduleQuery,
	yield func(agent string, days []schemas.ScheduleDay) error) error {
	r := &scheduleReader{q: q, yield: yield, visible: map[string]bool{}}
	revisions, err := s.Revisions(ctx, q.KnownAt)
	if err != nil {
		return err
	}
	for i := range revisions {
		r.visible[revisions[i].ID] = true
	}
	r.block = newScheduleBlock()
	sq := q.query("schedule_days", "day BETWEEN toDate32({from:Int32}) AND toDate32({to:Int32})").
		number("from", int64(q.From)).number("to", int64(q.To))
	if err := s.readColumns(ctx, sq, r.block.results(), r.rows); err != nil {
		return wrap("read schedule days", err)
	}
	return wrap("read schedule days", stoppable(r.flush()))
}

// scheduleReader puts the rows of one agent together. Rows come by agent, day, and revision from the oldest to the
// newest.
type scheduleReader struct {
	q       ScheduleQuery
	yield   func(string, []schemas.ScheduleDay) error
	visible map[string]bool
	block   block[schemas.ScheduleDay]
	buffer  []schemas.ScheduleDay

	agent string
	days  []schemas.ScheduleDay
	// spare are activity slices of earlier agents, to be filled again.
	spare [][]schemas.Activity
}

func (r *scheduleReader) rows(rows int) error { return r.block.each(rows, &r.buffer, r.take) }

func (r *scheduleReader) take(row *schemas.ScheduleDay) error {
	if !r.visible[row.Revision] {
		return nil
	}
	if row.AgentID != r.agent {
		if err := r.flush(); err != nil {
			return err
		}
		r.agent = row.AgentID
	}
	r.add(*row)
	row.Activities = nil
	if n := len(r.spare); n > 0 {
		row.Activities, r.spare = r.spare[n-1], r.spare[:n-1]
	}
	return nil
}

func (r *scheduleReader) add(d schemas.ScheduleDay) {
	if n := len(r.days); n > 0 && r.days[n-1].Day == d.Day && (!r.q.AllRevisions || r.days[n-1].Revision == d.Revision) {
		r.spare = append(r.spare, r.days[n-1].Activities)
		r.days = r.days[:n-1]
	}
	r.days = append(r.days, d)
}

// flush yields the agent's days that are not removed.
func (r *scheduleReader) flush() error {
	days := r.days[:0]
	for _, d := range r.days {
		if d.Removed && !r.q.AllRevisions {
			r.spare = append(r.spare, d.Activities)
			continue
		}
		days = append(days, d)
	}
	var err error
	if len(days) > 0 {
		err = r.yield(r.agent, days)
	}
	for i := range days {
		r.spare = append(r.spare, days[i].Activities)
	}
	r.days = r.days[:0]
	return err
}

func activityColumns(share *sharing) []column[schemas.Activity] {
	type activity = schemas.Activity
	return []column[activity]{
		instant("start_at", func(a *activity) *schemas.Instant { return &a.Start }),
		instant("end_at", func(a *activity) *schemas.Instant { return &a.End }),
		enum("category", typeCategory, func(a *activity) *schemas.Category { return &a.Category }),
		text("shift", share, func(a *activity) *string { return &a.Shift }),
		flag("paid", func(a *activity) *bool { return &a.Paid }),
		text("description", share, func(a *activity) *string { return &a.Description }),
		number("line", new(proto.ColUInt32), func(a *activity) *int { return &a.Line }),
		lowText("code", share, func(a *activity) *string { return &a.Code }),
	}
}

// newScheduleBlock makes the columns of schedule days.
func newScheduleBlock() block[schemas.ScheduleDay] {
	type row = schemas.ScheduleDay
	share := &sharing{}
	return append(block[row]{
		text("agent_id", share, func(d *row) *string { return &d.AgentID }),
		date("day", func(d *row) *schemas.Date { return &d.Day }),
		instant("recorded_at", func(d *row) *schemas.Instant { return &d.RecordedAt }),
		lowText("revision", share, func(d *row) *string { return &d.Revision }),
		flag("removed", func(d *row) *bool { return &d.Removed }),
	}, nested("activities", func(d *row) *[]schemas.Activity { return &d.Activities }, activityColumns(share)...)...)
}

// RevisionAgents returns the agents, in byte order, of whom the schedule revisions with these ids wrote days from From
// to To, both included.
func (s *Store) RevisionAgents(ctx context.Context, revisions []string, from, to schemas.Date) ([]string, error) {
	q := query("revision_agents").number("from", int64(from)).number("to", int64(to)).texts("revisions", "revision",
		revisions)
	return all(ctx, s, "read whose days a revision wrote", q, agentID)
}

// agentID reads a result of agents' ids.
func agentID(id *string) []field { return []field{{"agent_id", id}} }
