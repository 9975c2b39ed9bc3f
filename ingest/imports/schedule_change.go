package imports

import (
	"context"
	"slices"

	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// AgentSchedule is what happens to the schedule of one agent.
type AgentSchedule struct {
	AgentID string `json:"agent_id"`
	Name    string `json:"agent_name"`
	Team    string `json:"team"`
	// DaysChanged counts the days that get other activities, DaysRemoved those that have none any more.
	DaysChanged   int `json:"days_changed"`
	DaysRemoved   int `json:"days_removed"`
	DaysUnchanged int `json:"days_unchanged"`
	schemas.TallyJSON
	// DaysAdded counts those of DaysChanged on which nothing was scheduled before.
	DaysAdded int `json:"days_added"`
	// DaysFree counts those of DaysRemoved of which the file itself says that nothing is scheduled.
	DaysFree int `json:"days_free"`
}

// RetainedSchedule is an agent whom a file does not name, of a team of which it names somebody, with what stays
// scheduled.
type RetainedSchedule struct {
	AgentID    string  `json:"agent_id"`
	Name       string  `json:"agent_name"`
	Team       string  `json:"team"`
	Days       int     `json:"days"`
	Activities int     `json:"activities"`
	ScheduledS float64 `json:"scheduled_s"`
}

// ScheduleChange is what an import of a schedule does, or would do.
type ScheduleChange struct {
	// From and To are the local dates that are replaced, both included.
	From schemas.Date `json:"from"`
	To   schemas.Date `json:"to"`
	// Totals add up all agents.
	Totals AgentSchedule `json:"totals"`
	// Agents are those of the file, by id.
	Agents []AgentSchedule `json:"agents"`
	// NotInFile are agents with a schedule in the range whom the file does not name though it names others of their
	// team: they keep it.
	NotInFile []RetainedSchedule `json:"not_in_file"`
	Removals  Removals           `json:"removals"`
}

// Removing says that the file leaves more agent-days with nothing, without a word on them, than it has something to say
// on, which has to be allowed.
func (c *ScheduleChange) Removing() bool {
	if c == nil {
		return false
	}
	n := &c.Totals
	return n.DaysRemoved-n.DaysFree > n.DaysChanged+n.DaysUnchanged+n.DaysFree
}

// change says what the draft does.
func (d *scheduleDraft) change() *ScheduleChange {
	out := &ScheduleChange{From: d.plan.From, To: d.plan.To, Agents: make([]AgentSchedule, len(d.agents)),
		NotInFile: []RetainedSchedule{}, Removals: d.removes.Removals}
	var all schemas.ScheduleTally
	for i := range d.agents {
		a, n := &out.Agents[i], &out.Totals
		*a = d.agents[i].AgentSchedule
		if m, ok := schemas.MembershipNear(d.members[a.AgentID], d.plan.To); ok {
			a.Name, a.Team = m.Name, m.Team
		}
		n.DaysChanged, n.DaysRemoved = n.DaysChanged+a.DaysChanged, n.DaysRemoved+a.DaysRemoved
		n.DaysUnchanged, n.DaysAdded = n.DaysUnchanged+a.DaysUnchanged, n.DaysAdded+a.DaysAdded
		n.DaysFree += a.DaysFree
		all.Add(d.agents[i].tally)
	}
	out.Totals.TallyJSON = all.JSON()
	return out
}

// notInFile finds the agents who keep their schedule because the file does not name them.
func (d *scheduleDraft) notInFile(ctx context.Context, store Store) ([]RetainedSchedule, error) {
	out := []RetainedSchedule{}
	q := chstore.ScheduleQuery{Selection: chstore.Selection{Agents: d.teammates()}, From: d.plan.From, To: d.plan.To}
	if len(q.Agents) == 0 {
		return out, nil
	}
	err := store.ScheduleDays(ctx, q, func(agent string, days []schemas.ScheduleDay) error {
		m, _ := schemas.MembershipNear(d.members[agent], d.plan.To)
		k := RetainedSchedule{AgentID: agent, Name: m.Name, Team: m.Team, Days: len(days)}
		for i := range days {
			k.Activities += len(days[i].Activities)
			for _, a := range days[i].Activities {
				k.ScheduledS += float64(a.Interval().MS() / schemas.SecondMS)
			}
		}
		out = append(out, k)
		return nil
	})
	return out, err
}

// teammates are those agents, in byte order, whom the file does not name though it names others of their team, on the
// first or the last date of the range.
func (d *scheduleDraft) teammates() []string {
	teams, named := map[string]bool{}, map[string]bool{}
	for i := range d.agents {
		id := d.agents[i].AgentID
		named[id] = true
		for _, team := range d.teamsOf(d.members[id]) {
			teams[team] = true
		}
	}
	var out []string
	for id, rows := range d.members {
		if !named[id] && slices.ContainsFunc(d.teamsOf(rows), func(team string) bool { return teams[team] }) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// teamsOf returns the teams of an agent on the first and the last date of the range.
func (d *scheduleDraft) teamsOf(rows []schemas.Membership) []string {
	var teams []string
	for _, day := range []schemas.Date{d.plan.From, d.plan.To} {
		if m, ok := schemas.MembershipNear(rows, day); ok {
			teams = append(teams, m.Team)
		}
	}
	return teams
}
