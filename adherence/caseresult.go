package adherence

import (
	"encoding/json"
	"strconv"

	"rollcall/schemas"
)

// CaseResult is a judged case. It marshals to the one-line JSON of interfaces.md, "Evaluation case": lengths in seconds,
// with decimals only for milliseconds; percentages of two decimals, or null with a reason.
type CaseResult struct {
	Name string
	Days []schemas.AgentDay
}

// MarshalJSON writes name and days.
func (r CaseResult) MarshalJSON() ([]byte, error) {
	doc := struct {
		Name string    `json:"name"`
		Days []caseDay `json:"days"`
	}{r.Name, make([]caseDay, len(r.Days))}
	for i := range r.Days {
		doc.Days[i] = makeCaseDay(&r.Days[i])
	}
	return json.Marshal(doc)
}

// seconds are milliseconds that are written as seconds: 10800000 is 10800, 1500 is 1.5.
type seconds int64

// MarshalJSON writes no more decimals than are needed.
func (s seconds) MarshalJSON() ([]byte, error) {
	out := strconv.AppendInt(nil, int64(s)/schemas.SecondMS, 10)
	if ms := int64(s) % schemas.SecondMS; ms != 0 {
		digits := strconv.Itoa(int(schemas.SecondMS + ms))[1:]
		for digits[len(digits)-1] == '0' {
			digits = digits[:len(digits)-1]
		}
		out = append(append(out, '.'), digits...)
	}
	return out, nil
}

// word is a value of the vocabulary that is null where there is none.
type word string

// MarshalJSON writes the word, or null.
func (w word) MarshalJSON() ([]byte, error) {
	if w == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(w))
}

// caseDay has the fields of a day in the order of interfaces.md.
type caseDay struct {
	Day                  schemas.Date    `json:"day"`
	AdherencePercent     *float64        `json:"adherence_percent"`
	AdherenceReason      word            `json:"adherence_reason"`
	ConformancePercent   *float64        `json:"conformance_percent"`
	ConformanceReason    word            `json:"conformance_reason"`
	CoveragePercent      *float64        `json:"coverage_percent"`
	Scheduled            seconds         `json:"scheduled_s"`
	In                   seconds         `json:"in_s"`
	Tolerated            seconds         `json:"tolerated_s"`
	Out                  seconds         `json:"out_s"`
	Neutral              seconds         `json:"neutral_s"`
	Ignored              seconds         `json:"ignored_s"`
	Unknown              seconds         `json:"unknown_s"`
	Outside              seconds         `json:"outside_s"`
	UnscheduledOnQueue   seconds         `json:"unscheduled_on_queue_s"`
	ConformanceScheduled seconds         `json:"conformance_scheduled_s"`
	ConformanceActual    seconds         `json:"conformance_actual_s"`
	ExceptionCount       int             `json:"exception_count"`
	Exceptions           []caseException `json:"exceptions"`
}

type caseException struct {
	Start             schemas.Instant  `json:"start"`
	End               schemas.Instant  `json:"end"`
	ScheduledCategory schemas.Category `json:"scheduled_category"`
	Kind              schemas.Kind     `json:"kind"`
	Seconds           seconds          `json:"seconds"`
	Parts             []casePart       `json:"parts"`
}

// casePart is a part of an exception; a field that is absent is null, one that is not known "unknown".
type casePart struct {
	Start    schemas.Instant `json:"start"`
	End      schemas.Instant `json:"end"`
	Presence word            `json:"presence"`
	Status   word            `json:"status"`
	Routing  word            `json:"routing"`
	Impact   schemas.Impact  `json:"impact"`
}

func makeCaseDay(d *schemas.AgentDay) caseDay {
	c := caseDay{
		Day: d.Day, AdherencePercent: shown(d.Adherence()), AdherenceReason: word(d.AdherenceReason.String()),
		ConformancePercent: shown(d.Conformance()), ConformanceReason: word(d.ConformanceReason.String()),
		CoveragePercent: shown(d.Coverage()),
		Scheduled:       seconds(d.ScheduledMS), In: seconds(d.InMS), Tolerated: seconds(d.ToleratedMS), Out: seconds(d.OutMS),
		Neutral: seconds(d.NeutralMS), Ignored: seconds(d.IgnoredMS), Unknown: seconds(d.UnknownMS),
		Outside: seconds(d.OutsideMS), UnscheduledOnQueue: seconds(d.UnscheduledOnQueueMS),
		ConformanceScheduled: seconds(d.ConformanceScheduledMS), ConformanceActual: seconds(d.ConformanceActualMS),
		ExceptionCount: len(d.Exceptions), Exceptions: make([]caseException, len(d.Exceptions)),
	}
	for i := range d.Exceptions {
		c.Exceptions[i] = makeCaseException(&d.Exceptions[i])
	}
	return c
}

func makeCaseException(e *schemas.Exception) caseException {
	c := caseException{Start: e.Start, End: e.End, ScheduledCategory: e.Category, Kind: e.Kind, Seconds: seconds(e.MS),
		Parts: make([]casePart, len(e.Parts))}
	for i := range e.Parts {
		p := &e.Parts[i]
		c.Parts[i] = casePart{p.Start, p.End, word(p.State.Presence.String()), word(p.State.Status.String()),
			word(p.State.Routing.String()), p.Impact}
	}
	return c
}

// shown gives a percentage as it is written, nil where there is none.
func shown(p schemas.Percent) *float64 {
	v, ok := p.Value()
	if !ok {
		return nil
	}
	return &v
}
