package imports

import (
	"context"
	"fmt"
	"slices"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// history is the revisions in the order in which they were recorded.
type history struct {
	revisions []Entry
	at        map[string]int
}

func (m *Ledger) history(ctx context.Context) (*history, error) {
	revisions, err := m.entries(ctx, schemas.JournalSchedule)
	h := &history{revisions: revisions, at: map[string]int{}}
	for i := range revisions {
		h.at[revisions[i].ID] = i
	}
	return h, err
}

// find returns the place of a revision, or an UnknownError.
func (h *history) find(id string) (int, error) { return find(h.revisions, schemas.JournalSchedule, id) }

// named writes who made the import, from what, and when.
func named(e *Entry) string {
	origin := e.Origin
	if e.Undoes != "" {
		origin = "the undo of " + e.Undoes
	}
	return fmt.Sprintf("%s (%s, by %s at %s)", e.ID, origin, e.Actor, e.RecordedAt)
}

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

// eachDay cuts the rows of an agent, in order of day, into days.
func eachDay(rows []schemas.ScheduleDay, do func(day schemas.Date, v versions)) {
	for begin := 0; begin < len(rows); {
		end := begin + 1
		for end < len(rows) && rows[end].Day == rows[begin].Day {
			end++
		}
		do(rows[begin].Day, versions(rows[begin:end]))
		begin = end
	}
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
