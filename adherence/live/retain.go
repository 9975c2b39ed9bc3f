package live

import (
	"cmp"
	"slices"
	"sort"

	"rollcall/adherence"
	"rollcall/schemas"
)

// This file is what the board holds in memory. The judge of this moment looks at yesterday, today and tomorrow (and at
// a shift that reaches into yesterday); of the time before, all that matters is which value each field still has, and
// since when. What is older lies in the store, from which Board.At reads it again.

// reach says how much of the past the judge of this moment looks at, by the most demanding of all rules.
type reach struct{ adherence.Reach }

// enough reports whether what was retained for the reach is enough for another one.
func (r reach) enough(o reach) bool {
	return o.BeforeMS <= r.BeforeMS && o.AfterMS <= r.AfterMS && o.ShiftGapMS <= r.ShiftGapMS &&
		o.LongestCarryMS <= r.LongestCarryMS && r.ShortestCarryMS <= o.ShortestCarryMS && (r.Contacts || !o.Contacts)
}

// shows reports whether facts from the instant read on show since when a field has had its value: it may have been what
// it is for longer where a fact named it first before that, and the value began so early that it may have held already.
func (r reach) shows(since, first, read schemas.Instant) bool {
	return first == 0 || first >= read || since >= read.Add(r.LongestCarryMS)
}

// horizon returns the first instant of which every fact and activity matters at an instant: the beginning of yesterday,
// or of a shift that reaches into it, less what can matter before it.
func (r reach) horizon(zone schemas.Zone, acts []schemas.Activity, at schemas.Instant,
	shifts *shiftMemory) schemas.Instant {
	around := r.AfterMS - schemas.LongestShiftMS // how far before yesterday a shift or a run can matter
	limit := zone.DayStart(zone.Date(at-1) - 1).Add(-around)
	shifts.of, shifts.spans = schemas.FormShifts(acts, r.ShiftGapMS, shifts.of[:0], shifts.spans[:0])
	from := limit
	for _, v := range shifts.spans {
		if v.End > limit {
			from = min(from, v.Start)
		}
	}
	for i := range acts {
		if acts[i].End > limit {
			return min(from, acts[i].Start)
		}
	}
	return from
}

// shiftMemory is memory that forming shifts uses again.
type shiftMemory struct {
	of    []int32
	spans []schemas.Interval
}

// recent drops the activities that end before the instant.
func recent(acts []schemas.Activity, from schemas.Instant) []schemas.Activity {
	i := sort.Search(len(acts), func(i int) bool { return acts[i].End > from })
	return slices.Clone(acts[i:])
}

// condensed returns the facts from the instant on, and of those before it what each source still says of the fields:
// its last fact of each field, and back from there those that said the same without a break longer than anything is
// believed, the first of them and as many between as carry the value over. A fact that is retained for one field names
// no other. A contact that goes on at the instant is retained whole if some rules credit it. The result shares no
// memory with what is given.
func (r reach) condensed(facts []schemas.Fact, from schemas.Instant) []schemas.Fact {
	n := sort.Search(len(facts), func(i int) bool { return facts[i].At >= from })
	var trails []trail
	for i := n - 1; i >= 0; i-- {
		k := slices.IndexFunc(trails, func(t trail) bool { return t.source == facts[i].Source })
		if k < 0 {
			k = len(trails)
			for _, field := range [3]schemas.Fields{schemas.FieldPresence, schemas.FieldStatus, schemas.FieldRouting} {
				trails = append(trails, trail{source: facts[i].Source, field: field})
			}
		}
		for f := range 3 {
			trails[k+f].back(r, &facts[i], i)
		}
	}
	var old []placed
	for k := range trails {
		trails[k].end()
		old = append(old, trails[k].retained...)
	}
	slices.SortStableFunc(old, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	out := make([]schemas.Fact, 0, len(old)+len(facts)-n)
	for i := range old {
		out = append(out, old[i].Fact)
	}
	return append(out, facts[n:]...)
}

// placed is a fact with its place among all, which decides between sources that say something at one instant.
type placed struct {
	schemas.Fact
	place int
}

// trail walks back over the facts of one source and field as long as they say the same.
type trail struct {
	source   uint8
	field    schemas.Fields
	retained []placed // the latest first
	last     placed   // the earliest so far
	begun    bool
	ended    bool
}

// back takes the next earlier fact.
func (t *trail) back(r reach, f *schemas.Fact, place int) {
	g := placed{only(f, t.field), place}
	if t.ended || g.Fact == (schemas.Fact{At: f.At, Source: f.Source}) {
		return
	}
	switch {
	case !t.begun:
		t.begun = true
		t.retained = append(t.retained, g)
	case g.At == t.last.At:
		return // a later fact of the same instant has won
	case t.last.At.Sub(g.At) > max(r.LongestCarryMS, schemas.LongestAbsenceMS) || !r.continues(g.Fact, t.last.Fact):
		t.ended = true
		return
	case r.Contacts && contact(g.Routing):
		t.retained = append(t.retained, g)
	case t.retained[len(t.retained)-1].At.Sub(g.At) > r.ShortestCarryMS:
		t.end()
		if t.last.At.Sub(g.At) > r.ShortestCarryMS {
			t.retained = append(t.retained, g)
		}
	}
	t.last = g
}

// end retains the earliest fact of the walk.
func (t *trail) end() {
	if t.begun && t.retained[len(t.retained)-1] != t.last {
		t.retained = append(t.retained, t.last)
	}
}

// continues reports whether the earlier fact of a field says the same as the later one, or belongs to the same contact.
func (r reach) continues(earlier, later schemas.Fact) bool {
	if r.Contacts && contact(earlier.Routing) && contact(later.Routing) {
		return true
	}
	earlier.At = later.At
	return earlier == later
}

func contact(r schemas.Routing) bool {
	return r == schemas.RoutingInteracting || r == schemas.RoutingCommunicating
}

// only returns the fact as if it named one field alone.
func only(f *schemas.Fact, field schemas.Fields) schemas.Fact {
	g := schemas.Fact{At: f.At, Source: f.Source}
	switch field {
	case schemas.FieldPresence:
		g.Presence = f.Presence
	case schemas.FieldStatus:
		g.Status = f.Status
		if f.Status > schemas.StatusUnknown { // what is unknown has no secondary
			g.Secondary = f.Secondary
		}
	default:
		g.Routing = f.Routing
	}
	return g
}
