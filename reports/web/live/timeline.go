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
	From, To  schemas.Instant
	Ticks     []web.Tick
	Plan, Did []web.Band
	NowX      string
	Label     string
}

// timelineOf draws a judged day as far as it has come at the instant now.
func timelineOf(d *schemas.AgentDay, zone schemas.Zone, now schemas.Instant) timeline {
	span, ok := spanOf(d)
	if !ok {
		return timeline{}
	}
	t := timeline{From: span.Start, To: span.End}
	scale := func(at schemas.Instant) float64 { return float64(at.Sub(span.Start)) * 100 / float64(span.MS()) }
	stretch := func(from, to schemas.Instant, class, label, title string) web.Band {
		from, to = max(from, span.Start), min(to, span.End)
		x, w := scale(from), scale(to)-scale(from)
		if !web.Fits(label, w, web.WidePicture) {
			label = ""
		}
		return web.Band{
			X:      web.Coordinate(x),
			Width:  web.Coordinate(w),
			Class:  class,
			Label:  label,
			Title:  fmt.Sprintf("%s–%s %s", web.Clock(zone, from), web.Clock(zone, to), title),
			Narrow: !web.Fits(label, w, web.NarrowPicture),
		}
	}
	for i := range d.Activities {
		a := &d.Activities[i]
		name := cmp.Or(a.Code, web.Label(a.Category))
		t.Plan = append(t.Plan, stretch(a.Start, a.End, a.Category.String(), name, name))
	}
	for _, v := range joined(d.Intervals) {
		if v.End <= span.Start || v.Start >= span.End {
			continue
		}
		did := web.Label(reports.StateWords(v.State))
		t.Did = append(t.Did, stretch(v.Start, v.End, "v-"+web.VerdictClass(v.Verdict), did, did+": "+
			web.VerdictTitle(v.Verdict)))
	}
	if span.Contains(now) {
		t.NowX = web.Coordinate(scale(now))
	}
	t.Ticks = web.Ticks(span, zone, scale)
	t.Label = fmt.Sprintf("Timeline from %s to %s: %d activities scheduled, %d deviations so far",
		web.Clock(zone, span.Start),
		web.Clock(zone, span.End), len(d.Activities), len(d.Exceptions))
	return t
}

// spanOf returns the whole hours that hold the day's schedule and the work outside it.
func spanOf(d *schemas.AgentDay) (schemas.Interval, bool) {
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
	if span.Empty() {
		return span, false
	}
	span.Start = span.Start.Add(-(int64(span.Start) % schemas.HourMS))
	if rest := int64(span.End) % schemas.HourMS; rest != 0 {
		span.End = span.End.Add(schemas.HourMS - rest)
	}
	return span, true
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
