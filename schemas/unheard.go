package schemas

// Unheard says which silent feeds leave an agent's state unknown, and what counts when they report again (RULES.md
// section 3: a fact inside a gap, and the last fact before it, hold again from its end).
type Unheard struct {
	// Feeds are those that are silent and report on the agent, by source; none means that nothing is left unknown by
	// silence.
	Feeds []UnheardFeed
	// Kept is what was last said of presence and status, by whomever; SaidAt is when the later of the two was said.
	Kept   State
	SaidAt Instant
}

// UnheardFeed is one silent feed: since when, and which fields of the agent it supplies, which are unknown meanwhile.
type UnheardFeed struct {
	Source string
	Since  Instant
	Fields Fields
}
