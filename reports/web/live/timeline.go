package live

import (
	"cmp"
	"fmt"

	"rollcall/reports"
	"rollcall/reports/web"
	"rollcall/schemas"
)

// timeline is a day as a picture: what was scheduled over what was done, coloured by verdict. All places are
// percentages of its width, so that it fits any window.
type timeline struct {
	Ticks     []web.Tick
	Plan, Did []web.Band
	NowX      string
	Label     string
}

// timelineOf draws a judged day as far as it has come at the instant now.
func timelineOf(d *schemas.AgentDay, zone schemas.Zone, now schemas.Instant) timeline {
	span := spanOf(d)
	if span.Empty() {
		return timeline{}
	}
	c := web.NewCanvas(span, schemas.HourMS, zone)
	t := timeline{Ticks: c.Ticks()}
	for i := range d.Activities {
		a := &d.Activities[i]
		name := cmp.Or(a.Code, web.Label(a.Category))
		t.Plan = append(t.Plan, c.Band(a.Start, a.End, a.Category.String(), name, name))
	}
	for _, v := range joined(d.Intervals) {
		if c.Shows(v.Start, v.End) {
			did := web.Label(reports.StateWords(v.State))
			t.Did = append(t.Did, c.Band(v.Start, v.End, "v-"+web.VerdictClass(v.Verdict), did,
				did+": "+web.VerdictTitle(v.Verdict)))
		}
	}
	if c.Span.Contains(now) {
		t.NowX = web.Coordinate(c.Scale(now))
	}
	t.Label = fmt.Sprintf("Timeline from %s to %s: %d activities scheduled, %d deviations so far",
		web.Clock(zone, c.Span.Start), web.Clock(zone, c.Span.End), len(d.Activities), len(d.Exceptions))
	return t
}

// spanOf returns the time that holds the day's schedule and the work outside it.
func spanOf(d *schemas.AgentDay) schemas.Interval {
	var span schemas.Interval
	add := func(from, to schemas.Instant) {
		if span.Empty() {
			span = schemas.Interval{Start: from, End: to}
		}
		span = schemas.Interval{Start: min(span.Start, from), End: max(span.End, to)}
	}
	for i := range d.Activities {
		add(d.Activities[i].Start, d.Activities[i].End)
	}
	for i := range d.Intervals {
		if v := &d.Intervals[i]; v.OnQueue || v.Verdict != schemas.VerdictNone {
			add(v.Start, v.End)
		}
	}
	return span
}

// joined puts neighbours of one state and verdict together.
func joined(in []schemas.JudgedInterval) []schemas.JudgedInterval {
	var out []schemas.JudgedInterval
	for _, v := range in {
		if n := len(out); n > 0 && out[n-1].End == v.Start && out[n-1].Verdict == v.Verdict &&
			reports.StateWords(out[n-1].State) == reports.StateWords(v.State) {
			out[n-1].End = v.End
			continue
		}
		out = append(out, v)
	}
	return out
}
