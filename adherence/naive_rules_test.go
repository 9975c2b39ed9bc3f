package adherence_test

import "slices"

// This file is the naive reading of RULES.md section 3 (what the state is at
// an instant) and of rules 3 and 4 of section 5 (does a state match an
// activity).

const (
	unknown = "unknown"
	absent  = "absent"
)

// nState is what is believed of an agent at one instant: a value, unknown or
// absent in each field. A secondary may also be "": known to be none.
type nState struct{ presence, status, routing, secondary string }

func (s nState) field(name string) string {
	switch name {
	case "presence":
		return s.presence
	case "status":
		return s.status
	case "routing":
		return s.routing
	case "secondary":
		return s.secondary
	}
	panic("no such field: " + name)
}

var (
	nPresences = []string{"available", "busy", "away", "offline"}
	nStatuses  = []string{"available", "break", "meal", "meeting", "training", "off_queue"}
	nRoutings  = []string{"off_queue", "idle", "interacting", "communicating", "not_responding"}
	onRouting  = []string{"idle", "interacting", "communicating"}
	contacts   = []string{"interacting", "communicating"}
)

// named: a text that stands for no known state counts as unknown (RULES.md section 3).
// (Section 3's "compare letters only" is about the names of Genesys Cloud.)
func named(raw string, known []string) string {
	if slices.Contains(known, raw) {
		return raw
	}
	return unknown
}

// factsInOrder: section 3: "Order of facts: at, then received_at ... (in a
// case file the order of lines is the order of receipt)"; "The key of a fact
// is (source, agent_id, at, id): the first receipt counts"; and
// a fact without an id gets one made from its content. Facts after
// as_of do not exist.
func factsInOrder(c nCase) []nFact {
	var kept []nFact
	seen := map[any]bool{}
	for _, f := range c.Changes {
		key := f
		if f.ID != "" {
			key = nFact{ID: f.ID, Source: f.Source, At: f.At}
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		if f.At <= c.AsOf {
			kept = append(kept, f)
		}
	}
	slices.SortStableFunc(kept, func(a, b nFact) int { return int(a.At - b.At) })
	return kept
}

// absentFields: section 3: "a field is absent ... in a case: if no line names
// it"; fine print: lines after as_of "still declare fields".
func absentFields(c nCase) map[string]bool {
	a := map[string]bool{"presence": true, "status": true, "routing": true}
	for _, f := range c.Changes {
		if f.Presence != "" {
			a["presence"] = false
		}
		if f.Status != "" {
			a["status"] = false
		}
		if f.Routing != "" {
			a["routing"] = false
		}
	}
	return a
}

// stateAt is section 3: the three step functions read at one instant.
func (j *nJudge) stateAt(t nInstant) nState {
	s := nState{presence: unknown, status: unknown, routing: unknown, secondary: unknown}
	if f := j.counts("presence", t); f != nil {
		s.presence = named(f.Presence, nPresences)
	}
	if f := j.counts("routing", t); f != nil {
		s.routing = named(f.Routing, nRoutings)
	}
	if f := j.counts("status", t); f != nil {
		s.status = named(f.Status, nStatuses)
		// "A fact that names a status without a secondary clears the secondary." "It is absent only where the status is,
		// and unknown where the status is."
		if s.status != unknown {
			s.secondary = f.Secondary
		}
	}
	if j.absent["presence"] {
		s.presence = absent
	}
	if j.absent["status"] {
		s.status, s.secondary = absent, absent
	}
	if j.absent["routing"] {
		s.routing = absent
	}
	return s
}

// value is what a fact says of a field, "" for nothing.
func (f nFact) value(field string) string {
	return map[string]string{"presence": f.Presence, "status": f.Status, "routing": f.Routing}[field]
}

// knows: a text that stands for no known state counts as unknown.
func (f nFact) knows(field string) bool {
	return named(f.value(field), map[string][]string{"presence": nPresences, "status": nStatuses,
		"routing": nRoutings}[field]) != unknown
}

// counts returns the fact whose value counts for a field at an instant; nil is unknown. "prefer: of the sources listed
// the first whose own facts know the field's value at that instant counts; only where none of them does, the facts of
// all other sources together (latest wins, as without prefer)."
func (j *nJudge) counts(field string, t nInstant) *nFact {
	listed, preferred := j.c.Policy.Prefer[field]
	if !preferred {
		if slices.ContainsFunc(j.c.Gaps, func(g nGap) bool { return g.covers(t) && j.supplies(g.Source, field) }) {
			return nil
		}
		return j.believed(field, t, func(string) bool { return true })
	}
	silent := func(source string) bool {
		return slices.ContainsFunc(j.c.Gaps, func(g nGap) bool {
			return g.covers(t) && (g.Source == "" || g.Source == source) && j.supplies(g.Source, field)
		})
	}
	for _, source := range listed {
		if silent(source) {
			continue
		}
		if f := j.believed(field, t, func(s string) bool { return s == source }); f != nil && f.knows(field) {
			return f
		}
	}
	// "self and supervisor count under prefer only if listed."
	return j.believed(field, t, func(s string) bool {
		return !slices.Contains(listed, s) && !silent(s) && s != "self" && s != "supervisor"
	})
}

func (g nGap) covers(t nInstant) bool { return g.Start <= t && t < g.End }

// supplies: "the fields that feed supplies": those that its lines name. A gap that names no feed, or one of which there
// is no line, is about all fields.
func (j *nJudge) supplies(source, field string) bool {
	some := false
	for _, f := range j.c.Changes {
		if source != "" && f.Source == source {
			some = true
			if f.value(field) != "" {
				return true
			}
		}
	}
	return !some
}

// longestAbsence: "at most 93 days after the fact".
const longestAbsence = nInstant(93 * 24 * 60 * 60 * 1000)

// believed returns the newest fact of some sources that names the field, while it is believed. "A fact is believed
// until the next one that names the field, but no longer than carry_forward." "While the newest presence of a fact's
// source is offline, its facts are believed until carry_forward past the instant up to which the source has said that
// it is complete, at most 93 days after the fact."
func (j *nJudge) believed(field string, t nInstant, of func(source string) bool) *nFact {
	f := j.newest(field, t, of)
	if f == nil || t < f.At+j.c.Policy.carryForward() {
		return f
	}
	presence := j.newest("presence", t, func(s string) bool { return s == f.Source })
	upTo, said := j.completeUpTo(f.Source)
	if said && presence != nil && presence.Presence == "offline" &&
		t < upTo+j.c.Policy.carryForward() && t < f.At+longestAbsence {
		return f
	}
	return nil
}

func (j *nJudge) newest(field string, t nInstant, of func(source string) bool) *nFact {
	for i := len(j.facts) - 1; i >= 0; i-- {
		if f := &j.facts[i]; f.At <= t && f.value(field) != "" && of(f.Source) {
			return f
		}
	}
	return nil
}

// completeUpTo: "the last statement of a source counts"; "without source it is about the changes without one".
func (j *nJudge) completeUpTo(source string) (upTo nInstant, said bool) {
	for _, s := range j.c.Complete {
		if s.Source == source {
			upTo, said = s.UpTo, true
		}
	}
	return upTo, said
}

// tri is three-valued truth, and leftOut for a part that mentions an absent
// field ("Rules ignore the part that mentions an absent field").
type tri int

const (
	no      tri = 0
	dunno   tri = 1
	yes     tri = 2
	leftOut tri = 3
)

func isOneOf(value string, values ...string) tri {
	switch {
	case value == absent:
		return leftOut
	case value == unknown:
		return dunno
	case slices.Contains(values, value):
		return yes
	}
	return no
}

func not(t tri) tri {
	switch t {
	case yes:
		return no
	case no:
		return yes
	case dunno, leftOut:
	}
	return t
}

func allOf(parts ...tri) tri {
	answer := leftOut
	for _, p := range parts {
		if p != leftOut {
			answer = min(answer, p)
		}
	}
	return answer
}

func anyOf(parts ...tri) tri {
	answer := leftOut
	for _, p := range parts {
		if p != leftOut && (answer == leftOut || p > answer) {
			answer = p
		}
	}
	return answer
}

// onQueue: section 3, "On queue, in every rule and number"; fine print:
// "Unknown is not on queue: time is on queue only if every present part is
// known and fulfilled".
func onQueue(s nState) bool { return bothOnQueue(s) == yes }

func bothOnQueue(s nState) tri {
	return allOf(not(isOneOf(s.presence, "offline")), isOneOf(s.status, "available"), isOneOf(s.routing, onRouting...))
}

// match: section 5, the default lines and the mapping that replaces them.
// "if every field that a rule mentions is absent, the time is unknown".
func (j *nJudge) match(a nActivity, s nState) tri {
	t := j.ruleFor(a, s)
	if t == leftOut {
		return dunno
	}
	return t
}

func (j *nJudge) ruleFor(a nActivity, s nState) tri {
	// "A code: line goes before its category's line".
	if alternatives, ok := j.c.Policy.Mapping["code:"+a.Code]; ok {
		return mapped(alternatives, s)
	}
	if alternatives, ok := j.c.Policy.Mapping[a.Category]; ok {
		return mapped(alternatives, s)
	}
	notOffline := not(isOneOf(s.presence, "offline"))
	notAvailable := not(isOneOf(s.status, "available"))
	loosened := isSet(j.c.Policy.OffQueueEquivalent)
	switch a.Category {
	case "on_queue_work":
		if j.c.Policy.OnQueueRule == "either" {
			return allOf(notOffline, anyOf(isOneOf(s.status, "available"), isOneOf(s.routing, onRouting...)))
		}
		return bothOnQueue(s)
	case "break", "meal", "meeting", "training":
		if loosened {
			return allOf(notAvailable, notOffline)
		}
		return isOneOf(s.status, a.Category)
	case "off_queue_work":
		if loosened {
			return allOf(notAvailable, notOffline)
		}
		return allOf(isOneOf(s.status, "off_queue"), isOneOf(s.presence, "available", "busy"))
	case "time_off", "unavailable":
		return isOneOf(s.presence, "away", "offline")
	}
	panic("no such category: " + a.Category)
}

// mapped: "the value lists alternatives, every field named in an alternative
// must have one of its values"; fine print: "An alternative of a mapping of
// which every field is absent is left out."
func mapped(alternatives []map[string][]string, s nState) tri {
	answer := leftOut
	for _, alternative := range alternatives {
		one := leftOut
		for field, values := range alternative {
			one = allOf(one, isOneOf(s.field(field), values...))
		}
		answer = anyOf(answer, one)
	}
	return answer
}
