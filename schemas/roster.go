package schemas

// Membership is one row of the roster: from From until before To (0 = open), the agent belongs to Team and Site, works
// in TimeZone and answers to Supervisor. Several rows of one agent are its dated membership.
type Membership struct {
	AgentID    string `json:"agent_id"`
	Name       string `json:"name"`
	Email      string `json:"email"`
	Team       string `json:"team"`
	Site       string `json:"site"`
	TimeZone   string `json:"time_zone"`
	Supervisor string `json:"supervisor"`
	// From and To are local dates of the agent's zone; To is the first date no longer included, 0 when open.
	From       Date    `json:"from" ch:"from_day"`
	To         Date    `json:"to" ch:"to_day"`
	RecordedAt Instant `json:"recorded_at"`
	// Removed marks what an undo leaves of an agent who was in no roster before: no membership at all.
	Removed bool `json:"removed,omitempty"`
}

// ActivityCode names a kind of activity and its category.
type ActivityCode struct {
	Code              string   `json:"code"`
	Category          Category `json:"category"`
	Paid              bool     `json:"paid"`
	CountsAsShrinkage bool     `json:"counts_as_shrinkage"`
	RecordedAt        Instant  `json:"recorded_at"`
	// Removed marks a code that is none any more, because its import was undone.
	Removed bool `json:"removed,omitempty"`
}

// SecondaryStatus is an organisation's own label under a primary status ("Coaching" under training).
type SecondaryStatus struct {
	Secondary  string  `json:"secondary"`
	Status     Status  `json:"status"`
	RecordedAt Instant `json:"recorded_at"`
	// Removed marks a label that is none any more, because its import was undone.
	Removed bool `json:"removed,omitempty"`
}

// ScheduleDay is what one revision says of one agent's local date: all shifts that start on it, or nothing (a
// tombstone, Removed). A revision replaces whole days (RULES.md section 4).
type ScheduleDay struct {
	AgentID    string     `json:"agent_id"`
	Day        Date       `json:"day"`
	Revision   string     `json:"revision"`
	RecordedAt Instant    `json:"recorded_at"`
	Removed    bool       `json:"removed,omitempty"`
	Activities []Activity `json:"activities"`
}

// Revision is one schedule import or undo. It is written last and makes its ScheduleDays visible.
type Revision struct {
	ID         string  `json:"id"`
	RecordedAt Instant `json:"recorded_at"`
	Actor      string  `json:"actor"`
	// Origin is the file's name, or the revision that was undone.
	Origin string `json:"origin"`
	Undoes string `json:"undoes,omitempty"`
	From   Date   `json:"from" ch:"from_day"`
	// To is the last date of the range, included.
	To            Date   `json:"to" ch:"to_day"`
	Agents        int    `json:"agents"`
	Activities    int    `json:"activities"`
	DaysChanged   int    `json:"days_changed"`
	DaysRemoved   int    `json:"days_removed"`
	DaysUnchanged int    `json:"days_unchanged"`
	FileHash      string `json:"file_hash"`
}
