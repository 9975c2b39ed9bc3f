package adherence_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The naive judge: a second, deliberately slow and obvious reading of
// RULES.md sections 3 to 6 and its fine print, by someone who had not read
// the production judge. It cuts time at every instant at which anything could
// change and judges every slice from scratch.

type nJudge struct {
	c       nCase
	zone    *time.Location
	facts   []nFact
	absent  map[string]bool
	acts    []nActivity
	shifts  []nShift
	shiftOf []int
	slices  []nSlice
}

// nSlice is a stretch in which nothing changes, and what is said about it.
type nSlice struct {
	start, end nInstant
	act        int // index in nJudge.acts, or outside
	day        string
	state      nState
	onQueue    bool
	correction string // effect of the correction that counts, or ""
	credited   bool   // a contact is credited
	verdict    string // in, out, neutral, ignored, unknown; "" outside the schedule
	forced     bool   // in by a correction
}

const outside = -1

func (s nSlice) length() nSeconds { return nSeconds(s.end - s.start) }

// naiveJudge judges one case and answers what `adherence evaluate` prints.
func naiveJudge(caseJSON []byte) (nResult, error) {
	var c nCase
	if err := json.Unmarshal(caseJSON, &c); err != nil {
		return nResult{}, err
	}
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return nResult{}, err
	}
	j := &nJudge{c: c, zone: zone, facts: factsInOrder(c), absent: absentFields(c)}
	j.acts = slices.Clone(c.Schedule)
	slices.SortFunc(j.acts, func(a, b nActivity) int { return int(a.Start - b.Start) })
	for i := 1; i < len(j.acts); i++ {
		if j.acts[i].Start < j.acts[i-1].End {
			return nResult{}, fmt.Errorf("activities overlap at %v", j.acts[i].Start)
		}
	}
	j.buildShifts()
	j.cutSlices()
	for i := range j.slices {
		j.judgeSlice(i)
	}
	return nResult{Name: c.Name, Days: j.days()}, nil
}

// cutSlices cuts at every instant at which anything could change, up to as_of
// ("nothing after it is counted").
func (j *nJudge) cutSlices() {
	var cuts []nInstant
	for _, a := range j.acts {
		cuts = append(cuts, a.Start, a.End)
	}
	for _, f := range j.facts {
		cuts = append(cuts, f.At, f.At+j.c.Policy.carryForward(), f.At+longestAbsence)
	}
	for _, s := range j.c.Complete {
		cuts = append(cuts, s.UpTo+j.c.Policy.carryForward())
	}
	for _, g := range j.c.Gaps {
		cuts = append(cuts, g.Start, g.End)
	}
	for _, x := range j.c.Corrections {
		cuts = append(cuts, x.Start, x.End)
	}
	for _, a := range j.shifts {
		cuts = append(cuts, a.start-j.c.Policy.shiftGap(), a.end+j.c.Policy.shiftGap())
		for _, b := range j.shifts {
			cuts = append(cuts, halfWay(a, b))
		}
	}
	if len(cuts) == 0 {
		return
	}
	cuts = append(cuts, j.c.AsOf)
	cuts = append(cuts, j.midnights(slices.Min(cuts), j.c.AsOf)...)
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	for i := 1; i < len(cuts) && cuts[i] <= j.c.AsOf; i++ {
		j.slices = append(j.slices, nSlice{start: cuts[i-1], end: cuts[i]})
	}
}

// judgeSlice is section 5, rules 1 to 5. Slices are judged in order, so that a
// contact can be followed backwards.
func (j *nJudge) judgeSlice(i int) {
	s := &j.slices[i]
	s.act = outside
	for k, a := range j.acts {
		if a.Start <= s.start && s.start < a.End {
			s.act = k
		}
	}
	s.state = j.stateAt(s.start)
	s.onQueue = onQueue(s.state)
	// "of overlapping corrections the one recorded later"; fine print: "In a case
	// the later correction line is the one recorded later."
	for _, x := range j.c.Corrections {
		if x.Start <= s.start && s.start < x.End {
			s.correction = x.Effect
		}
	}
	s.credited = j.creditedContact(i)
	if s.act == outside {
		s.day = j.dayOutside(s.start)
		return
	}
	s.day = j.dayInSchedule(s.act, s.start)
	a := j.acts[s.act]
	m := j.match(a, s.state)
	switch {
	case s.correction == "in": // rule 1
		s.verdict, s.forced = "in", true
	case s.correction == "neutral": // rule 1
		s.verdict = "neutral"
	case j.ignored(a): // rule 2
		s.verdict = "ignored"
	case m == dunno: // rule 3
		s.verdict = "unknown"
	case m == yes, s.credited: // rule 4
		s.verdict = "in"
	default: // rule 5
		s.verdict = "out"
	}
}

// ignored is rule 2: "its category or code is ignored by the policy".
func (j *nJudge) ignored(a nActivity) bool {
	return slices.Contains(j.c.Policy.ignoredCategories(), a.Category) ||
		a.Code != "" && slices.Contains(j.c.Policy.IgnoredCodes, a.Code)
}

// creditedContact is rule 4: "credit_contact is set and a contact that began
// under an earlier activity of the shift still lasts"; fine print: "Time off in
// no shift has ... no contact credit" and "Outside the schedule a contact is
// credited if it began under any activity".
func (j *nJudge) creditedContact(i int) bool {
	if !isSet(j.c.Policy.CreditContact) || !inContact(j.slices[i]) {
		return false
	}
	// "A contact is an unbroken stretch of interacting or communicating."
	began := i
	for began > 0 && inContact(j.slices[began-1]) {
		began--
	}
	here, there := j.slices[i].act, j.slices[began].act
	if there == outside {
		return false
	}
	if here == outside {
		return true
	}
	return there != here && j.shiftOf[here] != noShift && j.shiftOf[there] == j.shiftOf[here]
}

func inContact(s nSlice) bool { return slices.Contains(contacts, s.state.routing) }
