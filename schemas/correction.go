package schemas

// Correction takes time of one agent out of the sum or forces it to count as in (RULES.md section 5 rule 1). Where
// corrections overlap, the one recorded later decides. Only granted ones count.
type Correction struct {
	ID string `json:"id,omitempty"`
	// Group is the decision that the correction belongs to: all corrections of one group are asked for, granted, refused
	// and reverted as one unit. Empty stands for a group of one that is called ID.
	Group      string           `json:"group,omitempty" ch:"group_id"`
	AgentID    string           `json:"agent_id,omitempty"`
	Start      Instant          `json:"start" ch:"start_at"`
	End        Instant          `json:"end" ch:"end_at"`
	Effect     Effect           `json:"effect"`
	Reason     string           `json:"reason,omitempty"`
	Status     CorrectionStatus `json:"status,omitempty"`
	RecordedAt Instant          `json:"recorded_at,omitempty"`
	// RecordedBy is who brought it to its status: who asked, granted, refused or reverted.
	RecordedBy string `json:"recorded_by,omitempty"`
	// RequestedBy and RequestedAt say who asked first, and when; empty for one that was granted at once.
	RequestedBy string  `json:"requested_by,omitempty"`
	RequestedAt Instant `json:"requested_at,omitempty"`
	// Note is what was said when it was granted, refused or reverted.
	Note string `json:"note,omitempty"`
}

// Unit returns the id of the decision that the correction belongs to.
func (c *Correction) Unit() string {
	if c.Group != "" {
		return c.Group
	}
	return c.ID
}

// CorrectionStatus is how far a correction has come. Only a granted one counts, which is the zero value.
type CorrectionStatus uint8

// The values of CorrectionStatus.
const (
	CorrectionGranted   CorrectionStatus = iota // in force
	CorrectionRequested                         // asked for by an agent, not decided
	CorrectionRefused                           // not granted
	CorrectionReverted                          // was granted and taken back
)

var correctionStatusNames = []string{"granted", "requested", "refused", "reverted"}

// String returns the name.
func (v CorrectionStatus) String() string { return nameOf(correctionStatusNames, v) }

// MarshalText writes the name.
func (v CorrectionStatus) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; another text is an error that lists the names and suggests the nearest.
func (v *CorrectionStatus) UnmarshalText(b []byte) error {
	return readName(v, correctionStatusNames, b)
}

// ParseCorrectionStatus reads the name, as UnmarshalText does.
func ParseCorrectionStatus(s string) (CorrectionStatus, error) {
	return valueOf[CorrectionStatus](correctionStatusNames, s)
}

// Gap is a stretch in which a feed was silent (RULES.md section 3). An empty AgentID means all agents of the source.
// Fields are the fields that the feed supplies and that are therefore unknown; zero means all three. A gap is taken
// back by a new record with the same ID and Retracted set.
type Gap struct {
	ID         string  `json:"id,omitempty"`
	Source     string  `json:"source,omitempty"`
	AgentID    string  `json:"agent_id,omitempty"`
	Start      Instant `json:"start" ch:"start_at"`
	End        Instant `json:"end" ch:"end_at"`
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
