package simulate

import (
	"cmp"
	"container/heap"

	"rollcall/schemas"
)

// Live is the endless stream of status changes that continues the centre's history, in order of time. It holds about
// two days of changes per agent. It is not safe for concurrent use.
type Live struct {
	planner *planner
	after   schemas.Instant
	agents  liveAgents
}

// liveAgent is what one agent will do next.
type liveAgent struct {
	number int
	next   schemas.Date
	rows   []row
}

// liveAgents is a heap: the agent whose next change comes first is on top.
type liveAgents []*liveAgent

func (h liveAgents) Len() int { return len(h) }
func (h liveAgents) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].rows[0].at, h[j].rows[0].at), cmp.Compare(h[i].number, h[j].number)) < 0
}
func (h liveAgents) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push and Pop are there for container/heap; the number of agents never changes.
func (h *liveAgents) Push(x any) { *h = append(*h, x.(*liveAgent)) }

// Pop takes the last one off.
func (h *liveAgents) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// Live returns the changes after the instant, which is the configuration's Now for a stream that goes on where Write
// stopped. Past the last scheduled date the agents keep to the same rota.
func (c *Centre) Live(after schemas.Instant) *Live {
	l := &Live{planner: newPlanner(c), after: after}
	for i := range c.agents {
		a := &liveAgent{number: i, next: max(c.cfg.first(), c.agents[i].zone.Date(after)-1)}
		l.refill(a)
		l.agents = append(l.agents, a)
	}
	heap.Init(&l.agents)
	return l
}

// refill plans day after day until the agent has something to do.
func (l *Live) refill(a *liveAgent) {
	for len(a.rows) == 0 {
		l.planner.plan(a.number, a.next)
		a.next++
		for _, r := range l.planner.rows {
			if r.at > l.after {
				a.rows = append(a.rows, r)
			}
		}
	}
}

// Next returns the next change and when it is due, which is its At. There always is one.
func (l *Live) Next() (schemas.Change, schemas.Instant) {
	a := l.agents[0]
	r := a.rows[0]
	if a.rows = a.rows[1:]; len(a.rows) == 0 {
		a.rows = nil
		l.refill(a)
	}
	heap.Fix(&l.agents, 0)
	return schemas.Change{
		Source:    l.planner.centre.cfg.Source,
		AgentID:   l.planner.centre.agents[a.number].id,
		At:        r.at,
		Presence:  r.presence,
		Status:    r.status,
		Routing:   r.routing,
		Secondary: r.secondary,
		Note:      r.note,
	}, r.at
}
