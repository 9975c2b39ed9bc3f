package schemas

import (
	"slices"
	"strings"
)

// The fields of a Meaning.
const (
	MeaningPresence = "presence"
	MeaningStatus   = "status"
	MeaningRouting  = "routing"
)

// Meaning is a decision of the organisation: what a state text that feeds send in a field stands for. Texts are
// compared like labels of secondary statuses: as they are, else by their letters and digits, ignoring case.
type Meaning struct {
	// Field is where the text stands: presence, status or routing.
	Field string
	Text  string
	// Presence, with or without a Status, is what a presence text stands for; Routing what a routing text does. A status
	// text stands for a Status and becomes the label of a secondary status (SecondaryStatus), which is how it is stored.
	Presence   Presence
	Status     Status
	Routing    Routing
	RecordedAt Instant
}

// Words lists the states that the text stands for, such as "busy, meeting".
func (m *Meaning) Words() string {
	words := []string{m.Presence.String(), m.Status.String(), m.Routing.String()}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ", ")
}

// Check returns the first rule that the meaning breaks, or nil. A text means one of our states, not unknown.
func (m *Meaning) Check() *FieldError {
	if e := CheckID("text", m.Text); e != nil {
		return e
	}
	switch m.Field {
	case MeaningPresence:
		if m.Presence <= PresenceUnknown || m.Status == StatusUnknown || m.Routing != RoutingNone {
			return &FieldError{"presence",
				"a presence text stands for available, busy, away or offline, with a status if you like"}
		}
	case MeaningStatus:
		if m.Status <= StatusUnknown || m.Presence != PresenceNone || m.Routing != RoutingNone {
			return &FieldError{"status", "a status text stands for available, break, meal, meeting, training or off_queue"}
		}
	case MeaningRouting:
		if m.Routing <= RoutingUnknown || m.Presence != PresenceNone || m.Status != StatusNone {
			return &FieldError{"routing",
				"a routing text stands for off_queue, idle, interacting, communicating or not_responding"}
		}
	default:
		return &FieldError{"field", "is none of presence, status and routing"}
	}
	return nil
}
