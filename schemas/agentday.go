package schemas

import "math/big"

// JudgedInterval is one stretch of a day in which scheduled activity, actual state and verdict are constant. Activity
// is the index of its scheduled activity in AgentDay.Activities, -1 outside the schedule. OnQueue says whether it
// counts as on-queue time.
type JudgedInterval struct {
	Start, End Instant
	Activity   int32
	State      State
	Verdict    Verdict
	OnQueue    bool
}

// Part is a stretch of an exception in which actual state and impact are constant.
type Part struct {
	Start, End Instant
	State      State
	Impact     Impact
}

// Exception is what tolerance and threshold left of one maximal run of out time inside one activity, clipped to the day
// that lists it (RULES.md section 5 rule 8).
type Exception struct {
	Start, End Instant
	// Category and Code are those of the scheduled activity; unscheduled and empty outside.
	Category Category
	Code     string
	Kind     Kind
	MS       int64
	Parts    []Part
}

// Sums are the lengths of a day in milliseconds (RULES.md section 6). Always
// Scheduled = In + Tolerated + Out + Neutral + Ignored + Unknown.
type Sums struct {
	ScheduledMS, InMS, ToleratedMS, OutMS, NeutralMS, IgnoredMS, UnknownMS int64
	// OutsideMS is exception time outside the schedule, when the policy counts it.
	OutsideMS int64
	// UnscheduledOnQueueMS is on-queue time outside the schedule that belongs to the day.
	UnscheduledOnQueueMS int64
	// ConformanceScheduledMS and ConformanceActualMS are the two sides of conformance.
	ConformanceScheduledMS, ConformanceActualMS int64
}

// AgentDay is the judged day of one agent.
type AgentDay struct {
	AgentID string
	Day     Date
	Sums
	// Absent says that the agent is known to have been offline throughout. With the policy absent_counts both
	// percentages are then 0 and the reasons are none; else the reasons say absent.
	Absent            bool
	AdherenceReason   Reason
	ConformanceReason Reason
	// Activities are the scheduled activities of the day, whole, in order.
	Activities []Activity
	Intervals  []JudgedInterval
	Exceptions []Exception
	// Overruled counts, by source, the changes that did not count because another source is preferred and said something
	// else (RULES.md section 3). It is no figure: neither hash nor fingerprint depends on it.
	Overruled []Overruled
}

// Overruled is how many changes of a source did not count.
type Overruled struct {
	Source  string `json:"source"`
	Changes uint32 `json:"changes"`
}

// OverruledDays is for how many days what did not count is added up.
const OverruledDays Date = 30

// OverruledSource is how many changes of a source did not count over a stretch of days, and of how many agents.
type OverruledSource struct {
	Source  string
	Changes uint64
	Agents  uint64
}

// Percent is a quotient of two lengths times 100 that may not exist.
type Percent struct {
	Num, Den int64
	// Reason says why it does not exist; none when it does.
	Reason Reason
}

// Value returns the percentage rounded to two decimals, half away from zero (RULES.md section 6), and whether it
// exists. The rounding is done on integers, so that no binary fraction can tip it.
func (p Percent) Value() (float64, bool) {
	if p.Reason != ReasonNone || p.Den <= 0 {
		return 0, false
	}
	n := new(big.Int).Mul(big.NewInt(p.Num), big.NewInt(20000))
	d := big.NewInt(p.Den)
	n.Add(n, d).Div(n, new(big.Int).Mul(d, big.NewInt(2)))
	return float64(n.Int64()) / 100, true
}

// Adherence returns (in + tolerated) / counted * 100, or its reason (RULES.md section 6).
func (d *AgentDay) Adherence() Percent {
	p := Percent{Num: d.InMS + d.ToleratedMS, Den: d.InMS + d.ToleratedMS + d.OutMS + d.OutsideMS,
		Reason: d.AdherenceReason}
	if d.Absent && p.Reason == ReasonNone {
		// absent_counts makes it 0 even where none of the day could be judged.
		p.Num, p.Den = 0, max(p.Den, 1)
	}
	return p
}

// Coverage returns (scheduled - ignored - unknown) / (scheduled - ignored) * 100; it does not exist, without a reason,
// when scheduled = ignored.
func (d *AgentDay) Coverage() Percent {
	return Percent{Num: d.ScheduledMS - d.IgnoredMS - d.UnknownMS, Den: d.ScheduledMS - d.IgnoredMS}
}

// Conformance returns on-queue time / scheduled on-queue time * 100, or its reason.
func (d *AgentDay) Conformance() Percent {
	p := Percent{Num: d.ConformanceActualMS, Den: d.ConformanceScheduledMS, Reason: d.ConformanceReason}
	if d.Absent && p.Reason == ReasonNone {
		p.Num = 0
	}
	return p
}
