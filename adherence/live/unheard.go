package live

import (
	"cmp"
	"slices"

	"rollcall/schemas"
)

// Unheard returns which silent feeds leave the agent's state unknown now, and what was last said of presence and
// status: a silence makes the fields that its feed supplies unknown, no matter who else has named them, and what was
// said holds again from its end (RULES.md section 3).
func (b *Board) Unheard(id string) schemas.Unheard {
	b.mu.Lock()
	defer b.mu.Unlock()
	var u schemas.Unheard
	a, now := b.agents[id], b.now()
	if a == nil {
		return u
	}
	for source, since := range b.silent {
		if fields, reported := b.supplies(id, source); reported && since <= now {
			u.Feeds = append(u.Feeds, schemas.UnheardFeed{Source: source, Since: since, Fields: fields})
		}
	}
	slices.SortFunc(u.Feeds, func(x, y schemas.UnheardFeed) int { return cmp.Compare(x.Source, y.Source) })
	if len(u.Feeds) > 0 {
		u.Kept, u.SaidAt = b.said(a, now)
	}
	return u
}

// said returns the presence and status that facts last named, gaps or not. The caller holds the lock.
func (b *Board) said(a *agent, now schemas.Instant) (st schemas.State, at schemas.Instant) {
	for i := len(a.facts) - 1; i >= 0 && (st.Presence == schemas.PresenceNone || st.Status == schemas.StatusNone); i-- {
		f := &a.facts[i]
		if f.At > now {
			continue
		}
		if st.Presence == schemas.PresenceNone && f.Presence != schemas.PresenceNone {
			st.Presence, at = f.Presence, max(at, f.At)
		}
		if st.Status == schemas.StatusNone && f.Status != schemas.StatusNone {
			st.Status, st.Secondary, at = f.Status, b.names.Text(f.Secondary), max(at, f.At)
		}
	}
	return st, at
}
