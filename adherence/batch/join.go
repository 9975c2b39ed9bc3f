package batch

import (
	"cmp"
	"slices"
)

// Join adds the outcome of the same question about other agents, so that a large one can be asked in parts.
func (o *Outcome) Join(p *Outcome) {
	o.All.Level = p.All.Level
	o.All.join(&p.All)
	for i := range p.Teams {
		n, found := slices.BinarySearchFunc(o.Teams, p.Teams[i].Team,
			func(d Difference, team string) int { return cmp.Compare(d.Team, team) })
		if !found {
			o.Teams = slices.Insert(o.Teams, n, Difference{Level: "team", Team: p.Teams[i].Team})
		}
		o.Teams[n].join(&p.Teams[i])
	}
	o.Agents = append(o.Agents, p.Agents...)
	slices.SortFunc(o.Agents, byName)
}

func (d *Difference) join(o *Difference) {
	d.Days, d.Changed, d.Up, d.Down = d.Days+o.Days, d.Changed+o.Changed, d.Up+o.Up, d.Down+o.Down
	d.Before.join(&o.Before)
	d.After.join(&o.After)
	d.Crosses = CrossesNot
	d.cross()
}

func (s *Side) join(o *Side) {
	if o.Days == 0 {
		return
	}
	s.Several = s.Several || o.Several || s.Days > 0 && s.Target != o.Target
	s.Target = o.Target
	s.Days, s.LeftOut, s.Exceptions = s.Days+o.Days, s.LeftOut+o.LeftOut, s.Exceptions+o.Exceptions
	s.AdheredMS, s.CountedMS = s.AdheredMS+o.AdheredMS, s.CountedMS+o.CountedMS
}

// byName is the order of teams and agents in an outcome.
func byName(a, b Difference) int {
	return cmp.Or(cmp.Compare(a.Team, b.Team), cmp.Compare(a.AgentID, b.AgentID))
}
