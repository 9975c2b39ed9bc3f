package schemas

// Correction takes time out of the sum or forces it to count as in (domain.md section 5 rule 1). Where corrections
// overlap, the one recorded later decides.
type Correction struct {
	ID         string  `json:"id,omitempty"`
	AgentID    string  `json:"agent_id,omitempty"`
	Start      Instant `json:"start"`
	End        Instant `json:"end"`
	Effect     Effect  `json:"effect"`
	Reason     string  `json:"reason,omitempty"`
	RecordedAt Instant `json:"recorded_at,omitempty"`
	RecordedBy string  `json:"recorded_by,omitempty"`
}

// Gap is a stretch in which a feed told nothing (domain.md section 3). An empty AgentID means all agents of the source.
// Fields are the fields that the feed supplies and that are therefore unknown; zero means all three. A gap is taken back
// by a new record with the same ID and Retracted set.
type Gap struct {
	ID         string  `json:"id,omitempty"`
	Source     string  `json:"source,omitempty"`
	AgentID    string  `json:"agent_id,omitempty"`
	Start      Instant `json:"start"`
	End        Instant `json:"end"`
	Fields     Fields  `json:"fields,omitempty"`
	RecordedAt Instant `json:"recorded_at,omitempty"`
	Retracted  bool    `json:"retracted,omitempty"`
}

// Feed is what a source says of itself. CompleteUpTo is 0 until it said so; Fields are the fields that it declared to
// supply, 0 without a declaration; LastSeen is its last change or heartbeat.
type Feed struct {
	Source       string  `json:"source"`
	CompleteUpTo Instant `json:"complete_up_to"`
	LastSeen     Instant `json:"last_seen"`
	Fields       Fields  `json:"fields,omitempty"`
	RecordedAt   Instant `json:"recorded_at"`
}
