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

// WriteRoster replaces all rows of each agent that rows name; a row that is Removed, alone, leaves none. Rows recorded
// at different instants are an error, because the newest instant decides for an agent as a whole.
func (s *Store) WriteRoster(ctx context.Context, row schemas.JournalRow, rows []schemas.Membership) error {
	for i := range rows {
		if rows[i].RecordedAt != rows[0].RecordedAt {
			return fmt.Errorf("roster rows of one write are recorded at %s and %s; use one instant", rows[0].RecordedAt,
				rows[i].RecordedAt)
		}
	}
	return announced(ctx, s, row, schemas.JournalRoster, "memberships_store", fieldsOf, rows)
}

// Memberships returns the roster as known at an instant, by agent and from.
func (s *Store) Memberships(ctx context.Context, known schemas.Instant) ([]schemas.Membership, error) {
	return all(ctx, s, "read the roster", query("memberships").knownAt(known), fieldsOf[schemas.Membership])
}

// AgentIDs returns everybody that a roster or a fact names, in byte order.
func (s *Store) AgentIDs(ctx context.Context) ([]string, error) {
	return all(ctx, s, "read agent ids", query("agent_ids"), agentID)
}

// WriteActivityCodes adds codes, or new versions of codes; a Removed one takes the code back.
func (s *Store) WriteActivityCodes(ctx context.Context, row schemas.JournalRow, codes []schemas.ActivityCode) error {
	return announced(ctx, s, row, schemas.JournalActivities, "activity_codes_store", fieldsOf, codes)
}

// ActivityCodes returns the newest version of each code as known at an instant, by code.
func (s *Store) ActivityCodes(ctx context.Context, known schemas.Instant) ([]schemas.ActivityCode, error) {
	return all(ctx, s, "read activity codes", query("activity_codes").knownAt(known), fieldsOf[schemas.ActivityCode])
}

// WriteStatuses adds secondary statuses, or new versions of them; a Removed one takes the label back.
func (s *Store) WriteStatuses(ctx context.Context, row schemas.JournalRow, statuses []schemas.SecondaryStatus) error {
	return announced(ctx, s, row, schemas.JournalActivities, "statuses_store", fieldsOf, statuses)
}

// Statuses returns the newest version of each secondary status as known at an instant, by name.
func (s *Store) Statuses(ctx context.Context, known schemas.Instant) ([]schemas.SecondaryStatus, error) {
	return all(ctx, s, "read secondary statuses", query("statuses").knownAt(known), fieldsOf[schemas.SecondaryStatus])
}
