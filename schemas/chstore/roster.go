package chstore

import (
	"context"
	"fmt"

	"rollcall/schemas"
)

// knownAt binds {known_at:Int64}; 0 stands for everything known now.
func knownAt(at schemas.Instant) params { return params{}.number("known_at", int64(at)) }

// announced writes rows with the id of the journal row that announces them, and then that row.
func announced[T any](ctx context.Context, s *Store, row schemas.JournalRow, kind schemas.JournalKind, table string,
	columns []column[T], rows []T) error {
	return s.journalled(ctx, row, kind, func() error {
		id, err := parseUUID(row.ID)
		if err != nil {
			return err
		}
		return insert(ctx, s, table, append(columns, always[T]("journal_id", id)), rows)
	})
}

func membershipColumns() []column[schemas.Membership] {
	type row = schemas.Membership
	return []column[row]{
		text("agent_id", func(m *row) *string { return &m.AgentID }),
		instant("recorded_at", func(m *row) *schemas.Instant { return &m.RecordedAt }),
		date("from_day", func(m *row) *schemas.Date { return &m.From }),
		date("to_day", func(m *row) *schemas.Date { return &m.To }),
		text("name", func(m *row) *string { return &m.Name }),
		text("email", func(m *row) *string { return &m.Email }),
		text("team", func(m *row) *string { return &m.Team }),
		text("site", func(m *row) *string { return &m.Site }),
		text("time_zone", func(m *row) *string { return &m.TimeZone }),
		text("supervisor", func(m *row) *string { return &m.Supervisor }),
		flag("removed", func(m *row) *bool { return &m.Removed }),
	}
}

// WriteRoster replaces all rows of each agent that rows name; a row that is Removed, alone, leaves none. Rows recorded at different instants are an error, because the
// newest instant decides for an agent as a whole.
func (s *Store) WriteRoster(ctx context.Context, row schemas.JournalRow, rows []schemas.Membership) error {
	for i := range rows {
		if rows[i].RecordedAt != rows[0].RecordedAt {
			return fmt.Errorf("roster rows of one write are recorded at %s and %s; use one instant", rows[0].RecordedAt,
				rows[i].RecordedAt)
		}
	}
	return announced(ctx, s, row, schemas.JournalRoster, "memberships_store", membershipColumns(), rows)
}

// Memberships gives the roster as known at an instant, by agent and from.
func (s *Store) Memberships(ctx context.Context, known schemas.Instant) ([]schemas.Membership, error) {
	rows, err := all(ctx, s, query("memberships"), knownAt(known), membershipColumns())
	return rows, wrap("read the roster", err)
}

// AgentIDs gives everybody that a roster or a fact names, in byte order.
func (s *Store) AgentIDs(ctx context.Context) ([]string, error) {
	rows, err := all(ctx, s, query("agent_ids"), nil, []column[string]{
		text("agent_id", func(id *string) *string { return id }),
	})
	return rows, wrap("read agent ids", err)
}

func activityCodeColumns() []column[schemas.ActivityCode] {
	type row = schemas.ActivityCode
	return []column[row]{
		text("code", func(c *row) *string { return &c.Code }),
		instant("recorded_at", func(c *row) *schemas.Instant { return &c.RecordedAt }),
		enum("category", typeCategory, func(c *row) *schemas.Category { return &c.Category }),
		flag("paid", func(c *row) *bool { return &c.Paid }),
		flag("counts_as_shrinkage", func(c *row) *bool { return &c.CountsAsShrinkage }),
		flag("removed", func(c *row) *bool { return &c.Removed }),
	}
}

// WriteActivityCodes adds codes, or new versions of codes; a Removed one takes the code back.
func (s *Store) WriteActivityCodes(ctx context.Context, row schemas.JournalRow, codes []schemas.ActivityCode) error {
	return announced(ctx, s, row, schemas.JournalActivities, "activity_codes_store", activityCodeColumns(), codes)
}

// ActivityCodes gives the newest version of each code as known at an instant, by code.
func (s *Store) ActivityCodes(ctx context.Context, known schemas.Instant) ([]schemas.ActivityCode, error) {
	rows, err := all(ctx, s, query("activity_codes"), knownAt(known), activityCodeColumns())
	return rows, wrap("read activity codes", err)
}

func statusColumns() []column[schemas.SecondaryStatus] {
	type row = schemas.SecondaryStatus
	return []column[row]{
		text("secondary", func(c *row) *string { return &c.Secondary }),
		instant("recorded_at", func(c *row) *schemas.Instant { return &c.RecordedAt }),
		enum("status", typeStatus, func(c *row) *schemas.Status { return &c.Status }),
		flag("removed", func(c *row) *bool { return &c.Removed }),
	}
}

// WriteStatuses adds secondary statuses, or new versions of them; a Removed one takes the label back.
func (s *Store) WriteStatuses(ctx context.Context, row schemas.JournalRow, statuses []schemas.SecondaryStatus) error {
	return announced(ctx, s, row, schemas.JournalActivities, "statuses_store", statusColumns(), statuses)
}

// Statuses gives the newest version of each secondary status as known at an instant, by name.
func (s *Store) Statuses(ctx context.Context, known schemas.Instant) ([]schemas.SecondaryStatus, error) {
	rows, err := all(ctx, s, query("statuses"), knownAt(known), statusColumns())
	return rows, wrap("read secondary statuses", err)
}
