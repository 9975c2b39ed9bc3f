package schemas

// BeforeJSON is what a final day said before it was restated, as programs read it.
type BeforeJSON struct {
	AdherencePercent *float64 `json:"adherence_percent"`
	AdherenceReason  *Reason  `json:"adherence_reason"`
	CoveragePercent  *float64 `json:"coverage_percent"`
	ScheduledS       Seconds  `json:"scheduled_s"`
	InS              Seconds  `json:"in_s"`
	ToleratedS       Seconds  `json:"tolerated_s"`
	OutS             Seconds  `json:"out_s"`
	NeutralS         Seconds  `json:"neutral_s"`
	IgnoredS         Seconds  `json:"ignored_s"`
	UnknownS         Seconds  `json:"unknown_s"`
	KnownAt          Instant  `json:"known_at"`
}

// JSON returns the figures as programs read them; nil for none.
func (b *DayBefore) JSON() *BeforeJSON {
	if b == nil {
		return nil
	}
	d := AgentDay{Sums: b.Sums, AdherenceReason: b.AdherenceReason, Absent: b.Absent}
	j := d.JSON()
	return &BeforeJSON{j.AdherencePercent, j.AdherenceReason, j.CoveragePercent, j.ScheduledS, j.InS, j.ToleratedS, j.OutS,
		j.NeutralS, j.IgnoredS, j.UnknownS, b.KnownAt}
}

// DayHistoryJSON is a stored day with what it said before it was restated, and how far its feeds are complete.
type DayHistoryJSON struct {
	DayRowJSON
	// Before is null unless the day is restated.
	Before *BeforeJSON `json:"before"`
	// CompleteUpTo is how far each feed that has reported on the agent is complete; null where the feed never said.
	CompleteUpTo map[string]*Instant `json:"complete_up_to"`
}
