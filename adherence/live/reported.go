package live

import (
	"cmp"
	"maps"
	"slices"

	"rollcall/adherence"
	"rollcall/schemas"
)

// Reported returns the agents with a row on the board on whom the source has reported, each with the fields that it
// supplies of them: what the store knows and what was applied since. False until the board has been read.
func (b *Board) Reported(source string) (map[string]schemas.Fields, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ready {
		return nil, false
	}
	out := map[string]schemas.Fields{}
	for id := range b.agents {
		if fields, reported := b.supplies(id, source); reported && b.here(id) != nil {
			out[id] = fields
		}
	}
	return out, true
}

// supplies returns the fields of the agent that the source supplies, and whether it has reported on them at all. The
// caller holds the lock.
func (b *Board) supplies(agent, source string) (schemas.Fields, bool) {
	fields, reported := b.known.Supplies(agent, source)
	since := b.reported[source][agent]
	return fields | since, reported || since != 0
}

// noteReport notes which fields of whom a source has named. The caller holds the lock.
func (b *Board) noteReport(c *schemas.Change) {
	of := b.reported[c.Source]
	if of == nil {
		of = map[string]schemas.Fields{}
		b.reported[c.Source] = of
	}
	of[c.AgentID] |= c.Fields()
}

// Silence says which feeds are silent now, each since when; it replaces what was said before. The fields that a silent
// feed supplies of an agent are unknown from then on, without an end, beside the gaps that the store has.
func (b *Board) Silence(since map[string]schemas.Instant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if maps.Equal(b.silent, since) {
		return
	}
	b.silent = maps.Clone(since)
	now := b.now()
	for _, a := range b.agents {
		b.look(a, now)
	}
	b.publish()
}

// silences appends the gaps of feeds that are silent now.
func (b *Board) silences(agent string, at schemas.Instant, out []schemas.Gap) []schemas.Gap {
	if b.past.until != 0 {
		return out
	}
	for source, since := range b.silent {
		if fields, reported := b.supplies(agent, source); reported && since < at {
			out = append(out, schemas.Gap{Source: source, Start: since, End: at.Add(schemas.DayMS), Fields: fields})
		}
	}
	return out
}

// FeedSilence returns which silent feeds leave the agent's state unknown now, and what was last said of presence and
// status: a silence makes the fields that its feed supplies unknown, no matter who else has named them, and what was
// said holds again from its end (RULES.md section 3).
func (b *Board) FeedSilence(id string) schemas.FeedSilence {
	b.mu.Lock()
	defer b.mu.Unlock()
	var u schemas.FeedSilence
	a, now := b.agents[id], b.now()
	if a == nil {
		return u
	}
	state, _ := b.judge.PresentAt(b.present(a))
	var known schemas.Fields // by a source that is preferred and not silent
	for f, value := range [3]uint8{uint8(state.Presence), uint8(state.Status), uint8(state.Routing)} {
		if value > 1 {
			known |= 1 << f
		}
	}
	for source, since := range b.silent {
		fields, reported := b.supplies(id, source)
		if fields &^= known; reported && fields != 0 && since <= now {
			u.Feeds = append(u.Feeds, schemas.SilentFeed{Source: source, Since: since, Fields: fields})
		}
	}
	slices.SortFunc(u.Feeds, func(x, y schemas.SilentFeed) int { return cmp.Compare(x.Source, y.Source) })
	if presence, status := a.said(now); len(u.Feeds) > 0 {
		u.Last = schemas.State{Presence: presence.Presence, Status: status.Status,
			Secondary: b.names.Secondaries.Text(status.Secondary)}
		u.SaidAt = max(presence.At, status.At)
	}
	return u
}

// present returns what the judge needs for the state of this moment, and the instant after it.
func (b *Board) present(a *agent) (*adherence.Input, schemas.Instant) {
	at := b.now() + 1
	in, today := b.input(a, at)
	in.Rules = b.rulesOf(b.known.Policy(b.known.Member(a.id, today), today))
	return in, at
}

// LastNamed returns the instants of the facts that the agent's present presence and status come from, 0 where there is
// none. Who set a state at an instant can see by it whether the state is still theirs.
func (b *Board) LastNamed(id string) (presence, status schemas.Instant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a := b.agents[id]; a != nil {
		presence, status = b.judge.Counting(b.present(a))
	}
	return presence, status
}

// said returns the facts that last named presence and status, gaps or not; the zero fact where there is none.
func (a *agent) said(now schemas.Instant) (presence, status schemas.Fact) {
	for _, f := range slices.Backward(a.facts) {
		if presence.Presence != schemas.PresenceNone && status.Status != schemas.StatusNone {
			break
		}
		if f.At <= now && presence.Presence == schemas.PresenceNone && f.Presence != schemas.PresenceNone {
			presence = f
		}
		if f.At <= now && status.Status == schemas.StatusNone && f.Status != schemas.StatusNone {
			status = f
		}
	}
	return presence, status
}
