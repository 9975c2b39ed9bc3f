package batch

import (
	"fmt"
	"strings"

	"rollcall/adherence"
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
	// CompleteUpTo is how far each feed of the agent is complete, null where it never said.
	CompleteUpTo map[string]*schemas.Instant `json:"complete_up_to"`
	// Overruled counts, by source, the changes that did not count because another source is preferred and said something
	// else.
	Overruled  []schemas.Overruled     `json:"overruled"`
	Exceptions []schemas.ExceptionJSON `json:"exceptions"`
	Intervals  []ExplainedInterval     `json:"intervals"`
}

// PolicyUsed names the version of the rules; an empty id is the default rules.
type PolicyUsed struct {
	ID   string        `json:"id"`
	Team string        `json:"team"`
	Site string        `json:"site"`
	From *schemas.Date `json:"from"`
}

// IntervalSum is what the intervals add up to.
type IntervalSum struct{ schemas.SumsJSON }

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
	// Revision, File and Line say where the scheduled activity came from.
	Revision string `json:"revision"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	// Correction is the id of the decision that covers the stretch.
	Correction string   `json:"correction"`
	Gaps       []string `json:"gaps"`
	// Before are the facts that made the state, After is the next one, null where there is none yet.
	Before []FactUsed `json:"before"`
	After  *FactUsed  `json:"after"`
	// Overruled are later facts that do not count, because another source is preferred.
	Overruled []FactUsed `json:"overruled,omitempty"`
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

// JSON returns the explanation as programs read it.
func (e *Explanation) JSON() *Explained {
	d := &e.Day
	out := &Explained{
		AgentID:      d.AgentID,
		TimeZone:     e.Zone.Name(),
		AsOf:         e.AsOf,
		DayJSON:      d.JSON(),
		Sum:          IntervalSum{e.Sums.JSON()},
		AddsUp:       e.AddsUp(),
		Stored:       storedJSON(e.Stored),
		Agrees:       e.Agrees,
		Note:         e.Note,
		CompleteUpTo: e.CompleteUpTo,
		Overruled:    append([]schemas.Overruled{}, d.Overruled...),
		Exceptions:   make([]schemas.ExceptionJSON, len(d.Exceptions)),
		Intervals:    make([]ExplainedInterval, len(e.Steps)),
	}
	if m := e.Member; m != nil {
		out.AgentName, out.Team, out.Site = m.Name, m.Team, m.Site
	}
	if p := e.Policy; p != nil {
		out.Policy = PolicyUsed{p.ID, p.Team, p.Site, &p.From}
	}
	for i := range d.Exceptions {
		out.Exceptions[i] = d.Exceptions[i].JSON()
	}
	for i := range e.Steps {
		out.Intervals[i] = e.interval(&e.Steps[i])
	}
	return out
}

func storedJSON(d *schemas.DayRow) *StoredDay {
	if d == nil {
		return nil
	}
	j := d.JSON(Against)
	return &StoredDay{j.AdherencePercent, j.AdherenceReason, d.State, d.Policy, d.KnownAt, d.ComputedAt, d.AsOf,
		d.Before.JSON()}
}

// interval returns one step as programs read it.
func (e *Explanation) interval(s *adherence.Step) ExplainedInterval {
	v := ExplainedInterval{
		From:              e.Zone.Format(s.Start),
		To:                e.Zone.Format(s.End),
		Seconds:           schemas.Seconds(s.MS()),
		ScheduledCategory: schemas.CategoryUnscheduled,
		Presence:          s.State.Presence,
		Status:            s.State.Status,
		Routing:           s.State.Routing,
		Secondary:         s.State.Secondary,
		OnQueue:           s.OnQueue,
		Verdict:           s.Verdict,
		Kind:              s.Kind,
		Because:           e.Because(s),
		Policy:            e.policyID(),
		Gaps:              []string{},
		Before:            []FactUsed{},
		Rule:              "domain section 6",
	}
	if s.Rule > 0 {
		v.Rule = fmt.Sprintf("domain rule %d", s.Rule)
	}
	if a := s.Activity; a != nil {
		r := e.Revision(a)
		v.ScheduledCategory, v.ScheduledCode, v.Line, v.Revision, v.File = a.Category, a.Code, a.Line, r.ID, r.Origin
	}
	if s.Correction != nil {
		v.Correction = s.Correction.Unit()
	}
	for _, g := range s.Gaps {
		v.Gaps = append(v.Gaps, g.ID)
	}
	for _, f := range s.Before {
		v.Before = append(v.Before, e.fact(f))
	}
	for _, f := range s.Overruled {
		v.Overruled = append(v.Overruled, e.fact(f))
	}
	if s.After >= 0 {
		after := e.fact(s.After)
		v.After = &after
	}
	return v
}

// Because returns why a step was judged as it was, with the texts that nobody has said the meaning of, and the sources
// that said something later that does not count.
func (e *Explanation) Because(s *adherence.Step) string {
	because := s.Because
	add := func(format, word string) {
		if more := "; " + fmt.Sprintf(format, word); !strings.Contains(because, more) {
			because += more
		}
	}
	for _, f := range s.Before {
		if s.Verdict != schemas.VerdictUnknown || e.Changes[f].Raw == "" {
			continue
		}
		for raw := range strings.SplitSeq(e.Changes[f].Raw, "; ") {
			if field, text, _ := strings.Cut(raw, "="); unknown(&s.State, field) {
				add("%q has no meaning here yet", text)
			}
		}
	}
	for _, f := range s.Overruled {
		add("what %s said later does not count, because another source is preferred",
			schemas.SourceWords(e.Changes[f].Source))
	}
	return because
}

// unknown reports whether a field is unknown in a state.
func unknown(s *schemas.State, field string) bool {
	return field == schemas.FieldNames[0] && s.Presence == schemas.PresenceUnknown ||
		field == schemas.FieldNames[1] && s.Status == schemas.StatusUnknown ||
		field == schemas.FieldNames[2] && s.Routing == schemas.RoutingUnknown
}

func (e *Explanation) fact(i int) FactUsed {
	c := &e.Changes[i]
	return FactUsed{c.Source, c.ID, c.At, c.ReceivedAt, c.Presence, c.Status, c.Routing, c.Secondary, c.Raw}
}
