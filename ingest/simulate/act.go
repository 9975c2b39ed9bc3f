package simulate

import (
	"cmp"
	"slices"

	"rollcall/schemas"
)

// row is one status change of the agent; empty fields are unchanged.
type row struct {
	at        schemas.Instant
	presence  schemas.Presence
	status    schemas.Status
	routing   schemas.Routing
	secondary string
	note      string
}

// piece is a time in which the mode stays the same.
type piece struct {
	schemas.Interval
	mode mode
	// code is what was scheduled when the piece began; -1 outside.
	code int
}

// act turns the plan into status changes: one for every change of mode, the coming and going of interactions while on
// queue, and a repeated state on days on which nothing happens, so that no state is ever older than a day.
func (p *planner) act() {
	p.rows = p.rows[:0]
	if p.date == p.centre.cfg.first() {
		p.rows = append(p.rows, row{at: p.agent.zone.DayStart(p.date), presence: schemas.PresenceOffline,
			status: schemas.StatusOffQueue, routing: schemas.RoutingOffQueue})
	}
	p.cut()
	if len(p.pieces) == 0 {
		p.rows = append(p.rows, stateRow(p.wall(12, 0).Add(p.draw.seconds(0, 3000)), piece{mode: offline, code: -1}))
		return
	}
	before := offline
	for _, v := range p.pieces {
		if v.mode != before {
			p.rows = append(p.rows, changeRow(v, before))
		}
		if v.mode == onQueue {
			p.interactions(v.Interval)
		}
		before = v.mode
	}
	if before != offline {
		p.rows = append(p.rows, stateRow(p.pieces[len(p.pieces)-1].End, piece{mode: offline, code: -1}))
	}
	p.loseInGaps()
}

// cut divides the day at every edge of a block or deviation and retains what differs; time offline at either end is
// left out.
func (p *planner) cut() {
	p.points, p.pieces = p.points[:0], p.pieces[:0]
	for i := range p.blocks {
		p.points = append(p.points, p.blocks[i].Start, p.blocks[i].End)
	}
	for i := range p.stretches {
		p.points = append(p.points, p.stretches[i].Start, p.stretches[i].End)
	}
	slices.Sort(p.points)
	for i := 1; i < len(p.points); i++ {
		if v := (schemas.Interval{Start: p.points[i-1], End: p.points[i]}); !v.Empty() {
			p.join(v)
		}
	}
	for n := len(p.pieces); n > 0 && p.pieces[n-1].mode == offline; n-- {
		p.pieces = p.pieces[:n-1]
	}
}

// join appends the piece, to the one before when the agent just goes on.
func (p *planner) join(v schemas.Interval) {
	m, c := p.doing(v.Start)
	n := len(p.pieces)
	switch {
	case n == 0 && m == offline:
	case n > 0 && p.pieces[n-1].mode == m:
		p.pieces[n-1].End = v.End
	default:
		p.pieces = append(p.pieces, piece{v, m, c})
	}
}

// doing returns the mode at the instant: that of the deviation, else that of the block.
func (p *planner) doing(t schemas.Instant) (mode, int) {
	for i := range p.stretches {
		if p.stretches[i].Contains(t) {
			return p.stretches[i].mode, -1
		}
	}
	for i := range p.blocks {
		if p.blocks[i].Contains(t) {
			return p.blocks[i].mode(), p.blocks[i].code
		}
	}
	return offline, -1
}

// changeRow is the row with which a piece begins. The routing engine alone reports when somebody stops answering.
func changeRow(v piece, before mode) row {
	switch {
	case v.mode == notResponding && before == onQueue:
		return row{at: v.Start, routing: schemas.RoutingNotResponding}
	case v.mode == onQueue && before == notResponding:
		return row{at: v.Start, routing: schemas.RoutingIdle}
	}
	return stateRow(v.Start, v)
}

// stateRow names all three fields.
func stateRow(at schemas.Instant, v piece) row {
	r := row{at: at, presence: schemas.PresenceAway, status: schemas.StatusOffQueue, routing: schemas.RoutingOffQueue}
	switch v.mode {
	case offline:
		r.presence = schemas.PresenceOffline
	case onQueue:
		r.presence, r.status, r.routing = schemas.PresenceAvailable, schemas.StatusAvailable, schemas.RoutingIdle
	case notResponding:
		r.presence, r.status = schemas.PresenceAvailable, schemas.StatusAvailable
		r.routing = schemas.RoutingNotResponding
	case onBreak:
		r.status = schemas.StatusBreak
	case atMeal:
		r.status, r.note = schemas.StatusMeal, "back soon"
	case inMeeting:
		r.presence, r.status = schemas.PresenceBusy, schemas.StatusMeeting
	case inTraining:
		r.presence, r.status = schemas.PresenceBusy, schemas.StatusTraining
	case offQueue:
		r.presence = schemas.PresenceAvailable
	}
	if v.code >= 0 {
		r.secondary = codes[v.code].secondary
	}
	return r
}

// interactions come and go between the start and the end of the time on queue.
func (p *planner) interactions(v schemas.Interval) {
	at := v.Start
	for {
		at = at.Add(p.draw.seconds(4, 1150))
		if at >= v.End {
			return
		}
		routing := schemas.RoutingInteracting
		if p.draw.permille(40) {
			routing = schemas.RoutingCommunicating
		}
		p.rows = append(p.rows, row{at: at, routing: routing})
		at = at.Add(p.draw.seconds(25, 1250))
		if at >= v.End {
			return
		}
		p.rows = append(p.rows, row{at: at, routing: schemas.RoutingIdle})
	}
}

// loseInGaps takes out the rows that fall into a gap. The feed repeats the state when it is back.
func (p *planner) loseInGaps() {
	for _, g := range p.gaps {
		if !p.centre.cfg.happened(g.End) {
			continue
		}
		from, state := 0, row{}
		for from < len(p.rows) && p.rows[from].at < g.Start {
			state.apply(&p.rows[from])
			from++
		}
		to := from
		for to < len(p.rows) && p.rows[to].at <= g.End {
			state.apply(&p.rows[to])
			to++
		}
		if to > from {
			state.at = g.End
			p.rows = slices.Replace(p.rows, from, to, state)
		}
	}
}

// apply takes over the fields that the later row names.
func (r *row) apply(later *row) {
	r.presence, r.routing = cmp.Or(later.presence, r.presence), cmp.Or(later.routing, r.routing)
	if later.status != schemas.StatusNone {
		r.status, r.secondary, r.note = later.status, later.secondary, later.note
	}
}
