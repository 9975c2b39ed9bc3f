package simulate

import (
	"cmp"
	"slices"

	"rollcall/schemas"
)

// planner makes one agent-day after the other, each from seed, agent and date alone. Its slices are used again for the
// next day, so its results are good until then.
type planner struct {
	centre    *Centre
	draw      *chance
	agent     *agent
	number    int
	date      schemas.Date
	kindOfDay dayKind
	// blocks are the schedule of the date, in order.
	blocks []block
	// stretches are the deviations, in order; at most one starts before and one after the shift.
	stretches []stretch
	// absent says that a stretch offline covers the whole shift.
	absent bool
	// gaps are the gaps that touch the date, in order: those of the whole feed and at most one of the agent alone.
	gaps []gap
	rows []row

	spare   []breather
	lengths []int
	points  []schemas.Instant
	pieces  []piece
}

func newPlanner(c *Centre) *planner { return &planner{centre: c, draw: newChance()} }

// plan makes the day of agent number i on the date.
func (p *planner) plan(i int, date schemas.Date) {
	p.agent, p.number, p.date = &p.centre.agents[i], i, date
	p.stretches, p.gaps, p.absent = p.stretches[:0], p.gaps[:0], false
	p.feedGaps()
	p.draw.seed(p.centre.cfg.Seed, streamDay, uint64(i), uint64(date)) //nolint:gosec // both are positive
	p.schedule()
	p.ownGap()
	p.deviate()
	p.act()
}

// span is the whole of the blocks; empty without any.
func (p *planner) span() schemas.Interval {
	if len(p.blocks) == 0 {
		return schemas.Interval{}
	}
	return schemas.Interval{Start: p.blocks[0].Start, End: p.blocks[len(p.blocks)-1].End}
}

// over reports whether the day can no longer change: the local date is over and everything planned for it has happened.
func (p *planner) over() bool {
	end := max(p.agent.zone.DayStart(p.date+1), p.span().End)
	if n := len(p.stretches); n > 0 {
		end = max(end, p.stretches[n-1].End)
	}
	return p.centre.cfg.happened(end)
}

// gap is time in which the feed was silent, of one agent or of all.
type gap struct {
	schemas.Interval
	own bool
}

// feedGap draws the gap of the whole feed that starts on the UTC date, if there is one.
func (c *Centre) feedGap(draw *chance, utc schemas.Date) (schemas.Interval, bool) {
	draw.seed(c.cfg.Seed, streamFeed, uint64(utc), 0) //nolint:gosec // utc is positive
	if !draw.permille(300) {
		return schemas.Interval{}, false
	}
	start := schemas.Instant(int64(utc) * schemas.DayMS).Add(int64(draw.IntN(85_000)) * schemas.SecondMS)
	return schemas.Interval{Start: start, End: start.Add(draw.seconds(60, 1200))}, true
}

// feedGaps collects the gaps of the whole feed that can touch the date: those of its UTC date and its neighbours.
func (p *planner) feedGaps() {
	for utc := p.date - 1; utc <= p.date+1; utc++ {
		if v, ok := p.centre.feedGap(p.draw, utc); ok {
			p.gaps = append(p.gaps, gap{v, false})
		}
	}
}

// ownGap draws a gap of this agent alone, somewhere in the shift and apart from the gaps of the feed.
func (p *planner) ownGap() {
	span := p.span()
	if span.Empty() || !p.draw.permille(12) {
		return
	}
	start := span.Start.Add(p.draw.Int64N(span.MS()/schemas.SecondMS) * schemas.SecondMS)
	v := schemas.Interval{Start: start, End: start.Add(p.draw.seconds(90, 1500))}
	if p.nearGap(v) {
		return
	}
	at, _ := slices.BinarySearchFunc(p.gaps, v.Start,
		func(g gap, t schemas.Instant) int { return cmp.Compare(g.Start, t) })
	p.gaps = slices.Insert(p.gaps, at, gap{v, true})
}

// nearGap reports whether a gap lies within the margin of v.
func (p *planner) nearGap(v schemas.Interval) bool {
	v = widened(v)
	return slices.ContainsFunc(p.gaps, func(g gap) bool { return g.Overlaps(v) })
}

// marginMS is what stays free around a deviation, so that no two touch and each one's cost can be stated by itself.
const marginMS = schemas.MinuteMS

func widened(v schemas.Interval) schemas.Interval {
	return schemas.Interval{Start: v.Start.Add(-marginMS), End: v.End.Add(marginMS)}
}
