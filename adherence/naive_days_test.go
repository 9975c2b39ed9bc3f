package adherence_test

import (
	"slices"
)

// This file is the naive reading of RULES.md section 6: the numbers of a day.

// days lists "every day with scheduled time, and every day with on-queue time
// and no schedule".
func (j *nJudge) days() []nDay {
	var names []string
	for _, s := range j.slices {
		if s.act != outside || s.onQueue {
			names = append(names, s.day)
		}
	}
	slices.Sort(names)
	days := []nDay{}
	for _, name := range slices.Compact(names) {
		days = append(days, j.day(name))
	}
	return days
}

func (j *nJudge) day(name string) nDay {
	d := nDay{Day: name, Exceptions: []nException{}}
	for _, s := range j.slices {
		if s.day == name {
			j.add(&d, s)
		}
	}
	dayIsAbsent := j.isAbsent(name)
	for _, r := range j.runs() {
		j.addRun(&d, r, dayIsAbsent)
	}
	d.ExceptionCount = len(d.Exceptions)
	j.coverage(&d)
	j.adherence(&d, dayIsAbsent)
	j.conformance(&d, dayIsAbsent)
	return d
}

// add counts one slice, before tolerance.
func (j *nJudge) add(d *nDay, s nSlice) {
	if s.act == outside {
		if s.onQueue {
			d.UnscheduledOnQueue += s.length()
			// "outside it no farther than shift_gap from a shift"
			if j.nearestShift(s.start) != noShift {
				d.ConformanceActual += s.length()
			}
		}
		return
	}
	d.Scheduled += s.length()
	switch s.verdict {
	case "in":
		d.In += s.length()
	case "out":
		d.Out += s.length()
	case "neutral":
		d.Neutral += s.length()
	case "ignored":
		d.Ignored += s.length()
	case "unknown":
		d.Unknown += s.length()
	}
	// "scheduled time that is neutral, ignored or unknown is on neither side"
	if s.verdict == "in" || s.verdict == "out" {
		if j.acts[s.act].Category == "on_queue_work" {
			d.ConformanceScheduled += s.length()
		}
		if s.onQueue {
			d.ConformanceActual += s.length()
		}
	}
}

// addRun moves what rules 6 and 7 forgive from out to tolerated, and lists what
// is left as an exception.
func (j *nJudge) addRun(d *nDay, r nRun, dayIsAbsent bool) {
	e, left := j.exceptionOn(r, d.Day, dayIsAbsent)
	if left {
		d.Exceptions = append(d.Exceptions, e)
	}
	if r.act == outside {
		d.Outside += e.Seconds
		return
	}
	var whole nSeconds
	for _, s := range j.slices[r.first : r.last+1] {
		if s.day == d.Day {
			whole += s.length()
		}
	}
	d.Out -= whole - e.Seconds
	d.Tolerated += whole - e.Seconds
}

// coverage: "(scheduled - ignored - unknown) / (scheduled - ignored) * 100,
// null when scheduled = ignored".
func (j *nJudge) coverage(d *nDay) {
	if d.Scheduled != d.Ignored {
		d.CoveragePercent = percent(d.Scheduled-d.Ignored-d.Unknown, d.Scheduled-d.Ignored)
	}
}

// adherence: "(in + tolerated) / counted * 100, null whenever in + tolerated +
// out = 0", with the reasons in the order of the page.
func (j *nJudge) adherence(d *nDay, dayIsAbsent bool) {
	judged := d.In + d.Tolerated + d.Out
	switch {
	case d.Scheduled == 0:
		d.AdherenceReason = reason("no_schedule")
	case dayIsAbsent && isSet(j.c.Policy.AbsentCounts):
		d.AdherencePercent = percent(0, 1)
	case dayIsAbsent:
		d.AdherenceReason = reason("absent")
	case judged == 0 && d.Unknown == 0 && j.allTimeOff(d.Day):
		d.AdherenceReason = reason("time_off")
	case judged == 0 && d.Unknown == 0:
		d.AdherenceReason = reason("nothing_judged")
	case judged == 0:
		d.AdherenceReason = reason("no_data")
	default:
		d.AdherencePercent = percent(d.In+d.Tolerated, judged+d.Outside)
	}
}

// conformance: "on-queue time / scheduled on-queue time * 100"; reasons
// "nothing_scheduled_on_queue, then absent"; fine print: "absent_counts: true
// makes adherence and conformance 0".
func (j *nJudge) conformance(d *nDay, dayIsAbsent bool) {
	switch {
	case d.ConformanceScheduled == 0:
		d.ConformanceReason = reason("nothing_scheduled_on_queue")
	case dayIsAbsent && isSet(j.c.Policy.AbsentCounts):
		d.ConformancePercent = percent(0, 1)
	case dayIsAbsent:
		d.ConformanceReason = reason("absent")
	default:
		d.ConformancePercent = percent(d.ConformanceActual, d.ConformanceScheduled)
	}
}

// allTimeOff: "all that was scheduled is time off or unavailable".
func (j *nJudge) allTimeOff(day string) bool {
	for _, s := range j.slices {
		if s.day == day && s.act != outside && !timeOff(j.acts[s.act].Category) {
			return false
		}
	}
	return true
}

func reason(r string) *string { return &r }

// isAbsent is section 6: "the last scheduled activity is over, something other
// than time_off or unavailable was scheduled and not corrected or ignored,
// nothing was forced in, and the agent is known to have been offline throughout
// all of it". Section 4: absence looks "at whole activities". Fine print:
// "Absence looks only at time that is neither time off nor unavailable nor
// corrected nor ignored, and, under day: midnight, at the whole of every shift
// that has a part of the day".
func (j *nJudge) isAbsent(day string) bool {
	something := false
	for i, a := range j.acts {
		if !j.bearsOn(i, day) {
			continue
		}
		if a.End > j.c.AsOf {
			return false
		}
		for _, s := range j.slices {
			if s.act != i {
				continue
			}
			if s.forced {
				return false
			}
			if timeOff(a.Category) || s.verdict == "neutral" || s.verdict == "ignored" {
				continue
			}
			something = true
			if s.state.presence != "offline" {
				return false
			}
		}
	}
	return something
}

// bearsOn reports whether activity i, or another one of its shift, has a part of the day.
func (j *nJudge) bearsOn(i int, day string) bool {
	for k := range j.acts {
		if (k == i || j.shiftOf[k] == j.shiftOf[i] && j.shiftOf[i] != noShift) && j.touches(k, day) {
			return true
		}
	}
	return false
}

// touches reports whether activity i has time on the day, counted or not.
func (j *nJudge) touches(i int, day string) bool {
	a := j.acts[i]
	if j.dayInSchedule(i, a.Start) == day {
		return true
	}
	for _, m := range j.midnights(a.Start, a.End) {
		if m < a.End && j.dayInSchedule(i, m) == day {
			return true
		}
	}
	return false
}
