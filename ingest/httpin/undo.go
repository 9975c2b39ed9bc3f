package httpin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"rollcall/ingest"
	"rollcall/schemas"
)

// What is remembered for an undo: for how long, and of how many agents in all; the oldest changes give way.
const (
	undoForMS    = schemas.DayMS
	mostUndoable = 50_000
)

// undoLog remembers bulk changes for their undo, in memory: after a restart they cannot be taken back as one.
type undoLog struct {
	mu     sync.Mutex
	byID   map[string]*bulk
	oldest []*bulk
	agents int
}

// bulk is one bulk change.
type bulk struct {
	id     string
	at     schemas.Instant
	before map[string]beforeOf
}

func newUndoLog() *undoLog { return &undoLog{byID: map[string]*bulk{}} }

// remember adds a change, and drops those that are too old or too many.
func (b *undoLog) remember(id string, now schemas.Instant, before map[string]beforeOf) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := &bulk{id, now, before}
	b.byID[id], b.oldest, b.agents = one, append(b.oldest, one), b.agents+len(before)
	b.expire(now)
}

// expire drops from the front. The caller holds the lock.
func (b *undoLog) expire(now schemas.Instant) {
	for len(b.oldest) > 0 && (b.agents > mostUndoable || now.Sub(b.oldest[0].at) > undoForMS) {
		delete(b.byID, b.oldest[0].id)
		b.agents -= len(b.oldest[0].before)
		b.oldest[0] = nil
		b.oldest = b.oldest[1:]
	}
}

// forget drops a change that was not stored.
func (b *undoLog) forget(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one, ok := b.byID[id]; ok {
		delete(b.byID, id)
		b.agents -= len(one.before)
		b.oldest = slices.DeleteFunc(b.oldest, func(o *bulk) bool { return o == one })
	}
}

// find returns a change that can still be taken back.
func (b *undoLog) find(id string, now schemas.Instant) (*bulk, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire(now)
	one, ok := b.byID[id]
	return one, ok
}

// UndoMany takes POST /api/v1/status-changes/bulk/{id}/undo: sets back those agents whose state still comes from that
// change, and says why it leaves the others. An undo is a bulk change, too, and can be taken back like one.
func (s *StatusSetter) UndoMany(w http.ResponseWriter, r *http.Request) {
	s.answer(&s.many, w, r, func() (any, error) {
		id, p := r.PathValue("id"), s.deps.Principal(r)
		raw, err := s.many.value(w, r, true)
		if err != nil {
			return nil, err
		}
		if string(raw) != "{}" {
			return nil, broken("body", wrongf("", "an undo has nothing to say; send no body"))
		}
		unknown := schemas.NewProblem(http.StatusNotFound,
			fmt.Sprintf("no bulk change %.64q of your agents can be undone; one can be for 24 hours, "+
				"as long as the daemon is not restarted and not very many come after it", id))
		one, ok := s.undo.find(id, s.deps.now())
		if !ok {
			return nil, unknown
		}
		m := newBulkResult()
		m.UndoOf = one.id
		for agent, was := range one.before {
			if row, ok := s.board.Agent(agent); ok && mayChange(p, row) {
				s.restore(m, row, was)
			}
		}
		if len(m.Items) == 0 {
			return nil, unknown
		}
		slices.SortFunc(m.Items, func(a, b bulkItem) int { return cmp.Compare(a.AgentID, b.AgentID) })
		return m, s.carryOut(r, p, m)
	})
}

// restore plans to set one agent back, unless the fields have been set since.
func (s *StatusSetter) restore(m *BulkResult, row *schemas.LiveAgent, was beforeOf) {
	leave := func(because string) {
		m.add(bulkItem{AgentID: row.AgentID, Name: row.Name, Team: row.Team, Outcome: outcomeKept, Because: because})
	}
	presenceAt, statusAt := s.board.LastNamed(row.AgentID)
	c := schemas.Change{Source: schemas.SourceSupervisor, AgentID: row.AgentID, At: s.deps.now(), Note: was.state.Note}
	if was.fact.Presence != schemas.PresenceNone {
		if presenceAt != was.fact.At || row.Presence != was.fact.Presence {
			leave(changedSince("presence", row.Presence.String(), presenceAt))
			return
		}
		c.Presence = max(was.state.Presence, schemas.PresenceUnknown)
	}
	if was.fact.Status != schemas.StatusNone {
		if statusAt != was.fact.At || row.Status != was.fact.Status || row.Secondary != was.fact.Secondary {
			leave(changedSince("status", row.Status.String(), statusAt))
			return
		}
		c.Status, c.Secondary = max(was.state.Status, schemas.StatusUnknown), was.state.Secondary
	}
	if field, sources := s.board.Overruling(c.AgentID, c.Source, c.Fields()); field != "" {
		leave(fmt.Sprintf("the %s is taken from %s now, so that setting it back would not count", field,
			strings.Join(sources, ", then ")))
		return
	}
	after := stateOf(row).with(&c)
	if wrong := ingest.Contradiction(after.Presence, after.Status, schemas.RoutingNone); wrong != nil {
		leave(wrong.Error())
		return
	}
	m.change(row, outcomeRestored, c)
}

func changedSince(field, value string, at schemas.Instant) string {
	return fmt.Sprintf("%s has been set since, to %s at %s", field, value, at)
}
