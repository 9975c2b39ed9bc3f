package imports

import (
	"context"
	"fmt"
	"strings"

	"rollcall/adherence"
	"rollcall/schemas"
)

// Removals are the agent-days that an import or an undo leaves with nothing scheduled, and the shifts that it takes
// from days which keep others (RULES.md section 4).
type Removals struct {
	// Days counts the agent-days, Agents those whose they are; First and Last are the local dates between which they lie.
	Days   int          `json:"days"`
	Agents int          `json:"agents"`
	First  schemas.Date `json:"first,omitzero"`
	Last   schemas.Date `json:"last,omitzero"`
	// Shifts counts how many shifts fewer the days have that keep others.
	Shifts int `json:"shifts"`
	// Of are the first of the agents who lose something, by id; MoreAgents counts the others.
	Of         []AgentRemovals `json:"of"`
	MoreAgents int             `json:"more_agents"`
}

// AgentRemovals is what one agent loses.
type AgentRemovals struct {
	AgentID string       `json:"agent_id"`
	Name    string       `json:"agent_name"`
	Team    string       `json:"team"`
	Days    int          `json:"days"`
	First   schemas.Date `json:"first,omitzero"`
	Last    schemas.Date `json:"last,omitzero"`
	Shifts  int          `json:"shifts"`
}

// Text names what goes, for people: how many days, whose, from when to when; empty where nothing goes.
func (r *Removals) Text() string {
	var parts []string
	if r.Days > 0 {
		text := fmt.Sprintf("%s of %s, %s", counted(r.Days, "agent-day"), r.people(func(a *AgentRemovals) bool {
			return a.Days > 0
		}, r.Agents), r.First)
		if r.Last != r.First {
			text = fmt.Sprintf("%s to %s", text, r.Last)
		}
		parts = append(parts, text)
	}
	if r.Shifts > 0 {
		text := counted(r.Shifts, "shift") + " of days that keep others"
		if r.Days == 0 {
			text += ", of " + r.people(func(*AgentRemovals) bool { return true }, len(r.Of)+r.MoreAgents)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", and ")
}

// noted is what a journal row says of the removals; empty where there are none.
func (r *Removals) noted() string {
	if text := r.Text(); text != "" {
		return "; taken away: " + text
	}
	return ""
}

// mostInText is how many agents a sentence names.
const mostInText = 3

// people names the first of so many agents: "4 agents (Ana, Bo, Cy and 1 more)".
func (r *Removals) people(are func(a *AgentRemovals) bool, all int) string {
	var names []string
	for i := range r.Of {
		if a := &r.Of[i]; len(names) < mostInText && are(a) {
			if names = append(names, a.AgentID); a.Name != "" && a.Name != a.AgentID {
				names[len(names)-1] = fmt.Sprintf("%s, %s", a.Name, a.AgentID)
			}
		}
	}
	text := strings.Join(names, "; ")
	if more := all - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s (%s)", counted(all, "agent"), text)
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// mostRemovalsNamed bounds the agents whom Removals name.
const mostRemovalsNamed = 50

// removing gathers Removals, agent by agent.
type removing struct {
	Removals
	known   *adherence.Known
	members map[string][]schemas.Membership
	one     AgentRemovals
	on      schemas.Date // the last day of the agent
	of      []int32
	spans   []schemas.Interval
}

// newRemoving begins to gather; the rules of judging say what a shift is.
func newRemoving(members []schemas.Membership, policies []schemas.PolicyVersion) (*removing, error) {
	known, err := adherence.Know(schemas.Circumstances{Members: members, Policies: policies}, schemas.UTC)
	return &removing{Removals: Removals{Of: []AgentRemovals{}}, known: known,
		members: schemas.MembershipsByAgent(members)}, err
}

func (m *Ledger) removing(ctx context.Context) (*removing, error) {
	members, err := m.members(ctx)
	if err != nil {
		return nil, err
	}
	policies, err := m.store.Policies(ctx, 0)
	if err != nil {
		return nil, err
	}
	return newRemoving(members, policies)
}

// day takes a day of the agent that changes, with what was scheduled on it and what would be.
func (r *removing) day(agent string, day schemas.Date, before, after []schemas.Activity) {
	r.one.AgentID, r.on = agent, day
	switch {
	case len(before) == 0:
	case len(after) > 0:
		r.one.Shifts += max(0, r.shifts(agent, day, before)-r.shifts(agent, day, after))
	default:
		if r.one.Days++; r.one.Days == 1 {
			r.one.First = day
		}
		r.one.Last = day
	}
}

// shifts counts the shifts among the activities of a day, as the agent's rules form them.
func (r *removing) shifts(agent string, day schemas.Date, acts []schemas.Activity) int {
	id := ""
	if p := r.known.Policy(r.known.Member(agent, day), day); p != nil {
		id = p.ID
	}
	r.of, r.spans = schemas.FormShifts(acts, r.known.Rules(id).ShiftGapMS, r.of[:0], r.spans[:0])
	return len(r.spans)
}

// end adds the agent whose days were taken, if there was one.
func (r *removing) end() {
	one := r.one
	r.one = AgentRemovals{}
	if one.Days+one.Shifts == 0 {
		return
	}
	r.Shifts += one.Shifts
	if one.Days > 0 {
		if r.Agents++; r.Agents == 1 {
			r.First, r.Last = one.First, one.Last
		}
		r.Days += one.Days
		r.First, r.Last = min(r.First, one.First), max(r.Last, one.Last)
	}
	if len(r.Of) == mostRemovalsNamed {
		r.MoreAgents++
		return
	}
	if m, ok := schemas.MembershipNear(r.members[one.AgentID], r.on); ok {
		one.Name, one.Team = m.Name, m.Team
	}
	r.Of = append(r.Of, one)
}
