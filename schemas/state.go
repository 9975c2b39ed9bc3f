package schemas

// Presence is the general availability of an agent across collaboration tools (RULES.md section 1). The zero value is
// not named: a change leaves the field as it was, a timeline has the field absent.
type Presence uint8

// The values of Presence.
const (
	PresenceNone      Presence = iota // not named; absent
	PresenceUnknown                   // nothing is known
	PresenceAvailable                 // there
	PresenceBusy                      // there, occupied
	PresenceAway                      // not at the workplace
	PresenceOffline                   // not signed in
)

var presenceNames = []string{"", "unknown", "available", "busy", "away", "offline"}

// String returns the name.
func (v Presence) String() string { return nameOf(presenceNames, v) }

// MarshalText writes the name.
func (v Presence) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *Presence) UnmarshalText(b []byte) error { return readName(v, presenceNames, b) }

// ParsePresence reads the name, as UnmarshalText does.
func ParsePresence(s string) (Presence, error) { return valueOf[Presence](presenceNames, s) }

// Status is the routing availability, what the agent says about taking interactions (RULES.md section 1). The zero
// value is not named: a change leaves the field as it was, a timeline has the field absent.
type Status uint8

// The values of Status.
const (
	StatusNone      Status = iota // not named; absent
	StatusUnknown                 // nothing is known
	StatusAvailable               // takes interactions
	StatusBreak                   // on a break
	StatusMeal                    // at a meal
	StatusMeeting                 // in a meeting
	StatusTraining                // in training
	StatusOffQueue                // works away from the queue
)

var statusNames = []string{"", "unknown", "available", "break", "meal", "meeting", "training", "off_queue"}

// String returns the name.
func (v Status) String() string { return nameOf(statusNames, v) }

// MarshalText writes the name.
func (v Status) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *Status) UnmarshalText(b []byte) error { return readName(v, statusNames, b) }

// ParseStatus reads the name, as UnmarshalText does.
func ParseStatus(s string) (Status, error) { return valueOf[Status](statusNames, s) }

// Routing is what the routing engine observes of an agent (RULES.md section 1). The zero value is not named: a change
// leaves the field as it was, a timeline has the field absent.
type Routing uint8

// The values of Routing.
const (
	RoutingNone          Routing = iota // not named; absent
	RoutingUnknown                      // nothing is known
	RoutingOffQueue                     // gets no interactions
	RoutingIdle                         // waits for one
	RoutingInteracting                  // handles one
	RoutingCommunicating                // handles one that may be interrupted
	RoutingNotResponding                // was offered one and did not answer
)

var routingNames = []string{"", "unknown", "off_queue", "idle", "interacting", "communicating", "not_responding"}

// String returns the name.
func (v Routing) String() string { return nameOf(routingNames, v) }

// MarshalText writes the name.
func (v Routing) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *Routing) UnmarshalText(b []byte) error { return readName(v, routingNames, b) }

// ParseRouting reads the name, as UnmarshalText does.
func ParseRouting(s string) (Routing, error) { return valueOf[Routing](routingNames, s) }

// Fields is a set of the three state fields.
type Fields uint8

// The state fields as a set.
const (
	FieldPresence Fields = 1 << iota
	FieldStatus
	FieldRouting
)

// AllFields holds the three fields.
const AllFields = FieldPresence | FieldStatus | FieldRouting

// FieldNames names the fields in the order of Fields.
var FieldNames = [3]string{"presence", "status", "routing"}

// Names lists the fields of the set.
func (f Fields) Names() []string {
	out := []string{}
	for i, name := range FieldNames {
		if f&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

// State is what is known of one agent at one instant. Secondary belongs to Status and is empty where none was named.
type State struct {
	Presence  Presence `json:"presence"`
	Status    Status   `json:"status"`
	Routing   Routing  `json:"routing"`
	Secondary string   `json:"secondary,omitempty"`
}
