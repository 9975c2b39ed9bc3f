package schemas

// JournalKind is what sort of write a journal row is of.
type JournalKind string

// The kinds of writes. Those that can change a judged day name agents and range (RULES.md section 10); the others are
// audit trail only.
const (
	JournalChanges     JournalKind = "status_changes"
	JournalGaps        JournalKind = "feed_gaps"
	JournalComplete    JournalKind = "feed_complete"
	JournalSchedule    JournalKind = "schedule"
	JournalRoster      JournalKind = "roster"
	JournalActivities  JournalKind = "activities"
	JournalPolicy      JournalKind = "policy"
	JournalCorrection  JournalKind = "correction"
	JournalAccess      JournalKind = "access"
	JournalReport      JournalKind = "report"
	JournalRequirement JournalKind = "requirements"
	JournalJob         JournalKind = "job"
	JournalErasure     JournalKind = "erasure"
	JournalProfile     JournalKind = "profile"
)

// JournalRow is one write: dirty mark, live-store refresh and audit trail in one. Agents and
// Ranges go together: Ranges[i] is what may have changed for Agents[i]. No agents means every agent, within Range.
type JournalRow struct {
	ID         string      `json:"id"`
	RecordedAt Instant     `json:"recorded_at"`
	Actor      string      `json:"actor"`
	Origin     string      `json:"origin"`
	Kind       JournalKind `json:"kind"`
	Agents     []string    `json:"agents,omitempty"`
	Ranges     []Interval  `json:"ranges,omitempty" ch:"range_starts,range_ends"`
	// Range covers all of Ranges; empty (Start = End = 0) when the write can change no judged day.
	Range  Interval `json:"range" ch:"range_start,range_end"`
	Detail string   `json:"detail,omitempty"`
}

// Touch adds what may have changed for an agent.
func (r *JournalRow) Touch(agent string, v Interval) {
	r.Agents, r.Ranges, r.Range = append(r.Agents, agent), append(r.Ranges, v), r.Range.Hull(v)
}

// Finding is something stored or received that cannot be right, or that was not understood, stored for people to see:
// different content under one key, an unmapped status, an activity code that the store does not know.
type Finding struct {
	ID         string  `json:"id"`
	RecordedAt Instant `json:"recorded_at"`
	Kind       string  `json:"kind"`
	Source     string  `json:"source"`
	AgentID    string  `json:"agent_id"`
	At         Instant `json:"at"`
	Detail     string  `json:"detail"`
}

// The kinds of findings.
const (
	FindingConflict       = "conflict"        // different content under the key of a stored fact
	FindingUnmapped       = "unmapped"        // a state text that maps to nothing
	FindingContradiction  = "contradiction"   // presence, status and routing that cannot go together
	FindingUnknownAgent   = "unknown_agent"   // facts of an agent that no roster knows
	FindingBackwardsClock = "backwards_clock" // the clock of this machine ran backwards
)
