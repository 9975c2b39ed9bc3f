package adherence

import (
	"cmp"
	"slices"

	"rollcall/schemas"
)

// This file is RULES.md section 3: facts, carry-forward and gaps become one list of spans.

// span is a stretch of the actual timeline with one state. It lasts until the next span of the list.
type span struct {
	at        schemas.Instant
	state     code
	secondary uint32
}

// gapEdge is where a gap of some fields begins (step 1) or ends (step -1).
type gapEdge struct {
	at     schemas.Instant
	fields schemas.Fields
	source int // the number of the feed, everySource or noSource
	step   int32
}

// The numbers of a source of which there are no facts, and of all sources.
const (
	noSource    = -1
	everySource = -2
)

// sweep is the state of the pass over facts and gaps: what each field was last said to be, and until when that is
// believed; every field has its own clock.
type sweep struct {
	state     code
	secondary uint32
	expires   [3]schemas.Instant
	gaps      [3]int32
	carry     int64
}

// fieldBits are the bits of the three fields in a code, in the order of schemas.Fields.
var fieldBits = [3]code{presenceBits, statusBits, routingBits}

func newSweep(carryForwardMS int64) sweep {
	return sweep{state: allUnknown, expires: [3]schemas.Instant{forever, forever, forever}, carry: carryForwardMS}
}

// take lets a fact set the fields that it names and renews their clocks. A fact that names a status without a secondary
// clears the secondary.
func (s *sweep) take(f *schemas.Fact) {
	until := f.At.Add(s.carry)
	if f.Presence != 0 {
		s.state = s.state&^presenceBits | code(f.Presence)
		s.expires[0] = until
	}
	if f.Status != 0 {
		s.state = s.state&^statusBits | code(f.Status)<<statusShift
		s.secondary = secondaryOf(f)
		s.expires[1] = until
	}
	if f.Routing != 0 {
		s.state = s.state&^routingBits | code(f.Routing)<<routingShift
		s.expires[2] = until
	}
}

// secondaryOf returns the secondary status that goes with the status of a fact; it is unknown where the status is.
func secondaryOf(f *schemas.Fact) uint32 {
	if f.Status == schemas.StatusUnknown {
		return 0
	}
	return f.Secondary
}

// expire makes the fields unknown that were not named for longer than carry_forward.
func (s *sweep) expire(t schemas.Instant) {
	if s.expires[1] <= t {
		s.secondary = 0
	}
	for i := range s.expires {
		if s.expires[i] <= t {
			s.state = s.state&^fieldBits[i] | allUnknown&fieldBits[i]
			s.expires[i] = forever
		}
	}
}

// nextExpiry returns the first instant at which a field becomes unknown by itself.
func (s *sweep) nextExpiry() schemas.Instant {
	return min(s.expires[0], s.expires[1], s.expires[2])
}

// cross counts a gap that begins or ends.
func (s *sweep) cross(e *gapEdge) {
	for i := range s.gaps {
		if e.fields>>i&1 == 1 {
			s.gaps[i] += e.step
		}
	}
}

// seen returns the state as it is known: in a gap the fields of the feed are unknown, whatever was said before or in
// it.
func (s *sweep) seen() (code, uint32) {
	if s.gaps == [3]int32{} {
		return s.state, s.secondary
	}
	state, secondary := s.state, s.secondary
	for i := range s.gaps {
		if s.gaps[i] > 0 {
			state = state&^fieldBits[i] | allUnknown&fieldBits[i]
		}
	}
	if s.gaps[1] > 0 {
		secondary = 0
	}
	return state, secondary
}

// layTimeline fills j.spans for the window. The first span starts where the window does, the last is a sentinel. Who
// said something matters only where a source is preferred, or where something is old and its source may be known to be
// silent because the agent is away.
func (j *Judge) layTimeline() {
	j.layGapEdges()
	if j.rules.prefers || !j.layPlainTimeline() {
		j.layTimelineBySource()
	}
	j.spans = append(j.spans, span{at: forever, state: allUnknown})
}

// layPlainTimeline lays the spans by the latest fact of each field. It returns false as soon as a field would be
// unknown for its age, and some source has said how far it is complete.
func (j *Judge) layPlainTimeline() bool {
	j.sweep = newSweep(j.rules.policy.CarryForwardMS)
	j.spans = j.spans[:0]
	s, facts, edges := &j.sweep, j.in.Facts, j.edges
	at := j.win.Start
	for at < j.win.End {
		// Everything up to and at this instant takes effect; a later fact of one instant wins field by field.
		for len(facts) > 0 && facts[0].At <= at {
			s.take(&facts[0])
			facts = facts[1:]
		}
		next := s.nextExpiry()
		if next <= at {
			if j.in.anyComplete() {
				return false
			}
			s.expire(at)
			next = s.nextExpiry()
		}
		for len(edges) > 0 && edges[0].at <= at {
			s.cross(&edges[0])
			edges = edges[1:]
		}
		state, secondary := s.seen()
		j.pushSpan(at, state, secondary)
		if len(edges) > 0 {
			next = min(next, edges[0].at)
		}
		if len(facts) > 0 {
			next = min(next, facts[0].At)
		}
		at = next
	}
	return true
}

// pushSpan starts a new span at the instant if the state differs from the last one.
func (j *Judge) pushSpan(at schemas.Instant, state code, secondary uint32) {
	if n := len(j.spans); n > 0 && j.spans[n-1].state == state && j.spans[n-1].secondary == secondary {
		return
	}
	j.spans = append(j.spans, span{at, state, secondary})
}

// layGapEdges sorts the beginnings and ends of the gaps.
func (j *Judge) layGapEdges() {
	j.edges = j.edges[:0]
	for i := range j.in.Gaps {
		g := &j.in.Gaps[i]
		source := everySource
		if g.Source != "" {
			source = j.in.numberOf(g.Source)
		}
		j.edges = append(j.edges, gapEdge{g.Start, fieldsOf(g), source, 1}, gapEdge{g.End, fieldsOf(g), source, -1})
	}
	slices.SortFunc(j.edges, func(a, b gapEdge) int { return cmp.Compare(a.at, b.at) })
}

// value returns the number of a fact's value of field f, counted as in schemas.Fields; 0 where it does not name it.
func value(fact *schemas.Fact, f int) code {
	switch f {
	case 0:
		return code(fact.Presence)
	case 1:
		return code(fact.Status)
	}
	return code(fact.Routing)
}

// fieldsOf returns the fields that a gap makes unknown.
func fieldsOf(g *schemas.Gap) schemas.Fields { return cmp.Or(g.Fields, schemas.AllFields) }

// nameFields finds, for each field, the first instant at which a fact named it, from NamedBefore and the facts. Where
// that was before the window, or never, the same fields are present on every day.
func (j *Judge) nameFields() {
	first := j.in.NamedBefore
	missing := schemas.Fields(0)
	for i := range first {
		if first[i] == 0 && j.in.Declared>>i&1 == 0 {
			missing |= 1 << i
		}
	}
	for i := 0; missing != 0 && i < len(j.in.Facts) && j.in.Facts[i].At <= j.in.AsOf; i++ {
		for k := range first {
			if missing>>k&1 == 1 && value(&j.in.Facts[i], k) != 0 {
				first[k] = j.in.Facts[i].At
				missing &^= 1 << k
			}
		}
	}
	j.named = first
	j.presentAlways, j.presentVaries = j.present(forever), false
	for i, t := range first {
		j.presentVaries = j.presentVaries || j.in.Declared>>i&1 == 0 && t > j.win.Start
	}
}

// present returns the bits of the fields that are not absent on a day that ends at end: declared, or named before.
func (j *Judge) present(end schemas.Instant) code {
	var bits code
	for i, t := range j.named {
		if j.in.Declared>>i&1 == 1 || t != 0 && t < end {
			bits |= fieldBits[i]
		}
	}
	return bits
}
