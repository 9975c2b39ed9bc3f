// Package live holds the present state of every agent in memory: what each is doing, whether work may be offered, what
// is scheduled now and next, and the judge's verdict of this moment.
//
// Nouns: the [Board] holds one row per agent (schemas.LiveAgent), numbered by a version that grows with every visible
// change. [Board.Apply] takes changes as soon as they are durable; [Board.Refresh] reads agents again after somebody
// else has written; [Board.Run] lets the clock pass, since an agent goes out of adherence by time alone.
//
// It stores nothing and is never the truth: a restart reads everything again from the store. The verdict is the one
// that the same judge has for the interval that ends now (RULES.md section 7). Instants are schemas.Instant. Readers
// pull: they ask for what is newer than a version, so that a slow one holds up nobody and costs no memory.
//
// # Why
//
// A board that computed adherence in its own way would sooner or later disagree with the report of the next morning,
// and then neither is believed.
package live

import (
	"container/list"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// Store is what the board is rebuilt from (satisfied by chstore.Store).
type Store interface {
	Circumstances(ctx context.Context, within schemas.Interval, knownAt schemas.Instant) (schemas.Circumstances, error)
	Facts(ctx context.Context, q chstore.FactQuery, yield func(agent string, facts []schemas.Fact) error) error
	OlderChanges(ctx context.Context, q chstore.FactQuery, yield func(*schemas.Change) error) error
	Notes(ctx context.Context, q chstore.FactQuery) ([]chstore.Note, error)
	ScheduleDays(ctx context.Context, q chstore.ScheduleQuery,
		yield func(agent string, days []schemas.ScheduleDay) error) error
}

// Config says how a Board works.
type Config struct {
	// Zone is that of agents whose roster row names none.
	Zone schemas.Zone
	// TickEvery is how often the clock is looked at.
	TickEvery time.Duration
	// LookAgain is the longest time after which an agent is judged again without any event.
	LookAgain time.Duration
}

// DefaultConfig looks at the clock four times a second.
func DefaultConfig() Config {
	return Config{Zone: schemas.UTC, TickEvery: 250 * time.Millisecond, LookAgain: 30 * time.Second}
}

// Deps are what a Board needs from outside.
type Deps struct {
	Store Store
	Clock func() time.Time
}

// Board is the live store. It is safe for concurrent use.
type Board struct {
	cfg  Config
	deps Deps
	life string
	past past

	// reading is held from a look at the store until what was found is on the board, by one at a time: what is older must
	// not come later, and a batch must not be forgotten that the look did not find yet. It is taken before mu.
	reading sync.Mutex

	mu       sync.Mutex
	known    *adherence.Known
	names    schemas.FactNames
	rules    map[string]*adherence.Rules
	reach    reach // how much of the past is retained
	agents   map[string]*agent
	pending  map[string]*waiting                  // changes by batch whose journal row has not been seen
	reported map[string]map[string]schemas.Fields // by source and agent, what was applied since the start
	silent   map[string]schemas.Instant           // feeds that are silent, since when
	judge    adherence.Judge
	scratch  scratch

	turn    int64 // counts looks, so that those without an event do not all come at once
	version uint64
	recent  *list.List // of *agent, the last changed first
	changed chan struct{}
	ready   bool
	loaded  schemas.Date
}

// waiting are changes that were applied before the store had them.
type waiting struct {
	changes []applied
	late    bool // some came so late that what is retained of the time before them may not be enough
}

// applied is one change.
type applied struct {
	agent string
	fact  schemas.Fact
}

// New makes an empty Board; it does nothing yet.
func New(cfg Config, deps Deps) *Board {
	known, err := adherence.Know(schemas.Circumstances{}, cfg.Zone)
	if err != nil {
		panic(err) // nothing to read, nothing to go wrong
	}
	b := &Board{
		cfg:      cfg,
		deps:     deps,
		life:     uuid.NewString(),
		agents:   map[string]*agent{},
		pending:  map[string]*waiting{},
		reported: map[string]map[string]schemas.Fields{},
		recent:   list.New(),
		changed:  make(chan struct{}),
	}
	b.learn(known)
	return b
}

// learn takes new circumstances. The caller holds the lock, or is New.
func (b *Board) learn(known *adherence.Known) {
	b.known = known
	b.rules = known.Compile(&b.names.Secondaries)
	b.reach = reach{known.Reach()}
}

func (b *Board) now() schemas.Instant { return schemas.InstantOf(b.deps.Clock()) }

// Run lets the clock pass until ctx ends: agents whose state can have changed by time alone are judged again, and when
// the UTC date changes everything is read again. A store that is away then is asked again every few seconds; meanwhile
// the rows go on with what is known.
func (b *Board) Run(ctx context.Context) error {
	tick := time.NewTicker(b.cfg.TickEvery)
	defer tick.Stop()
	var asked schemas.Instant
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			now := b.now()
			if b.tick(now) && now.Sub(asked) >= askAgainMS {
				asked = now
				_ = b.Rebuild(ctx) // the follower of the journal reports a store that is away
			}
		}
	}
}

// askAgainMS is how long a store that was away is left alone.
const askAgainMS = 2 * schemas.SecondMS

// tick judges the agents that are due, and says whether a new day has to be read.
func (b *Board) tick(now schemas.Instant) (stale bool) {
	due, stale := b.due(now)
	for chunk := range slices.Chunk(due, mostLooks) {
		b.lookAt(chunk)
	}
	return stale
}

// due lists the agents whose rows can have changed by the clock, and says whether a new day has to be read.
func (b *Board) due(now schemas.Instant) (list []*agent, stale bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.agents {
		if a.wake <= now {
			list = append(list, a)
		}
	}
	return list, b.ready && b.loaded != schemas.UTC.Date(now)
}

// Ready reports whether the board has been read from the store since the start.
func (b *Board) Ready() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ready
}

// Apply takes changes that are durable, before the store has them. batch is the id of their journal row. Changes of the
// future show when their time has come.
func (b *Board) Apply(batch string, changes []schemas.Change) {
	for chunk := range slices.Chunk(b.add(batch, changes), mostLooks) {
		b.lookAt(chunk)
	}
}

// add hands the agents their changes and lists them, each once.
func (b *Board) add(batch string, changes []schemas.Change) []*agent {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.pending[batch]
	if w == nil {
		w = &waiting{}
		b.pending[batch] = w
	}
	list := make([]*agent, 0, len(changes))
	for i := range changes {
		c := &changes[i]
		f := c.Fact(&b.names)
		a := b.agent(c.AgentID)
		w.changes = append(w.changes, applied{a.id, f})
		w.late = w.late || f.At < a.since
		a.insert(f)
		b.noteReport(c)
		if c.Note != "" || c.Status != schemas.StatusNone || c.Presence != schemas.PresenceNone {
			a.setNote(c)
		}
		list = append(list, a)
	}
	slices.SortFunc(list, func(x, y *agent) int { return strings.Compare(x.id, y.id) })
	return slices.Compact(list)
}

// agent finds the agent, or makes a row for one of whom nothing is known yet.
func (b *Board) agent(id string) *agent {
	a, ok := b.agents[id]
	if !ok {
		a = &agent{id: id}
		b.agents[id] = a
	}
	return a
}

// publish notifies readers that something is new, once for a batch of changes. The caller holds the lock.
func (b *Board) publish() {
	if front := b.recent.Front(); front == nil || front.Value.(*agent).notified {
		return
	}
	for e := b.recent.Front(); e != nil; e = e.Next() {
		a := e.Value.(*agent)
		if a.notified {
			break
		}
		a.notified = true
	}
	close(b.changed)
	b.changed = make(chan struct{})
}

// Changes returns every row that is newer than since, each once in its newest state; 0 returns the whole board. All of
// it belongs to one moment.
func (b *Board) Changes(since uint64) schemas.LiveChanges {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := schemas.LiveChanges{Life: b.life, Version: b.version, AsOf: b.now()}
	for e := b.recent.Front(); e != nil; e = e.Next() {
		row := e.Value.(*agent).row
		if row.Version <= since {
			break
		}
		if since > 0 || !row.Gone {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// Agent returns the newest row of one agent; false for an agent of whom nothing is known or who has left.
func (b *Board) Agent(id string) (*schemas.LiveAgent, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a := b.here(id); a != nil {
		return a.row, true
	}
	return nil, false
}

// here returns the agent if they have a row and have not left, else nil. The caller holds the lock.
func (b *Board) here(id string) *agent {
	if a := b.agents[id]; a != nil && a.row != nil && !a.row.Gone {
		return a
	}
	return nil
}

// Changed returns a channel that is closed as soon as there is a version newer than since; it is closed already if
// there is.
func (b *Board) Changed(since uint64) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.version > since {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return b.changed
}
