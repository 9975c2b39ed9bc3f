package live

import "rollcall/schemas"

// LastNamed returns the instants of the facts that the agent's present presence and status come from, 0 where there is
// none. Who set a state at an instant can see by it whether the state is still theirs.
func (b *Board) LastNamed(id string) (presence, status schemas.Instant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.agents[id]
	if !ok {
		return 0, 0
	}
	now := b.now()
	for i := len(a.facts) - 1; i >= 0 && (presence == 0 || status == 0); i-- {
		f := &a.facts[i]
		if f.At > now {
			continue
		}
		if presence == 0 && f.Presence != schemas.PresenceNone {
			presence = f.At
		}
		if status == 0 && f.Status != schemas.StatusNone {
			status = f.At
		}
	}
	return presence, status
}
