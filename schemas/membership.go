package schemas

import (
	"cmp"
	"slices"
)

// MembershipOn returns what an agent's roster rows, in order of From, say of a local date: the row in force, or false
// where none is ("unassigned"). With today's date it yields teams as they are; with the date of a result, teams as they
// were.
func MembershipOn(rows []Membership, day Date) (Membership, bool) {
	for i := len(rows) - 1; i >= 0; i-- {
		if m := rows[i]; m.From <= day && (m.To == 0 || day < m.To) {
			return m, true
		}
	}
	return Membership{}, false
}

// MembershipNear returns the last of an agent's roster rows, in order of From, that began by the date, whether it has
// ended or not, or the first row where none had begun; false where there are none.
func MembershipNear(rows []Membership, day Date) (Membership, bool) {
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].From <= day || i == 0 {
			return rows[i], true
		}
	}
	return Membership{}, false
}

// MembershipsByAgent groups roster rows by agent, each agent's in order of From.
func MembershipsByAgent(rows []Membership) map[string][]Membership {
	out := map[string][]Membership{}
	for i := range rows {
		out[rows[i].AgentID] = append(out[rows[i].AgentID], rows[i])
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b Membership) int { return cmp.Compare(a.From, b.From) })
	}
	return out
}
