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
}

// RetainedSchedule is an agent whom a file does not name, of a team of which it names somebody, with what stays
// scheduled.
type RetainedSchedule struct {
	AgentID    string `json:"agent_id"`
	Name       string `json:"agent_name"`
	Team       string `json:"team"`
	Days       int    `json:"days"`
	Activities int    `json:"activities"`
	ScheduledS int64  `json:"scheduled_s"`
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
	// team: they keep it. Only a dry run looks for them.
	NotInFile []RetainedSchedule `json:"not_in_file"`
}

// change says what the draft does.
func (d *scheduleDraft) change() *ScheduleChange {
	out := &ScheduleChange{From: d.From, To: d.To, Agents: make([]AgentSchedule, len(d.Agents)),
		NotInFile: []RetainedSchedule{}}
	var all agentDraft
	for i := range d.Agents {
		a := &d.Agents[i]
		out.Agents[i] = a.shown()
		if m, ok := memberOn(d.members[a.AgentID], d.To); ok {
			out.Agents[i].Name, out.Agents[i].Team = m.Name, m.Team
		}
		all.DaysChanged += a.DaysChanged
		all.DaysRemoved += a.DaysRemoved
		all.DaysUnchanged += a.DaysUnchanged
		all.Tally.Add(a.Tally)
	}
	out.Totals = all.shown()
	return out
}

func (a *agentDraft) shown() AgentSchedule {
	return AgentSchedule{AgentID: a.AgentID, DaysChanged: a.DaysChanged, DaysRemoved: a.DaysRemoved,
		DaysUnchanged: a.DaysUnchanged,
		TallyJSON:     a.Tally.JSON()}
}

// notInFile finds the agents who keep their schedule because the file does not name them.
func (d *scheduleDraft) notInFile(ctx context.Context, store Store) ([]RetainedSchedule, error) {
	out := []RetainedSchedule{}
	q := chstore.ScheduleQuery{Selection: chstore.Selection{Agents: d.teammates()}, From: d.From, To: d.To}
	if len(q.Agents) == 0 {
		return out, nil
	}
	err := store.ScheduleDays(ctx, q, func(agent string, days []schemas.ScheduleDay) error {
		m, _ := memberOn(d.members[agent], d.To)
		k := RetainedSchedule{AgentID: agent, Name: m.Name, Team: m.Team, Days: len(days)}
		for i := range days {
			k.Activities += len(days[i].Activities)
			for _, a := range days[i].Activities {
				k.ScheduledS += a.Interval().MS() / schemas.SecondMS
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
	for i := range d.Agents {
		id := d.Agents[i].AgentID
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
	for _, day := range []schemas.Date{d.From, d.To} {
		if m, ok := memberOn(rows, day); ok {
			teams = append(teams, m.Team)
		}
	}
	return teams
}

// memberOn returns the last row that began by the date or, where none had, the first one.
func memberOn(rows []schemas.Membership, day schemas.Date) (member schemas.Membership, ok bool) {
	for i := range rows {
		if i == 0 || rows[i].From <= day {
			member = rows[i]
		}
	}
	return member, len(rows) > 0
}
