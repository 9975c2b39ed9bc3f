package batch

import (
	"fmt"

	"rollcall/schemas"
)

// Explained is one agent-day with everything that made its figures, as programs read it.
type Explained struct {
	AgentID   string          `json:"agent_id"`
	AgentName string          `json:"agent_name"`
	Team      string          `json:"team"`
	Site      string          `json:"site"`
	TimeZone  string          `json:"time_zone"`
	Policy    PolicyUsed      `json:"policy"`
	AsOf      schemas.Instant `json:"as_of"`
	schemas.DayJSON
	// Sum adds the intervals up; AddsUp says that it equals the figures above, to the millisecond.
	Sum    IntervalSum `json:"sum"`
	AddsUp bool        `json:"adds_up"`
	// Stored is the figure that lists and reports show, null when the day was never stored; Agrees says that it is the
	// same, Note says what to do when it is not.
	Stored *StoredDay `json:"stored"`
	Agrees bool       `json:"agrees"`
	Note   string     `json:"note"`
	// CompleteUpTo tells of each feed of the agent how far it is complete, null where it never said.
	CompleteUpTo map[string]*schemas.Instant `json:"complete_up_to"`
	Exceptions   []schemas.ExceptionJSON     `json:"exceptions"`
	Intervals    []ExplainedInterval         `json:"intervals"`
}

// PolicyUsed names the version of the rules; an empty id is the default rules.
type PolicyUsed struct {
	ID   string        `json:"id"`
	Team string        `json:"team"`
	Site string        `json:"site"`
	From *schemas.Date `json:"from"`
}

// IntervalSum is what the intervals add up to.
type IntervalSum struct {
	ScheduledS            schemas.Seconds `json:"scheduled_s"`
	InS                   schemas.Seconds `json:"in_s"`
	ToleratedS            schemas.Seconds `json:"tolerated_s"`
	OutS                  schemas.Seconds `json:"out_s"`
	NeutralS              schemas.Seconds `json:"neutral_s"`
	IgnoredS              schemas.Seconds `json:"ignored_s"`
	UnknownS              schemas.Seconds `json:"unknown_s"`
	OutsideS              schemas.Seconds `json:"outside_s"`
	UnscheduledOnQueueS   schemas.Seconds `json:"unscheduled_on_queue_s"`
	ConformanceScheduledS schemas.Seconds `json:"conformance_scheduled_s"`
	ConformanceActualS    schemas.Seconds `json:"conformance_actual_s"`
}

func sumOf(n *schemas.Sums) IntervalSum {
	return IntervalSum{schemas.Seconds(n.ScheduledMS), schemas.Seconds(n.InMS), schemas.Seconds(n.ToleratedMS), schemas.Seconds(n.OutMS),
		schemas.Seconds(n.NeutralMS), schemas.Seconds(n.IgnoredMS), schemas.Seconds(n.UnknownMS), schemas.Seconds(n.OutsideMS),
		schemas.Seconds(n.UnscheduledOnQueueMS), schemas.Seconds(n.ConformanceScheduledMS), schemas.Seconds(n.ConformanceActualMS)}
}

// StoredDay is the stored figure of the day.
type StoredDay struct {
	AdherencePercent *float64            `json:"adherence_percent"`
	AdherenceReason  *schemas.Reason     `json:"adherence_reason"`
	State            schemas.DayState    `json:"state"`
	Policy           string              `json:"policy"`
	KnownAt          schemas.Instant     `json:"known_at"`
	ComputedAt       schemas.Instant     `json:"computed_at"`
	AsOf             schemas.Instant     `json:"as_of"`
	Before           *schemas.BeforeJSON `json:"before"`
}

// ExplainedInterval is one stretch with one verdict for one reason. From and To are local times of the agent.
type ExplainedInterval struct {
	From    string          `json:"from"`
	To      string          `json:"to"`
	Seconds schemas.Seconds `json:"seconds"`
	// ScheduledCategory is unscheduled outside every activity.
	ScheduledCategory schemas.Category `json:"scheduled_category"`
	ScheduledCode     string           `json:"scheduled_code"`
	Presence          schemas.Presence `json:"presence"`
	Status            schemas.Status   `json:"status"`
	Routing           schemas.Routing  `json:"routing"`
	Secondary         string           `json:"secondary"`
	OnQueue           bool             `json:"on_queue"`
	Verdict           schemas.Verdict  `json:"verdict"`
	Kind              schemas.Kind     `json:"kind"`
	// Rule is the rule of RULES.md section 5 that decided, such as domain rule 4; Because is what it found.
	Rule    string `json:"rule"`
	Because string `json:"because"`
	Policy  string `json:"policy"`
	// Revision, File and Line tell where the scheduled activity came from.
	Revision string `json:"revision"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	// Correction is the id of the decision that covers the stretch.
	Correction string   `json:"correction"`
	Gaps       []string `json:"gaps"`
	// Before are the facts that made the state, After is the next one, null where there is none yet.
	Before []FactUsed `json:"before"`
	After  *FactUsed  `json:"after"`
}

// FactUsed names a status change by its key, with what it said.
type FactUsed struct {
	Source     string           `json:"source"`
	ID         string           `json:"id"`
	At         schemas.Instant  `json:"at"`
	ReceivedAt schemas.Instant  `json:"received_at"`
	Presence   schemas.Presence `json:"presence,omitempty"`
	Status     schemas.Status   `json:"status,omitempty"`
	Routing    schemas.Routing  `json:"routing,omitempty"`
	Secondary  string           `json:"secondary,omitempty"`
	Raw        string           `json:"raw,omitempty"`
}

// explained writes everything down.
func (x *explaining) explained(settleMS int64) *Explained {
	d := &x.why.Day
	e := &Explained{AgentID: x.agent, TimeZone: x.zone.Name(), AsOf: x.input.AsOf, DayJSON: d.JSON(), Sum: sumOf(&x.why.Sums),
		AddsUp: x.why.Sums == d.Sums, Exceptions: []schemas.ExceptionJSON{}}
	if m := x.member; m != nil {
		e.AgentName, e.Team, e.Site = m.Name, m.Team, m.Site
	}
	if p := x.policy; p != nil {
		e.Policy = PolicyUsed{p.ID, p.Team, p.Site, &p.From}
	}
	for i := range d.Exceptions {
		e.Exceptions = append(e.Exceptions, d.Exceptions[i].JSON())
	}
	e.CompleteUpTo = x.known.CompleteByFeed(x.agent)
	x.compare(e)
	e.Intervals = make([]ExplainedInterval, len(x.why.Steps))
	for i := range x.why.Steps {
		e.Intervals[i] = x.interval(i)
	}
	return e
}

// compare sets the stored figure beside the explained one.
func (x *explaining) compare(e *Explained) {
	if x.stored == nil {
		e.Note = "nothing is stored of this day yet; `rollcall compute` stores it"
		return
	}
	j := x.stored.JSON(Against)
	e.Stored = &StoredDay{j.AdherencePercent, j.AdherenceReason, x.stored.State, x.stored.Policy, x.stored.KnownAt, x.stored.ComputedAt,
		x.stored.AsOf, x.stored.Before.JSON()}
	agrees := x.storedPrint == x.why.Day.Fingerprint() && x.stored.Sums == x.why.Day.Sums
	if x.knownAt != 0 && !agrees {
		e.Note = fmt.Sprintf("this is what was known at %s; the stored figure is by what was known at %s", x.knownAt, x.stored.KnownAt)
		return
	}
	if e.Agrees = agrees; !e.Agrees {
		e.Note = fmt.Sprintf("the stored figure is older: it was judged at %s by what was known then, up to %s; `rollcall compute` judges it again",
			x.stored.ComputedAt, x.stored.AsOf)
	}
}

// interval writes one step down.
func (x *explaining) interval(i int) ExplainedInterval {
	s := &x.why.Steps[i]
	v := ExplainedInterval{From: x.zone.Format(s.Start), To: x.zone.Format(s.End), Seconds: schemas.Seconds(s.MS()),
		ScheduledCategory: schemas.CategoryUnscheduled, Presence: s.State.Presence, Status: s.State.Status, Routing: s.State.Routing,
		Secondary: s.State.Secondary, OnQueue: s.OnQueue, Verdict: s.Verdict, Kind: s.Kind, Because: s.Because, Policy: x.policyID(),
		Gaps: []string{}, Before: []FactUsed{}, Rule: "domain section 6"}
	if s.Rule > 0 {
		v.Rule = fmt.Sprintf("domain rule %d", s.Rule)
	}
	if s.Activity >= 0 {
		a := &x.why.Day.Activities[s.Activity]
		v.ScheduledCategory, v.ScheduledCode, v.Line = a.Category, a.Code, a.Line
		v.Revision = x.origins[a.Start]
		v.File = x.revisions[v.Revision].Origin
	}
	if s.Correction >= 0 {
		v.Correction = x.input.Corrections[s.Correction].Unit()
	}
	for _, g := range s.Gaps {
		v.Gaps = append(v.Gaps, x.input.Gaps[g].ID)
		v.Because += fmt.Sprintf(" (%s)", x.input.Gaps[g].Source)
	}
	for _, f := range s.Before {
		v.Before = append(v.Before, x.fact(f))
	}
	if s.After >= 0 {
		after := x.fact(s.After)
		v.After = &after
	}
	return v
}

func (x *explaining) fact(i int) FactUsed {
	c := &x.changes[i]
	return FactUsed{c.Source, c.ID, c.At, c.ReceivedAt, c.Presence, c.Status, c.Routing, c.Secondary, c.Raw}
}
