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
	last := j.spans[len(j.spans)-2]
	present := in.presentBefore(at)
	var since [3]schemas.Instant
	for f := range since {
		if present&fieldBits[f] != 0 {
			since[f] = j.sinceWhen(f)
		}
	}
	return j.stateOf(&atom{state: last.state & present, secondary: last.secondary}),
		schemas.LiveSince{Presence: since[0], Status: since[1], Routing: since[2]}
}

// sinceWhen returns since when field f has had the value of the last span, 0 if nothing was ever known of it. What the
// latest facts say to be unknown is so since the first of them.
func (j *Judge) sinceWhen(f int) schemas.Instant {
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
		return said
	}
	for i := len(spans) - 1; i > 0; i-- {
		s := &spans[i-1]
		if (s.state^last.state)&fieldBits[f] != 0 || f == 1 && s.secondary != last.secondary {
			return spans[i].at
		}
	}
	if unknown {
		return 0
	}
	return spans[0].at
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
