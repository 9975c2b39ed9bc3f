package app

import (
	"context"
	"time"

	"rollcall/ingest"
	"rollcall/schemas"
)

// How the demonstration's routing engine treats the agent whom somebody plays, in milliseconds: how long an idle agent
// waits for work, and how long a contact lasts.
const (
	demoWaitMS    = 12 * schemas.SecondMS
	demoContactMS = 45 * schemas.SecondMS
)

// Route is a small routing engine for the agent whom somebody plays: it offers work while the board says routable, lets
// a contact that has begun be finished, and leaves the agent alone otherwise. It is the only one who says what the
// agent's routing is; presence and status are the player's.
func (d *Demo) Route(ctx context.Context, daemon *Daemon) error {
	select {
	case <-ctx.Done():
		return nil
	case <-daemon.ready:
	}
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		row, ok := daemon.board.Agent(d.Player)
		if !ok {
			continue
		}
		next := routed(row, Now())
		if next == row.Routing {
			continue
		}
		change := schemas.Change{Source: demoSource, AgentID: d.Player, At: Now(), Routing: next}
		if err := daemon.accept(ctx,
			ingest.Batch{Actor: "demo", Origin: "demo", Changes: []schemas.Change{change}}); err != nil {
			return err
		}
	}
}

// routed returns what the routing engine makes of the agent now.
func routed(row *schemas.LiveAgent, now schemas.Instant) schemas.Routing {
	held := now.Sub(row.Since.Routing)
	switch {
	case row.Routing == schemas.RoutingInteracting && held < demoContactMS:
		return row.Routing // the contact may be finished
	case row.Presence == schemas.PresenceOffline || row.Status != schemas.StatusAvailable:
		return schemas.RoutingOffQueue
	case row.Routing != schemas.RoutingIdle:
		return schemas.RoutingIdle
	case row.Routable && held >= demoWaitMS:
		return schemas.RoutingInteracting
	}
	return row.Routing
}
