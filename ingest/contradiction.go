package ingest

import (
	"fmt"

	"rollcall/schemas"
)

// Contradiction returns what cannot be true at once in a presence, status and routing, with what would be right; nil
// when they go together. A value that is not named or unknown contradicts nothing.
//
//	presence  with                                                         because
//	offline   status available                                             nobody is there to take an interaction
//	offline   routing idle, interacting, communicating or not_responding   who is not signed in is offered and has none
//
// Everything else goes together. Presence and status are two choices: available to colleagues while on a break is what
// scenario 2 looks like, and busy or away with status available is believed, though it is not routable. Status break
// with routing interacting is a contact that is being finished; with idle it is an engine that has not followed yet.
//
// A person who asks for a contradiction is refused. From a feed it is accepted, since the feed is a witness and not
// asked for its opinion, and becomes a finding (ContradictionFinding).
func Contradiction(p schemas.Presence, s schemas.Status, r schemas.Routing) *schemas.FieldError {
	if p != schemas.PresenceOffline {
		return nil
	}
	if s == schemas.StatusAvailable {
		return &schemas.FieldError{Field: "status",
			Message: "available does not go with presence offline, as nobody is there to take an " +
				"interaction; right would be presence available with it, or status off_queue (or another) with offline"}
	}
	switch r {
	case schemas.RoutingIdle, schemas.RoutingInteracting, schemas.RoutingCommunicating, schemas.RoutingNotResponding:
		return &schemas.FieldError{Field: "routing",
			Message: fmt.Sprintf("%s does not go with presence offline, as who is not signed in is "+
				"offered no interaction and has none; right would be routing off_queue, or another presence", r)}
	case schemas.RoutingNone, schemas.RoutingUnknown, schemas.RoutingOffQueue:
	}
	return nil
}

// ContradictionFinding reports a change whose own values contradict each other, once for each source, agent and kind of
// contradiction; instant and text are those of the latest. It is nil for every other change.
func ContradictionFinding(c *schemas.Change) *schemas.Finding {
	wrong := Contradiction(c.Presence, c.Status, c.Routing)
	if wrong == nil {
		return nil
	}
	return &schemas.Finding{
		ID:      schemas.HashID(schemas.FindingContradiction, c.Source, c.AgentID, wrong.Field),
		Kind:    schemas.FindingContradiction,
		Source:  c.Source,
		AgentID: c.AgentID,
		At:      c.At,
		Detail:  wrong.Error(),
	}
}
