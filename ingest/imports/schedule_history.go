package imports

import (
	"context"
	"iter"
	"slices"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// history is the revisions in the order in which they were recorded.
type history struct {
	revisions []Entry
	at        map[string]int
}

func historyOf(revisions []Entry) *history {
	h := &history{revisions: revisions, at: map[string]int{}}
	for i := range revisions {
		h.at[revisions[i].ID] = i
	}
	return h
}

// find returns the place of a revision, or an UnknownError.
func (h *history) find(id string) (int, error) { return find(h.revisions, schemas.JournalSchedule, id) }

// versions are the rows of one agent-day, the oldest first.
type versions []schemas.ScheduleDay

// by returns the number of the row that the revision wrote, or -1.
func (v versions) by(revision string) int {
	return slices.IndexFunc(v, func(d schemas.ScheduleDay) bool { return d.Revision == revision })
}

// until returns the number of the newest row of a revision up to the place, or -1.
func (v versions) until(h *history, place int) int {
	n := -1
	for i := range v {
		if h.at[v[i].Revision] <= place {
			n = i
		}
	}
	return n
}

// scheduled returns the activities of row n; none where there is no such row, or it removed the day.
func (v versions) scheduled(n int) []schemas.Activity {
	if n < 0 || v[n].Removed {
		return nil
	}
	return v[n].Activities
}

// comesFrom says whether what the day holds now comes from the revision: the newest row is its own, or that of an
// undo that restored it, or that of an undo that restored such an undo, and so on.
func (v versions) comesFrom(h *history, revision string) bool {
	for n := len(v) - 1; n >= 0; {
		if v[n].Revision == revision {
			return true
		}
		undone := h.revisions[h.at[v[n].Revision]].Undoes
		if undone == "" {
			return false
		}
		n = v.by(undone) - 1 // an undo restored what was before the revision that it undid
	}
	return false
}

// eachDay cuts the rows of an agent, which are in order of day, into the versions of each day.
func eachDay(rows versions) iter.Seq[versions] {
	return runs(rows, func(a, b *schemas.ScheduleDay) bool { return a.Day == b.Day })
}

// readAll returns every version of the agents' days by the revisions of the history, one agent at a time. No agents
// yield nothing.
func (m *Ledger) readAll(ctx context.Context, h *history, agents []string, from, to schemas.Date,
	yield func(agent string, rows []schemas.ScheduleDay) error) error {
	if len(agents) == 0 {
		return nil
	}
	q := chstore.ScheduleQuery{Selection: selected(agents), From: from, To: to, AllRevisions: true,
		KnownAt: h.revisions[len(h.revisions)-1].RecordedAt}
	return m.store.ScheduleDays(ctx, q, func(agent string, rows []schemas.ScheduleDay) error {
		if _, wanted := slices.BinarySearch(agents, agent); !wanted {
			return nil
		}
		return yield(agent, rows)
	})
}

// selected names the agents, in byte order, or the range in which they lie.
func selected(agents []string) chstore.Selection {
	if len(agents) <= mostNamed {
		return chstore.Selection{Agents: agents}
	}
	return chstore.Selection{FromAgent: agents[0], ToAgent: agents[len(agents)-1] + "\x00"}
}
