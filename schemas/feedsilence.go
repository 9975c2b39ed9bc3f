package schemas

// FeedSilence says which silent feeds leave an agent's state unknown, and what counts when they report again (RULES.md
// section 3: a fact inside a gap, and the last fact before it, hold again from its end).
type FeedSilence struct {
	// Feeds are those that are silent and report on the agent, by source; none means that nothing is left unknown by
	// silence.
	Feeds []SilentFeed
	// Last is what was last said of presence and status, by whomever; SaidAt is when the later of the two was said.
	Last   State
	SaidAt Instant
}

// SilentFeed is one silent feed: since when, and which fields of the agent it supplies, which are unknown meanwhile.
type SilentFeed struct {
	Source string
	Since  Instant
	Fields Fields
}
