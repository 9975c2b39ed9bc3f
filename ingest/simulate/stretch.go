package simulate

import (
	"slices"

	"rollcall/schemas"
)

// stretch is one deviation: in it the agent is in a mode of its own instead of the scheduled one.
type stretch struct {
	schemas.Interval
	mode mode
}

// place adds the deviation where nothing forbids it: it touches no other one, no gap and no time off, and lies within
// the shift. Where something does, it is left out.
func (p *planner) place(from, to schemas.Instant, m mode) {
	v := schemas.Interval{Start: from, End: to}
	span := p.span()
	if v.Start < span.Start || v.End > span.End {
		return
	}
	if !slices.ContainsFunc(p.blocks, func(b block) bool { return b.rests() && b.Overlaps(widened(v)) }) {
		p.insert(v, m)
	}
}

// insert adds the deviation in order, unless another one or a gap is near.
func (p *planner) insert(v schemas.Interval, m mode) {
	if v.Empty() || p.nearGap(v) {
		return
	}
	at := 0
	for i := range p.stretches {
		if p.stretches[i].Overlaps(widened(v)) {
			return
		}
		if p.stretches[i].Start < v.Start {
			at = i + 1
		}
	}
	p.stretches = slices.Insert(p.stretches, at, stretch{v, m})
}

// often is true in n of 1,000 cases for an agent of usual care.
func (p *planner) often(n int) bool { return p.draw.permille(n * p.agent.carelessness / 100) }

// deviate draws what does not go as scheduled.
func (p *planner) deviate() {
	switch p.kindOfDay {
	case dayOff:
		p.workOnDayOff()
	case dayHoliday:
		p.workOnHoliday()
	case dayShift, dayTraining:
		if p.often(12) && p.stayAway() {
			return
		}
		p.edges()
		p.switches()
		p.inside()
	case dayClosed:
	}
}

// workOnDayOff: the agent comes in around noon without being scheduled, far from any shift.
func (p *planner) workOnDayOff() {
	if p.often(8) {
		from := p.wall(11, 30).Add(p.draw.seconds(0, 1800))
		p.insert(schemas.Interval{Start: from, End: from.Add(p.draw.seconds(1200, 7200))}, onQueue)
	}
}

// workOnHoliday: the agent takes interactions during time off.
func (p *planner) workOnHoliday() {
	if p.often(30) {
		from := p.span().Start.Add(p.draw.seconds(600, 7200))
		p.insert(schemas.Interval{Start: from, End: from.Add(p.draw.seconds(300, 3600))}, onQueue)
	}
}

// stayAway: a no-show. Not where a gap touches the shift: then it would not be known.
func (p *planner) stayAway() bool {
	if p.nearGap(p.span()) {
		return false
	}
	p.stretches = append(p.stretches, stretch{p.span(), offline})
	p.absent = true
	return true
}

// edges: late start or early sign-on, early leave or overtime.
func (p *planner) edges() {
	span := p.span()
	switch {
	case p.often(5):
		p.place(span.Start, span.Start.Add(p.draw.seconds(3000, 9000)), offline)
	case p.often(140):
		p.place(span.Start, span.Start.Add(p.draw.seconds(20, 1500)), offline)
	case p.often(100):
		p.insert(schemas.Interval{Start: span.Start.Add(-p.draw.seconds(20, 480)), End: span.Start}, onQueue)
	}
	switch {
	case p.often(5):
		p.place(span.End.Add(-p.draw.seconds(2400, 9000)), span.End, offline)
	case p.often(70):
		p.place(span.End.Add(-p.draw.seconds(20, 1200)), span.End, offline)
	case p.often(120) && p.blocks[len(p.blocks)-1].mode() == onQueue:
		p.insert(schemas.Interval{Start: span.End, End: span.End.Add(p.draw.seconds(20, 1500))}, onQueue)
	}
}

// switches: at each change of what is to be done the agent may change late, early or not at all.
func (p *planner) switches() {
	for i := 1; i < len(p.blocks); i++ {
		before, now := &p.blocks[i-1], &p.blocks[i]
		if before.mode() == now.mode() || before.rests() || now.rests() {
			continue
		}
		longest := int(min(now.MS(), before.MS())/schemas.SecondMS) - 120
		switch {
		case p.often(12): // forgot to switch
			p.place(now.Start, now.End, before.mode())
		case p.often(150): // stayed in the one before: late to break, overran the break
			p.place(now.Start, now.Start.Add(p.draw.seconds(10, min(600, longest))), before.mode())
		case p.often(50): // changed early
			p.place(now.Start.Add(-p.draw.seconds(10, min(300, longest))), now.Start, now.mode())
		}
	}
}

// inside: in the midst of work the agent does not answer, or is in the wrong status.
func (p *planner) inside() {
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.mode() != onQueue {
			continue
		}
		from := b.Start.Add(2*marginMS + p.draw.Int64N(b.MS()/2/schemas.SecondMS)*schemas.SecondMS)
		m, length := notResponding, p.draw.seconds(20, 150)
		if p.often(500) {
			m, length = pick(p.draw, []mode{inMeeting, offQueue, onBreak, offline, inTraining}), p.draw.seconds(45, 600)
		}
		if p.often(14) && from.Add(length) < b.End.Add(-marginMS) {
			p.place(from, from.Add(length), m)
		}
	}
}
