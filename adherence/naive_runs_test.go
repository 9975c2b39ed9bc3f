package adherence_test

// This file is the naive reading of RULES.md section 5, rules 6 to 8: what
// happens to a maximal run of out time.

// nRun is a maximal unbroken run of out slices inside one activity, or of
// on-queue slices outside the schedule, and what rules 6 and 7 leave of it.
type nRun struct {
	act                int
	first, last        int // slices
	leftStart, leftEnd nInstant
}

func (j *nJudge) runStart(r nRun) nInstant { return j.slices[r.first].start }
func (j *nJudge) runEnd(r nRun) nInstant   { return j.slices[r.last].end }

// runs finds the runs: "every maximal run of out inside one activity (a
// correction, gap or ignored stretch ends a run)", and outside the schedule,
// with outside_shift: exception, on-queue time that no correction and no
// credited contact removes.
func (j *nJudge) runs() []nRun {
	var runs []nRun
	open := false
	for i, s := range j.slices {
		counts := s.verdict == "out"
		if s.act == outside {
			counts = j.c.Policy.OutsideShift == "exception" && s.onQueue && s.correction == "" && !s.credited
		}
		switch {
		case !counts:
			open = false
		case open && runs[len(runs)-1].act == s.act:
			runs[len(runs)-1].last = i
		default:
			runs = append(runs, nRun{act: s.act, first: i, last: i})
			open = true
		}
	}
	for i := range runs {
		j.tolerate(&runs[i])
	}
	return runs
}

// tolerate is rules 6 and 7: it sets what is left of the run.
func (j *nJudge) tolerate(r *nRun) {
	r.leftStart, r.leftEnd = j.runStart(*r), j.runEnd(*r)
	if r.act != outside {
		atStart, atEnd := j.startAllowance(*r), j.endAllowance(*r)
		if j.c.Policy.ToleranceMode == "always_credit" {
			// "takes each edge's allowance off the run"
			r.leftStart += atStart
			r.leftEnd -= atEnd
		} else if r.leftEnd-r.leftStart <= max(atStart, atEnd) {
			// "forgives a whole run no longer than the allowance of either edge"
			r.leftEnd = r.leftStart
		}
	}
	// rule 7: "what 6 left of a run, if shorter, is tolerated"
	if r.leftEnd-r.leftStart < j.c.Policy.threshold() {
		r.leftEnd = r.leftStart
	}
	if r.leftEnd < r.leftStart {
		r.leftEnd = r.leftStart
	}
}

// startAllowance is rule 6: "A run at the activity's start is allowed
// start_late of this activity and, if the actual state matches the activity
// before, that one's end_late: the longer, never the sum."
func (j *nJudge) startAllowance(r nRun) nInstant {
	if j.runStart(r) != j.acts[r.act].Start {
		return 0
	}
	allowed := j.c.Policy.edge(j.acts[r.act].Category, "start_late")
	if b, ok := j.matchesBefore(r); ok {
		allowed = max(allowed, j.c.Policy.edge(b.Category, "end_late"))
	}
	return allowed
}

// endAllowance is rule 6: "A run at the activity's end mirrors it: end_early,
// and the next activity's start_early if the actual state matches it."
func (j *nJudge) endAllowance(r nRun) nInstant {
	if j.runEnd(r) != j.acts[r.act].End {
		return 0
	}
	allowed := j.c.Policy.edge(j.acts[r.act].Category, "end_early")
	if n, ok := j.matchesNext(r); ok {
		allowed = max(allowed, j.c.Policy.edge(n.Category, "start_early"))
	}
	return allowed
}

// matchesBefore: "matches means at the first ... instant of the run; the
// activity before ... is the agent's activity that ends ... at exactly that
// instant, of any shift".
func (j *nJudge) matchesBefore(r nRun) (nActivity, bool) {
	for _, b := range j.acts {
		if b.End == j.runStart(r) && j.match(b, j.slices[r.first].state) == yes {
			return b, true
		}
	}
	return nActivity{}, false
}

func (j *nJudge) matchesNext(r nRun) (nActivity, bool) {
	for _, n := range j.acts {
		if n.Start == j.runEnd(r) && j.match(n, j.slices[r.last].state) == yes {
			return n, true
		}
	}
	return nActivity{}, false
}

// kind is rule 8: "the kind of the whole run, first match".
func (j *nJudge) kind(r nRun, dayIsAbsent bool) string {
	if r.act == outside {
		return "outside_shift"
	}
	a, shift := j.acts[r.act], nShift{start: -1, end: -1}
	if s := j.shiftOf[r.act]; s != noShift {
		shift = j.shifts[s]
	}
	_, matchesBefore := j.matchesBefore(r)
	_, matchesNext := j.matchesNext(r)
	switch {
	case dayIsAbsent:
		return "absent"
	case j.notResponding(r):
		return "not_responding"
	case j.runStart(r) == a.Start && matchesBefore:
		return "late_change"
	case j.runEnd(r) == a.End && matchesNext:
		return "early_change"
	case j.runStart(r) == shift.start:
		return "late_start"
	case j.runEnd(r) == shift.end:
		return "early_end"
	}
	return "wrong_status"
}

// notResponding is rule 8: "status available, routing not responding
// throughout"; fine print: "not_responding ignores an absent status".
func (j *nJudge) notResponding(r nRun) bool {
	for _, s := range j.slices[r.first : r.last+1] {
		if isOneOf(s.state.status, "available") != yes && s.state.status != absent {
			return false
		}
		if s.state.routing != "not_responding" {
			return false
		}
	}
	return true
}

// impact is rule 8, last sentence; fine print: "Outside the schedule, on queue
// is positive."
func (j *nJudge) impact(s nSlice) string {
	switch {
	case s.act != outside && j.acts[s.act].Category == "on_queue_work" && !s.onQueue:
		return "negative"
	case (s.act == outside || j.acts[s.act].Category != "on_queue_work") && s.onQueue:
		return "positive"
	}
	return "neutral"
}

// exceptionOn is the part of an exception that belongs to a day (section 4:
// "an exception is listed on each day with its part"; fine print: "What 6 and 7
// leave of a run gives the exception's start, end and parts").
func (j *nJudge) exceptionOn(r nRun, day string, dayIsAbsent bool) (nException, bool) {
	e := nException{ScheduledCategory: "unscheduled", Kind: j.kind(r, dayIsAbsent)}
	if r.act != outside {
		e.ScheduledCategory = j.acts[r.act].Category
	}
	for _, s := range j.slices[r.first : r.last+1] {
		start, end := max(s.start, r.leftStart), min(s.end, r.leftEnd)
		if s.day != day || start >= end {
			continue
		}
		p := nPart{start, end, nWord(s.state.presence), nWord(s.state.status), nWord(s.state.routing), j.impact(s)}
		if n := len(e.Parts); n > 0 && sameState(e.Parts[n-1], p) {
			e.Parts[n-1].End = p.End
		} else {
			e.Parts = append(e.Parts, p)
		}
	}
	if len(e.Parts) == 0 {
		return e, false
	}
	e.Start, e.End = e.Parts[0].Start, e.Parts[len(e.Parts)-1].End
	e.Seconds = nSeconds(e.End - e.Start)
	return e, true
}

// sameState: "Parts are equal when presence, status, routing and impact are."
func sameState(a, b nPart) bool {
	return a.Presence == b.Presence && a.Status == b.Status && a.Routing == b.Routing && a.Impact == b.Impact
}
