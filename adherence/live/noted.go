package live

import "rollcall/schemas"

// noted is a note to colleagues and the instant of the fact that it comes from, or that has ended it.
type noted struct {
	text string
	at   schemas.Instant
}

// under returns what is left of the note under the agent's facts, which are in order: a fact after it that reports
// another presence or status ends it, one that repeats what is known does not.
func (n noted) under(facts []schemas.Fact) noted {
	var was schemas.Fact
	for i := range facts {
		f := &facts[i]
		changes := f.Presence != schemas.PresenceNone && f.Presence != was.Presence ||
			f.Status != schemas.StatusNone && (f.Status != was.Status || f.Secondary != was.Secondary)
		if changes && f.At > n.at && n.text != "" {
			return noted{at: f.At}
		}
		if f.Presence != schemas.PresenceNone {
			was.Presence = f.Presence
		}
		if f.Status != schemas.StatusNone {
			was.Status, was.Secondary = f.Status, f.Secondary
		}
	}
	return n
}
