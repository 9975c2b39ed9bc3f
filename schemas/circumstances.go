package schemas

// AgentSource says what one feed has reported on one agent: First is, for presence, status and routing, the instant of
// the first fact that named the field (0 for never), Last that of the last fact.
type AgentSource struct {
	AgentID string
	Source  string
	First   [3]Instant `ch:"presence_since,status_since,routing_since"`
	Last    Instant    `ch:"last_at"`
}

// Circumstances are the small tables that a judgement needs besides facts and schedules, as they were recorded by one
// instant: they fit into memory for a whole organisation.
type Circumstances struct {
	// Members are the roster rows, by agent and From.
	Members []Membership
	// Policies are all versions of the rules.
	Policies []PolicyVersion
	// Corrections in force, in the order in which they were recorded.
	Corrections []Correction
	// Gaps that were not retracted.
	Gaps []Gap
	// Feeds as they last described themselves.
	Feeds []Feed
	// Sources say which feed has reported on whom.
	Sources []AgentSource
}
