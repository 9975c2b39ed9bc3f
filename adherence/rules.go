package adherence

import (
	"slices"
	"strings"

	"rollcall/schemas"
)

// match is what a rule says of a state, in the three values of RULES.md section 5 rule 3.
type match uint8

const (
	matchUnknown match = iota
	matchNo
	matchYes
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

func makeCode(p schemas.Presence, s schemas.Status, r schemas.Routing) code {
	return code(p) | code(s)<<statusShift | code(r)<<routingShift
}

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
		r.byCategory[c] = tabulate(r.defaultLine(c))
		r.edges[c] = p.EdgesOf(c)
		r.ignored[c] = slices.Contains(p.IgnoredCategories, c)
	}
	for _, text := range p.IgnoredCodes {
		r.ignoredCodes[text] = true
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

// OnQueue reports whether a state is on queue, in every rule and number: every part that is not absent is known and
// fulfilled (RULES.md section 3 "On queue", section 7 fine print).
func (r *Rules) OnQueue(s schemas.State) bool {
	return r.onQueue[makeCode(s.Presence, s.Status, s.Routing)]
}

// addMapped puts a line of the policy's mapping before (code:) or in the place of (category) the default lines. It is
// not loosened by off_queue_equivalent.
func (r *Rules) addMapped(key string, list []schemas.Alternative) {
	mapped := &rule{}
	named := false
	for _, a := range list {
		alt := r.compileAlternative(a)
		named = named || alt.secondary != nil
		mapped.alternatives = append(mapped.alternatives, alt)
	}
	for c := range mapped.table {
		mapped.table[c] = matchAny(mapped.alternatives, code(c), 0)
	}
	if !named {
		mapped.alternatives = nil
	}
	if text, ok := strings.CutPrefix(key, schemas.CodePrefix); ok {
		r.byCode[text] = mapped
		return
	}
	if category, err := schemas.ParseScheduledCategory(key); err == nil {
		r.byCategory[category] = mapped
	}
}

func (r *Rules) compileAlternative(a schemas.Alternative) alternative {
	alt := alternative{presence: set(a.Presence...), status: set(a.Status...), routing: set(a.Routing...)}
	for _, text := range a.Secondary {
		alt.secondary = append(alt.secondary, r.secondaries.ID(text))
	}
	return alt
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
func (r *Rules) defaultLine(category schemas.Category) func(code) match {
	notOffline := ^set(schemas.PresenceOffline)
	loosened := func(c code) match { // any status but available, presence not offline
		return all(has(c.presence(), notOffline), has(c.status(), ^set(schemas.StatusAvailable)))
	}
	switch category {
	case schemas.CategoryOnQueueWork:
		if r.policy.OnQueueRule == schemas.OnQueueEither {
			return onQueueEither
		}
		return onQueue
	case schemas.CategoryTimeOff, schemas.CategoryUnavailable:
		return func(c code) match { return all(has(c.presence(), set(schemas.PresenceAway, schemas.PresenceOffline))) }
	default:
	}
	if r.policy.OffQueueEquivalent {
		return loosened
	}
	if category == schemas.CategoryOffQueueWork {
		return func(c code) match {
			return all(has(c.presence(), set(schemas.PresenceAvailable, schemas.PresenceBusy)),
				has(c.status(), set(schemas.StatusOffQueue)))
		}
	}
	same := set(namesake(category))
	return func(c code) match { return all(has(c.status(), same)) }
}

// namesake returns the status of the same name as the category.
func namesake(category schemas.Category) schemas.Status {
	switch category {
	case schemas.CategoryBreak:
		return schemas.StatusBreak
	case schemas.CategoryMeal:
		return schemas.StatusMeal
	case schemas.CategoryMeeting:
		return schemas.StatusMeeting
	default:
		return schemas.StatusTraining
	}
}

// routingWorks are the routing values that count as on queue.
func routingWorks() uint8 {
	return set(schemas.RoutingIdle, schemas.RoutingInteracting, schemas.RoutingCommunicating)
}

// onQueue is: presence not offline, status available, routing idle, interacting or communicating.
func onQueue(c code) match {
	return all(has(c.presence(), ^set(schemas.PresenceOffline)), has(c.status(), set(schemas.StatusAvailable)),
		has(c.routing(), routingWorks()))
}

// onQueueEither is: presence not offline, and (status available or routing one of the three).
func onQueueEither(c code) match {
	return all(has(c.presence(), ^set(schemas.PresenceOffline)),
		anyOf(has(c.status(), set(schemas.StatusAvailable)), has(c.routing(), routingWorks())))
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

// saysSecondary looks at the secondary status, which belongs to the status: it is absent when that is, known when a
// fact gave it, else as known as the status is.
func (a *alternative) saysSecondary(status schemas.Status, secondary uint32) match {
	switch {
	case status == schemas.StatusNone:
		return matchAbsent
	case slices.Contains(a.secondary, secondary):
		return matchYes
	case secondary == 0 && status == schemas.StatusUnknown:
		return matchUnknown
	}
	return matchNo
}

// says returns what the alternative says of a state: every field that it names must have one of its values.
func (a *alternative) says(c code, secondary uint32) match {
	said := matchAbsent
	if a.presence != 0 {
		said = both(said, has(c.presence(), a.presence))
	}
	if a.status != 0 {
		said = both(said, has(c.status(), a.status))
	}
	if a.routing != 0 {
		said = both(said, has(c.routing(), a.routing))
	}
	if a.secondary != nil {
		said = both(said, a.saysSecondary(c.status(), secondary))
	}
	return said
}
