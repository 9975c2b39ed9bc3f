package chstore

import (
	"fmt"
	"testing"
	"time"

	"rollcall/schemas"
)

func TestTheNewestVersionOfAWebhookDeliveryCounts(t *testing.T) {
	s := newStore(t)
	now := schemas.InstantOf(time.Now()) // rows of long ago are forgotten
	made := func(id string, age int64, version int, state schemas.WebhookState, why string) schemas.WebhookDelivery {
		return schemas.WebhookDelivery{
			ID:        id,
			Hook:      "https://wall.example/in",
			Event:     "agent.back",
			Body:      `{"id":"` + id + `"}`,
			Attempts:  version,
			State:     state,
			LastError: why,
			CreatedAt: now.Add(-age),
			UpdatedAt: now,
			Version:   version,
		}
	}
	check(t, s.WriteWebhookDeliveries(ctx,
		[]schemas.WebhookDelivery{made("a", 3, 1, "queued", ""), made("b", 2, 1, "queued", ""),
			made("c", 1, 1, "queued", ""), made("old", 9*schemas.DayMS, 1, "dead", "")}))
	check(t, s.WriteWebhookDeliveries(ctx, []schemas.WebhookDelivery{made("b", 2, 3, "dead", "it's 500")}))
	check(t, s.WriteWebhookDeliveries(ctx,
		[]schemas.WebhookDelivery{made("b", 2, 2, "queued", "late"), made("c", 1, 2, "delivered", "")}))
	lines := func(state schemas.WebhookState, id string, limit int) (out []string) {
		for _, d := range must[[]schemas.WebhookDelivery](t)(s.WebhookDeliveries(ctx, state, id, now.Add(-schemas.DayMS),
			limit)) {
			out = append(out, fmt.Sprint(d.ID, " ", d.Event, " ", d.Body, " ", d.Attempts, " ", d.LastError, " ",
				d.UpdatedAt == now))
		}
		return out
	}
	for range 2 {
		wantLines(t, lines("queued", "", 10), `a agent.back {"id":"a"} 1  true`)
		wantLines(t, lines("dead", "", 10), `b agent.back {"id":"b"} 3 it's 500 true`)
		wantLines(t, lines("dead", "a", 10))
		wantLines(t, lines("delivered", "c", 10), `c agent.back {"id":"c"} 2  true`)
		exec(t, s, "OPTIMIZE TABLE webhook_deliveries_store FINAL")
	}
	check(t, s.WriteWebhookDeliveries(ctx, []schemas.WebhookDelivery{made("d", 0, 1, "queued", "")}))
	wantLines(t, lines("queued", "", 1), `d agent.back {"id":"d"} 1  true`)
	wantLines(t, rowsOf(t, s,
		"SELECT concat(id, ' ', state) AS line FROM webhook_deliveries WHERE id IN ('a', 'b') ORDER BY line"), "a queued",
		"b dead")
}
