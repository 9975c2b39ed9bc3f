package imports

import (
	"context"
	"slices"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// DiffQuery says what to compare.
type DiffQuery struct {
	// Revision is compared with what was before it. With To, the schedule as it was after Revision is compared with
	// the one after To.
	Revision, To string
	// Agents restricts to these; empty does not.
	Agents []string
	// Limit bounds the days of a Diff; 0 does not. The totals are those of all days.
	Limit int
}

// ComparedDay is what became of the activities of one agent-day.
type ComparedDay struct {
	AgentID string       `json:"agent_id"`
	Day     schemas.Date `json:"day"`
	schemas.TallyJSON
	// Activities are in order of start.
	Activities []schemas.ActivityChange `json:"activities"`

	tally schemas.ScheduleTally
}

// ScheduleDiff is what became of the schedule between two states of it.
type ScheduleDiff struct {
	// Before and After are the revisions after which the two states were; Before may be "none".
	Before string `json:"before"`
	After  string `json:"after"`
	// Agents and DayCount count those of whom anything differs.
	Agents   int               `json:"agents"`
	DayCount int               `json:"day_count"`
	Totals   schemas.TallyJSON `json:"totals"`
	// Days are those that differ, by agent and day, at most as many as were asked for.
	Days []ComparedDay `json:"days"`
}

// diffSchedule compares and returns the days that differ. It is all in memory; EachDay is for more than a page.
func (m *Ledger) diffSchedule(ctx context.Context, q DiffQuery) (*ScheduleDiff, error) {
	out := &ScheduleDiff{Days: []ComparedDay{}}
	var total schemas.ScheduleTally
	last := ""
	ends, err := m.EachDay(ctx, q, func(day *ComparedDay) error {
		if day.AgentID != last {
			last = day.AgentID
			out.Agents++
		}
		out.DayCount++
		total.Add(day.tally)
		if q.Limit == 0 || len(out.Days) < q.Limit {
			out.Days = append(out.Days, day.Clone())
		}
		return nil
	})
	out.Before, out.After, out.Totals = ends.Before, ends.After, total.JSON()
	return out, err
}

// Ends names two states of the schedule, each by the revision after which it was.
type Ends struct{ Before, After string }

// EachDay returns the days that differ, agents in byte order, days in order. A day is good during the call.
func (m *Ledger) EachDay(ctx context.Context, q DiffQuery, yield func(*ComparedDay) error) (Ends, error) {
	revisions, err := m.entries(ctx, schemas.JournalSchedule)
	if err != nil {
		return Ends{}, err
	}
	h := historyOf(revisions)
	c, err := h.comparison(q)
	if err != nil {
		return Ends{}, err
	}
	agents, err := m.store.RevisionAgents(ctx, c.between, c.from, c.to)
	if err != nil {
		return c.ends, err
	}
	if len(q.Agents) > 0 {
		agents = slices.DeleteFunc(agents, func(a string) bool { return !slices.Contains(q.Agents, a) })
	}
	c.yield = yield
	return c.ends, m.readAll(ctx, h, agents, c.from, c.to, c.agent)
}

// comparison compares two states of the schedule.
type comparison struct {
	*history
	before, after int // places of revisions; -1 is before the first
	ends          Ends
	// between are the revisions that can make a difference, from and to the dates that they are about.
	between  []string
	from, to schemas.Date
	yield    func(*ComparedDay) error
	day      ComparedDay
}

// comparison finds the places of the two states.
func (h *history) comparison(q DiffQuery) (*comparison, error) {
	first, err := h.find(q.Revision)
	if err != nil {
		return nil, err
	}
	c := &comparison{history: h, before: first - 1, after: first}
	if q.To != "" {
		c.before = first
		if c.after, err = h.find(q.To); err != nil {
			return nil, err
		}
	}
	c.ends = Ends{Before: noRevision, After: h.revisions[c.after].ID}
	if c.before >= 0 {
		c.ends.Before = h.revisions[c.before].ID
	}
	for _, e := range h.revisions[min(c.before, c.after)+1 : max(c.before, c.after)+1] {
		r := e.Revision
		if len(c.between) == 0 {
			c.from, c.to = r.From, r.To
		}
		c.between = append(c.between, r.ID)
		c.from, c.to = min(c.from, r.From), max(c.to, r.To)
	}
	return c, nil
}

func (c *comparison) agent(agent string, rows []schemas.ScheduleDay) error {
	for v := range eachDay(rows) {
		before, after := v.scheduled(v.until(c.history, c.before)), v.scheduled(v.until(c.history, c.after))
		if schemas.SameActivities(before, after) {
			continue
		}
		c.day = ComparedDay{AgentID: agent, Day: v[0].Day,
			Activities: schemas.CompareActivities(before, after, c.day.Activities[:0])}
		for _, x := range c.day.Activities {
			c.day.tally.Count(x)
		}
		c.day.TallyJSON = c.day.tally.JSON()
		if err := c.yield(&c.day); err != nil {
			return err
		}
	}
	return nil
}

// Clone copies a day so that it stays good.
func (d *ComparedDay) Clone() ComparedDay {
	out := *d
	out.Activities = slices.Clone(d.Activities)
	for i := range out.Activities {
		for _, side := range []**schemas.Activity{&out.Activities[i].Before, &out.Activities[i].After} {
			if *side != nil {
				a := **side
				*side = &a
			}
		}
	}
	return out
}

// ShowQuery says which scheduled activities to show.
type ShowQuery struct {
	// From and To are the local dates on which shifts start, both included.
	From, To schemas.Date
	// Agents restricts to these, in any order; empty does not.
	Agents []string
	// Revision shows the schedule as it was after that revision, KnownAt as it was at that instant; at most one is
	// given.
	Revision string
	KnownAt  schemas.Instant
}

// Shown is one scheduled activity.
type Shown struct {
	AgentID string       `json:"agent_id"`
	Day     schemas.Date `json:"day"`
	schemas.Activity
	Revision string `json:"revision"`
}

// Show returns the activities of the agents' days, agents in byte order, days in order, and of a day those that start
// first. A Shown is good during the call.
func (m *Ledger) Show(ctx context.Context, q ShowQuery, yield func(*Shown) error) error {
	sq := chstore.ScheduleQuery{From: q.From, To: q.To, KnownAt: q.KnownAt}
	sq.Agents = q.Agents
	if q.Revision != "" {
		r, err := m.Find(ctx, files.Schedule, q.Revision)
		if err != nil {
			return err
		}
		sq.KnownAt = r.RecordedAt
	}
	var one Shown
	return m.store.ScheduleDays(ctx, sq, func(agent string, days []schemas.ScheduleDay) error {
		for i := range days {
			for k := range days[i].Activities {
				one = Shown{AgentID: agent, Day: days[i].Day, Activity: days[i].Activities[k], Revision: days[i].Revision}
				if err := yield(&one); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
