package schemas

// DayRow is an agent-day as it is stored: the judged day with what it was judged by.
type DayRow struct {
	AgentDay
	// Name, Team, Site and TimeZone are those of the roster row in force on the day; empty for an agent of no roster.
	Name, Team, Site, TimeZone string
	State                      DayState
	// Policy is the id of the policy version that was in force; empty for the default rules.
	Policy string
	// KnownAt is the instant up to which inputs were taken into account. It is the version of the stored row: a slow
	// older run never beats a newer one.
	KnownAt    Instant
	ComputedAt Instant
	// AsOf is the instant after which nothing was counted.
	AsOf Instant
	// Before is what a final day said before it changed; nil unless State is restated.
	Before *DayBefore
}

// DayBefore is what a final day said before it was restated.
type DayBefore struct {
	Sums
	AdherenceReason Reason
	Absent          bool
	KnownAt         Instant
}

// PolicyVersion is one dated version of the rules for a scope: the whole organisation (both empty), a site, or a team.
// It is in force from the local date From until another version of the same scope; a team's goes before its site's, a
// site's before the organisation's. Rules is the policy document as JSON (RULES.md section 11).
type PolicyVersion struct {
	ID         string  `json:"id"`
	Team       string  `json:"team,omitempty"`
	Site       string  `json:"site,omitempty"`
	From       Date    `json:"from" ch:"from_day"`
	Rules      string  `json:"rules"`
	RecordedAt Instant `json:"recorded_at"`
	Actor      string  `json:"actor"`
}
