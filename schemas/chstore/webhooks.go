package chstore

import (
	"context"

	"rollcall/schemas"
)

// WriteWebhookDeliveries adds deliveries, or newer versions of them (same ID and CreatedAt). They change no judged day
// and need no journal row.
func (s *Store) WriteWebhookDeliveries(ctx context.Context, rows []schemas.WebhookDelivery) error {
	return insert(ctx, s, "webhook_deliveries_store", fieldsOf, rows)
}

// WebhookDeliveries returns the deliveries that are in the state and were made at since or later, the newest first, at
// most limit. id, unless empty, asks for that delivery alone. Deliveries are forgotten after 30 days: since must not
// lie further back.
func (s *Store) WebhookDeliveries(ctx context.Context, state schemas.WebhookState, id string, since schemas.Instant,
	limit int) ([]schemas.WebhookDelivery, error) {
	q := query("webhook_deliveries").text("state", string(state)).text("id", id).number("since", int64(since)).
		number("limit", int64(limit))
	return all(ctx, s, "read webhook deliveries", q, fieldsOf[schemas.WebhookDelivery])
}
