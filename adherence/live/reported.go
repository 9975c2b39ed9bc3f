package live

import (
	"maps"

	"rollcall/schemas"
)

// Told returns the agents with a row on the board on whom the source has reported, each with the fields that it
// supplies of them: what the store knows and what was applied since. False until the board has been read.
func (b *Board) Told(source string) (map[string]schemas.Fields, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ready {
		return nil, false
	}
	out := map[string]schemas.Fields{}
	for id, a := range b.agents {
		if a.row == nil || a.row.Gone {
			continue
		}
		if fields, reported := b.supplies(id, source); reported {
			out[id] = fields
		}
	}
	return out, true
}

// supplies returns the fields of the agent that the source supplies, and whether it has reported on them at all. The
// caller holds the lock.
func (b *Board) supplies(agent, source string) (schemas.Fields, bool) {
	fields, reported := b.known.Supplies(agent, source)
	heard := b.reported[source][agent]
	return fields | heard, reported || heard != 0
}

// hear notes which fields of whom a source has named. The caller holds the lock.
func (b *Board) hear(c *schemas.Change) {
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
