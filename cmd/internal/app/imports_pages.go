package app

import (
	"context"

	"rollcall/ingest/revisions"
	"rollcall/schemas"
)

// EachDay gives the days that a revision of the schedule changed.
func (d *importDesk) EachDay(ctx context.Context, q revisions.DiffQuery, yield func(*revisions.ComparedDay) error) (revisions.Ends, error) {
	return d.desk.EachDay(ctx, q, yield)
}

// Memberships gives the roster's rows.
func (d *importDesk) Memberships(ctx context.Context) ([]schemas.Membership, error) {
	return d.store.Memberships(ctx, 0)
}
