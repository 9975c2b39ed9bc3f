package adherence

import (
	"slices"

	"rollcall/schemas"
)

// This file makes the days that Judge.Days returns: intervals, exceptions with their parts, and activities, by day.

// dayList holds things of all days in order of time, each with its day's slot.
type dayList[T any] struct {
	items []T
	slots []int32
	spare []T
	ends  []int
}

func (l *dayList[T]) reset() { l.items, l.slots = l.items[:0], l.slots[:0] }

// add makes room for one more thing; the caller fills all of it.
func (l *dayList[T]) add(slot int32) *T {
	n := len(l.items)
	if n == cap(l.items) {
		l.items = slices.Grow(l.items, n+16)
	}
	l.items, l.slots = l.items[:n+1], append(l.slots, slot)
	return &l.items[n]
}

// sortByDay puts the things of one day next to each other, without changing their order, and notes where each day ends.
// They are in order already unless shifts lie inside each other.
func (l *dayList[T]) sortByDay(slots int) {
	l.ends = slices.Grow(l.ends[:0], slots)[:slots]
	clear(l.ends)
	for _, s := range l.slots {
		l.ends[s]++
	}
	for i := 1; i < slots; i++ {
		l.ends[i] += l.ends[i-1]
	}
	if slices.IsSorted(l.slots) {
		return
	}
	l.spare = slices.Grow(l.spare[:0], len(l.items))[:len(l.items)]
	next := slices.Clone(l.ends)
	for i := len(l.items) - 1; i >= 0; i-- {
		next[l.slots[i]]--
		l.spare[next[l.slots[i]]] = l.items[i]
	}
	l.items, l.spare = l.spare, l.items
}

// of returns the things of a day, nil where there are none.
func (l *dayList[T]) of(slot int) []T {
	start, end := 0, l.ends[slot]
	if slot > 0 {
		start = l.ends[slot-1]
	}
	if start == end {
		return nil
	}
	return l.items[start:end:end]
}

// list appends the wanted days that exist.
func (j *Judge) list(out []schemas.AgentDay) []schemas.AgentDay {
	j.listIntervals()
	j.listExceptions()
	if j.rules.prefers {
		j.listOverruled()
	}
	j.activities = j.activities[:0]
	counts := j.rules.policy.AbsentCounts
	for i := 1; i < len(j.slots); i++ {
		s := &j.slots[i]
		n := s.sums()
		if !exists(&n) {
			continue
		}
		out = append(out, schemas.AgentDay{
			AgentID:           j.in.AgentID,
			Day:               j.lo + schemas.Date(i-1),
			Sums:              n,
			Absent:            s.absent,
			AdherenceReason:   adherenceReason(&n, s.rest, s.absent, counts),
			ConformanceReason: conformanceReason(&n, s.absent, counts),
			Activities:        j.activitiesOf(i),
			Intervals:         j.intervals.of(i),
			Exceptions:        j.exceptions.of(i),
		})
		if j.rules.prefers {
			out[len(out)-1].Overruled = j.overruled.of(i)
		}
	}
	return out
}

// listIntervals joins equal neighbours among the atoms. Outside the schedule an interval is listed where it is on
// queue, or no farther than shift_gap from a shift and anything is known.
func (j *Judge) listIntervals() {
	l := &j.intervals
	l.reset()
	var last *atom // the atom that ended the last interval
	for i := range j.atoms {
		a := &j.atoms[i]
		p := &j.plots[a.plot]
		if p.slot == 0 || p.act == outside && !worthListing(a, p) {
			continue
		}
		if last != nil && last.end == a.start && j.equal(last, a) {
			l.items[len(l.items)-1].End = a.end
			last = a
			continue
		}
		act := p.act
		if act != outside {
			act = j.position(p.slot, act)
		}
		last = a
		*l.add(p.slot) = schemas.JudgedInterval{
			Start:    a.start,
			End:      a.end,
			Activity: act,
			State:    j.stateOf(a),
			Verdict:  a.verdict,
			OnQueue:  a.onQueue,
		}
	}
	l.sortByDay(len(j.slots))
}

// worthListing reports whether an interval outside the schedule is listed.
func worthListing(a *atom, p *plot) bool { return a.onQueue || p.near && a.state.known() }

// equal reports whether two atoms that touch are one interval.
func (j *Judge) equal(a, b *atom) bool {
	p, q := &j.plots[a.plot], &j.plots[b.plot]
	return a.state == b.state && a.verdict == b.verdict && a.secondary == b.secondary && p.act == q.act && p.slot == q.slot
}

// stateOf returns an atom's state in words.
func (j *Judge) stateOf(a *atom) schemas.State {
	s := schemas.State{Presence: a.state.presence(), Status: a.state.status(), Routing: a.state.routing()}
	if a.secondary != 0 && s.Status != schemas.StatusNone {
		s.Secondary = j.rules.secondaries.Text(a.secondary)
	}
	return s
}

// position returns the index of an activity among those of its day.
func (j *Judge) position(slot, act int32) int32 {
	s := &j.slots[slot]
	if s.contiguous() {
		return act - s.firstAct
	}
	var n int32
	for i := s.firstAct; i < act; i++ {
		if j.onDay(i, slot) {
			n++
		}
	}
	return n
}

// contiguous reports whether no activity of another day lies between those of the day.
func (s *slot) contiguous() bool { return s.lastAct-s.firstAct+1 == s.actCount }

// onDay reports whether an activity has a part of the day.
func (j *Judge) onDay(act, slot int32) bool {
	day := j.lo + schemas.Date(slot-1)
	if shift := j.shiftOf[act]; shift != schemas.NoShift && j.rules.policy.Day != schemas.DayMidnight {
		return j.shiftDays[shift] == day
	}
	a := &j.in.Activities[act]
	for t := a.Start; t < a.End; {
		d, end := j.dateAt(t)
		if d == day {
			return true
		}
		t = end
	}
	return false
}

// activitiesOf returns the scheduled activities of a day, whole: where it can, a part of the input.
func (j *Judge) activitiesOf(i int) []schemas.Activity {
	s := &j.slots[i]
	switch {
	case s.actCount == 0:
		return nil
	case s.contiguous():
		return j.in.Activities[s.firstAct : s.lastAct+1 : s.lastAct+1]
	}
	from := len(j.activities)
	for act := s.firstAct; act <= s.lastAct; act++ {
		if j.onDay(act, int32(i)) { //nolint:gosec // few dates
			j.activities = append(j.activities, j.in.Activities[act])
		}
	}
	return j.activities[from:len(j.activities):len(j.activities)]
}

// listExceptions makes of each run one exception on each wanted day that it has a part of.
func (j *Judge) listExceptions() {
	l := &j.exceptions
	l.reset()
	j.parts = j.parts[:0]
	for i := range j.runs {
		r := &j.runs[i]
		for k := r.first; k < r.end; {
			slot := j.plots[j.atoms[k].plot].slot
			end := k + 1
			for end < r.end && j.plots[j.atoms[end].plot].slot == slot {
				end++
			}
			if slot != 0 {
				*l.add(slot) = j.exception(r, j.atoms[k:end], slot)
			}
			k = end
		}
	}
	l.sortByDay(len(j.slots))
}

// kindOn returns the kind that a run has on a day. A run cut by midnight is absent only on the days that are (fine
// print).
func (j *Judge) kindOn(r *run, slot int32) schemas.Kind {
	if r.act != outside && j.slots[slot].absent {
		return schemas.KindAbsent
	}
	return r.kind
}

// exception describes what a day has of a run.
func (j *Judge) exception(r *run, atoms []atom, slot int32) schemas.Exception {
	e := schemas.Exception{Start: atoms[0].start, End: atoms[len(atoms)-1].end, Category: schemas.CategoryUnscheduled,
		Kind: j.kindOn(r, slot)}
	if r.act != outside {
		e.Category, e.Code = j.in.Activities[r.act].Category, j.in.Activities[r.act].Code
	}
	e.MS = e.End.Sub(e.Start)
	from := len(j.parts)
	for i := range atoms {
		j.addPart(from, &atoms[i], impactOf(e.Category, atoms[i].onQueue))
	}
	e.Parts = j.parts[from:len(j.parts):len(j.parts)]
	return e
}

// addPart adds an atom to the parts of an exception. Parts are equal, and joined, when presence, status, routing and
// impact are (fine print).
func (j *Judge) addPart(from int, a *atom, impact schemas.Impact) {
	state := j.stateOf(a)
	if n := len(j.parts); n > from {
		last := &j.parts[n-1]
		if last.State.Presence == state.Presence && last.State.Status == state.Status &&
			last.State.Routing == state.Routing && last.Impact == impact {
			last.End = a.end
			return
		}
	}
	j.parts = append(j.parts, schemas.Part{Start: a.start, End: a.end, State: state, Impact: impact})
}

// impactOf is the impact of a part (rule 8): on-queue work scheduled and not on queue is negative, something else
// scheduled, or nothing, and on queue is positive, neither is neutral.
func impactOf(c schemas.Category, onQueue bool) schemas.Impact {
	switch {
	case c == schemas.CategoryOnQueueWork && !onQueue:
		return schemas.ImpactNegative
	case c != schemas.CategoryOnQueueWork && onQueue:
		return schemas.ImpactPositive
	}
	return schemas.ImpactNeutral
}
