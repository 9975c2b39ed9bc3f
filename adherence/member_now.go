package adherence

import "rollcall/schemas"

// MemberAt returns the roster row of the agent at an instant, for "teams as they are": the last one that had begun,
// which is the row in force, or for somebody who has left the one that was; else the first, for somebody who is still
// to come. Nil for an agent of no roster.
func (k *Known) MemberAt(agent string, at schemas.Instant) *schemas.Membership {
	rows := k.members[agent]
	for i := len(rows) - 1; i >= 0; i-- {
		if m := &rows[i]; k.Zone(m).DayStart(m.From) <= at {
			return m
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return &rows[0]
}
