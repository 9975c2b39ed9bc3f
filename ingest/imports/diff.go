package imports

import (
	"context"
	"slices"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// Diff is what an import changed, whatever happened since.
type Diff struct {
	Import Entry `json:"import"`
	Change
	// Days are the agent-days that a revision of the schedule changed; nil for other kinds.
	Days *ScheduleDiff `json:"-"`
}

// mostDiffDays bounds the days that the diff of a schedule has; its totals are those of all.
const mostDiffDays = 10_000

// Diff returns what an import of a kind ("" = of any) changed, or an UnknownError.
func (m *Ledger) Diff(ctx context.Context, kind files.Kind, id string) (*Diff, error) {
	made, err := m.Find(ctx, kind, id)
	if err != nil {
		return nil, err
	}
	d := &Diff{Import: *made}
	return d, kindIn(made.Kind).diff(m, ctx, d)
}

func (m *Ledger) diffRevision(ctx context.Context, d *Diff) (err error) {
	d.Days, err = m.diffSchedule(ctx, DiffQuery{Revision: d.Import.ID, Limit: mostDiffDays})
	return err
}

// Touching is a result that concerns agents and teams.
type Touching interface {
	// touched returns the teams, agents with the teams of dates, or everything (the zero target) that it changes, and
	// agents by whose present teams it is judged.
	touched() (targets []access.Target, agents []string)
}

// Touched returns what a [Result], a [Diff] or an [Undone] changes: agents of a schedule by the teams that they are
// in now, those of a roster before and after, teams whose requirements change, everything for codes.
func (m *Ledger) Touched(ctx context.Context, t Touching) ([]access.Target, error) {
	out, agents := t.touched()
	if len(agents) == 0 {
		return out, nil
	}
	held, err := m.store.Memberships(ctx, 0)
	if err != nil {
		return nil, err
	}
	rows, today := schemas.MembershipsByAgent(held), schemas.UTC.Date(m.now())
	for _, a := range agents {
		row, _ := schemas.MembershipOn(rows[a], today)
		out = append(out, access.Target{AgentID: a, Team: row.Team, Site: row.Site})
	}
	return out, nil
}

func (c *Change) touched() (out []access.Target, agents []string) {
	if c.Codes != nil && len(c.Codes.Codes) > 0 {
		out = append(out, access.Target{})
	}
	if c.Requirements != nil {
		for _, t := range c.Requirements.Teams {
			out = append(out, access.Target{Team: t.Team})
		}
	}
	if c.Roster != nil {
		for i := range c.Roster.Agents {
			out = append(out, c.Roster.Agents[i].targets()...)
		}
	}
	if c.Schedule != nil {
		for i := range c.Schedule.Agents {
			agents = append(agents, c.Schedule.Agents[i].AgentID)
		}
	}
	return out, agents
}

func (d *Diff) touched() (out []access.Target, agents []string) {
	out, agents = d.Change.touched()
	if d.Codes != nil || d.Days != nil && d.Days.DayCount > len(d.Days.Days) {
		out = append(out, access.Target{})
	}
	if d.Days != nil {
		for i := range d.Days.Days {
			agents = append(agents, d.Days.Days[i].AgentID)
		}
	}
	return out, slices.Compact(agents)
}

func (u *Undone) touched() (out []access.Target, agents []string) {
	out, agents = u.Change.touched()
	for _, d := range u.Days {
		agents = append(agents, d.AgentID)
	}
	for _, n := range u.NotRestored {
		if n.Day != 0 {
			agents = append(agents, n.Subject)
		}
	}
	return out, slices.Compact(agents)
}

// targets are the teams that the agent is in before and after each part of the change, on whatever dates.
func (a *AgentChange) targets() []access.Target {
	var out []access.Target
	for _, s := range a.Spans {
		at := access.Target{AgentID: a.AgentID, Team: s.Team, Site: s.Site}
		out = append(out, at)
		for _, f := range s.Fields {
			switch f.Field {
			case "team":
				at.Team = f.After
			case "site":
				at.Site = f.After
			}
		}
		out = append(out, at)
	}
	return out
}
