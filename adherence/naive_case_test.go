package adherence_test

import (
	"encoding/json"
	"fmt"
	"time"
)

// This file is the naive judge's own reading of RULES.md section
// 12: the input and the output shape. Nothing here is shared with the
// production judge, on purpose.

// nInstant is milliseconds since the epoch, UTC (RULES.md section 2).
type nInstant int64

func (t *nInstant) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return err
	}
	*t = nInstant(at.UnixMilli())
	return nil
}

func (t nInstant) String() string {
	u := time.UnixMilli(int64(t)).UTC()
	if t%1000 == 0 {
		return u.Format("2006-01-02T15:04:05Z")
	}
	return u.Format("2006-01-02T15:04:05.000Z")
}

func (t nInstant) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

// nDuration is a length in milliseconds; in JSON a Go duration ("90s").
type nDuration int64

func (d *nDuration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return err
	}
	*d = nDuration(v.Milliseconds())
	return nil
}

func (d nDuration) MarshalJSON() ([]byte, error) {
	return json.Marshal((time.Duration(d) * time.Millisecond).String())
}

type nCase struct {
	Name        string        `json:"name"`
	TimeZone    string        `json:"time_zone"`
	AsOf        nInstant      `json:"as_of"`
	Policy      nPolicy       `json:"policy"`
	Schedule    []nActivity   `json:"schedule"`
	Changes     []nFact       `json:"changes"`
	Corrections []nCorrection `json:"corrections,omitempty"`
	Gaps        []nGap        `json:"gaps,omitempty"`
	Complete    []nComplete   `json:"complete,omitempty"`
}

// nComplete is a source's statement of how far it is complete.
type nComplete struct {
	Source string   `json:"source,omitempty"`
	UpTo   nInstant `json:"up_to"`
}

type nActivity struct {
	Start    nInstant `json:"start"`
	End      nInstant `json:"end"`
	Category string   `json:"category"`
	Code     string   `json:"code,omitempty"`
	Shift    string   `json:"shift,omitempty"`
}

type nFact struct {
	ID        string   `json:"id,omitempty"`
	Source    string   `json:"source,omitempty"`
	At        nInstant `json:"at"`
	Presence  string   `json:"presence,omitempty"`
	Status    string   `json:"status,omitempty"`
	Routing   string   `json:"routing,omitempty"`
	Secondary string   `json:"secondary,omitempty"`
}

type nCorrection struct {
	Start  nInstant `json:"start"`
	End    nInstant `json:"end"`
	Effect string   `json:"effect"`
	Reason string   `json:"reason,omitempty"`
}

type nGap struct {
	Source string   `json:"source,omitempty"`
	Start  nInstant `json:"start"`
	End    nInstant `json:"end"`
}

type nPolicy struct {
	OnQueueRule        string                           `json:"on_queue_rule,omitempty"`
	OffQueueEquivalent *bool                            `json:"off_queue_equivalent,omitempty"`
	ExceptionThreshold *nDuration                       `json:"exception_threshold,omitempty"`
	Tolerance          map[string]map[string]nDuration  `json:"tolerance,omitempty"`
	ToleranceMode      string                           `json:"tolerance_mode,omitempty"`
	OutsideShift       string                           `json:"outside_shift,omitempty"`
	IgnoredCategories  *[]string                        `json:"ignored_categories,omitempty"`
	IgnoredCodes       []string                         `json:"ignored_codes,omitempty"`
	AbsentCounts       *bool                            `json:"absent_counts,omitempty"`
	CreditContact      *bool                            `json:"credit_contact,omitempty"`
	Day                string                           `json:"day,omitempty"`
	ShiftGap           *nDuration                       `json:"shift_gap,omitempty"`
	CarryForward       *nDuration                       `json:"carry_forward,omitempty"`
	SevereAfter        *nDuration                       `json:"severe_after,omitempty"`
	TargetPercent      *float64                         `json:"target_percent,omitempty"`
	Mapping            map[string][]map[string][]string `json:"mapping,omitempty"`
	Prefer             map[string][]string              `json:"prefer,omitempty"`
}

func isSet(b *bool) bool { return b != nil && *b }

func orElse(d *nDuration, otherwise time.Duration) nInstant {
	if d == nil {
		return nInstant(otherwise.Milliseconds())
	}
	return nInstant(*d)
}

func (p nPolicy) shiftGap() nInstant     { return orElse(p.ShiftGap, 2*time.Hour) }
func (p nPolicy) carryForward() nInstant { return orElse(p.CarryForward, 7*24*time.Hour) }
func (p nPolicy) threshold() nInstant    { return orElse(p.ExceptionThreshold, time.Second) }

// ignoredCategories: section 5, rule 2: "default [time_off, unavailable]: leave is not work; [] judges it".
func (p nPolicy) ignoredCategories() []string {
	if p.IgnoredCategories == nil {
		return []string{"time_off", "unavailable"}
	}
	return *p.IgnoredCategories
}

// edge is rule 6: "an edge not named under a category is taken from default, else 0".
func (p nPolicy) edge(category, edge string) nInstant {
	if d, ok := p.Tolerance[category][edge]; ok {
		return nInstant(d)
	}
	return nInstant(p.Tolerance["default"][edge])
}

type nResult struct {
	Name string `json:"name"`
	Days []nDay `json:"days"`
}

type nDay struct {
	Day                  string       `json:"day"`
	AdherencePercent     *float64     `json:"adherence_percent"`
	AdherenceReason      *string      `json:"adherence_reason"`
	ConformancePercent   *float64     `json:"conformance_percent"`
	ConformanceReason    *string      `json:"conformance_reason"`
	CoveragePercent      *float64     `json:"coverage_percent"`
	Scheduled            nSeconds     `json:"scheduled_s"`
	In                   nSeconds     `json:"in_s"`
	Tolerated            nSeconds     `json:"tolerated_s"`
	Out                  nSeconds     `json:"out_s"`
	Neutral              nSeconds     `json:"neutral_s"`
	Ignored              nSeconds     `json:"ignored_s"`
	Unknown              nSeconds     `json:"unknown_s"`
	Outside              nSeconds     `json:"outside_s"`
	UnscheduledOnQueue   nSeconds     `json:"unscheduled_on_queue_s"`
	ConformanceScheduled nSeconds     `json:"conformance_scheduled_s"`
	ConformanceActual    nSeconds     `json:"conformance_actual_s"`
	ExceptionCount       int          `json:"exception_count"`
	Exceptions           []nException `json:"exceptions"`
}

type nException struct {
	Start             nInstant `json:"start"`
	End               nInstant `json:"end"`
	ScheduledCategory string   `json:"scheduled_category"`
	Kind              string   `json:"kind"`
	Seconds           nSeconds `json:"seconds"`
	Parts             []nPart  `json:"parts"`
}

type nPart struct {
	Start    nInstant `json:"start"`
	End      nInstant `json:"end"`
	Presence nWord    `json:"presence"`
	Status   nWord    `json:"status"`
	Routing  nWord    `json:"routing"`
	Impact   string   `json:"impact"`
}

// nWord is a value of a state field; an absent one is written as null.
type nWord string

func (w nWord) MarshalJSON() ([]byte, error) {
	if w == absent {
		return []byte("null"), nil
	}
	return json.Marshal(string(w))
}

// nSeconds holds milliseconds and is written as seconds, with decimals only
// when there are milliseconds.
type nSeconds int64

func (s nSeconds) MarshalJSON() ([]byte, error) {
	if s%1000 == 0 {
		return fmt.Appendf(nil, "%d", int64(s/1000)), nil
	}
	return json.Marshal(float64(s) / 1000)
}

// percent rounds half away from zero to two decimals, from whole milliseconds
// (RULES.md section 6, first sentence).
func percent(part, whole nSeconds) *float64 {
	hundredths := (2*int64(part)*10000 + int64(whole)) / (2 * int64(whole))
	p := float64(hundredths) / 100
	return &p
}
