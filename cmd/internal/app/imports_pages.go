package app

import (
	"context"

	"rollcall/ingest/imports"
	"rollcall/schemas"
)

// EachDay gives the days that a revision of the schedule changed.
func (d *importDesk) EachDay(ctx context.Context, q imports.DiffQuery, yield func(*imports.ComparedDay) error) (imports.Ends, error) {
	return d.desk.EachDay(ctx, q, yield)
}

// Memberships gives the roster's rows.
func (d *importDesk) Memberships(ctx context.Context) ([]schemas.Membership, error) {
	return d.store.Memberships(ctx, 0)
}
