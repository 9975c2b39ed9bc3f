package simulate

import "rollcall/schemas"

// answer is what a judge with the default policy must find for an agent-day; lengths in milliseconds.
type answer struct {
	scheduled, in, out      int64
	onScheduled, onActual   int64
	exceptions              int
	absent, worksUnexpected bool
}

// answer adds up what was planned and what each deviation costs. It never looks at the status rows.
//
// As planned, all scheduled time is in but leave, which is not judged, and on-queue work is on queue. A gap takes its
// scheduled time out of both. A deviation lies in no gap and near no other one, so in every block that it touches it
// makes one exception of just the time that it covers, takes that time from on-queue work, or adds it where the agent
// is on queue instead.
func (p *planner) answer() answer {
	a := answer{absent: p.absent}
	for i := range p.blocks {
		p.asPlanned(&p.blocks[i], &a)
	}
	for i := range p.stretches {
		p.cost(&p.stretches[i], &a)
	}
	return a
}

func (p *planner) asPlanned(b *block, a *answer) {
	a.scheduled += b.MS()
	if b.leave() {
		return
	}
	known := b.MS()
	for i := range p.gaps {
		if v := p.gaps[i].Clip(b.Interval); !v.Empty() && p.centre.cfg.happened(p.gaps[i].End) {
			known -= v.MS()
		}
	}
	a.in += known
	if b.mode() == onQueue {
		a.onScheduled += known
		a.onActual += known
	}
}

// leave reports whether the block is time off or unavailable.
func (b *block) leave() bool {
	category := codes[b.code].category
	return category == schemas.CategoryTimeOff || category == schemas.CategoryUnavailable
}

func (p *planner) cost(s *stretch, a *answer) {
	inside := int64(0)
	for i := range p.blocks {
		b := &p.blocks[i]
		v := s.Clip(b.Interval)
		if v.Empty() {
			continue
		}
		inside += v.MS()
		if s.mode == b.mode() || b.leave() {
			continue
		}
		a.in -= v.MS()
		a.out += v.MS()
		a.exceptions++
		if s.mode == onQueue {
			a.onActual += v.MS()
		}
		if b.mode() == onQueue {
			a.onActual -= v.MS()
		}
	}
	if s.mode == onQueue && s.MS() > inside {
		a.onActual += s.MS() - inside
		a.worksUnexpected = true
	}
}

// listed reports whether the day exists at all: something was scheduled, or the agent was on queue without it.
func (a *answer) listed() bool { return a.scheduled > 0 || a.worksUnexpected }

// adherence returns the percentage in hundredths, and whether it exists (RULES.md section 6).
func (a *answer) adherence() (int64, bool) { return hundredths(a.in, a.in+a.out, a.absent) }

// conformance returns the percentage in hundredths, and whether it exists.
func (a *answer) conformance() (int64, bool) { return hundredths(a.onActual, a.onScheduled, a.absent) }

// hundredths rounds half up, which for lengths is half away from zero.
func hundredths(num, den int64, absent bool) (int64, bool) {
	if den == 0 || absent {
		return 0, false
	}
	return (num*20_000 + den) / (2 * den), true
}
