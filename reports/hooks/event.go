package hooks

import (
	"cmp"
	"slices"
	"time"

	"rollcall/schemas"
)

// between says what happened to an agent between two rows of the board, in the order in which it is reported. A nil
// row, and one that is Gone, stands for an agent who is absent. EventOut means that a run out of adherence began,
// EventBack that one ended; both that one ended and another began.
func between(before, after *schemas.LiveAgent) []Event {
	x, y := present(before), present(after)
	var out []Event
	if after != nil && !after.Gone && (x.Presence != y.Presence || x.Status != y.Status || x.Secondary != y.Secondary) {
		out = append(out, EventStatus)
	}
	if x.Routable != y.Routable {
		out = append(out, EventRoutable)
	}
	was, is := x.AdherenceState == schemas.LiveOutOfAdherence, y.AdherenceState == schemas.LiveOutOfAdherence
	another := was && is && y.AdherenceSince > x.AsOf // the row of x held until then: in between there was something else
	if was && !is || another {
		out = append(out, EventBack)
	}
	if is && !was || another {
		out = append(out, EventOut)
	}
	return out
}

// present returns the row, or an empty one for an agent who is absent.
func present(a *schemas.LiveAgent) schemas.LiveAgent {
	if a == nil || a.Gone {
		return schemas.LiveAgent{}
	}
	return *a
}

// notice is an event for some of the hooks.
type notice struct {
	event Event
	at    schemas.Instant
	agent *schemas.LiveAgent // nil for feeds and alarms
	feed  *feedSilent
	alarm *schemas.Alarm
	hooks []int // places in Config.Hooks
}

// feedSilent is what feed.silent sends.
type feedSilent struct {
	Source string          `json:"source"`
	Since  schemas.Instant `json:"since"`
}

// run is a stretch out of adherence that has not ended.
type run struct {
	since    schemas.Instant
	reported []bool // by hook
}

// watch turns rows into notices. It is pure: the instants are given. It is for one goroutine.
type watch struct {
	hooks []Hook
	rows  map[string]*schemas.LiveAgent
	runs  map[string]*run
	// open are the agents whose run some hook has yet to be notified of.
	open map[string]*run
}

func newWatch(hooks []Hook) *watch {
	return &watch{hooks: hooks, rows: map[string]*schemas.LiveAgent{}, runs: map[string]*run{}, open: map[string]*run{}}
}

// begin takes the board as it is, which is no event. A run that a hook would have been notified of by now counts as
// reported.
func (w *watch) begin(rows []*schemas.LiveAgent, now schemas.Instant) {
	for _, a := range rows {
		w.rows[a.AgentID] = a
		if a.AdherenceState != schemas.LiveOutOfAdherence {
			continue
		}
		r := w.start(a, a.AdherenceSince)
		for i := range w.hooks {
			r.reported[i] = dueAt(r, &w.hooks[i]) <= now
		}
	}
}

func (w *watch) start(a *schemas.LiveAgent, since schemas.Instant) *run {
	r := &run{since, make([]bool, len(w.hooks))}
	w.runs[a.AgentID], w.open[a.AgentID] = r, r
	return r
}

func dueAt(r *run, h *Hook) schemas.Instant { return r.since.Add(h.Delay.Milliseconds()) }

// changed takes newer rows, the longest changed first, then reports the runs that are due.
func (w *watch) changed(rows []*schemas.LiveAgent, now schemas.Instant) []notice {
	var out []notice
	slices.SortFunc(rows, func(x, y *schemas.LiveAgent) int { return cmp.Compare(x.Version, y.Version) })
	for _, a := range rows {
		for _, e := range between(w.rows[a.AgentID], a) {
			switch e {
			case EventOut:
				w.start(a, cmp.Or(a.AdherenceSince, now))
			case EventBack:
				out = w.ended(out, a)
			case EventStatus, EventRoutable:
				out = w.add(out, notice{event: e, at: a.AsOf, agent: a, hooks: w.listeners(e, w.team(a))})
			case EventSilent, EventAlarm:
			}
		}
		if w.rows[a.AgentID] = a; a.Gone {
			delete(w.rows, a.AgentID)
		}
	}
	return w.due(out, now)
}

// team returns the agent's team; of one who has left, the one that they were in.
func (w *watch) team(a *schemas.LiveAgent) string {
	if old := w.rows[a.AgentID]; a.Gone && old != nil {
		return old.Team
	}
	return a.Team
}

func (w *watch) listeners(e Event, team string) []int {
	var out []int
	for i := range w.hooks {
		if w.hooks[i].wants(e, team) {
			out = append(out, i)
		}
	}
	return out
}

func (w *watch) add(out []notice, n notice) []notice {
	if len(n.hooks) > 0 {
		out = append(out, n)
	}
	return out
}

// ended reports the end of a run to the hooks that were notified of it, or would have been if they wanted to.
func (w *watch) ended(out []notice, a *schemas.LiveAgent) []notice {
	r := w.runs[a.AgentID]
	delete(w.runs, a.AgentID)
	delete(w.open, a.AgentID)
	n := notice{event: EventBack, at: a.AsOf, agent: a}
	for i := range w.hooks {
		if r != nil && r.reported[i] && w.hooks[i].wants(EventBack, w.team(a)) {
			n.hooks = append(n.hooks, i)
		}
	}
	return w.add(out, n)
}

// due reports the runs that have lasted long enough.
func (w *watch) due(out []notice, now schemas.Instant) []notice {
	var found []notice
	for id, r := range w.open {
		n := notice{event: EventOut, at: now, agent: w.rows[id]}
		left := 0
		for i := range w.hooks {
			h := &w.hooks[i]
			switch {
			case r.reported[i]:
			case dueAt(r, h) > now:
				left++
			default:
				if r.reported[i] = true; h.wants(EventOut, n.agent.Team) {
					n.hooks = append(n.hooks, i)
				}
			}
		}
		if left == 0 {
			delete(w.open, id)
		}
		found = w.add(found, n)
	}
	slices.SortFunc(found, func(x, y notice) int { return cmp.Compare(x.agent.AgentID, y.agent.AgentID) })
	return append(out, found...)
}

// next returns the instant at which due has something to do without any change, or false.
func (w *watch) next() (schemas.Instant, bool) {
	var first schemas.Instant
	found := false
	for _, r := range w.open {
		for i := range w.hooks {
			if at := dueAt(r, &w.hooks[i]); !r.reported[i] && (!found || at < first) {
				first, found = at, true
			}
		}
	}
	return first, found
}

// wait returns the time from now until an instant, 0 for one that has passed.
func wait(until, now schemas.Instant) time.Duration {
	return time.Duration(max(until.Sub(now), 0)) * time.Millisecond
}
