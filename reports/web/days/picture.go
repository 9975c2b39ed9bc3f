package days

import (
	"cmp"
	"fmt"
	"iter"
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
	Step          int
	X, Anchor     string
	DX, Y, LineTo int
	Text, Short   string
	Class         string
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
	c := canvas{web.NewCanvas(span, schemas.HourMS/2, zone)}
	p := dayPicture{Ticks: c.Ticks()}
	for first, last := range runs(steps, samePlan) {
		if name := first.plan(); name != "" && c.Shows(first.Start, last.End) {
			p.Plan = append(p.Plan, c.Band(first.Start, last.End, first.Activity.Category.String(), name, name))
		}
	}
	for first, last := range runs(steps, sameState) {
		if c.Shows(first.Start, last.End) {
			did := web.Label(first.did())
			p.Did = append(p.Did, c.Band(first.Start, last.End, stateClass(first), did, did))
		}
	}
	for i := range steps {
		s := &steps[i]
		if !c.Shows(s.Start, s.End) {
			continue
		}
		p.Moments = append(p.Moments, c.moment(i, s))
		if len(s.Gaps) > 0 {
			p.Gaps = append(p.Gaps, c.Band(s.Start, s.End, "gap", "", "feed gap"))
		}
	}
	for _, u := range units {
		for _, k := range u.Corrections {
			if k.AgentID == day.AgentID && c.Shows(k.Start, k.End) {
				p.Covered = append(p.Covered, c.Band(k.Start, k.End, "covered "+u.Status.String(), "", u.Reason))
			}
		}
	}
	p.label(&c, day.Exceptions, deviations)
	p.Label = fmt.Sprintf("Timeline from %s to %s, scheduled over actual: %d stretches, %d deviations. Each stretch "+
		"leads to its line in the table below.",
		web.Clock(zone, c.Span.Start), web.Clock(zone, c.Span.End), len(steps), len(deviations))
	return p
}

// runs yields the first and the last of each run of neighbours of which every next goes on with the one before.
func runs(steps []stretch, same func(a, b *stretch) bool) iter.Seq2[*stretch, *stretch] {
	return func(yield func(first, last *stretch) bool) {
		for from := 0; from < len(steps); {
			to := from
			for to+1 < len(steps) && same(&steps[to], &steps[to+1]) {
				to++
			}
			if !yield(&steps[from], &steps[to]) {
				return
			}
			from = to + 1
		}
	}
}

// sameState says whether the second goes on with what was done in the first.
func sameState(a, b *stretch) bool { return a.End == b.Start && a.did() == b.did() }

// samePlan says whether two neighbours belong to one scheduled activity.
func samePlan(a, b *stretch) bool {
	if a.Activity == nil || b.Activity == nil {
		return a.Activity == b.Activity
	}
	return a.Activity.Category == b.Activity.Category && a.Activity.Code == b.Activity.Code &&
		a.Activity.Line == b.Activity.Line &&
		a.origin.ID == b.origin.ID
}

// spanOfSteps returns the time that holds the schedule and the work outside it.
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
	return v
}

// canvas draws the stretches of a day.
type canvas struct{ web.Canvas }

// moment is a stretch with its whole explanation as its title.
func (c *canvas) moment(i int, s *stretch) moment {
	v := stepOf(i, s, c.Zone)
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
	band := c.Band(s.Start, s.End, v.Class, "", "")
	return moment{N: i + 1, X: band.X, Width: band.Width, Class: v.Class, Title: title}
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
		from, to := max(x.Start, c.Span.Start), min(x.End, c.Span.End)
		l := dayLabel{
			Step:   d.Step,
			X:      web.Coordinate(c.Scale(from)),
			Anchor: "start",
			DX:     4,
			Text:   fmt.Sprintf("%d  %s, %s", d.N, d.Kind, d.Length),
			Short:  fmt.Sprint(d.N),
			Class:  impactClass(x),
		}
		left, wide := c.Scale(from), float64(14+7*utf8.RuneCountInString(l.Text))*100/web.WidePicture
		if left+wide > 100 { // at the right edge the text goes to the left
			l.X, l.Anchor, l.DX = web.Coordinate(c.Scale(to)), "end", -4
			left = c.Scale(to) - wide
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
