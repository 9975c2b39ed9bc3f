package chstore

import (
	"context"
	"fmt"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// whole is a column of Int64.
func whole[T any, N ~int64](name string, of func(*T) *N) column[T] {
	return func() cell[T] {
		c := new(proto.ColInt64)
		return cell[T]{name, c, func(t *T) { c.Append(int64(*of(t))) }, func(t *T, i int) { *of(t) = N(c.Row(i)) }}
	}
}

func requirementColumns() []column[schemas.Requirement] {
	type row = schemas.Requirement
	return []column[row]{
		text("team", func(r *row) *string { return &r.Team }),
		instant("start_at", func(r *row) *schemas.Instant { return &r.Start }),
		instant("recorded_at", func(r *row) *schemas.Instant { return &r.RecordedAt }),
		uuidText("revision", func(r *row) *string { return &r.Revision }),
		whole("length_ms", func(r *row) *int64 { return &r.LengthMS }),
		whole("required", func(r *row) *schemas.Decimal { return &r.Required }),
		whole("shrinkage", func(r *row) *schemas.Decimal { return &r.Shrinkage }),
		flag("removed", func(r *row) *bool { return &r.Removed }),
	}
}

// WriteRequirements writes the intervals that an import changes (Removed takes one back), then the import, then the journal
// row, with which all of them count at once. Revision and RecordedAt of the rows are taken from the import, whose id is the
// journal row's.
func (s *Store) WriteRequirements(ctx context.Context, row schemas.JournalRow, made schemas.Import, rows []schemas.Requirement) error {
	return s.journalled(ctx, row, schemas.JournalRequirement, func() error {
		for i := range rows {
			rows[i].Revision, rows[i].RecordedAt = row.ID, made.RecordedAt
		}
		months := monthSet{}
		begin := 0
		for i := range rows { // an insert may touch only so many months
			if day := schemas.UTC.Date(rows[i].Start); !months.take(day) {
				if err := insert(ctx, s, "requirements_store", requirementColumns(), rows[begin:i]); err != nil {
					return err
				}
				months, begin = monthSet{}, i
				months.take(day)
			}
		}
		if err := insert(ctx, s, "requirements_store", requirementColumns(), rows[begin:]); err != nil {
			return err
		}
		return s.insertImport(ctx, row, made)
	})
}

// RequirementQuery says which requirements to read: those of the teams (all when empty) whose intervals overlap Within (all
// when empty), as known at KnownAt (0 = now). All revisions of an interval are given, not only the newest, when AllRevisions
// is set.
type RequirementQuery struct {
	Teams        []string
	Within       schemas.Interval
	KnownAt      schemas.Instant
	AllRevisions bool
}

// Requirements gives what is required, by team and start, each interval once. With AllRevisions an interval comes once per
// revision, the newest last, removed ones too.
func (s *Store) Requirements(ctx context.Context, q RequirementQuery, yield func(*schemas.Requirement) error) error {
	var last schemas.Requirement
	held, ended := false, false
	give := func() error {
		if !held || ended || last.Removed && !q.AllRevisions || !q.covers(&last) {
			return nil
		}
		err := yield(&last)
		ended = err != nil
		return err
	}
	err := eachOf(ctx, s, q.statement(), requirementColumns(), func(r *schemas.Requirement) error {
		if q.AllRevisions || held && (r.Team != last.Team || r.Start != last.Start) {
			if err := give(); err != nil {
				return err
			}
		}
		last, held = *r, true
		return nil
	})
	if err == nil {
		err = s.stoppable(give())
	}
	return wrap("read requirements", err)
}

// covers says whether the interval is asked for. An interval without the length to reach into the range was read only
// because another of its start might have been longer.
func (q *RequirementQuery) covers(r *schemas.Requirement) bool {
	return q.Within.Empty() || r.Interval().Overlaps(q.Within)
}

func (q *RequirementQuery) statement() (sq ch.Query) {
	p := params{}
	where := []string{"revision IN (SELECT id FROM journal_store WHERE kind = 'requirements')"}
	add := func(name string, v schemas.Instant, sql string) {
		p.number(name, int64(v))
		where = append(where, fmt.Sprintf(sql, "fromUnixTimestamp64Milli({"+name+":Int64}, 'UTC')"))
	}
	if !q.Within.Empty() {
		longest := schemas.RequirementLengths[len(schemas.RequirementLengths)-1]
		add("start", max(q.Within.Start, schemas.MinInstant).Add(-longest), "start_at > %s")
		add("end", min(q.Within.End, schemas.MaxInstant), "start_at < %s")
	}
	if q.KnownAt != 0 {
		add("known_at", q.KnownAt, "recorded_at <= %s")
	}
	if len(q.Teams) > 0 {
		where = append(where, "team IN selected")
	}
	sq = statement(query("requirements", where...), p)
	if len(q.Teams) > 0 {
		teams := new(proto.ColStr)
		teams.AppendArr(q.Teams)
		sq.ExternalTable, sq.ExternalData = "selected", []proto.InputColumn{{Name: "team", Data: teams}}
	}
	return sq
}
