package schemas

// Seconds is a length of time in milliseconds that JSON shows in seconds: exact, with decimals only for milliseconds
// (RULES.md section 12).
type Seconds int64

// MarshalJSON writes 5400, 0.25 or -1.5.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return []byte(s.Text()), nil
}

// DayJSON is a judged day as programs read it, in the order and under the names of RULES.md section 12.
type DayJSON struct {
	Day                Date     `json:"day"`
	AdherencePercent   *float64 `json:"adherence_percent"`
	AdherenceReason    *Reason  `json:"adherence_reason"`
	ConformancePercent *float64 `json:"conformance_percent"`
	ConformanceReason  *Reason  `json:"conformance_reason"`
	CoveragePercent    *float64 `json:"coverage_percent"`
	SumsJSON
	ExceptionCount int `json:"exception_count"`
}

// SumsJSON are the lengths of a day as programs read them, named as in [DayFigures].
type SumsJSON struct {
	ScheduledS            Seconds `json:"scheduled_s"`
	InS                   Seconds `json:"in_s"`
	ToleratedS            Seconds `json:"tolerated_s"`
	OutS                  Seconds `json:"out_s"`
	NeutralS              Seconds `json:"neutral_s"`
	IgnoredS              Seconds `json:"ignored_s"`
	UnknownS              Seconds `json:"unknown_s"`
	OutsideS              Seconds `json:"outside_s"`
	UnscheduledOnQueueS   Seconds `json:"unscheduled_on_queue_s"`
	ConformanceScheduledS Seconds `json:"conformance_scheduled_s"`
	ConformanceActualS    Seconds `json:"conformance_actual_s"`
}

// ExceptionJSON is one exception as programs read it.
type ExceptionJSON struct {
	Start             Instant    `json:"start"`
	End               Instant    `json:"end"`
	ScheduledCategory Category   `json:"scheduled_category"`
	Kind              Kind       `json:"kind"`
	Seconds           Seconds    `json:"seconds"`
	Parts             []PartJSON `json:"parts"`
}

// PartJSON is one part of an exception as programs read it; a field that is absent is null, one that is not known is
// "unknown".
type PartJSON struct {
	Start    Instant   `json:"start"`
	End      Instant   `json:"end"`
	Presence *Presence `json:"presence"`
	Status   *Status   `json:"status"`
	Routing  *Routing  `json:"routing"`
	Impact   Impact    `json:"impact"`
}

// RowJSON are the fields that say of a result whose it is and what it was judged by.
type RowJSON struct {
	AgentID    string   `json:"agent_id"`
	AgentName  string   `json:"agent_name"`
	Team       string   `json:"team"`
	Site       string   `json:"site"`
	State      DayState `json:"state"`
	Against    string   `json:"against"`
	Policy     string   `json:"policy"`
	KnownAt    Instant  `json:"known_at"`
	ComputedAt Instant  `json:"computed_at"`
}

// DayRowJSON is one row of `adherence days` and of GET /adherence/days.
type DayRowJSON struct {
	RowJSON
	DayJSON
}

// ExceptionRowJSON is one row of `adherence exceptions` and of GET /adherence/exceptions.
type ExceptionRowJSON struct {
	RowJSON
	Day Date `json:"day"`
	ExceptionJSON
}

// JSON returns the stored day as programs read it; against names what it was judged against, such as current.
func (d *DayRow) JSON(against string) DayRowJSON {
	return DayRowJSON{d.row(against), d.AgentDay.JSON()}
}

// ExceptionsJSON returns the stored day's exceptions as programs read them.
func (d *DayRow) ExceptionsJSON(against string) []ExceptionRowJSON {
	rows := make([]ExceptionRowJSON, len(d.Exceptions))
	for i := range d.Exceptions {
		rows[i] = ExceptionRowJSON{d.row(against), d.Day, d.Exceptions[i].JSON()}
	}
	return rows
}

func (d *DayRow) row(against string) RowJSON {
	return RowJSON{
		AgentID:    d.AgentID,
		AgentName:  d.Name,
		Team:       d.Team,
		Site:       d.Site,
		State:      d.State,
		Against:    against,
		Policy:     d.Policy,
		KnownAt:    d.KnownAt,
		ComputedAt: d.ComputedAt,
	}
}

// JSON returns the lengths as programs read them.
func (s *Sums) JSON() SumsJSON {
	return SumsJSON{
		ScheduledS:            Seconds(s.ScheduledMS),
		InS:                   Seconds(s.InMS),
		ToleratedS:            Seconds(s.ToleratedMS),
		OutS:                  Seconds(s.OutMS),
		NeutralS:              Seconds(s.NeutralMS),
		IgnoredS:              Seconds(s.IgnoredMS),
		UnknownS:              Seconds(s.UnknownMS),
		OutsideS:              Seconds(s.OutsideMS),
		UnscheduledOnQueueS:   Seconds(s.UnscheduledOnQueueMS),
		ConformanceScheduledS: Seconds(s.ConformanceScheduledMS),
		ConformanceActualS:    Seconds(s.ConformanceActualMS),
	}
}

// JSON returns the day as programs read it, without its exceptions.
func (d *AgentDay) JSON() DayJSON {
	adherence, conformance, coverage := d.Adherence(), d.Conformance(), d.Coverage()
	return DayJSON{
		Day:                d.Day,
		AdherencePercent:   adherence.pointer(),
		AdherenceReason:    orNull(adherence.Reason),
		ConformancePercent: conformance.pointer(),
		ConformanceReason:  orNull(conformance.Reason),
		CoveragePercent:    coverage.pointer(),
		SumsJSON:           d.Sums.JSON(),
		ExceptionCount:     len(d.Exceptions),
	}
}

// JSON returns the exception as programs read it.
func (e *Exception) JSON() ExceptionJSON {
	parts := make([]PartJSON, len(e.Parts))
	for i, p := range e.Parts {
		parts[i] = PartJSON{p.Start, p.End, orNull(p.State.Presence), orNull(p.State.Status), orNull(p.State.Routing),
			p.Impact}
	}
	return ExceptionJSON{e.Start, e.End, e.Category, e.Kind, Seconds(e.MS), parts}
}

// pointer returns the rounded value, or nil when the percentage does not exist.
func (p Percent) pointer() *float64 {
	v, ok := p.Value()
	if !ok {
		return nil
	}
	return &v
}

// orNull returns nil for the zero value, which JSON writes as null.
func orNull[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}
