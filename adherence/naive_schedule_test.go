package adherence_test

import (
	"slices"
	"sort"
	"time"
)

// This file is the naive reading of RULES.md section 4: shifts and days.

// nShift is a shift: where it starts and ends, and the indexes of its
// activities in nJudge.acts.
type nShift struct {
	start, end nInstant
	acts       []int
}

const noShift = -1

const sameIDApart = nInstant(12 * 60 * 60 * 1000)

func timeOff(category string) bool { return category == "time_off" || category == "unavailable" }

// buildShifts is section 4, "Shifts". j.acts is sorted by start.
func (j *nJudge) buildShifts() {
	j.shiftOf = make([]int, len(j.acts))
	for i := range j.shiftOf {
		j.shiftOf[i] = noShift
	}
	// "Activities with one id are one shift, but the same id after a gap of 12 h
	// or more is another shift."
	latest := map[string]int{}
	for i, a := range j.acts {
		if a.Shift == "" {
			continue
		}
		s, ok := latest[a.Shift]
		if !ok || a.Start-j.shifts[s].end >= sameIDApart {
			s = j.newShift(a)
			latest[a.Shift] = s
		}
		j.join(i, s)
	}
	// "Activities without an id form runs among themselves: a gap of at most
	// shift_gap (default 2 h) joins." Fine print: "Runs of activities without an
	// id are formed without time off, which bridges no gap."
	run := noShift
	for i, a := range j.acts {
		if a.Shift != "" || timeOff(a.Category) {
			continue
		}
		if run == noShift || a.Start-j.shifts[run].end > j.c.Policy.shiftGap() {
			run = j.newShift(a)
		}
		j.join(i, run)
	}
	// "Time off and unavailable join a shift only by its id or between its other
	// activities"; fine print: "between two shifts it joins the earlier".
	slices.SortFunc(j.shifts, func(a, b nShift) int { return int(a.start - b.start) })
	for s, shift := range j.shifts {
		for _, i := range shift.acts {
			j.shiftOf[i] = s
		}
	}
	for i, a := range j.acts {
		if a.Shift != "" || !timeOff(a.Category) {
			continue
		}
		for s, shift := range j.shifts {
			if shift.start < a.Start && a.End < shift.end {
				j.shiftOf[i] = s
				break
			}
		}
	}
}

func (j *nJudge) newShift(a nActivity) int {
	j.shifts = append(j.shifts, nShift{start: a.Start, end: a.End})
	return len(j.shifts) - 1
}

func (j *nJudge) join(i, s int) {
	j.shifts[s].end = j.acts[i].End
	j.shifts[s].acts = append(j.shifts[s].acts, i)
}

// localDate is the local date of an instant.
func (j *nJudge) localDate(t nInstant) string {
	return time.UnixMilli(int64(t)).In(j.zone).Format("2006-01-02")
}

// midnights are the first instants of the local dates after from up to to.
func (j *nJudge) midnights(from, to nInstant) []nInstant {
	const day = 24 * 60 * 60 * 1000
	var found []nInstant
	for from < to {
		today := j.localDate(from)
		ahead := sort.Search(2*day, func(ms int) bool { return j.localDate(from+nInstant(ms)) > today })
		from += nInstant(ahead)
		found = append(found, from)
	}
	return found
}

// dayInSchedule is section 4, "Days": the day of an instant inside activity i.
func (j *nJudge) dayInSchedule(i int, t nInstant) string {
	// "with day: midnight it is cut at local midnight"; time off in no shift
	// belongs "to the local dates that they cover".
	if j.c.Policy.Day == "midnight" || j.shiftOf[i] == noShift {
		return j.localDate(t)
	}
	// "A shift belongs to the local date on which it starts".
	return j.localDate(j.shifts[j.shiftOf[i]].start)
}

// nearestShift is the shift no farther than shift_gap from t that is nearest,
// or noShift. Fine print: "Distance to a shift is to its span, 0 inside it;
// time between two shifts is cut half way (rounded down to the millisecond)
// and exactly at shift_gap."
func (j *nJudge) nearestShift(t nInstant) int {
	before, after := noShift, noShift
	for s, shift := range j.shifts {
		if shift.start <= t && t < shift.end {
			return s
		}
		if shift.end <= t && (before == noShift || shift.end > j.shifts[before].end) {
			before = s
		}
		if t < shift.start && (after == noShift || shift.start < j.shifts[after].start) {
			after = s
		}
	}
	gap := j.c.Policy.shiftGap()
	if before != noShift && t >= j.shifts[before].end+gap {
		before = noShift
	}
	if after != noShift && t < j.shifts[after].start-gap {
		after = noShift
	}
	if before == noShift {
		return after
	}
	if after == noShift || t < halfWay(j.shifts[before], j.shifts[after]) {
		return before
	}
	return after
}

func halfWay(a, b nShift) nInstant {
	return a.end + (b.start-a.end)/2
}

// dayOutside is section 6: "On-queue time outside the schedule belongs to the
// day of the nearest shift within shift_gap, else to its own local date, always
// to its own under day: midnight."
func (j *nJudge) dayOutside(t nInstant) string {
	if s := j.nearestShift(t); s != noShift && j.c.Policy.Day != "midnight" {
		return j.localDate(j.shifts[s].start)
	}
	return j.localDate(t)
}
