package chstore

import (
	"context"
	"fmt"

	"rollcall/schemas"
)

// announced writes rows with the id of the journal row that announces them, and then that row.
func announced[T any](ctx context.Context, s *Store, row schemas.JournalRow, kind schemas.JournalKind, table string,
	fields func(*T) []field, rows []T) error {
	return s.journalled(ctx, row, kind, func() error {
		return insert(ctx, s, table, announcedBy(row.ID, fields), rows)
	})
}

// announcedBy are the fields with the id of the journal row that announces the rows.
func announcedBy[T any](id string, fields func(*T) []field) func(*T) []field {
	return func(row *T) []field { return append(fields(row), field{"journal_id", &id}) }
}

func membershipFields(m *schemas.Membership) []field {
	return []field{
		{"agent_id", &m.AgentID},
		{"recorded_at", &m.RecordedAt},
		{"from_day", &m.From},
		{"to_day", &m.To},
		{"name", &m.Name},
		{"email", &m.Email},
		{"team", &m.Team},
		{"site", &m.Site},
		{"time_zone", &m.TimeZone},
		{"supervisor", &m.Supervisor},
		{"removed", &m.Removed},
	}
}

// WriteRoster replaces all rows of each agent that rows name; a row that is Removed, alone, leaves none. Rows recorded
// at different instants are an error, because the newest instant decides for an agent as a whole.
func (s *Store) WriteRoster(ctx context.Context, row schemas.JournalRow, rows []schemas.Membership) error {
	for i := range rows {
		if rows[i].RecordedAt != rows[0].RecordedAt {
			return fmt.Errorf("roster rows of one write are recorded at %s and %s; use one instant", rows[0].RecordedAt,
				rows[i].RecordedAt)
		}
	}
	return announced(ctx, s, row, schemas.JournalRoster, "memberships_store", membershipFields, rows)
}

// Memberships returns the roster as known at an instant, by agent and from.
func (s *Store) Memberships(ctx context.Context, known schemas.Instant) ([]schemas.Membership, error) {
	rows, err := all(ctx, s, query("memberships").knownAt(known), membershipFields)
	return rows, wrap("read the roster", err)
}

// AgentIDs returns everybody that a roster or a fact names, in byte order.
func (s *Store) AgentIDs(ctx context.Context) ([]string, error) {
	rows, err := all(ctx, s, query("agent_ids"), agentID)
	return rows, wrap("read agent ids", err)
}

func activityCodeFields(c *schemas.ActivityCode) []field {
	return []field{
		{"code", &c.Code},
		{"recorded_at", &c.RecordedAt},
		{"category", &c.Category},
		{"paid", &c.Paid},
		{"counts_as_shrinkage", &c.CountsAsShrinkage},
		{"removed", &c.Removed},
	}
}

// WriteActivityCodes adds codes, or new versions of codes; a Removed one takes the code back.
func (s *Store) WriteActivityCodes(ctx context.Context, row schemas.JournalRow, codes []schemas.ActivityCode) error {
	return announced(ctx, s, row, schemas.JournalActivities, "activity_codes_store", activityCodeFields, codes)
}

// ActivityCodes returns the newest version of each code as known at an instant, by code.
func (s *Store) ActivityCodes(ctx context.Context, known schemas.Instant) ([]schemas.ActivityCode, error) {
	rows, err := all(ctx, s, query("activity_codes").knownAt(known), activityCodeFields)
	return rows, wrap("read activity codes", err)
}

func statusFields(c *schemas.SecondaryStatus) []field {
	return []field{
		{"secondary", &c.Secondary},
		{"recorded_at", &c.RecordedAt},
		{"status", &c.Status},
		{"removed", &c.Removed},
	}
}

// WriteStatuses adds secondary statuses, or new versions of them; a Removed one takes the label back.
func (s *Store) WriteStatuses(ctx context.Context, row schemas.JournalRow, statuses []schemas.SecondaryStatus) error {
	return announced(ctx, s, row, schemas.JournalActivities, "statuses_store", statusFields, statuses)
}

// Statuses returns the newest version of each secondary status as known at an instant, by name.
func (s *Store) Statuses(ctx context.Context, known schemas.Instant) ([]schemas.SecondaryStatus, error) {
	rows, err := all(ctx, s, query("statuses").knownAt(known), statusFields)
	return rows, wrap("read secondary statuses", err)
}
