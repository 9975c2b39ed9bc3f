package schemas

import "fmt"

// LiveState is the judge's verdict of this moment about one agent (RULES.md section 7).
type LiveState uint8

// The values of LiveState.
const (
	LiveNone           LiveState = iota // not judged
	LiveInAdherence                     // does what is scheduled
	LiveOutOfAdherence                  // does something else
	LiveUnscheduled                     // nothing is scheduled now
	LiveUnknown                         // the feed does not say
	LiveIgnored                         // the policy ignores what is scheduled now
	LiveExcused                         // a correction covers this moment
)

var liveStateNames = []string{"", "in_adherence", "out_of_adherence", "unscheduled", "unknown", "ignored", "excused"}

// String returns the name.
func (v LiveState) String() string { return nameOf(liveStateNames, v) }

// MarshalText writes the name.
func (v LiveState) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *LiveState) UnmarshalText(b []byte) error { return readName(v, liveStateNames, b) }

// ParseLiveState reads the name, as UnmarshalText does.
func ParseLiveState(s string) (LiveState, error) { return valueOf[LiveState](liveStateNames, s) }

// LiveStateOf returns the live state that a verdict means. Tolerated counts as in; outside counts as out, because a
// policy that counts it makes it an exception.
func LiveStateOf(v Verdict) LiveState {
	switch v {
	case VerdictIn, VerdictTolerated:
		return LiveInAdherence
	case VerdictOut, VerdictOutside:
		return LiveOutOfAdherence
	case VerdictNeutral:
		return LiveExcused
	case VerdictIgnored:
		return LiveIgnored
	case VerdictUnknown:
		return LiveUnknown
	case VerdictNone:
		return LiveUnscheduled
	}
	panic(fmt.Sprintf("verdict %d has no live state", v))
}

// LiveSince says since when each state field has had its value; 0 where that is not known.
type LiveSince struct {
	Presence Instant `json:"presence,omitempty" doc:"since when the presence has been what it is"`
	Status   Instant `json:"status,omitempty" doc:"since when the status has been what it is"`
	Routing  Instant `json:"routing,omitempty" doc:"since when the routing status has been what it is"`
}

// LiveActivity is a scheduled activity as a board shows it, whole: [Start, End).
type LiveActivity struct {
	Code     string   `json:"code" doc:"the activity's name, such as Team huddle"`
	Category Category `json:"category" doc:"what kind of time it is"`
	Start    Instant  `json:"start" doc:"its first instant"`
	End      Instant  `json:"end" doc:"its end, no longer part of it"`
}

// LiveAgent is what is known of one agent at this moment. A board never alters one
// that it has handed out: a change makes a new one.
type LiveAgent struct {
	AgentID string `json:"agent_id" doc:"the agent"`
	Name    string `json:"name" doc:"the name in the roster"`
	Team    string `json:"team,omitempty" doc:"the team in the roster row now in force"`
	Site    string `json:"site,omitempty" doc:"the site in the roster row now in force"`
	// TimeZone is the IANA name of the roster row in force; empty where there is none.
	TimeZone  string    `json:"time_zone,omitempty" doc:"the agent's zone, an IANA name"`
	Presence  Presence  `json:"presence,omitempty" doc:"general availability; absent where no feed supplies it"`
	Status    Status    `json:"status,omitempty" doc:"routing availability"`
	Routing   Routing   `json:"routing,omitempty" doc:"what the routing engine observes"`
	Secondary string    `json:"secondary,omitempty" doc:"the organisation's own label under the status"`
	Since     LiveSince `json:"since" doc:"since when, field by field"`
	Routable  bool      `json:"routable" doc:"whether work may be offered now"`
	// NotRoutableBecause is a sentence part such as "status is break"; empty while Routable.
	NotRoutableBecause string `json:"not_routable_because,omitempty" doc:"why no work may be offered"`
	// Scheduled is the activity of this instant, Next the first that starts after it; nil where there is none.
	Scheduled      *LiveActivity `json:"scheduled,omitempty" doc:"the activity of this moment; absent where nothing is scheduled"`
	Next           *LiveActivity `json:"next,omitempty" doc:"the next activity"`
	AdherenceState LiveState     `json:"adherence_state" doc:"the judge's verdict of this moment"`
	// AdherenceSince is the instant from which AdherenceState has held; 0 where that is not known.
	AdherenceSince Instant `json:"adherence_since,omitempty" doc:"since when the verdict has held"`
	Severe         bool    `json:"severe" doc:"out of adherence for longer than the policy's severe_after"`
	Note           string  `json:"note,omitempty" doc:"what the agent tells colleagues"`
	// AsOf is the instant for which the row holds. A board sets it when the row is made; a reader who was sent a later
	// LiveChanges.AsOf shows that one.
	AsOf Instant `json:"as_of" doc:"the instant for which all this holds"`

	// Version is the number of the board's change that made this row; Moved that of the change that last altered Team,
	// Site or Gone, at most Version.
	Version, Moved uint64 `json:"-"`
	// Gone says that the agent has left the roster: readers take it off the board.
	Gone bool `json:"-"`
}

// LiveChanges are the rows of a live board that changed after some version, each once and in its newest state.
type LiveChanges struct {
	// Life names this run of the board; versions of another life mean nothing.
	Life string
	// Version is the newest version that Rows take into account; pass it to ask for what comes after.
	Version uint64
	// AsOf is the instant for which the board holds, that is: no clock-driven change up to it is missing.
	AsOf Instant
	// Rows are in no particular order. Rows that are Gone are listed only when changes since a version were asked for.
	Rows []*LiveAgent
}
