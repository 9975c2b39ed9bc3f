package demo

import (
	"testing"

	"rollcall/schemas"
)

// The two scenarios of the source that concern routing: work comes to whoever is available, and not to whoever has
// chosen a break, who may finish the contact first.
func TestTheDemosRoutingEngineFollowsThePlayer(t *testing.T) {
	const now schemas.Instant = 1_000_000
	for _, c := range []struct {
		name     string
		presence schemas.Presence
		status   schemas.Status
		routing  schemas.Routing
		heldMS   int64
		want     schemas.Routing
	}{
		{"signs in", schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingOffQueue, 0, schemas.RoutingIdle},
		{"waits", schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingIdle, waitMS - 1,
			schemas.RoutingIdle},
		{"is offered work", schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingIdle, waitMS,
			schemas.RoutingInteracting},
		{"is busy and is offered none", schemas.PresenceBusy, schemas.StatusAvailable, schemas.RoutingIdle, waitMS,
			schemas.RoutingIdle},
		{"chooses a break in a contact", schemas.PresenceAway, schemas.StatusBreak, schemas.RoutingInteracting,
			contactMS - 1, schemas.RoutingInteracting},
		{"has finished it", schemas.PresenceAway, schemas.StatusBreak, schemas.RoutingInteracting, contactMS,
			schemas.RoutingOffQueue},
		{"ends a contact", schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingInteracting, contactMS,
			schemas.RoutingIdle},
		{"goes home", schemas.PresenceOffline, schemas.StatusAvailable, schemas.RoutingIdle, 0, schemas.RoutingOffQueue},
	} {
		row := &schemas.LiveAgent{Presence: c.presence, Status: c.status, Routing: c.routing,
			Routable: c.presence == schemas.PresenceAvailable && c.status == schemas.StatusAvailable &&
				c.routing == schemas.RoutingIdle}
		row.Since.Routing = now.Add(-c.heldMS)
		if got := routed(row, now); got != c.want {
			t.Errorf("%s: routing becomes %s, want %s", c.name, got, c.want)
		}
	}
}
