package chstore

import (
	"context"

	"rollcall/schemas"
)

// WriteRequirements writes the intervals that an import changes (Removed takes one back), then the import, then the
// journal row, with which all of them count at once. Revision and RecordedAt of the rows are taken from the import,
// whose id is the journal row's.
func (s *Store) WriteRequirements(ctx context.Context, row schemas.JournalRow, made schemas.Import,
	rows []schemas.Requirement) error {
	return s.journalled(ctx, row, schemas.JournalRequirement, func() error {
		for i := range rows {
			rows[i].Revision, rows[i].RecordedAt = row.ID, made.RecordedAt
		}
		for part := range byMonths(rows, func(r *schemas.Requirement) schemas.Instant { return r.Start }) {
			if err := insert(ctx, s, "requirements_store", fieldsOf, part); err != nil {
				return err
			}
		}
		made.ID = row.ID
		return s.WriteImport(ctx, made)
	})
}

// RequirementQuery says which requirements to read: those of the teams (all when empty) whose intervals overlap Within
// (all when empty), as known at KnownAt (0 = now). AllRevisions asks for all revisions of an interval instead of the
// newest.
type RequirementQuery struct {
	Teams        []string
	Within       schemas.Interval
	KnownAt      schemas.Instant
	AllRevisions bool
}

// Requirements returns what is required, by team and start, each interval once. With AllRevisions an interval comes
// once per revision, the newest last, removed ones too.
func (s *Store) Requirements(ctx context.Context, q RequirementQuery, yield func(*schemas.Requirement) error) error {
	var last schemas.Requirement
	held, ended := false, false
	yieldLast := func() error {
		if !held || ended || last.Removed && !q.AllRevisions || !q.covers(&last) {
			return nil
		}
		err := yield(&last)
		ended = err != nil
		return err
	}
	err := each(ctx, s, "read requirements", q.statement(), fieldsOf, func(r *schemas.Requirement) error {
		if q.AllRevisions || held && (r.Team != last.Team || r.Start != last.Start) {
			if err := yieldLast(); err != nil {
				return err
			}
		}
		last, held = *r, true
		return nil
	})
	if err == nil {
		err = stoppable(yieldLast())
	}
	return err
}

// covers says whether the interval is asked for. An interval without the length to reach into the range was read only
// because another of its start might have been longer.
func (q *RequirementQuery) covers(r *schemas.Requirement) bool {
	return q.Within.Empty() || r.Interval().Overlaps(q.Within)
}

func (q *RequirementQuery) statement() statement {
	where := []string{"revision IN (SELECT id FROM journal_store WHERE kind = 'requirements')"}
	if !q.Within.Empty() {
		where = append(where, "start_at > fromUnixTimestamp64Milli({start:Int64}, 'UTC')",
			"start_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')")
	}
	if q.KnownAt != 0 {
		where = append(where, "recorded_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC')")
	}
	if len(q.Teams) > 0 {
		where = append(where, "team IN selected")
	}
	longest := schemas.RequirementLengths[len(schemas.RequirementLengths)-1]
	sql := query("requirements", where...).knownAt(q.KnownAt).within(schemas.Interval{
		Start: max(q.Within.Start, schemas.MinInstant).Add(-longest),
		End:   min(q.Within.End, schemas.MaxInstant),
	})
	if len(q.Teams) > 0 {
		sql = sql.texts("selected", "team", q.Teams)
	}
	return sql
}
