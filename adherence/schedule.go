package adherence

import "rollcall/schemas"

// This file is RULES.md section 4 and the attribution of section 6: the schedule becomes one list of plots.

// scheduled is what the judge works out once for an activity.
type scheduled struct {
	line  *rule
	shift int32
	// ignored: rule 2; rests: time off or unavailable; onQueueWork: counts on the scheduled side of conformance.
	ignored, rests, onQueueWork bool
	absence                     absence
}

// plot is a stretch of the window with one scheduled activity, or none, that counts for one day.
type plot struct {
	start, end schemas.Instant
	// act is the index of the activity, -1 outside the schedule.
	act int32
	// slot is the index of the day in j.slots; 0 is for days that are not wanted.
	slot int32
	// present are the bits of the fields that are not absent on the day.
	present code
	// near says that the plot is no farther than shift_gap from a shift (section 6, on-queue time).
	near bool
}

// formShifts groups the activities and looks up what holds for each of them.
func (j *Judge) formShifts() {
	acts := j.in.Activities
	j.shiftOf, j.shifts = schemas.FormShifts(acts, j.rules.policy.ShiftGapMS, j.shiftOf[:0], j.shifts[:0])
	j.shiftDays = j.shiftDays[:0]
	for _, s := range j.shifts { // a shift belongs to the local date on which it starts, in the zone in force then
		day, _ := j.dateAt(s.Start)
		j.shiftDays = append(j.shiftDays, day)
	}
	j.acts = j.acts[:0]
	for i := range acts {
		a := &acts[i]
		j.acts = append(j.acts, scheduled{
			line: j.rules.lineOf(a), shift: j.shiftOf[i], ignored: j.rules.ignores(a),
			rests:       a.Category == schemas.CategoryTimeOff || a.Category == schemas.CategoryUnavailable,
			onQueueWork: a.Category == schemas.CategoryOnQueueWork,
		})
	}
}

// window sets the stretch that is judged: all that can matter for the wanted days, as far as there is anything to say
// of it, and nothing after as_of.
func (j *Judge) window() {
	first, last := j.extent()
	last = min(last, j.in.AsOf)
	j.win = schemas.Interval{Start: first, End: last}
	if j.win.Empty() {
		return
	}
	// A date of another zone, or of a shift nearby, is at most two days off.
	from, _ := j.dateAt(first)
	to, _ := j.dateAt(last.Add(j.rules.policy.ShiftGapMS))
	from, to = from-2, to+2
	if j.in.From > from && !j.rules.policy.CreditContact {
		// A credited contact may have begun at any time before; else activities, runs and distances decide.
		day, _ := j.dayBounds(min(j.in.From, to), to)
		j.win.Start = max(first, j.reachBack(day))
	}
	if j.in.To < to {
		_, end := j.dayBounds(from, max(j.in.To, from))
		j.win.End = min(last, j.reachAhead(end))
	}
	j.openSlots(max(from, j.in.From), min(to, j.in.To))
}

// extent returns the stretch outside of which nothing is scheduled, every state is unknown, and of no change it is open
// whether it counts.
func (j *Judge) extent() (first, last schemas.Instant) {
	first, last = forever, -forever
	if acts := j.in.Activities; len(acts) > 0 {
		first, last = acts[0].Start, acts[len(acts)-1].End
	}
	if facts := j.in.Facts; len(facts) > 0 {
		first = min(first, facts[0].At)
		believedMS := j.rules.policy.CarryForwardMS
		if j.in.anyComplete() {
			believedMS = max(believedMS, schemas.LongestAbsenceMS)
		}
		if j.rules.prefers {
			believedMS = max(believedMS, secondThoughtMS+1)
		}
		last = max(last, facts[len(facts)-1].At.Add(believedMS))
	}
	return first, last
}

// around is how far outside of a day's shifts time can matter for it: by its distance to a shift, or as part of a run
// outside the schedule that is measured against the threshold.
func (j *Judge) around() int64 {
	return j.rules.policy.ShiftGapMS + j.rules.policy.ExceptionThresholdMS
}

// reachBack returns the first instant that can matter for days from the one that starts at day: whole activities and
// shifts are looked at.
func (j *Judge) reachBack(day schemas.Instant) schemas.Instant {
	limit := day.Add(-j.around())
	start := limit
	for i := range j.in.Activities {
		a := &j.in.Activities[i]
		if a.Start >= limit {
			break
		}
		if a.End > limit {
			start = min(start, a.Start)
		}
	}
	for _, s := range j.shifts {
		if s.Start < limit && s.End > limit {
			start = min(start, s.Start)
		}
	}
	return start
}

// reachAhead returns the end of what can matter for days up to the one that ends at end.
func (j *Judge) reachAhead(end schemas.Instant) schemas.Instant {
	last := end
	for _, s := range j.shifts {
		if s.Start < end {
			last = max(last, s.End)
		}
	}
	for i := range j.in.Activities {
		a := &j.in.Activities[i]
		if a.Start >= end {
			break
		}
		last = max(last, a.End)
	}
	return last.Add(j.around())
}

// layPlots fills j.plots for the window, in order and without holes.
func (j *Judge) layPlots() {
	j.plots = j.plots[:0]
	j.ended = endedShifts{last: -1}
	at := j.win.Start
	acts := j.in.Activities
	for i := range acts {
		if acts[i].End <= j.win.Start {
			continue
		}
		if start := min(acts[i].Start, j.win.End); start > at {
			j.layOutside(at, start)
		}
		j.layActivity(i) // also of those after the window: the day is not over before they are
		at = max(at, acts[i].End)
	}
	if at < j.win.End {
		j.layOutside(at, j.win.End)
	}
}

// layActivity puts an activity whole on the day of its shift. With `day: midnight` it is cut at local midnight, and so
// is time off in no shift, which belongs to the local dates that it covers.
func (j *Judge) layActivity(i int) {
	a := &j.in.Activities[i]
	shift := j.shiftOf[i]
	if shift != schemas.NoShift && j.rules.policy.Day != schemas.DayMidnight {
		j.layOn(i, j.shiftDays[shift], a.Interval())
		return
	}
	for t := a.Start; t < a.End; {
		day, end := j.dateAt(t)
		end = min(end, a.End)
		j.layOn(i, day, schemas.Interval{Start: t, End: end})
		t = end
	}
}

// layOn enrolls an activity on a day and lays what the window shows of the stretch.
func (j *Judge) layOn(i int, day schemas.Date, stretch schemas.Interval) {
	if slot := j.slotOf(day); slot != 0 {
		j.slots[slot].enroll(int32(i), j.in.Activities[i].End) //nolint:gosec // an agent has few activities
	}
	if stretch = stretch.Clip(j.win); !stretch.Empty() {
		j.lay(stretch.Start, stretch.End, int32(i), day, true) //nolint:gosec // as above
	}
}

// lay adds a plot of a day.
func (j *Judge) lay(start, end schemas.Instant, act int32, day schemas.Date, near bool) {
	j.plots = append(j.plots, plot{
		start:   start,
		end:     end,
		act:     act,
		slot:    j.slotOf(day),
		present: j.presentOn(day, end),
		near:    near,
	})
}

// endedShifts follows the shifts that began before a stretch outside the schedule.
type endedShifts struct {
	// begun is how many shifts began; of these, all before low have ended, and last is the one that ends last, or -1.
	begun, low, last int
}

// pass takes in the shifts that begin before end. Stretches come in order.
func (e *endedShifts) pass(shifts []schemas.Interval, start, end schemas.Instant) {
	for e.begun < len(shifts) && shifts[e.begun].Start < end {
		if e.last < 0 || shifts[e.begun].End > shifts[e.last].End {
			e.last = e.begun
		}
		e.begun++
	}
	for e.low < e.begun && shifts[e.low].End <= start {
		e.low++
	}
}

// layOutside lays a stretch between two activities. It belongs to the day of the nearest shift within shift_gap: the
// distance is to a shift's span, 0 inside it; between two shifts the time is cut half way, rounded down to the
// millisecond, and exactly at shift_gap (fine print). Farther away it belongs to its own local date.
func (j *Judge) layOutside(start, end schemas.Instant) {
	j.ended.pass(j.shifts, start, end)
	if j.ended.low < j.ended.begun && j.shifts[j.ended.low].End > start {
		// A span begins and ends with an activity, so it covers all of the stretch; of two, the earlier shift has it.
		j.layNear(j.ended.low, start, end)
		return
	}
	before, after := start, end // where the reach of the shift before ends, and that of the next begins
	gap := j.rules.policy.ShiftGapMS
	if j.ended.last >= 0 {
		before = j.shifts[j.ended.last].End.Add(gap)
	}
	if j.ended.begun < len(j.shifts) {
		next := j.shifts[j.ended.begun].Start
		after = next.Add(-gap)
		if j.ended.last >= 0 {
			last := j.shifts[j.ended.last].End
			middle := last.Add(next.Sub(last) / 2)
			before, after = min(before, middle), max(after, middle)
		}
	}
	before, after = max(before, start), min(after, end)
	if before > start {
		j.layNear(j.ended.last, start, min(before, end))
	}
	if before < after {
		j.layDates(before, after, false)
	}
	if after < end {
		j.layNear(j.ended.begun, max(after, start), end)
	}
}

// layNear lays a stretch that is within the reach of a shift: on its day, or on its own under `day: midnight`.
func (j *Judge) layNear(shift int, start, end schemas.Instant) {
	if j.rules.policy.Day == schemas.DayMidnight {
		j.layDates(start, end, true)
		return
	}
	j.lay(start, end, outside, j.shiftDays[shift], true)
}

// layDates lays a stretch outside the schedule on its own local dates.
func (j *Judge) layDates(start, end schemas.Instant, near bool) {
	for start < end {
		day, until := j.dateAt(start)
		until = min(until, end)
		j.lay(start, until, outside, day, near)
		start = until
	}
}

// presentOn returns the bits of the fields that are not absent in a stretch of the day that ends at end. The day ends
// with its date and its shifts; what was named within the stretch is not absent in it either.
func (j *Judge) presentOn(day schemas.Date, end schemas.Instant) code {
	if !j.presentVaries {
		return j.presentAlways
	}
	cal, _ := j.zoneAt(end - 1)
	end = max(end, cal.dayStart(day+1))
	if j.rules.policy.Day != schemas.DayMidnight {
		for n, d := range j.shiftDays {
			if d == day {
				end = max(end, j.shifts[n].End)
			}
		}
	}
	return j.present(end)
}
