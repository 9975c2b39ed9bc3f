package adherence

import (
	"slices"

	"rollcall/schemas"
)

// This file is RULES.md section 5, rules 6 to 8: runs, tolerance, threshold and exceptions.

// noRun is the act of a run that is not open.
const noRun int32 = -2

// run is a maximal stretch of out time inside one activity, or of on-queue time outside all of them that the policy
// makes an exception of: j.atoms[first:end].
type run struct {
	act        int32
	first, end int
	kind       schemas.Kind
}

// extend lets the atom that was added last continue the run that is open, or end it and begin another. A correction, a
// gap and an ignored stretch end a run, because their verdict is another one; so does the edge of the activity.
func (j *Judge) extend(v schemas.Verdict, act int32) {
	deviates := v == schemas.VerdictOut || v == schemas.VerdictOutside
	if j.open.act != noRun && (!deviates || j.open.act != act) {
		j.closeRun()
	}
	if deviates {
		if j.open.act == noRun {
			j.open = run{act: act, first: len(j.atoms) - 1}
		}
		j.open.end = len(j.atoms)
	}
}

// closeRun judges the run that is open as a whole: what tolerance and threshold leave of it is one exception.
func (j *Judge) closeRun() {
	r := j.open
	j.open.act = noRun
	if r.act == noRun {
		return
	}
	whole := j.whole(&r)
	e, left, forgiven := edges{}, whole, schemas.VerdictNone
	if r.act != outside {
		e, forgiven = j.edgesOf(&r, whole), schemas.VerdictTolerated
		left = e.leave(whole, j.rules.policy.ToleranceMode)
	}
	if left.Empty() || left.MS() < j.rules.policy.ExceptionThresholdMS { // rule 7
		for i := r.first; i < r.end; i++ {
			j.atoms[i].verdict = forgiven
		}
		return
	}
	r.kind = j.kindOf(&r, whole, &e)
	j.cut(&r, left)
	j.runs = append(j.runs, r)
}

// whole returns the stretch of a run.
func (j *Judge) whole(r *run) schemas.Interval {
	return schemas.Interval{Start: j.atoms[r.first].start, End: j.atoms[r.end-1].end}
}

// edges is what rule 6 knows of a run: whether it lies at the start and the end of its activity, whether the actual
// state there matches the activity before and after, and how much it is allowed.
type edges struct {
	atStart, atEnd             bool
	matchesBefore, matchesNext bool
	startMS, endMS             int64
}

// edgesOf looks at the neighbours of a run. The activity before (after) is the agent's activity that ends (starts) at
// exactly that instant, of any shift; activities do not overlap, so it is the one before (after) in the list. A run at
// the activity's start is allowed start_late of this activity and, if the actual state matches the one before, that
// one's end_late: the longer, never the sum. The end mirrors it.
func (j *Judge) edgesOf(r *run, whole schemas.Interval) edges {
	acts, a := j.in.Activities, &j.in.Activities[r.act]
	e := edges{atStart: whole.Start == a.Start, atEnd: whole.End == a.End}
	allowed := &j.rules.edges
	if e.atStart {
		e.startMS = allowed[a.Category].StartLateMS
		if before := r.act - 1; before >= 0 && acts[before].End == a.Start && j.matches(r.first, before) {
			e.matchesBefore = true
			e.startMS = max(e.startMS, allowed[acts[before].Category].EndLateMS)
		}
	}
	if e.atEnd {
		e.endMS = allowed[a.Category].EndEarlyMS
		if next := r.act + 1; int(next) < len(acts) && acts[next].Start == a.End && j.matches(r.end-1, next) {
			e.matchesNext = true
			e.endMS = max(e.endMS, allowed[acts[next].Category].StartEarlyMS)
		}
	}
	return e
}

// matches reports whether the actual state of an atom matches an activity.
func (j *Judge) matches(atom int, act int32) bool {
	return j.acts[act].line.says(j.atoms[atom].state, j.atoms[atom].secondary) == matchYes
}

// leave returns what tolerance leaves of a run (rule 6): forgive_short forgives all of a run no longer than the
// allowance of either edge, or none of it; always_credit takes each edge's allowance off.
func (e *edges) leave(whole schemas.Interval, mode schemas.ToleranceMode) schemas.Interval {
	if mode == schemas.AlwaysCredit {
		return schemas.Interval{Start: whole.Start.Add(e.startMS), End: whole.End.Add(-e.endMS)}
	}
	if whole.MS() <= max(e.startMS, e.endMS) {
		return schemas.Interval{Start: whole.Start, End: whole.Start}
	}
	return whole
}

// kindOf returns the kind of a whole run (rule 8; the first that matches), but for absent, which is known when the day
// is.
func (j *Judge) kindOf(r *run, whole schemas.Interval, e *edges) schemas.Kind {
	if r.act == outside {
		return schemas.KindOutsideShift
	}
	shift := j.acts[r.act].shift // time off in no shift has no late_start and no early_end (fine print)
	switch {
	case j.notResponding(r):
		return schemas.KindNotResponding
	case e.matchesBefore:
		return schemas.KindLateChange
	case e.matchesNext:
		return schemas.KindEarlyChange
	case shift != schemas.NoShift && whole.Start == j.shifts[shift].Start:
		return schemas.KindLateStart
	case shift != schemas.NoShift && whole.End == j.shifts[shift].End:
		return schemas.KindEarlyEnd
	}
	return schemas.KindWrongStatus
}

// notResponding reports whether throughout the run the status was available and routing not_responding; an absent
// status is ignored (fine print).
func (j *Judge) notResponding(r *run) bool {
	for i := r.first; i < r.end; i++ {
		c := j.atoms[i].state
		if c.routing() != schemas.RoutingNotResponding ||
			c.status() != schemas.StatusAvailable && c.status() != schemas.StatusNone {
			return false
		}
	}
	return true
}

// cut tolerates what is not left of a run and narrows the run to what is.
func (j *Judge) cut(r *run, left schemas.Interval) {
	for i := r.first; i < r.end; i++ {
		for _, at := range [2]schemas.Instant{left.Start, left.End} {
			if a := &j.atoms[i]; a.start < at && at < a.end {
				second := *a
				a.end, second.start = at, at
				j.atoms = slices.Insert(j.atoms, i+1, second)
				r.end++
				break // the second half comes next
			}
		}
	}
	for r.first < r.end && j.atoms[r.first].end <= left.Start {
		j.atoms[r.first].verdict = schemas.VerdictTolerated
		r.first++
	}
	for r.end > r.first && j.atoms[r.end-1].start >= left.End {
		r.end--
		j.atoms[r.end].verdict = schemas.VerdictTolerated
	}
}
