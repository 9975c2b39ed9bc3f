package adherence

import "rollcall/schemas"

// PresentAt returns the state of the instant before at (the interval that ends at it; RULES.md sections 3 and 7) from
// the same input and by the same timeline as Days, and since when each field has had its value: 0 for an absent field
// and for one of which nothing was ever known. A field that nothing names or declares is absent.
func (j *Judge) PresentAt(in *Input, at schemas.Instant) (schemas.State, schemas.LiveSince) {
	j.in, j.rules = in, in.Rules
	j.win = schemas.Interval{Start: at - 1, End: at}
	if len(in.Facts) > 0 {
		j.win.Start = min(j.win.Start, in.Facts[0].At)
	}
	j.layTimeline()
	state, since, _ := j.last(at)
	return state, since
}

// Present returns what PresentAt does at the AsOf of the input, from the timeline that Days has just laid for it. It is
// false where that was laid by other rules, not up to AsOf, or not as far back as a value has held.
func (j *Judge) Present(in *Input) (schemas.State, schemas.LiveSince, bool) {
	if j.in != in || j.rules != in.Rules || j.win.End != in.AsOf || j.win.Empty() {
		return schemas.State{}, schemas.LiveSince{}, false
	}
	return j.last(in.AsOf)
}

// last returns the state at the end of the timeline and since when each field has had its value, and whether the
// timeline shows that.
func (j *Judge) last(at schemas.Instant) (_ schemas.State, _ schemas.LiveSince, shows bool) {
	last := j.spans[len(j.spans)-2]
	present := j.in.presentBefore(at)
	begins := len(j.in.Facts) == 0 || j.win.Start <= j.in.Facts[0].At // before anything was said
	shows = true
	var since [3]schemas.Instant
	for f := range since {
		if present&fieldBits[f] != 0 {
			var changed bool
			since[f], changed = j.sinceWhen(f)
			shows = shows && (changed || begins)
		}
	}
	return j.stateOf(&atom{state: last.state & present, secondary: last.secondary}),
		schemas.LiveSince{Presence: since[0], Status: since[1], Routing: since[2]}, shows
}

// sinceWhen returns since when field f has had the value of the last span, 0 if nothing was ever known of it. What the
// latest facts say to be unknown is so since the first of them. changed says that the timeline has something else
// before it.
func (j *Judge) sinceWhen(f int) (since schemas.Instant, changed bool) {
	spans := j.spans[:len(j.spans)-1]
	last := &spans[len(spans)-1]
	unknown := last.state&fieldBits[f] == allUnknown&fieldBits[f]
	var said schemas.Instant
	for i := len(j.in.Facts) - 1; unknown && i >= 0; i-- {
		fact := &j.in.Facts[i]
		v := value(fact, f)
		if v == 0 || fact.At >= j.win.End || fact.At == said {
			continue // of one instant the last has won
		}
		if v != unknownValue {
			break
		}
		said = fact.At
	}
	if said != 0 {
		return said, true
	}
	for i := len(spans) - 1; i > 0; i-- {
		s := &spans[i-1]
		if (s.state^last.state)&fieldBits[f] != 0 || f == 1 && s.secondary != last.secondary {
			return spans[i].at, true
		}
	}
	if unknown {
		return 0, false
	}
	return spans[0].at, false
}

// presentBefore returns the bits of the fields that something named before an instant, or declares.
func (in *Input) presentBefore(at schemas.Instant) (bits code) {
	for f := range fieldBits {
		named := in.NamedBefore[f] != 0 || in.Declared>>f&1 == 1
		for i := 0; !named && i < len(in.Facts) && in.Facts[i].At < at; i++ {
			named = value(&in.Facts[i], f) != 0
		}
		if named {
			bits |= fieldBits[f]
		}
	}
	return bits
}
