package schemas

import (
	"cmp"
	"slices"
)

// Touched returns what a batch of changes touches, for its journal row: for each agent the stretches in which its
// changes lie, from the first to just after the last, with changes farther apart than defaultShiftGapMS in stretches of
// their own (a change concerns the time from shift_gap before it, so that joining across less adds nothing). An agent
// may occur several times; agents[i] goes with ranges[i]; order is by agent, then time. whole covers all of them.
func Touched(changes []Change) (agents []string, ranges []Interval, whole Interval) {
	order := make([]int32, len(changes))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(changes[a].AgentID, changes[b].AgentID), cmp.Compare(changes[a].At, changes[b].At))
	})
	for _, i := range order {
		c := &changes[i]
		if n := len(agents) - 1; n >= 0 && agents[n] == c.AgentID && c.At.Sub(ranges[n].End) < defaultShiftGapMS {
			ranges[n].End = c.At + 1
			continue
		}
		agents, ranges = append(agents, c.AgentID), append(ranges, Interval{c.At, c.At + 1})
	}
	for _, r := range ranges {
		whole = whole.Hull(r)
	}
	return agents, ranges, whole
}
