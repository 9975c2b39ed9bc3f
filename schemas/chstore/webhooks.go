package chstore

import (
	"context"

	"rollcall/schemas"
)

func webhookColumns() []column[schemas.WebhookDelivery] {
	type row = schemas.WebhookDelivery
	return []column[row]{
		instant("created_at", func(d *row) *schemas.Instant { return &d.CreatedAt }),
		text("id", func(d *row) *string { return &d.ID }),
		fewText("hook", func(d *row) *string { return &d.Hook }),
		fewText("event", func(d *row) *string { return &d.Event }),
		text("body", func(d *row) *string { return &d.Body }),
		count("attempts", func(d *row) *int { return &d.Attempts }),
		fewText("state", func(d *row) *schemas.WebhookState { return &d.State }),
		text("last_error", func(d *row) *string { return &d.LastError }),
		instant("updated_at", func(d *row) *schemas.Instant { return &d.UpdatedAt }),
		count("version", func(d *row) *int { return &d.Version }),
	}
}

// WriteWebhookDeliveries adds deliveries, or newer versions of them (same ID and CreatedAt). They change no judged day and
// need no journal row.
func (s *Store) WriteWebhookDeliveries(ctx context.Context, rows []schemas.WebhookDelivery) error {
	return insert(ctx, s, "webhook_deliveries_store", webhookColumns(), rows)
}

// WebhookDeliveries gives the deliveries that are in the state and were made at since or later, the newest first, at most
// limit. id, unless empty, asks for that delivery alone. Deliveries are forgotten after 30 days: since must not lie further
// back.
func (s *Store) WebhookDeliveries(ctx context.Context, state schemas.WebhookState, id string, since schemas.Instant, limit int) ([]schemas.WebhookDelivery, error) {
	p := params{}.text("state", string(state)).text("id", id).number("since", int64(since)).number("limit", int64(limit))
	rows, err := all(ctx, s, query("webhook_deliveries"), p, webhookColumns())
	return rows, wrap("read webhook deliveries", err)
}
