package files

import (
	"cmp"
	"fmt"

	"rollcall/schemas"
)

// usualLongest is how long a shift is at most where neither the options nor the profile allow more.
const usualLongest = 14 * schemas.HourMS

// longest is how long a shift may be, in milliseconds.
func (o *Options) longest() int64 {
	return cmp.Or(o.LongestMS, o.profile().LongestMS, usualLongest)
}

// rejectLong rejects a row of a shift that is longer than shifts are; of several only the first is listed.
func (d *dayMaking) rejectLong(agent string, r *scheduleRow, span schemas.Interval, again bool) {
	d.spoiled = append(d.spoiled, *r)
	hours := (span.MS() + schemas.HourMS - 1) / schemas.HourMS
	at := func(t schemas.Instant) string {
		return t.Time().In(d.zoneAt(agent, span.Start).Location()).Format("Mon 2 Jan 2006 15:04")
	}
	lasts := hoursText(span.MS())
	if span.MS() == schemas.DayMS {
		lasts = "24 h or not at all"
	}
	p := r.problem(fmt.Sprintf("correct its times; if they are right, allow it with --longest %dh (field or key longest)",
		hours), "the shift of %s from %s to %s lasts %s, and a shift lasts %s at most", agent, at(span.Start),
		at(span.End), lasts, hoursText(d.longest))
	if again {
		d.report.Accepted--
		d.report.Rejected++
		d.report.again(p)
		return
	}
	d.report.reject(p)
}

// hoursText writes a length of time in hours and minutes.
func hoursText(ms int64) string {
	text := fmt.Sprintf("%d h", ms/schemas.HourMS)
	if minutes := ms % schemas.HourMS / schemas.MinuteMS; minutes > 0 {
		text += fmt.Sprintf(" %d min", minutes)
	}
	return text
}
