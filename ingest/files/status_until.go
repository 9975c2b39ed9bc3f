package files

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// lastingStates are the states of a file whose rows say when a state ended, from which changes are made: at each
// instant that state counts, of those that last, which began last. Where none lasts, the state between rows counts, and
// after an agent's last row the state after them. A row that says no end lasts until the agent's next row; so does one
// that ends where it begins: it is a change, and no stretch of time.
//
// Rows may come in any order, so all of them are held: in 32 bytes each, and more where they have ids or notes.
type lastingStates struct {
	agents map[string]int
	lists  []agentStates
	// states are the different things that rows say, without their agents and instants, ids and notes.
	states  []schemas.Change
	numbers map[schemas.Change]uint32
	// between and after say what counts where no row does.
	between, after schemas.Change
	yield          func(schemas.Change)
	warn           func(rows.Problem)
	tally          statesTally
}

// agentStates are the states of one agent.
type agentStates struct {
	agent string
	rows  []lastingState
}

// lastingState is one state: a row of the file.
type lastingState struct {
	start, end  schemas.Instant
	state, line uint32
	own         *ownTexts // nil where it has none
}

// ownTexts are what hardly two rows say alike.
type ownTexts struct{ id, note string }

// openEnd is the end of a row that says none.
const openEnd = schemas.Instant(math.MaxInt64)

// statesTally counts the changes, and the time between rows for which no row says anything.
type statesTally struct {
	changes, holes int
	holesMS        int64
	// of is the agent of the last hole, agents counts those who have one.
	of      string
	agents  int
	longest lastingState
	whose   string
}

// newLasting begins. Without a profile that says more, the state between rows is unknown, in every field that the file
// has, and so it is after them.
func (s *statusReader) newLasting() *lastingStates {
	p := s.opt.profile()
	l := &lastingStates{agents: map[string]int{}, numbers: map[schemas.Change]uint32{}, between: p.Between, after: p.After,
		warn: s.report.Warn}
	if l.between.Fields() == 0 {
		if s.at[statusPresence] >= 0 {
			l.between.Presence = schemas.PresenceUnknown
		}
		if s.at[statusStatus] >= 0 {
			l.between.Status = schemas.StatusUnknown
		}
		if s.at[statusRouting] >= 0 {
			l.between.Routing = schemas.RoutingUnknown
		}
	}
	if l.after.Fields() == 0 {
		l.after = l.between
	}
	l.between.Source, l.after.Source = s.source, s.source
	return l
}

// add takes a row, which ends at the instant or says no end.
func (l *lastingStates) add(c *schemas.Change, end schemas.Instant, line int) {
	said := *c
	var own *ownTexts
	if c.ID != "" || c.Note != "" {
		own = &ownTexts{c.ID, c.Note}
	}
	said.AgentID, said.At, said.ID, said.Note = "", 0, "", ""
	n, known := l.numbers[said]
	if !known {
		n = uint32(len(l.states)) //nolint:gosec // a file has fewer rows
		l.numbers[said] = n
		l.states = append(l.states, said)
	}
	i, known := l.agents[c.AgentID]
	if !known {
		i = len(l.lists)
		l.agents[c.AgentID] = i
		l.lists = append(l.lists, agentStates{agent: c.AgentID})
	}
	if end == c.At {
		end = openEnd
	}
	//nolint:gosec // a place in a file
	l.lists[i].rows = append(l.lists[i].rows, lastingState{c.At, end, n, uint32(line), own})
}

// finish makes the changes of all rows, agent by agent and in order of time, and says what rows leave open.
func (l *lastingStates) finish() {
	for i := range l.lists {
		a := &l.lists[i]
		a.order()
		t := stateTime{lastingStates: l, agent: a.agent}
		for k, r := range a.rows {
			if k > 0 {
				t.pass(r.start)
			}
			t.begin(r)
		}
		t.pass(openEnd)
		a.rows = nil
	}
	t := &l.tally
	if t.holes == 0 {
		return
	}
	l.warn(rows.Problem{Line: int(t.longest.line), Field: "until", Message: fmt.Sprintf(
		"no row says anything of %s between rows (holes: %d, agents: %d); the longest is %s of %s, from %s to %s",
		lengthText(t.holesMS), t.holes, t.agents, lengthText(t.longest.end.Sub(t.longest.start)), t.whose,
		t.longest.start, t.longest.end), Remedy: "what counts there is " + stateWords(&l.between)})
}

// order sorts the rows by time. Of rows at one instant the one that the file has later counts; in a file that begins
// with what is newest, the earlier one. A row without an end gets the start of the next.
func (a *agentStates) order() {
	newestFirst := a.rows[0].start > a.rows[len(a.rows)-1].start
	slices.SortStableFunc(a.rows, func(x, y lastingState) int {
		byLine := cmp.Compare(x.line, y.line)
		if newestFirst {
			byLine = -byLine
		}
		return cmp.Or(cmp.Compare(x.start, y.start), byLine)
	})
	for i := range a.rows[:len(a.rows)-1] {
		if r := &a.rows[i]; r.end == openEnd {
			r.end = a.rows[i+1].start
		}
	}
}

// stateTime is the making of one agent's changes: lasts are the states that last now, in the order in which they began.
type stateTime struct {
	*lastingStates
	agent string
	lasts []lastingState
}

// begin begins a row.
func (t *stateTime) begin(r lastingState) {
	if n := len(t.lasts); n > 0 {
		before := &t.lasts[n-1]
		t.warn(rows.Problem{Line: int(r.line), Field: "at", Message: fmt.Sprintf(
			"the row of %s from %s overlaps that of line %d, which lasts until %s", t.agent, r.start, before.line,
			endText(before.end)), Remedy: "of both, the one that began later counts"})
	}
	t.put(&t.states[r.state], r.own, r.start)
	if r.end > r.start {
		t.lasts = append(t.lasts, r)
	}
}

func endText(end schemas.Instant) string {
	if end == openEnd {
		return "the end"
	}
	return end.String()
}

// pass goes on to the instant, at which the next row begins; openEnd where none does.
func (t *stateTime) pass(to schemas.Instant) {
	for len(t.lasts) > 0 {
		last := t.lasts[len(t.lasts)-1]
		if last.end > to || last.end == openEnd {
			return
		}
		t.lasts = slices.DeleteFunc(t.lasts, func(r lastingState) bool { return r.end <= last.end })
		switch n := len(t.lasts); {
		case last.end == to:
		case n > 0:
			t.put(&t.states[t.lasts[n-1].state], t.lasts[n-1].own, last.end)
		case to == openEnd:
			t.put(&t.after, nil, last.end)
		default:
			t.put(&t.between, nil, last.end)
			t.hole(lastingState{start: last.end, end: to, line: last.line})
		}
	}
}

// hole counts time for which no row says anything.
func (t *stateTime) hole(h lastingState) {
	n, long := &t.tally, h.end.Sub(h.start)
	n.holes++
	n.holesMS += long
	if n.of != t.agent {
		n.of = t.agent
		n.agents++
	}
	if long > n.longest.end.Sub(n.longest.start) {
		n.longest, n.whose = h, t.agent
	}
}

// put makes a change; own may be nil.
func (t *stateTime) put(said *schemas.Change, own *ownTexts, at schemas.Instant) {
	t.tally.changes++
	if t.yield != nil {
		c := *said
		c.AgentID, c.At = t.agent, at
		if own != nil {
			c.ID, c.Note = own.id, own.note
		}
		t.yield(c)
	}
}

// lengthText writes a length of time for people: 2h30m0s.
func lengthText(ms int64) string { return (time.Duration(ms) * time.Millisecond).String() }

// stateWords names the states of a change.
func stateWords(c *schemas.Change) string {
	m := schemas.Meaning{Presence: c.Presence, Status: c.Status, Routing: c.Routing}
	return m.Words()
}
