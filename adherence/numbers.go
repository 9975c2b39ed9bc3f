package adherence

import (
	"slices"

	"rollcall/schemas"
)

// This file is RULES.md section 6: the numbers of a day, absence, and which days there are.

// absence is what decides whether an agent was absent from an activity, all of it.
type absence struct {
	// forced: a correction forced some of it in; counts: some of it is neither time off nor unavailable nor corrected nor
	// ignored; there: in some of that the agent is not known to have been offline.
	forced, counts, there bool
}

// look takes in an atom of the activity. Absence looks only at time that is neither time off nor unavailable nor
// corrected nor ignored (fine print).
func (b *absence) look(a *atom, s *scheduled, effect schemas.Effect) {
	switch {
	case effect == schemas.EffectIn:
		b.forced = true
	case effect == schemas.EffectNeutral || s.ignored || s.rests:
	default:
		b.counts = true
		b.there = b.there || a.state.presence() != schemas.PresenceOffline
	}
}

func (b *absence) join(o absence) {
	b.forced, b.counts, b.there = b.forced || o.forced, b.counts || o.counts, b.there || o.there
}

// slot is a day while it is added up.
type slot struct {
	byVerdict                                     [schemas.VerdictOutside + 1]int64
	unscheduledOnQueue, onQueueWork, onQueueTotal int64
	rest                                          int64 // scheduled time off or unavailable
	absence                                       absence
	// firstAct and lastAct are the first and the last activity that has a part of the day, actCount how many have; the
	// last scheduled activity ends at lastEnd.
	firstAct, lastAct, actCount int32
	lastEnd                     schemas.Instant
	absent                      bool
}

// enroll counts an activity that has a part of the day, before or after as_of.
func (s *slot) enroll(act int32, end schemas.Instant) {
	if s.actCount == 0 {
		s.firstAct = act
	} else if s.lastAct == act {
		return
	}
	s.lastAct, s.lastEnd = act, max(s.lastEnd, end)
	s.actCount++
}

// openSlots makes room for the dates lo to hi, none if hi is before lo.
func (j *Judge) openSlots(lo, hi schemas.Date) {
	n := 1
	if hi >= lo {
		n += int(hi-lo) + 1
	}
	j.lo, j.slots = lo, slices.Grow(j.slots[:0], n)[:n]
	clear(j.slots)
}

// slotOf returns the index of a date's slot, 0 for a date that is not wanted.
func (j *Judge) slotOf(day schemas.Date) int32 {
	if i := int(day) - int(j.lo) + 1; i > 0 && i < len(j.slots) {
		return int32(i) //nolint:gosec // fewer than 2^31 dates
	}
	return 0
}

// add sums the atoms up into their days.
func (j *Judge) add() {
	for i := range j.atoms {
		a := &j.atoms[i]
		p := &j.plots[a.plot]
		s := &j.slots[p.slot]
		ms := a.end.Sub(a.start)
		s.byVerdict[a.verdict] += ms
		if p.act == outside {
			s.addOutside(a, p, ms)
			continue
		}
		if j.acts[p.act].rests {
			s.rest += ms
		}
		// Scheduled time that is neutral, ignored or unknown is on neither side of conformance.
		if a.verdict <= schemas.VerdictOut {
			if j.acts[p.act].onQueueWork {
				s.onQueueWork += ms
			}
			if a.onQueue {
				s.onQueueTotal += ms
			}
		}
	}
	j.addAbsence()
	for i := range j.slots {
		s := &j.slots[i]
		s.absent = s.absence.counts && !s.absence.there && !s.absence.forced && s.lastEnd <= j.in.AsOf
	}
}

// addAbsence joins what decides whether the agent was absent. An activity cut by midnight counts whole for each of its
// days, and under `day: midnight` so does its shift (fine print).
func (j *Judge) addAbsence() {
	midnight := j.rules.policy.Day == schemas.DayMidnight
	shifts := slices.Grow(j.shiftAbsence[:0], len(j.shifts))[:len(j.shifts)]
	clear(shifts)
	j.shiftAbsence = shifts
	if midnight {
		for i := range j.acts {
			if s := j.acts[i].shift; s != schemas.NoShift {
				shifts[s].join(j.acts[i].absence)
			}
		}
	}
	for i := range j.plots {
		p := &j.plots[i]
		if p.act == outside {
			continue
		}
		a, slot := &j.acts[p.act], &j.slots[p.slot]
		if midnight && a.shift != schemas.NoShift {
			slot.absence.join(shifts[a.shift])
			slot.lastEnd = max(slot.lastEnd, j.shifts[a.shift].End)
			continue
		}
		slot.absence.join(a.absence)
	}
}

// addOutside counts on-queue time outside the schedule; for conformance only no farther than shift_gap from a shift.
func (s *slot) addOutside(a *atom, p *plot, ms int64) {
	if !a.onQueue {
		return
	}
	s.unscheduledOnQueue += ms
	if p.near {
		s.onQueueTotal += ms
	}
}

// sums returns the numbers of the day.
func (s *slot) sums() schemas.Sums {
	v := &s.byVerdict
	n := schemas.Sums{
		InMS:                   v[schemas.VerdictIn],
		ToleratedMS:            v[schemas.VerdictTolerated],
		OutMS:                  v[schemas.VerdictOut],
		NeutralMS:              v[schemas.VerdictNeutral],
		IgnoredMS:              v[schemas.VerdictIgnored],
		UnknownMS:              v[schemas.VerdictUnknown],
		OutsideMS:              v[schemas.VerdictOutside],
		UnscheduledOnQueueMS:   s.unscheduledOnQueue,
		ConformanceScheduledMS: s.onQueueWork,
		ConformanceActualMS:    s.onQueueTotal,
	}
	n.ScheduledMS = n.InMS + n.ToleratedMS + n.OutMS + n.NeutralMS + n.IgnoredMS + n.UnknownMS
	return n
}

// exists reports whether the day is listed: it has scheduled time, or on-queue time and no schedule.
func exists(n *schemas.Sums) bool { return n.ScheduledMS > 0 || n.UnscheduledOnQueueMS > 0 }

// adherenceReason says why there is no adherence; the first that holds (section 6). not_published is for who chose the
// revision.
func adherenceReason(n *schemas.Sums, restMS int64, absent, absentCounts bool) schemas.Reason {
	switch {
	case n.ScheduledMS == 0:
		return schemas.ReasonNoSchedule
	case absent && absentCounts:
		return schemas.ReasonNone // makes it 0
	case absent:
		return schemas.ReasonAbsent
	case n.InMS+n.ToleratedMS+n.OutMS > 0:
		return schemas.ReasonNone
	case n.UnknownMS == 0 && restMS == n.ScheduledMS:
		return schemas.ReasonTimeOff
	case n.IgnoredMS+n.NeutralMS == n.ScheduledMS:
		return schemas.ReasonNothingJudged
	}
	return schemas.ReasonNoData
}

// conformanceReason says why there is no conformance.
func conformanceReason(n *schemas.Sums, absent, absentCounts bool) schemas.Reason {
	switch {
	case n.ConformanceScheduledMS == 0:
		return schemas.ReasonNothingScheduledOnQueue
	case absent && !absentCounts:
		return schemas.ReasonAbsent
	}
	return schemas.ReasonNone
}
