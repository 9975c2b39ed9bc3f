package chstore

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// Selection says whose rows to read: everybody's when it is zero; else those of Agents, or those of the agents from
// FromAgent up to and without ToAgent in byte order, where "" leaves an end open.
type Selection struct {
	Agents             []string
	FromAgent, ToAgent string
}

// Holds reports whether the selection means an agent.
func (v Selection) Holds(agent string) bool {
	return (len(v.Agents) == 0 || slices.Contains(v.Agents, agent)) && agent >= v.FromAgent &&
		(v.ToAgent == "" || agent < v.ToAgent)
}

// query returns the statement of a file for the rows that are meant, under further conditions.
func (v Selection) query(file string, conditions ...string) statement {
	if len(v.Agents) > 0 {
		conditions = append(conditions, "agent_id IN selected")
	}
	if v.FromAgent != "" {
		conditions = append(conditions, "agent_id >= unhex({from_agent:String})")
	}
	if v.ToAgent != "" {
		conditions = append(conditions, "agent_id < unhex({to_agent:String})")
	}
	q := query(file, conditions...).text("from_agent", v.FromAgent).text("to_agent", v.ToAgent)
	if len(v.Agents) > 0 {
		q = q.texts("selected", "agent_id", v.Agents)
	}
	return q
}

// FactQuery says which facts to read: those of the selection, from Start until before End (0 = open), received by
// KnownAt.
type FactQuery struct {
	Selection
	Start, End, KnownAt schemas.Instant
	// Names numbers sources and secondary statuses; it must not be shared with another reader at work. nil leaves them 0.
	Names *schemas.FactNames
}

// query returns the statement of a file for the facts that are meant, under further conditions.
func (q *FactQuery) query(file string, conditions ...string) statement {
	if q.Start != 0 {
		conditions = append(conditions, "at >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')")
	}
	if q.End != 0 {
		conditions = append(conditions, "at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')")
	}
	if q.KnownAt != 0 {
		conditions = append(conditions, receivedByKnownAt)
	}
	return q.Selection.query(file, conditions...).knownAt(q.KnownAt).number("start", int64(q.Start)).number("end",
		int64(q.End))
}

const receivedByKnownAt = "received_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC')"

// Facts returns every agent's facts, agents in byte order, facts in the order of RULES.md section 3 (at, received_at,
// id), one per key; neighbours of one instant that say the same may come as one. It holds one block of the server and
// the facts of one agent at a time.
func (s *Store) Facts(ctx context.Context, q FactQuery, yield func(agent string, facts []schemas.Fact) error) error {
	r := &factReader{ctx: ctx, s: s, q: q, yield: yield}
	r.presence.of, r.status.of, r.routing.of = typePresence, typeStatus, typeRouting
	r.secondary, r.source = newLowTextsRead(&sharing{}), newLowTextsRead(&sharing{})
	result := proto.Results{
		{Name: "agent_id", Data: &r.agentIDs}, {Name: "at", Data: &r.at}, {Name: "presence", Data: &r.presence},
		{Name: "status", Data: &r.status}, {Name: "routing", Data: &r.routing}, {Name: "secondary", Data: r.secondary},
		{Name: "source", Data: r.source},
	}
	if err := s.readColumns(ctx, q.query("facts"), result, r.block); err != nil {
		return wrap("read facts", err)
	}
	return wrap("read facts", stoppable(r.finish()))
}

// factReader turns blocks of rows into the facts of one agent after the other. Rows come ordered by agent and instant.
// Copies that say the same lie beside each other and are dropped; where rows of one instant say different things, keys
// and receipts decide, which are then read for those instants alone, because they are long and hardly ever needed.
type factReader struct {
	ctx   context.Context //nolint:containedctx // lives for one call
	s     *Store
	q     FactQuery
	yield func(string, []schemas.Fact) error

	agentIDs                  proto.ColStr
	at                        instants
	presence, status, routing words
	secondary, source         *lowTextsRead
	// secondaries and sources are the numbers of the texts in the dictionaries of the block.
	secondaries []uint32
	sources     []uint8

	facts  []schemas.Fact
	agents []agentFacts
	unsure []unsureFact
}

// agentFacts are the facts [from, to) of one agent.
type agentFacts struct {
	agent    string
	from, to int
	unsure   bool
}

// unsureFact is an instant of an agent at which rows say different things.
type unsureFact struct {
	agent string
	at    schemas.Instant
}

// block takes the rows of one block and yields all agents but the last, which may go on in the next block.
func (r *factReader) block(rows int) error {
	r.numberNames()
	for i := 0; i < rows; {
		i = r.run(i, rows)
	}
	return r.flush(len(r.agents) - 1)
}

// numberNames looks up the numbers of the texts in the block's dictionaries.
func (r *factReader) numberNames() {
	r.secondaries = append(r.secondaries[:0], make([]uint32, r.secondary.index.Rows())...)
	r.sources = append(r.sources[:0], make([]uint8, r.source.index.Rows())...)
	if r.q.Names == nil {
		return
	}
	for k := range r.secondaries {
		r.secondaries[k] = r.q.Names.Secondaries.ID(r.secondary.index.Row(k))
	}
	for k := range r.sources {
		r.sources[k] = r.q.Names.Source(r.source.index.Row(k))
	}
}

// run takes the rows from i on that belong to one agent and returns the index of the first that does not.
func (r *factReader) run(i, rows int) int {
	agent := r.agentIDs.RowBytes(i)
	if n := len(r.agents); n == 0 || r.agents[n-1].agent != string(agent) {
		r.agents = append(r.agents, agentFacts{agent: string(agent), from: len(r.facts), to: len(r.facts)})
	}
	a := &r.agents[len(r.agents)-1]
	for ; i < rows && bytes.Equal(r.agentIDs.RowBytes(i), agent); i++ {
		f := schemas.Fact{
			At:        r.at.at(i),
			Presence:  schemas.Presence(r.presence.at(i)),
			Status:    schemas.Status(r.status.at(i)),
			Routing:   schemas.Routing(r.routing.at(i)),
			Source:    r.sources[r.source.key(i)],
			Secondary: r.secondaries[r.secondary.key(i)],
		}
		if n := len(r.facts); n > a.from && r.facts[n-1].At == f.At {
			if r.facts[n-1] == f && !r.doubtful(a, f.At) {
				continue
			}
			r.doubt(a, f.At)
		}
		r.facts = append(r.facts, f)
	}
	a.to = len(r.facts)
	return i
}

// doubtful reports whether the agent's last instant is already known to need its keys.
func (r *factReader) doubtful(a *agentFacts, at schemas.Instant) bool {
	n := len(r.unsure)
	return a.unsure && n > 0 && r.unsure[n-1].at == at
}

func (r *factReader) doubt(a *agentFacts, at schemas.Instant) {
	if !r.doubtful(a, at) {
		a.unsure = true
		r.unsure = append(r.unsure, unsureFact{a.agent, at})
	}
}

// flush yields the first n agents and keeps the rest.
func (r *factReader) flush(n int) error {
	if n <= 0 {
		return nil
	}
	settled, err := r.settle()
	if err != nil {
		return err
	}
	for i := range n {
		a := &r.agents[i]
		facts := r.facts[a.from:a.to]
		if a.unsure {
			facts = settled[a.agent].merge(facts)
		}
		if err := r.yield(a.agent, facts); err != nil {
			return err
		}
	}
	r.keep(n)
	return nil
}

// keep moves what is left after n agents to the front. A last agent that is unsure gets its instants looked up again
// with the rows that may follow.
func (r *factReader) keep(n int) {
	r.unsure = r.unsure[:0]
	rest := r.agents[n:]
	if len(rest) == 0 {
		r.facts, r.agents = r.facts[:0], r.agents[:0]
		return
	}
	from := rest[0].from
	r.facts = append(r.facts[:0], r.facts[from:]...)
	r.agents = append(r.agents[:0], rest...)
	for i := range r.agents {
		a := &r.agents[i]
		a.from, a.to, a.unsure = a.from-from, a.to-from, false
		for k := a.from + 1; k < a.to; k++ {
			if r.facts[k].At == r.facts[k-1].At {
				r.doubt(a, r.facts[k].At)
			}
		}
	}
}

// finish yields what is left after the last block.
func (r *factReader) finish() error { return r.flush(len(r.agents)) }

// settledFacts are the facts of an agent's doubtful instants, in their order, one per key.
type settledFacts []schemas.Fact

// merge puts the settled facts in the place of those of the same instants.
func (v settledFacts) merge(facts []schemas.Fact) []schemas.Fact {
	out := make([]schemas.Fact, 0, len(facts))
	for i := 0; i < len(facts); {
		at := facts[i].At
		next := i + 1
		for next < len(facts) && facts[next].At == at {
			next++
		}
		k := 0
		for k < len(v) && v[k].At == at {
			k++
		}
		if k == 0 {
			out = append(out, facts[i:next]...)
		}
		out, v = append(out, v[:k]...), v[k:]
		for len(v) > 0 && v[0].At <= at {
			v = v[1:]
		}
		i = next
	}
	return out
}

// settle reads the keys and receipts of the doubtful instants, and orders and drops by them.
func (r *factReader) settle() (map[string]settledFacts, error) {
	if len(r.unsure) == 0 {
		return nil, nil
	}
	out := map[string]settledFacts{}
	err := r.s.changes(r.ctx, "read the keys of facts", settling(r.unsure, r.q.KnownAt), func(c *schemas.Change) error {
		out[c.AgentID] = append(out[c.AgentID], c.Fact(r.q.Names))
		return nil
	})
	return out, err
}

// settling asks for all that is stored of some instants of agents, as known at an instant.
func settling(list []unsureFact, known schemas.Instant) statement {
	conditions := []string{"(agent_id, at) IN doubtful"}
	if known != 0 {
		conditions = append(conditions, receivedByKnownAt)
	}
	q := query("facts_settle", conditions...).knownAt(known)
	q.external = external{name: "doubtful", columns: []string{"agent_id", "at"},
		types: []string{"String", "DateTime64(3, 'UTC')"}}
	for _, u := range list {
		q.external.rows = append(q.external.rows, []any{u.agent, int64(u.at)})
	}
	return q
}

// seenKeys remembers the keys of one agent's instant, of rows in order of receipt.
type seenKeys struct {
	agent string
	at    schemas.Instant
	keys  []string
}

// repeated reports whether an earlier receipt had the key.
func (k *seenKeys) repeated(c *schemas.Change) bool {
	if k.agent != c.AgentID || k.at != c.At {
		k.agent, k.at, k.keys = c.AgentID, c.At, k.keys[:0]
	}
	key := c.Source + "\x00" + c.ID
	if slices.Contains(k.keys, key) {
		return true
	}
	k.keys = append(k.keys, strings.Clone(key))
	return false
}

// Changes returns the facts of a query with everything that is stored of them, in the same order, one per key: for
// explaining a figure, not for many agents.
func (s *Store) Changes(ctx context.Context, q FactQuery, yield func(*schemas.Change) error) error {
	return s.changes(ctx, "read changes", q.query("changes"), yield)
}

// changes returns each key of the rows once, as the earliest receipt has it.
func (s *Store) changes(ctx context.Context, doing string, q statement, yield func(*schemas.Change) error) error {
	var keys seenKeys
	return each(ctx, s, doing, q, fieldsOf, func(c *schemas.Change) error {
		if keys.repeated(c) {
			return nil
		}
		return yield(c)
	})
}
