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

func revisionFields(r *schemas.Revision) []field {
	return []field{
		{"id", &r.ID},
		{"recorded_at", &r.RecordedAt},
		{"actor", &r.Actor},
		{"origin", &r.Origin},
		{"undoes", &r.Undoes},
		{"from_day", &r.From},
		{"to_day", &r.To},
		{"agents", &r.Agents},
		{"activities", &r.Activities},
		{"days_changed", &r.DaysChanged},
		{"days_removed", &r.DaysRemoved},
		{"days_unchanged", &r.DaysUnchanged},
		{"file_hash", &r.FileHash},
	}
}

// WriteSchedule writes the days that the revision changes, then the revision, then the journal row, with which all of them
// become visible at once. Revision and RecordedAt of the days are taken from rev.
func (s *Store) WriteSchedule(ctx context.Context, row schemas.JournalRow, rev schemas.Revision,
	days iter.Seq2[*schemas.ScheduleDay, error]) error {
	return s.journalled(ctx, row, schemas.JournalSchedule, func() error {
		if err := s.insertScheduleDays(ctx, &rev, days); err != nil {
			return fmt.Errorf("revision %s: %w", rev.ID, err)
		}
		return insert(ctx, s, "schedule_imports_store", announcedBy(row.ID, revisionFields), []schemas.Revision{rev})
	})
}

// scheduleDaysPerBlock bounds the days held in memory.
const scheduleDaysPerBlock = 8192

// insertScheduleDays streams the days, a new insert whenever one would touch too many months.
func (s *Store) insertScheduleDays(ctx context.Context, rev *schemas.Revision, days iter.Seq2[*schemas.ScheduleDay, error]) error {
	next, stop := iter.Pull2(days)
	defer stop()
	block := newScheduleBlock()
	var held *schemas.ScheduleDay
	for {
		months := monthSet{}
		// fill takes days until the block is full (nil), the months are too many, or there are no more (io.EOF).
		fill := func(context.Context) error {
			block.reset()
			for block.day.Rows() < scheduleDaysPerBlock {
				if held == nil {
					d, err, ok := next()
					if !ok || err != nil {
						return endOr(err)
					}
					held = d
				}
				if !months.take(held.Day) {
					return io.EOF
				}
				block.add(held, rev)
				held = nil
			}
			return nil
		}
		input := block.input()
		err := fill(ctx)
		if block.day.Rows() > 0 && (err == nil || err == io.EOF) { //nolint:errorlint // fill gives io.EOF itself
			q := ch.Query{Body: input.Into("schedule_days_store"), Input: input, Settings: bulkInsert}
			if err == nil {
				q.OnInput = fill
			}
			err = s.do(ctx, q)
		}
		if err != nil && err != io.EOF { //nolint:errorlint // fill gives io.EOF itself
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

// monthSet holds the months that one insert touches.
type monthSet struct{ months map[int32]bool }

// take adds the month of the date unless the insert touches too many already.
func (m *monthSet) take(d schemas.Date) bool {
	y, mo, _ := d.Parts()
	month := int32(y*12 + int(mo)) //nolint:gosec // a month
	if !m.months[month] {
		if len(m.months) >= monthsPerInsert {
			return false
		}
		if m.months == nil {
			m.months = map[int32]bool{}
		}
		m.months[month] = true
	}
	return true
}

// Revisions gives the schedule imports and undos as known at an instant, in the order in which they were recorded.
func (s *Store) Revisions(ctx context.Context, known schemas.Instant) ([]schemas.Revision, error) {
	rows, err := all(ctx, s, query("schedule_imports").knownAt(known), revisionFields)
	return rows, wrap("read schedule revisions", err)
}

// ScheduleQuery says which days to read: those of the selection from From to To, both included, as recorded by KnownAt. All
// revisions of the days are given, not only the newest, when AllRevisions is set.
type ScheduleQuery struct {
	Selection
	From, To     schemas.Date
	KnownAt      schemas.Instant
	AllRevisions bool
}

// ScheduleDays gives every agent's days, agents in byte order, days in order: for each day the newest revision that is
// visible, or nothing when that one removed the day. With AllRevisions a day comes once per visible revision, the newest
// last, removed ones too. Activities are in the order in which they were written.
func (s *Store) ScheduleDays(ctx context.Context, q ScheduleQuery, yield func(agent string, days []schemas.ScheduleDay) error) error {
	r := &scheduleReader{q: q, yield: yield, visible: map[string]bool{}}
	revisions, err := s.Revisions(ctx, q.KnownAt)
	if err != nil {
		return err
	}
	for i := range revisions {
		r.visible[revisions[i].ID] = true
	}
	r.block = newScheduleBlockRead()
	sq := q.query("schedule_days", "day BETWEEN toDate32({from:Int32}) AND toDate32({to:Int32})").
		number("from", int64(q.From)).number("to", int64(q.To))
	if err := s.readColumns(ctx, sq, r.block.results(), r.rows); err != nil {
		return wrap("read schedule days", err)
	}
	return wrap("read schedule days", stoppable(r.flush()))
}

// scheduleReader puts the rows of one agent together. Rows come by agent, day, and revision from the oldest to the newest.
type scheduleReader struct {
	q       ScheduleQuery
	yield   func(string, []schemas.ScheduleDay) error
	visible map[string]bool
	block   *scheduleBlockRead

	agent string
	days  []schemas.ScheduleDay
	// spare are activity slices of earlier agents, to be filled again.
	spare [][]schemas.Activity
}

func (r *scheduleReader) rows(rows int) error {
	for i := range rows {
		if !r.visible[r.block.revision.text(i)] {
			continue
		}
		if agent := r.block.agent.RowBytes(i); string(agent) != r.agent {
			if err := r.flush(); err != nil {
				return err
			}
			r.agent = string(agent)
		}
		r.add(i)
	}
	return nil
}

func (r *scheduleReader) add(i int) {
	day, revision := r.block.day.at(i), r.block.revision.text(i)
	if n := len(r.days); n > 0 && r.days[n-1].Day == day && (!r.q.AllRevisions || r.days[n-1].Revision == revision) {
		r.spare = append(r.spare, r.days[n-1].Activities)
		r.days = r.days[:n-1]
	}
	var acts []schemas.Activity
	if n := len(r.spare); n > 0 {
		acts, r.spare = r.spare[n-1][:0], r.spare[:n-1]
	}
	r.days = append(r.days, schemas.ScheduleDay{AgentID: r.agent, Day: day, Revision: revision,
		RecordedAt: r.block.recorded.at(i), Removed: r.block.removed.at(i), Activities: r.block.activities.read(i, acts)})
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

// activityLists are the nested columns of activities while they are written.
type activityLists struct {
	start, end         *list[*instants]
	code               *list[*fewTexts]
	category           *list[*words]
	shift, description *list[*proto.ColStr]
	paid               *list[*flags]
	line               *list[*proto.ColUInt32]
}

func newActivityLists() activityLists {
	return activityLists{
		start: newList(&instants{}), end: newList(&instants{}), category: newList(&words{of: typeCategory}),
		shift: newList(&proto.ColStr{}), description: newList(&proto.ColStr{}), paid: newList(&flags{}),
		line: newList(&proto.ColUInt32{}), code: newList(&fewTexts{}),
	}
}

func (a *activityLists) input() proto.Input {
	return proto.Input{
		{Name: "activities.start_at", Data: a.start}, {Name: "activities.end_at", Data: a.end},
		{Name: "activities.category", Data: a.category}, {Name: "activities.shift", Data: a.shift},
		{Name: "activities.paid", Data: a.paid}, {Name: "activities.description", Data: a.description},
		{Name: "activities.line", Data: a.line}, {Name: "activities.code", Data: a.code},
	}
}

func (a *activityLists) add(acts []schemas.Activity) {
	for i := range acts {
		v := &acts[i]
		a.start.data.add(v.Start)
		a.end.data.add(v.End)
		a.category.data.add(uint8(v.Category))
		a.shift.data.Append(v.Shift)
		a.paid.data.add(v.Paid)
		a.description.data.Append(v.Description)
		a.line.data.Append(uint32(v.Line)) //nolint:gosec // a line of a file
		a.code.data.add(v.Code)
	}
	a.start.end()
	a.end.end()
	a.category.end()
	a.shift.end()
	a.paid.end()
	a.description.end()
	a.line.end()
	a.code.end()
}

// scheduleBlock is the columns of one insert of schedule days.
type scheduleBlock struct {
	agent      proto.ColStr
	revision   fewTexts
	day        days
	recorded   instants
	removed    flags
	activities activityLists
}

func newScheduleBlock() *scheduleBlock { return &scheduleBlock{activities: newActivityLists()} }

func (b *scheduleBlock) input() proto.Input {
	return append(proto.Input{
		{Name: "agent_id", Data: &b.agent}, {Name: "day", Data: &b.day}, {Name: "recorded_at", Data: &b.recorded},
		{Name: "revision", Data: &b.revision}, {Name: "removed", Data: &b.removed},
	}, b.activities.input()...)
}

func (b *scheduleBlock) reset() {
	for _, c := range b.input() {
		c.Data.(proto.Resettable).Reset() //nolint:forcetypeassert // every column of the block can be emptied
	}
}

func (b *scheduleBlock) add(d *schemas.ScheduleDay, rev *schemas.Revision) {
	b.agent.Append(d.AgentID)
	b.day.add(d.Day)
	b.recorded.add(rev.RecordedAt)
	b.revision.add(rev.ID)
	b.removed.add(d.Removed)
	b.activities.add(d.Activities)
}

// activityListsRead are the nested columns of activities as a result.
type activityListsRead struct {
	start, end         *list[*instants]
	category           *list[*words]
	paid               *list[*flags]
	line               *list[*proto.ColUInt32]
	shift, description *list[*proto.ColStr]
	code               *list[*fewTextsRead]
	share              *sharing
}

func newActivityListsRead(share *sharing) activityListsRead {
	return activityListsRead{
		start: newList(&instants{}), end: newList(&instants{}), category: newList(&words{of: typeCategory}),
		shift: newList(&proto.ColStr{}), description: newList(&proto.ColStr{}), paid: newList(&flags{}),
		line: newList(&proto.ColUInt32{}), code: newList(newFewTextsRead(share)), share: share,
	}
}

func (a *activityListsRead) results() proto.Results {
	return proto.Results{
		{Name: "activities.start_at", Data: a.start}, {Name: "activities.end_at", Data: a.end},
		{Name: "activities.category", Data: a.category}, {Name: "activities.shift", Data: a.shift},
		{Name: "activities.paid", Data: a.paid}, {Name: "activities.description", Data: a.description},
		{Name: "activities.line", Data: a.line}, {Name: "activities.code", Data: a.code},
	}
}

// read appends the activities of row i.
func (a *activityListsRead) read(i int, acts []schemas.Activity) []schemas.Activity {
	from, to := a.start.bounds(i)
	for k := from; k < to; k++ {
		acts = append(acts, schemas.Activity{
			Start: a.start.data.at(k), End: a.end.data.at(k), Category: schemas.Category(a.category.data.at(k)),
			Code: a.code.data.text(k), Shift: a.share.text(a.shift.data.RowBytes(k)), Paid: a.paid.data.at(k),
			Description: a.share.text(a.description.data.RowBytes(k)), Line: int(a.line.data.Row(k)),
		})
	}
	return acts
}

// scheduleBlockRead is the columns of a result of schedule days.
type scheduleBlockRead struct {
	agent      proto.ColStr
	revision   *fewTextsRead
	day        days
	recorded   instants
	removed    flags
	activities activityListsRead
}

func newScheduleBlockRead() *scheduleBlockRead {
	share := &sharing{}
	return &scheduleBlockRead{revision: newFewTextsRead(share), activities: newActivityListsRead(share)}
}

func (b *scheduleBlockRead) results() proto.Results {
	return append(proto.Results{
		{Name: "agent_id", Data: &b.agent}, {Name: "day", Data: &b.day}, {Name: "recorded_at", Data: &b.recorded},
		{Name: "revision", Data: b.revision}, {Name: "removed", Data: &b.removed},
	}, b.activities.results()...)
}
