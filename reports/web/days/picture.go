package days

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"

	"rollcall/ingest/decisions"
	"rollcall/reports/web"
	"rollcall/schemas"
)

// dayPicture is a day in one picture: what was scheduled over what was done, the verdict under both, and every
// deviation labelled. All places are percentages of its width, so that it fits any window.
type dayPicture struct {
	Label         string
	Ticks         []web.Tick
	Plan, Did     []web.Band
	Moments       []moment
	Gaps, Covered []web.Band
	Labels        []dayLabel
	// Height is that of the whole, Foot where the labels begin.
	Height int
}

// moment is one stretch that can be pointed at and focused: it leads to its line of the table.
type moment struct {
	N                      int
	X, Width, Class, Title string
}

// dayLabel names a deviation under its place. Anchor is start or end; DX keeps the text off the line.
type dayLabel struct {
	N, Step          int
	X, Width, Anchor string
	DX, Y, LineTo    int
	Text, Short      string
	Class            string
}

// The picture's measures, in pixels from its upper edge.
const (
	labelsFrom = 138
	labelEvery = 18
	labelLanes = 6
)

// pictureOf draws an explained day.
func pictureOf(day *schemas.AgentDay, steps []stretch, deviations []dayDeviation, units []*decisions.CorrectionUnit,
	zone schemas.Zone) dayPicture {
	span := spanOfSteps(steps)
	if span.Empty() {
		return dayPicture{}
	}
	c := canvas{span, zone}
	p := dayPicture{Ticks: web.Ticks(span, zone, c.scale)}
	for i := 0; i < len(steps); {
		j := i + 1
		for j < len(steps) && samePlan(&steps[i], &steps[j]) {
			j++
		}
		if name := steps[i].plan(); name != "" && c.shows(steps[i].Start, steps[j-1].End) {
			p.Plan = append(p.Plan, c.band(steps[i].Start, steps[j-1].End, steps[i].Activity.Category.String(), name))
		}
		i = j
	}
	for i := 0; i < len(steps); {
		j := i + 1
		for j < len(steps) && steps[j].Start == steps[j-1].End && steps[j].did() == steps[i].did() {
			j++
		}
		s := &steps[i]
		if !c.shows(s.Start, steps[j-1].End) {
			i = j
			continue
		}
		p.Did = append(p.Did, c.band(s.Start, steps[j-1].End, stateClass(s), web.Label(s.did())))
		i = j
	}
	for i := range steps {
		if !c.shows(steps[i].Start, steps[i].End) {
			continue
		}
		p.Moments = append(p.Moments, c.moment(i, &steps[i]))
		if len(steps[i].Gaps) > 0 {
			p.Gaps = append(p.Gaps, c.band(steps[i].Start, steps[i].End, "gap", "feed gap"))
		}
	}
	for _, u := range units {
		for _, k := range u.Corrections {
			if k.AgentID == day.AgentID && span.Overlaps(schemas.Interval{Start: k.Start, End: k.End}) {
				p.Covered = append(p.Covered, c.band(k.Start, k.End, "covered "+u.Status.String(), u.Status.String()+": "+u.Reason))
			}
		}
	}
	p.label(&c, day.Exceptions, deviations)
	p.Label = fmt.Sprintf("Timeline from %s to %s, scheduled over actual: %d stretches, %d deviations. Each stretch "+
		"leads to its line in the table below.",
		web.Clock(zone, span.Start), web.Clock(zone, span.End), len(steps), len(deviations))
	return p
}

// samePlan says whether two neighbours belong to one scheduled activity.
func samePlan(a, b *stretch) bool {
	if a.Activity == nil || b.Activity == nil {
		return a.Activity == b.Activity
	}
	return a.Activity.Category == b.Activity.Category && a.Activity.Code == b.Activity.Code &&
		a.Activity.Line == b.Activity.Line &&
		a.origin.ID == b.origin.ID
}

// spanOfSteps returns the whole half hours that hold the schedule and the work outside it.
func spanOfSteps(steps []stretch) schemas.Interval {
	var v schemas.Interval
	for i := range steps {
		s := &steps[i]
		if s.Verdict == schemas.VerdictNone && !s.OnQueue {
			continue // what happened before and after is in the table
		}
		if v.Empty() {
			v.Start = s.Start
		}
		v.End = s.End
	}
	if v.Empty() {
		return v
	}
	v.Start = v.Start.Add(-(int64(v.Start) % (schemas.HourMS / 2)))
	if rest := int64(v.End) % (schemas.HourMS / 2); rest != 0 {
		v.End = v.End.Add(schemas.HourMS/2 - rest)
	}
	return v
}

// canvas puts instants into their places.
type canvas struct {
	span schemas.Interval
	zone schemas.Zone
}

func (c *canvas) scale(at schemas.Instant) float64 {
	return float64(at.Sub(c.span.Start)) * 100 / float64(c.span.MS())
}

// shows says whether any of the time lies in the picture.
func (c *canvas) shows(from, to schemas.Instant) bool { return from < c.span.End && to > c.span.Start }

func (c *canvas) band(from, to schemas.Instant, class, label string) web.Band {
	from, to = max(from, c.span.Start), min(to, c.span.End)
	x, w := c.scale(from), c.scale(to)-c.scale(from)
	b := web.Band{
		X:      web.Coordinate(x),
		Width:  web.Coordinate(w),
		Class:  class,
		Label:  label,
		Title:  clockRange(c.zone, from, to) + " " + label,
		Narrow: !web.Fits(label, w, web.NarrowPicture),
	}
	if !web.Fits(label, w, web.WidePicture) {
		b.Label = ""
	}
	return b
}

// moment is a stretch with its whole explanation as its title.
func (c *canvas) moment(i int, s *stretch) moment {
	v := stepOf(i, s, c.zone)
	title := fmt.Sprintf("%s (%s), %s", v.When, v.Length, cmp.Or(v.Verdict, "–"))
	if v.Kind != "" {
		title += ", " + v.Kind
	}
	title += fmt.Sprintf("\nscheduled: %s\ndone: %s\n%s: %s", cmp.Or(v.Plan, "nothing"), v.Did, v.Rule, v.Because)
	if v.Schedule != "" {
		title += "\nschedule: " + v.Schedule
	}
	for _, f := range v.Facts {
		title += "\nfact: " + f
	}
	from, to := max(s.Start, c.span.Start), min(s.End, c.span.End)
	return moment{N: i + 1, X: web.Coordinate(c.scale(from)), Width: web.Coordinate(c.scale(to) - c.scale(from)),
		Class: v.Class, Title: title}
}

// stateClass returns the colour of what was done: that of the category which it would match.
func stateClass(s *stretch) string {
	switch {
	case s.State.Presence == schemas.PresenceOffline:
		return "is-offline"
	case s.OnQueue:
		return "on_queue_work"
	case s.State.Status == schemas.StatusUnknown, s.State.Status == schemas.StatusNone &&
		s.State.Routing == schemas.RoutingNone:
		return "is-unknown"
	case s.State.Status == schemas.StatusBreak, s.State.Status == schemas.StatusMeal:
		return "break"
	case s.State.Status == schemas.StatusMeeting, s.State.Status == schemas.StatusTraining:
		return "meeting"
	}
	return "off_queue_work"
}

// label puts the names of the deviations under their places, in as many lanes as it takes for none to lie on another.
func (p *dayPicture) label(c *canvas, exceptions []schemas.Exception, deviations []dayDeviation) {
	var ends []float64
	most := 0
	for i := range exceptions {
		x, d := &exceptions[i], &deviations[i]
		from, to := max(x.Start, c.span.Start), min(x.End, c.span.End)
		l := dayLabel{
			N:      d.N,
			Step:   d.Step,
			X:      web.Coordinate(c.scale(from)),
			Width:  web.Coordinate(max(0, c.scale(to)-c.scale(from))),
			Anchor: "start",
			DX:     4,
			Text:   fmt.Sprintf("%d  %s, %s", d.N, d.Kind, d.Length),
			Short:  fmt.Sprint(d.N),
			Class:  impactClass(x),
		}
		left, wide := c.scale(from), float64(14+7*utf8.RuneCountInString(l.Text))*100/web.WidePicture
		if left+wide > 100 { // at the right edge the text goes to the left
			l.X, l.Anchor, l.DX = web.Coordinate(c.scale(to)), "end", -4
			left = c.scale(to) - wide
		}
		lane := slices.IndexFunc(ends, func(end float64) bool { return end <= left })
		switch {
		case lane < 0 && len(ends) < labelLanes:
			lane = len(ends)
			ends = append(ends, 0)
		case lane < 0: // no room for another name: its number, and the list below
			l.Text, wide, lane = l.Short, 3, labelLanes-1
		}
		ends[lane] = left + wide
		l.Y = labelsFrom + lane*labelEvery
		l.LineTo = l.Y - 4
		most = max(most, lane+1)
		p.Labels = append(p.Labels, l)
	}
	p.Height = labelsFrom - 8 + most*labelEvery
}

// impactClass says whether an exception cost the queue.
func impactClass(x *schemas.Exception) string {
	for _, part := range x.Parts {
		if part.Impact == schemas.ImpactNegative {
			return "negative"
		}
	}
	return "mild"
}
