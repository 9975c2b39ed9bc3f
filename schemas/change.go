package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// MaxIDBytes is the longest agent id, in bytes (RULES.md section 1); sources and change ids keep to it too.
const MaxIDBytes = 128

// MaxNoteBytes is the longest note to colleagues that a change may carry.
const MaxNoteBytes = 1024

// Change is one status change, one fact: at instant At, Source saw AgentID take new values. A zero field is unchanged.
// The key of a fact is (Source, AgentID, At, ID); of several with one key the first receipt counts (RULES.md section
// 3).
type Change struct {
	ID       string   `json:"id,omitempty"`
	Source   string   `json:"source,omitempty"`
	AgentID  string   `json:"agent_id"`
	At       Instant  `json:"at"`
	Presence Presence `json:"presence,omitempty"`
	Status   Status   `json:"status,omitempty"`
	Routing  Routing  `json:"routing,omitempty"`
	// Secondary is the secondary status. A change that names a status and no secondary clears it.
	Secondary string `json:"secondary,omitempty"`
	// Note is what the agent says to colleagues.
	Note string `json:"note,omitempty"`
	// Raw has the texts of fields that could not be mapped, as "field=text" joined by "; "; their value is unknown.
	Raw string `json:"raw,omitempty"`
	// ReceivedAt is when the spool or the import took the fact: its recorded_at. It never runs backwards within a store.
	ReceivedAt Instant `json:"received_at,omitempty"`
}

// Fields returns the set of fields that the change names.
func (c *Change) Fields() Fields {
	var f Fields
	if c.Presence != PresenceNone {
		f |= FieldPresence
	}
	if c.Status != StatusNone {
		f |= FieldStatus
	}
	if c.Routing != RoutingNone {
		f |= FieldRouting
	}
	return f
}

// ContentID makes the id of a change that came without one from what it says, so that sending a file twice changes
// nothing: the HashID of source, agent, instant, states, raw text and note.
func (c *Change) ContentID() string {
	return HashID(c.Source, c.AgentID, strconv.FormatInt(int64(c.At), 10), c.Presence.String(), c.Status.String(),
		c.Routing.String(), c.Secondary, c.Raw, c.Note)
}

// HashID makes an id from texts: 32 hex digits of SHA-256 over them, each after its length, so that the same texts
// always have the same id.
func HashID(texts ...string) string {
	var room [512]byte
	b := room[:0]
	for _, s := range texts {
		b = append(append(strconv.AppendInt(b, int64(len(s)), 10), ':'), s...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// FieldError is a value that breaks a rule: which field, what is wrong with the value, what would be right.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error joins field and message.
func (e *FieldError) Error() string { return e.Field + ": " + e.Message }

// CheckID reports whether s can be an id in the named field: 1 to MaxIDBytes bytes of UTF-8 without control characters.
func CheckID(field, s string) *FieldError {
	switch {
	case s == "":
		return &FieldError{field, "is missing; give 1 to 128 bytes"}
	case len(s) > MaxIDBytes:
		return &FieldError{field, fmt.Sprintf("has %d bytes (%.20q…); at most %d are allowed", len(s), s, MaxIDBytes)}
	}
	return checkText(field, s)
}

func checkText(field, s string) *FieldError {
	if !utf8.ValidString(s) {
		return &FieldError{field, fmt.Sprintf("is not UTF-8 (%q); send UTF-8", s)}
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return &FieldError{field, fmt.Sprintf("holds a control character (%q); leave it out", s)}
		}
	}
	return nil
}

// Check returns the first rule that the change breaks, or nil: ids, an `at` from 2000-01-01 to now + 1 h, and at least
// one of the three states. now is the instant of receipt.
func (c *Change) Check(now Instant) *FieldError {
	if e := CheckID("agent_id", c.AgentID); e != nil {
		return e
	}
	if e := CheckID("source", c.Source); e != nil {
		return e
	}
	if c.ID != "" {
		if e := CheckID("id", c.ID); e != nil {
			return e
		}
	}
	if c.At < MinInstant || c.At > now.Add(HourMS) {
		return &FieldError{"at", fmt.Sprintf("%s is out of range; at must lie between %s and an hour from now", c.At,
			MinInstant)}
	}
	if c.Fields() == 0 {
		return &FieldError{"presence", "none of presence, status and routing is given; name at least one"}
	}
	return c.checkTexts()
}

func (c *Change) checkTexts() *FieldError {
	if c.Secondary != "" && c.Status == StatusNone {
		return &FieldError{"secondary",
			fmt.Sprintf("%q is given without a status; name the status that it belongs to", c.Secondary)}
	}
	for _, f := range []struct {
		name, text string
		limit      int
	}{{"secondary", c.Secondary, MaxIDBytes}, {"note", c.Note, MaxNoteBytes}} {
		if len(f.text) > f.limit {
			return &FieldError{f.name, fmt.Sprintf("has %d bytes; at most %d are allowed", len(f.text), f.limit)}
		}
		if !utf8.ValidString(f.text) {
			return &FieldError{f.name, "is not UTF-8; send UTF-8"}
		}
	}
	return nil
}
