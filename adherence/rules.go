package adherence

import (
	"slices"
	"strings"

	"rollcall/schemas"
)

// code packs presence, status and routing into nine bits, three each. The zero of a field means that it is absent.
type code uint16

const (
	statusShift  = 3
	routingShift = 6
	presenceBits = code(7)
	statusBits   = code(7) << statusShift
	routingBits  = code(7) << routingShift
	codes        = 512
	// allUnknown is the state before the first fact (RULES.md section 3).
	allUnknown = code(schemas.PresenceUnknown) | code(schemas.StatusUnknown)<<statusShift |
		code(schemas.RoutingUnknown)<<routingShift
)

func (c code) presence() schemas.Presence { return schemas.Presence(c & presenceBits) }
func (c code) status() schemas.Status     { return schemas.Status(c & statusBits >> statusShift) }
func (c code) routing() schemas.Routing   { return schemas.Routing(c & routingBits >> routingShift) }

// contact reports whether routing is interacting or communicating (RULES.md section 3, "A contact").
func (c code) contact() bool {
	r := c.routing()
	return r == schemas.RoutingInteracting || r == schemas.RoutingCommunicating
}

// known reports whether any field is neither absent nor unknown.
func (c code) known() bool {
	return c.presence() > schemas.PresenceUnknown || c.status() > schemas.StatusUnknown ||
		c.routing() > schemas.RoutingUnknown
}

// rule is one line of the match, worked out for every state. A line that names a secondary status is worked out again
// for the state at hand: alternatives is then not nil.
type rule struct {
	table        [codes]match
	alternatives []alternative
}

// alternative is one alternative of a mapped line: a set of allowed values per field, 0 for a field that it does not
// name.
type alternative struct {
	presence, status, routing uint8
	secondary                 []uint32
}

// Rules are a policy made ready for judging: every line of the match as a table over all states. They never change and
// may be shared by any number of Judges.
type Rules struct {
	policy       schemas.Policy
	secondaries  *schemas.Names
	byCategory   [schemas.CategoryUnscheduled + 1]*rule
	byCode       map[string]*rule
	ignored      [schemas.CategoryUnscheduled + 1]bool
	ignoredCodes map[string]bool
	edges        [schemas.CategoryUnscheduled + 1]schemas.Edges
	onQueue      [codes]bool
	prefers      bool // some field has preferred sources
}

// Compile makes a policy ready for judging. secondaries numbers the secondary statuses of the facts; texts that the
// policy's mapping names are added to it, so Compile belongs before any concurrent reading of it. It may be nil when no
// fact has a secondary status.
func Compile(p schemas.Policy, secondaries *schemas.Names) *Rules {
	if secondaries == nil {
		secondaries = &schemas.Names{}
	}
	r := &Rules{policy: p, secondaries: secondaries, byCode: map[string]*rule{}, ignoredCodes: map[string]bool{}}
	for c := schemas.CategoryOnQueueWork; c < schemas.CategoryUnscheduled; c++ {
		r.byCategory[c] = r.defaultLine(c)
		r.edges[c] = p.EdgesOf(c)
		r.ignored[c] = slices.Contains(p.IgnoredCategories, c)
	}
	for _, text := range p.IgnoredCodes {
		r.ignoredCodes[text] = true
	}
	for _, sources := range p.Prefer {
		r.prefers = r.prefers || len(sources) > 0
	}
	for key, alternatives := range p.Mapping {
		r.addMapped(key, alternatives)
	}
	for c := range r.onQueue {
		r.onQueue[c] = onQueue(code(c)) == matchYes
	}
	return r
}

// Policy returns the policy that the rules were made of.
func (r *Rules) Policy() schemas.Policy { return r.policy }

// Prefers reports whether sources are preferred for some field.
func (r *Rules) Prefers() bool { return r.prefers }

// Context returns how much context exact results need: of the agent's facts, gaps, corrections and activities those
// from beforeMS before the first instant of the date From until afterMS after the end of the date To (facts after AsOf
// never matter). It provides for shifts of at most schemas.LongestShiftMS; an activity or shift that reaches over
// either end must be given whole, and one longer than that needs facts back to its start less carry_forward. More
// context changes nothing. With credit_contact a contact is credited that began under an activity: one that began
// before the context, more than carry_forward and a longest shift ago, is taken to have begun outside.
func (r *Rules) Context() (beforeMS, afterMS int64) { return contextOf(&r.policy) }

func contextOf(p *schemas.Policy) (beforeMS, afterMS int64) {
	around := 2*p.ShiftGapMS + p.ExceptionThresholdMS + schemas.LongestShiftMS
	return around + p.CarryForwardMS, around
}

// addMapped puts a line of the policy's mapping before (code:) or in the place of (category) the default lines. It is
// not loosened by off_queue_equivalent.
func (r *Rules) addMapped(key string, list []schemas.Alternative) {
	var alternatives []alternative
	for _, a := range list {
		alt := alternative{presence: set(a.Presence...), status: set(a.Status...), routing: set(a.Routing...)}
		for _, text := range a.Secondary {
			alt.secondary = append(alt.secondary, r.secondaries.ID(text))
		}
		alternatives = append(alternatives, alt)
	}
	mapped := tabulate(func(c code) match { return matchAny(alternatives, c, 0) })
	if slices.ContainsFunc(alternatives, func(a alternative) bool { return a.secondary != nil }) {
		mapped.alternatives = alternatives
	}
	if text, ok := strings.CutPrefix(key, schemas.CodePrefix); ok {
		r.byCode[text] = mapped
	} else if category, err := schemas.ParseScheduledCategory(key); err == nil {
		r.byCategory[category] = mapped
	}
}

// lineOf returns the rule of an activity: a code: line goes before its category's line (RULES.md section 5).
func (r *Rules) lineOf(a *schemas.Activity) *rule {
	if len(r.byCode) > 0 {
		if mapped, ok := r.byCode[a.Code]; ok {
			return mapped
		}
	}
	return r.byCategory[a.Category]
}

// ignores reports whether the policy ignores the activity's category or code (rule 2).
func (r *Rules) ignores(a *schemas.Activity) bool {
	return r.ignored[a.Category] || len(r.ignoredCodes) > 0 && r.ignoredCodes[a.Code]
}

// says returns what the rule says of a state.
func (l *rule) says(c code, secondary uint32) match {
	if l.alternatives == nil {
		return l.table[c%codes]
	}
	return matchAny(l.alternatives, c, secondary)
}

func tabulate(line func(code) match) *rule {
	l := &rule{}
	for c := range l.table {
		l.table[c] = line(code(c))
	}
	return l
}

// defaultLine returns the line of the default match for a category (RULES.md section 5 rule 4).
func (r *Rules) defaultLine(category schemas.Category) *rule {
	var line alternative
	switch {
	case category == schemas.CategoryOnQueueWork && r.policy.OnQueueRule == schemas.OnQueueEither:
		return tabulate(onQueueEither)
	case category == schemas.CategoryOnQueueWork:
		return tabulate(onQueue)
	case category == schemas.CategoryTimeOff || category == schemas.CategoryUnavailable:
		line.presence = set(schemas.PresenceAway, schemas.PresenceOffline)
	case r.policy.OffQueueEquivalent: // any status but available, presence not offline
		line.presence, line.status = ^set(schemas.PresenceOffline), ^set(schemas.StatusAvailable)
	case category == schemas.CategoryOffQueueWork:
		line.presence = set(schemas.PresenceAvailable, schemas.PresenceBusy)
		line.status = set(schemas.StatusOffQueue)
	default:
		line.status = set(namesake(category))
	}
	return tabulate(func(c code) match { return decided(line.says(c, 0)) })
}

// namesake returns the status of the same name as the category.
func namesake(category schemas.Category) schemas.Status {
	return map[schemas.Category]schemas.Status{
		schemas.CategoryBreak:    schemas.StatusBreak,
		schemas.CategoryMeal:     schemas.StatusMeal,
		schemas.CategoryMeeting:  schemas.StatusMeeting,
		schemas.CategoryTraining: schemas.StatusTraining,
	}[category]
}

// onQueue is: presence not offline, status available, routing idle, interacting or communicating.
func onQueue(c code) match {
	status, routing := onQueueParts(c)
	return decided(min(has(c.presence(), ^set(schemas.PresenceOffline)), status, routing))
}

// onQueueEither is: presence not offline, and (status available or routing one of the three).
func onQueueEither(c code) match {
	status, routing := onQueueParts(c)
	return decided(min(has(c.presence(), ^set(schemas.PresenceOffline)), anyOf(status, routing)))
}

func onQueueParts(c code) (status, routing match) {
	return has(c.status(), set(schemas.StatusAvailable)),
		has(c.routing(), set(schemas.RoutingIdle, schemas.RoutingInteracting, schemas.RoutingCommunicating))
}

// matchAny reports whether one of the alternatives matches. An alternative of which every field is absent is left out
// (fine print); if none is left, every field that the rule mentions is absent and the time is unknown.
func matchAny(list []alternative, c code, secondary uint32) match {
	said := matchAbsent
	for i := range list {
		said = anyOf(said, list[i].says(c, secondary))
	}
	return decided(said)
}

// says returns what the alternative says of a state: every field that it names must have one of its values.
func (a *alternative) says(c code, secondary uint32) match {
	return min(has(c.presence(), a.presence), has(c.status(), a.status), has(c.routing(), a.routing),
		a.saysSecondary(c.status(), secondary))
}

// saysSecondary looks at the secondary status, which belongs to the status: it is absent when that is, known when a
// fact named it, else as known as the status is.
func (a *alternative) saysSecondary(status schemas.Status, secondary uint32) match {
	switch {
	case a.secondary == nil || status == schemas.StatusNone:
		return matchAbsent
	case slices.Contains(a.secondary, secondary):
		return matchYes
	case secondary == 0 && status == schemas.StatusUnknown:
		return matchUnknown
	}
	return matchNo
}
