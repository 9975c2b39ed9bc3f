package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// reading is what was read from the store, before it is put on the board.
type reading struct {
	known      *adherence.Known
	reach      reach
	names      schemas.FactNames
	agents     map[string]*recalled
	zones      []adherence.ZoneSpan
	shifts     shiftMemory
	texts      map[string]string
	activities []schemas.Activity // of one agent
	judge      adherence.Judge
	input      adherence.Input
	rules      map[string]*adherence.Rules // those that were needed, by version id
}

// recalled is what was read of one agent.
type recalled struct {
	facts      []schemas.Fact
	activities []schemas.Activity
	since      schemas.Instant
	read       schemas.Instant
	note       colleagueNote
}

// Rebuild reads every agent from the store. Changes that were applied and are not in the store yet stay.
func (b *Board) Rebuild(ctx context.Context) error { return b.reload(ctx, nil, true) }

// Refresh reads again what other writers have changed: the named agents (nil for everybody, an empty list for nobody),
// and the roster, rules, gaps and corrections if circumstances says so, which may change everybody's row.
func (b *Board) Refresh(ctx context.Context, agents []string, circumstances bool) error {
	if agents != nil && len(agents) == 0 && !circumstances {
		return nil
	}
	return b.reload(ctx, agents, circumstances)
}

// Written says that a journal row of changes has appeared. If it is of a batch that was applied here, the store has
// that batch and all before it, and nothing needs to be read again: ours is true. It is false also for one of which a
// change came so late that the agent's past has to be read again. Batches are compared by their ids, which grow (UUID
// version 7), because the spool writes several under the id of the last. It waits while the store is being read, since
// that reading may have begun before the store had the batch.
func (b *Board) Written(batch string) (ours bool) {
	b.reading.Lock()
	defer b.reading.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ours = b.pending[batch]; ours {
		for id, w := range b.pending {
			if id <= batch {
				ours = ours && !w.late
				delete(b.pending, id)
			}
		}
	}
	return ours
}

// reload reads the agents (nil for everybody) and puts them on the board.
func (b *Board) reload(ctx context.Context, agents []string, everybody bool) error {
	b.reading.Lock()
	defer b.reading.Unlock()
	r, err := b.learnt(ctx, b.now())
	if err != nil {
		return err
	}
	if agents != nil {
		agents = append(slices.Clip(agents), b.newlyComplete(r)...)
	}
	if agents != nil && !b.reaches(r) {
		agents = nil // the new rules look farther back than what is retained
	}
	if agents == nil || len(agents) > 0 {
		if err := b.read(ctx, r, chstore.Selection{Agents: agents}, b.now()); err != nil {
			return err
		}
	}
	list := b.take(r, agents, everybody || agents == nil)
	for chunk := range slices.Chunk(list, mostLooks) {
		b.lookAt(chunk)
	}
	if agents == nil {
		b.mu.Lock()
		b.ready, b.loaded = true, schemas.UTC.Date(b.now())
		b.mu.Unlock()
	}
	return nil
}

// mostLooks is how many agents are judged before others get their turn.
const mostLooks = 250

// lookAt judges the agents and notifies readers.
func (b *Board) lookAt(list []*agent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	for _, a := range list {
		b.look(a, now)
	}
	b.publish()
}

// newlyComplete lists the agents of the feeds that have said for the first time how far they are complete: what they
// said long ago may hold again.
func (b *Board) newlyComplete(r *reading) (agents []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for f := range r.known.Feeds {
		if b.ready && f.CompleteUpTo != 0 && b.known.FeedCompleteUpTo(f.Source) == 0 {
			of, _ := r.known.ReportedBy(f.Source)
			agents = append(agents, of...)
		}
	}
	return agents
}

// reaches reports whether what is retained is enough for the circumstances that were read; a board that holds nothing
// yet has nothing to miss.
func (b *Board) reaches(r *reading) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.ready || b.reach.enough(r.reach)
}

// take puts what was read on the board, with the changes that the store does not have yet, and lists the agents to
// judge again.
func (b *Board) take(r *reading, only []string, everybody bool) []*agent {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.learn(r.known) // which feeds report on whom changes with facts, too
	b.place(r, only)
	if !everybody {
		list := make([]*agent, 0, len(only))
		for _, id := range only {
			list = append(list, b.agent(id))
		}
		return list
	}
	return slices.Collect(maps.Values(b.agents))
}

// place hands the agents what was read of them, and nothing to those of whom nothing was found. The caller holds the
// lock.
func (b *Board) place(r *reading, only []string) {
	anew := slices.Values(only)
	if only == nil {
		for id := range r.known.Agents {
			b.agent(id)
		}
		anew = maps.Keys(b.agents)
	}
	for id := range anew {
		a := b.agent(id)
		a.facts, a.activities, a.since = nil, nil, 0
	}
	for id, x := range r.agents {
		for i := range x.facts {
			f := &x.facts[i]
			f.Secondary = b.names.Secondaries.ID(r.names.Secondaries.Text(f.Secondary))
			f.Source = b.names.Source(r.names.Sources.Text(uint32(f.Source)))
		}
		a := b.agent(id)
		a.facts, a.activities, a.since, a.read, a.tidy = x.facts, x.activities, x.since, x.read, 0
		if x.note.at != 0 && x.note.at >= a.noteAt { // what was applied since is newer
			a.note, a.noteAt = x.note.text, x.note.at
		}
	}
	for _, w := range b.pending {
		for _, h := range w.changes {
			b.agent(h.agent).insert(h.fact)
		}
	}
}

// learnt reads the circumstances. Nothing is locked meanwhile.
func (b *Board) learnt(ctx context.Context, now schemas.Instant) (*reading, error) {
	r := &reading{agents: map[string]*recalled{}, texts: map[string]string{}, rules: map[string]*adherence.Rules{}}
	around := schemas.Interval{Start: now.Add(-40 * schemas.DayMS), End: now.Add(2 * schemas.DayMS)}
	c, err := b.deps.Store.Circumstances(ctx, around, b.past.knownAt)
	if err != nil {
		return nil, err
	}
	if r.known, err = adherence.Know(c, b.cfg.Zone); err != nil {
		return nil, err
	}
	r.reach = reach{r.known.Reach()}
	return r, nil
}

// read reads from the store what the judge needs for today. Nothing is locked meanwhile.
func (b *Board) read(ctx context.Context, r *reading, sel chstore.Selection, now schemas.Instant) error {
	start, end := now.Add(-r.reach.BeforeMS-2*schemas.DayMS), now.Add(r.reach.AfterMS+2*schemas.DayMS)
	q := chstore.ScheduleQuery{Selection: sel, From: schemas.UTC.Date(start), To: schemas.UTC.Date(end),
		KnownAt: b.past.knownAt}
	err := b.deps.Store.ScheduleDays(ctx, q, func(agent string, days []schemas.ScheduleDay) error {
		r.plan(agent, days, now)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the schedules around today: %w", err)
	}
	fq := chstore.FactQuery{Selection: sel, Start: start, End: b.past.until, KnownAt: b.past.knownAt, Names: &r.names}
	notes, err := b.deps.Store.Notes(ctx, fq)
	if err != nil {
		return err
	}
	for _, n := range notes {
		r.of(n.AgentID, now).note = colleagueNote{n.Text, n.At}
	}
	missing := map[string]bool{} // who may still be what was said longer ago
	err = b.deps.Store.Facts(ctx, fq, func(agent string, facts []schemas.Fact) error {
		a := r.of(agent, now)
		a.note, a.facts, a.read = a.note.under(facts), r.reach.condensed(facts, a.since), start
		missing[agent] = r.known.Missing(agent, facts, start, r.reach.LongestCarryMS, &r.names)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the facts of the last days: %w", err)
	}
	var older []string
	for agent := range r.known.Agents {
		if !sel.Holds(agent) || r.known.Member(agent, r.zone(agent).Date(now)) == nil {
			continue // who has left is not on the board
		}
		if _, came := missing[agent]; !came {
			r.of(agent, now).read = start
			missing[agent] = r.known.Missing(agent, nil, start, r.reach.LongestCarryMS, &r.names)
		}
		if missing[agent] || r.absentBefore(agent, now) {
			older = append(older, agent)
		}
	}
	return b.readBack(ctx, r, fq, older, now)
}

// readBack reads more of the past of agents who have been away for longer than what was read, or may be: twice as much
// each time, until it shows since when, with what was last said before.
func (b *Board) readBack(ctx context.Context, r *reading, fq chstore.FactQuery, agents []string,
	now schemas.Instant) error {
	for len(agents) > 0 {
		fq.Start -= now - fq.Start
		fq.Selection = chstore.Selection{Agents: agents}
		found := map[string][]schemas.Fact{}
		err := b.deps.Store.OlderChanges(ctx, fq, func(c *schemas.Change) error {
			found[c.AgentID] = append(found[c.AgentID], c.Fact(&r.names))
			return nil
		})
		if err == nil {
			err = b.deps.Store.Facts(ctx, fq, func(agent string, facts []schemas.Fact) error {
				found[agent] = r.reach.condensed(append(found[agent], facts...), r.of(agent, now).since)
				return nil
			})
		}
		if err != nil {
			return fmt.Errorf("reading what was said longer ago: %w", err)
		}
		for _, agent := range agents {
			a := r.of(agent, now)
			a.facts, a.read = r.reach.condensed(found[agent], a.since), fq.Start
		}
		agents = slices.DeleteFunc(agents, func(agent string) bool { return !r.absentBefore(agent, now) })
	}
	return nil
}

// absentBefore reports whether the agent is offline or unknown, and what was read does not show since when.
func (r *reading) absentBefore(agent string, now schemas.Instant) bool {
	a, in := r.of(agent, now), &r.input
	r.known.Describe(agent, &r.names, in)
	in.Rules, in.AsOf, in.Facts = r.rulesOf(agent, now), now+1, a.facts
	state, since := r.judge.PresentAt(in, now+1)
	return (state.Presence == schemas.PresenceOffline || state.Presence == schemas.PresenceUnknown) &&
		!r.reach.shows(since.Presence, in.NamedBefore[0], a.read)
}

// rulesOf returns the rules in force for the agent.
func (r *reading) rulesOf(agent string, now schemas.Instant) *adherence.Rules {
	today, id := r.zone(agent).Date(now), ""
	if p := r.known.Policy(r.known.Member(agent, today), today); p != nil {
		id = p.ID
	}
	if r.rules[id] == nil {
		r.rules[id] = adherence.Compile(r.known.Rules(id), &r.names.Secondaries)
	}
	return r.rules[id]
}

// plan takes the schedule of one agent from where it matters on.
func (r *reading) plan(agent string, days []schemas.ScheduleDay, now schemas.Instant) {
	r.activities = r.activities[:0]
	for i := range days {
		r.activities = append(r.activities, days[i].Activities...)
	}
	schemas.SortActivities(r.activities)
	since := r.reach.horizon(r.zone(agent), r.activities, now, &r.shifts)
	a := &recalled{activities: recent(r.activities, since), since: since}
	for i := range a.activities {
		x := &a.activities[i]
		x.Code, x.Shift, x.Description = r.text(x.Code), r.text(x.Shift), r.text(x.Description)
	}
	r.agents[agent] = a
}

// of returns what was read of the agent.
func (r *reading) of(agent string, now schemas.Instant) *recalled {
	a := r.agents[agent]
	if a == nil {
		a = &recalled{since: r.reach.horizon(r.zone(agent), nil, now, &r.shifts)}
		r.agents[agent] = a
	}
	return a
}

func (r *reading) zone(agent string) schemas.Zone {
	r.zones = r.known.Zones(agent, r.zones[:0])
	return r.zones[len(r.zones)-1].Zone
}

// text returns a text that is held once.
func (r *reading) text(s string) string {
	if known, ok := r.texts[s]; ok {
		return known
	}
	s = strings.Clone(s)
	r.texts[s] = s
	return s
}

// colleagueNote is a note to colleagues and the instant of the fact that it comes from, or that has ended it.
type colleagueNote struct {
	text string
	at   schemas.Instant
}

// under returns what is left of the note under the agent's facts, which are in order: a fact after it that reports
// another presence or status ends it, one that repeats what is known does not.
func (n colleagueNote) under(facts []schemas.Fact) colleagueNote {
	var was schemas.Fact
	for i := range facts {
		f := &facts[i]
		changes := f.Presence != schemas.PresenceNone && f.Presence != was.Presence ||
			f.Status != schemas.StatusNone && (f.Status != was.Status || f.Secondary != was.Secondary)
		if changes && f.At > n.at && n.text != "" {
			return colleagueNote{at: f.At}
		}
		if f.Presence != schemas.PresenceNone {
			was.Presence = f.Presence
		}
		if f.Status != schemas.StatusNone {
			was.Status, was.Secondary = f.Status, f.Secondary
		}
	}
	return n
}
