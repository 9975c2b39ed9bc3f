package adherence

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"rollcall/schemas"
)

// Step is a stretch of a day with one verdict for one reason.
type Step struct {
	schemas.Interval
	// Activity is the scheduled activity, whole; nil outside the schedule.
	Activity *schemas.Activity
	State    schemas.State
	OnQueue  bool
	Verdict  schemas.Verdict
	// Kind is that of the exception which the stretch is a part of.
	Kind schemas.Kind
	// Rule is the rule of RULES.md section 5 that decided, 1 to 7; 0 outside the schedule, where section 6 does.
	Rule int
	// Because says what the rule looked at and found.
	Because string
	// Correction is the one that decides; nil without one.
	Correction *schemas.Correction
	// Gaps are those that make a field of the rule unknown.
	Gaps []schemas.Gap
	// Before are the indexes among Input.Facts of the facts that made the state at Start, in order of time; Overruled
	// those of later facts that do not count, because another source is preferred. After is that of the first fact at or
	// after End, -1 for none up to as_of.
	Before, Overruled []int
	After             int
	// OnQueueDue and OnQueueDone say whether the stretch is on the scheduled and on the actual side of conformance.
	OnQueueDue, OnQueueDone bool
}

// Explanation is a judged day cut into steps. Sums adds the steps up: it equals the sums of Day, to the millisecond.
type Explanation struct {
	Day   schemas.AgentDay
	Steps []Step
	Sums  schemas.Sums
}

// Explain judges one day of the input as Days does and says of every stretch which rule decided it and why. The second
// result is false when the day does not exist. What Day holds is valid until the next call, as with Days; the steps are
// their own.
func (j *Judge) Explain(in *Input, day schemas.Date) (*Explanation, bool, error) {
	one := *in
	one.From, one.To = day, day
	days, err := j.Days(&one, nil)
	if err != nil || len(days) == 0 {
		return nil, false, err
	}
	e := &Explanation{Day: days[0]}
	wanted := j.slotOf(day)
	for i := range j.atoms {
		a := &j.atoms[i]
		p := &j.plots[a.plot]
		if p.slot != wanted || p.act == outside && !worthListing(a, p) {
			continue
		}
		e.append(j.step(i))
	}
	var sum slot
	for i := range e.Steps {
		s := &e.Steps[i]
		s.Before, s.Overruled = j.factsBehind(s.Start)
		s.After = factAfter(one.Facts, s.Interval, one.AsOf)
		sum.addStep(s)
	}
	e.Sums = sum.sums()
	return e, true, nil
}

// append adds a step, or lengthens the last one when nothing but the time differs.
func (e *Explanation) append(s Step) {
	if n := len(e.Steps); n > 0 {
		last := &e.Steps[n-1]
		longer := *last
		if longer.Interval = s.Interval; last.End == s.Start && reflect.DeepEqual(longer, s) {
			last.End = s.End
			return
		}
	}
	e.Steps = append(e.Steps, s)
}

// addStep adds a step to the sums of its day (RULES.md section 6).
func (s *slot) addStep(t *Step) {
	ms := t.MS()
	s.byVerdict[t.Verdict] += ms
	if t.OnQueueDue {
		s.onQueueWork += ms
	}
	if t.OnQueueDone {
		s.onQueueTotal += ms
	}
	if t.Activity == nil && t.OnQueue {
		s.unscheduledOnQueue += ms
	}
}

// step explains one atom of the judged day.
func (j *Judge) step(i int) Step {
	a := &j.atoms[i]
	p := &j.plots[a.plot]
	s := Step{Interval: schemas.Interval{Start: a.start, End: a.end}, State: j.stateOf(a), OnQueue: a.onQueue,
		Verdict: a.verdict, Correction: j.correctionAt(a.start)}
	if p.act == outside {
		s.OnQueueDone = a.onQueue && p.near
		j.explainOutside(&s, i)
		return s
	}
	s.Activity = &j.in.Activities[p.act]
	if a.verdict <= schemas.VerdictOut {
		s.OnQueueDue, s.OnQueueDone = j.acts[p.act].onQueueWork, a.onQueue
	}
	j.explainScheduled(&s, i)
	return s
}

// correctionAt finds the correction that decides at an instant: of those that cover it the one recorded last (rule 1).
func (j *Judge) correctionAt(at schemas.Instant) *schemas.Correction {
	for i := len(j.in.Corrections) - 1; i >= 0; i-- {
		if c := &j.in.Corrections[i]; c.Start <= at && at < c.End {
			return c
		}
	}
	return nil
}

// explainScheduled names the first rule that matched.
func (j *Judge) explainScheduled(s *Step, i int) {
	a := &j.atoms[i]
	act := j.plots[a.plot].act
	activity := &j.in.Activities[act]
	switch {
	case s.Correction != nil:
		s.Rule, s.Because = 1, correctionWords(s.Correction)
	case a.verdict == schemas.VerdictIgnored && j.rules.ignored[activity.Category]:
		s.Rule, s.Because = 2, fmt.Sprintf("%s is not judged", plain(activity.Category))
	case a.verdict == schemas.VerdictIgnored:
		s.Rule, s.Because = 2, fmt.Sprintf("%q is not judged", activity.Code)
	case a.verdict == schemas.VerdictUnknown:
		s.Rule = 3
		s.Because = j.whyUnknown(s, a, act)
	case a.verdict == schemas.VerdictIn && j.matches(i, act):
		s.Rule, s.Because = 4, fmt.Sprintf("%s matches: %s%s", plain(activity.Category), j.rules.lineText(activity),
			j.leftOut(a, act))
	case a.verdict == schemas.VerdictIn:
		s.Rule, s.Because = 4, "a contact that began under an earlier activity of the shift still lasts, and is credited"
	case a.verdict == schemas.VerdictTolerated:
		j.whyTolerated(s, i)
	default:
		s.Rule, s.Kind = 5, j.kindAt(i)
		s.Because = fmt.Sprintf("%s does not match: %s%s; %s", plain(activity.Category), j.rules.lineText(activity),
			j.leftOut(a, act), plain(s.Kind))
	}
}

// plain writes a word of the schema as people do: on_queue_work is on queue work.
func plain(word fmt.Stringer) string { return strings.ReplaceAll(word.String(), "_", " ") }

// correctionWords says what a correction does, and why it was made.
func correctionWords(c *schemas.Correction) string {
	text := "a correction leaves it out"
	if c.Effect == schemas.EffectIn {
		text = "a correction counts it as adhering"
	}
	if c.Reason != "" {
		text += ": " + c.Reason
	}
	return text
}

// explainOutside says what time outside the schedule counts for.
func (j *Judge) explainOutside(s *Step, i int) {
	a := &j.atoms[i]
	switch {
	case a.verdict == schemas.VerdictOutside:
		s.Kind = j.kindAt(i)
		s.Because = "on queue outside the schedule, which counts as a deviation"
	case !a.onQueue:
		s.Because = "not on queue outside the schedule: counts nowhere"
	case s.Correction != nil && j.rules.policy.OutsideShift == schemas.OutsideException:
		s.Because = "on queue outside the schedule, which would count as a deviation; " + correctionWords(s.Correction)
	case s.OnQueueDone:
		s.Because = "on queue outside the schedule: counts for conformance"
	default:
		s.Because = fmt.Sprintf("on queue without a schedule: more than %s away from a shift",
			lengthWords(j.rules.policy.ShiftGapMS))
	}
	if j.rules.policy.OutsideShift != schemas.OutsideException {
		s.Correction = nil
	}
}

// kindAt returns the kind of the exception that an atom is a part of.
func (j *Judge) kindAt(i int) schemas.Kind {
	k := slices.IndexFunc(j.runs, func(r run) bool { return r.first <= i && i < r.end })
	if k < 0 {
		return schemas.KindNone
	}
	return j.kindOn(&j.runs[k], j.plots[j.atoms[i].plot].slot)
}

// whyTolerated works out again what rule 6 left of the run around an atom, by the judge's own steps.
func (j *Judge) whyTolerated(s *Step, i int) {
	r, mode := j.runAround(i), j.rules.policy.ToleranceMode
	whole := j.whole(&r)
	e := j.edgesOf(&r, whole)
	if left := e.leave(whole, mode); !left.Empty() && s.Overlaps(left) {
		s.Rule = 7
		s.Because = fmt.Sprintf("%s of deviation: less than %s is tolerated", lengthWords(left.MS()),
			lengthWords(j.rules.policy.ExceptionThresholdMS))
		return
	}
	s.Rule = 6
	atStart := mode == schemas.ForgiveShort && whole.MS() <= e.startMS || mode == schemas.AlwaysCredit &&
		s.Start < whole.Start.Add(e.startMS)
	s.Because = fmt.Sprintf("%s; the deviation lasts %s", j.edgeText(&r, &e, atStart), lengthWords(whole.MS()))
	if mode == schemas.AlwaysCredit {
		s.Because += ", and that much of it is tolerated"
	}
}

// edgeText says what is tolerated at an edge of a run: by this activity, or by the one before or after.
func (j *Judge) edgeText(r *run, e *edges, atStart bool) string {
	acts, allowed := j.in.Activities, &j.rules.edges
	own := allowed[acts[r.act].Category]
	switch {
	case atStart && e.startMS > own.StartLateMS:
		return fmt.Sprintf("the %s before may end %s late", plain(acts[r.act-1].Category), lengthWords(e.startMS))
	case atStart:
		return fmt.Sprintf("%s may start %s late", plain(acts[r.act].Category), lengthWords(e.startMS))
	case e.endMS > own.EndEarlyMS:
		return fmt.Sprintf("the %s after may start %s early", plain(acts[r.act+1].Category), lengthWords(e.endMS))
	}
	return fmt.Sprintf("%s may end %s early", plain(acts[r.act].Category), lengthWords(e.endMS))
}

// runAround returns the whole run that an atom belongs to, what was tolerated of it included.
func (j *Judge) runAround(i int) run {
	r := run{act: j.plots[j.atoms[i].plot].act, first: i, end: i + 1}
	deviates := func(k int) bool {
		v := j.atoms[k].verdict
		return j.plots[j.atoms[k].plot].act == r.act && (v == schemas.VerdictOut || v == schemas.VerdictTolerated)
	}
	for r.first > 0 && deviates(r.first-1) {
		r.first--
	}
	for r.end < len(j.atoms) && deviates(r.end) {
		r.end++
	}
	return r
}

// mentions returns the fields that decide a rule in some state: those whose value can change what its line says.
func (l *rule) mentions() (out [3]bool) {
	for _, a := range l.alternatives {
		for f, named := range [3]bool{a.presence != 0, a.status != 0 || a.secondary != nil, a.routing != 0} {
			out[f] = out[f] || named
		}
	}
	for c := range l.table {
		for f, bits := range fieldBits {
			rest := code(c) &^ bits
			out[f] = out[f] || l.table[c] != l.table[rest] && rest != code(c)
		}
	}
	return out
}

// leftOut says which fields of the rule no feed supplies, so that it was decided without them.
func (j *Judge) leftOut(a *atom, act int32) string {
	var names []string
	for f, mentioned := range j.acts[act].line.mentions() {
		if mentioned && a.state&fieldBits[f] == 0 {
			names = append(names, schemas.FieldNames[f])
		}
	}
	if names == nil {
		return ""
	}
	return " (no feed supplies " + listed(names) + ")"
}

// factAfter returns the place of the first fact at or after the end of a stretch, -1 for none up to as_of.
func factAfter(facts []schemas.Fact, v schemas.Interval, asOf schemas.Instant) int {
	i, _ := slices.BinarySearchFunc(facts, v.End, func(f schemas.Fact, at schemas.Instant) int { return int(f.At - at) })
	if i < len(facts) && facts[i].At <= asOf {
		return i
	}
	return -1
}

// lineText says in words what the rules ask of an activity (RULES.md section 5 rule 4).
func (r *Rules) lineText(a *schemas.Activity) string {
	if _, mapped := r.byCode[a.Code]; mapped {
		return fmt.Sprintf("what the policy asks of %q", a.Code)
	}
	if _, mapped := r.policy.Mapping[a.Category.String()]; mapped {
		return "what the policy asks of it"
	}
	switch {
	case a.Category == schemas.CategoryOnQueueWork && r.policy.OnQueueRule == schemas.OnQueueEither:
		return "on queue by status or by routing"
	case a.Category == schemas.CategoryOnQueueWork:
		return "on queue by status and by routing"
	case a.Category == schemas.CategoryTimeOff || a.Category == schemas.CategoryUnavailable:
		return "presence away or offline"
	case r.policy.OffQueueEquivalent:
		return "any status but available, presence not offline"
	case a.Category == schemas.CategoryOffQueueWork:
		return "status off queue, presence available or busy"
	}
	return "status " + namesake(a.Category).String()
}
