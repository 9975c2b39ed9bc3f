package schemas

// StaffingPart is one stored interval of one team at one site (RULES.md section 8, table staffing_intervals): sums over
// heads in milliseconds, as reports.StaffingInterval names them.
type StaffingPart struct {
	Team, Site string
	Interval   `ch:"start_at"`
	// KnownAt is the instant of the run that worked it out; the latest counts.
	KnownAt                                Instant
	ScheduledMS, ActualMS, ContactMS       int64
	PlannedMS, PlannedShrinkMS             int64
	PastMS, LostMS, UnknownMS              int64
	AdheredMS, CountedMS, LateMS, AbsentMS int64
}
