package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/adherence"
	"rollcall/schemas"
)

// MostWhatIfDays is how many dates a what-if judges at most: a year and a month. More is hardly ever meant, and the
// answer for one year says all.
const MostWhatIfDays = 400

// ErrBadQuestion marks a what-if that makes no sense as it was asked; the error says what would.
var ErrBadQuestion = errors.New("this cannot be judged as asked")

// WhatIf asks what an overlay would change.
type WhatIf struct {
	// From and To are local dates, both included.
	From, To schemas.Date
	// Agents, Teams and Sites restrict; empty lists do not. A day counts in the team and at the site in which it happened.
	Agents, Teams, Sites []string
	Overlay              *Overlay
	// AsOf is the instant after which nothing is counted: now.
	AsOf schemas.Instant
	// OnlyChanged leaves out of all sums the days that come out the same, so that the percentages are those of the days
	// that change.
	OnlyChanged bool
	// Done, which may be nil, is called with the progress in agents.
	Done func(agents, of int)
}

// Side is one side of a comparison: sums over agent-days.
type Side struct {
	// Days counts those that exist on this side; LeftOut of them have no adherence and are in no sum (RULES.md section 6).
	Days, LeftOut int
	// AdheredMS of CountedMS is the adherence.
	AdheredMS, CountedMS int64
	Exceptions           int
	// Target is the target_percent of the last day's rules; of a group, of its last agent's. Several says that the days
	// do not all have the same.
	Target  float64
	Several bool
}

// Adherence returns the quotient of the sums.
func (s *Side) Adherence() schemas.Percent {
	return schemas.Percent{Num: s.AdheredMS, Den: s.CountedMS}
}

// meets reports whether the adherence reaches the target; the second is false when there is no adherence. The rounded
// figure decides, the one that people see.
func (s *Side) meets() (met, known bool) {
	v, ok := s.Adherence().Value()
	return v >= s.Target, ok
}

// sideOf returns one day as a side; f is nil where the day does not exist.
func sideOf(f *figure, known *adherence.Known) Side {
	if f == nil {
		return Side{}
	}
	s := Side{Days: 1, Exceptions: f.ExceptionCount, Target: known.Rules(f.Policy).TargetPercent}
	if p := f.Adherence(); p.Reason == schemas.ReasonNone && p.Den > 0 {
		s.AdheredMS, s.CountedMS = p.Num, p.Den
	} else {
		s.LeftOut = 1
	}
	return s
}

// join adds the days of another side, which come after these.
func (s *Side) join(o *Side) {
	if o.Days == 0 {
		return
	}
	s.Several = s.Several || o.Several || s.Days > 0 && s.Target != o.Target
	s.Target = o.Target
	s.Days, s.LeftOut, s.Exceptions = s.Days+o.Days, s.LeftOut+o.LeftOut, s.Exceptions+o.Exceptions
	s.AdheredMS, s.CountedMS = s.AdheredMS+o.AdheredMS, s.CountedMS+o.CountedMS
}

// Crossing says in which direction a figure crosses its target.
type Crossing string

// The crossings.
const (
	CrossesNot  Crossing = ""
	CrossesUp   Crossing = "up"   // misses the target as it is, and would reach it
	CrossesDown Crossing = "down" // reaches the target as it is, and would miss it
)

// Difference is what an overlay changes for an agent, a team or everybody.
type Difference struct {
	// Level is all, team or agent.
	Level               string
	Team, AgentID, Name string
	// Days counts the agent-days that were compared, Changed those that differ in anything.
	Days, Changed int
	Before, After Side
	Crosses       Crossing
	// Up and Down count the agents who cross their target.
	Up, Down int
}

// join adds the days of another difference.
func (d *Difference) join(o *Difference) {
	d.Days, d.Changed, d.Up, d.Down = d.Days+o.Days, d.Changed+o.Changed, d.Up+o.Up, d.Down+o.Down
	d.Before.join(&o.Before)
	d.After.join(&o.After)
}

// cross works out whether the target is crossed.
func (d *Difference) cross() {
	was, known := d.Before.meets()
	would, still := d.After.meets()
	d.Crosses = CrossesNot
	switch {
	case !known || !still || was == would:
	case d.Level != "agent" && (d.Before.Several || d.After.Several): // no one target to cross
	case would:
		d.Crosses = CrossesUp
	default:
		d.Crosses = CrossesDown
	}
}

// Outcome is the answer to a WhatIf. Its size grows with the agents, not with the days.
type Outcome struct {
	All Difference
	// Teams are in order of name; Agents, all that were compared, in order of team and id. An agent is listed under the
	// team of their last day.
	Teams, Agents []Difference
}

// Join adds the outcome of the same question about other agents, so that a large one can be asked in parts.
func (o *Outcome) Join(p *Outcome) {
	o.All.Level = p.All.Level
	o.All.join(&p.All)
	for i := range p.Teams {
		o.team(p.Teams[i].Team).join(&p.Teams[i])
	}
	o.Agents = append(o.Agents, p.Agents...)
	o.finish()
}

// team returns the difference of a team, a new one for a team that is not there yet.
func (o *Outcome) team(name string) *Difference {
	n, found := slices.BinarySearchFunc(o.Teams, name,
		func(d Difference, team string) int { return cmp.Compare(d.Team, team) })
	if !found {
		o.Teams = slices.Insert(o.Teams, n, Difference{Level: "team", Team: name})
	}
	return &o.Teams[n]
}

// finish works out who crosses the target, and puts the agents in order.
func (o *Outcome) finish() {
	o.All.cross()
	for i := range o.Teams {
		o.Teams[i].cross()
	}
	slices.SortFunc(o.Agents, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Team, b.Team), cmp.Compare(a.AgentID, b.AgentID))
	})
}

// check refuses a question without a sensible answer.
func (q *WhatIf) check() error {
	days := int64(q.To) - int64(q.From) + 1
	today := schemas.UTC.Date(q.AsOf.Add(14 * schemas.HourMS)) // the latest date that it is anywhere
	switch {
	case days < 1:
		return fmt.Errorf("%w: from %s lies after to %s; turn the two round", ErrBadQuestion, q.From, q.To)
	case days > MostWhatIfDays:
		return fmt.Errorf("%w: %s to %s is %d days; judge at most %d at a time, the latest say most", ErrBadQuestion, q.From,
			q.To, days, MostWhatIfDays)
	case q.From > today && !q.OnlyChanged:
		return fmt.Errorf("%w: %s to %s has not begun; only days with facts can be judged", ErrBadQuestion, q.From, q.To)
	}
	return nil
}

// WhatIf judges the days twice, as they are and with the overlay, and adds the difference up. Nothing is written.
func (b *Batch) WhatIf(ctx context.Context, q WhatIf) (*Outcome, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	req := Request{
		From:    q.From,
		To:      q.To,
		Agents:  q.Agents,
		AsOf:    q.AsOf,
		Version: q.AsOf,
		Fresh:   true,
	}
	before, after, err := b.bothSides(ctx, req, q.Overlay)
	if err != nil {
		return nil, err
	}
	if len(q.Teams)+len(q.Sites) > 0 {
		if req.Agents = before.Within(q.Agents, q.Teams, q.Sites, q.From, q.To); len(req.Agents) == 0 {
			return nil, fmt.Errorf("%w: nobody belongs to teams %v and sites %v between %s and %s", ErrBadQuestion, q.Teams,
				q.Sites, q.From, q.To)
		}
	}
	out := &Outcome{All: Difference{Level: "all"}}
	err = b.compare(ctx, req, q.Overlay, before, after,
		func(pairs []pair) error {
			out.add(&q, pairs, before, after)
			return nil
		}, q.Done)
	if err != nil {
		return nil, err
	}
	out.finish()
	return out, nil
}

// add adds the pairs of one agent.
func (o *Outcome) add(q *WhatIf, pairs []pair, before, after *adherence.Known) {
	agent := Difference{Level: "agent"}
	for _, p := range pairs {
		f := cmp.Or(p.After, p.Before)
		if !in(q.Teams, f.Team) || !in(q.Sites, f.Site) || q.OnlyChanged && !p.Changed() {
			continue
		}
		day := Difference{Days: 1, Before: sideOf(p.Before, before), After: sideOf(p.After, after)}
		if p.Changed() {
			day.Changed = 1
		}
		agent.AgentID, agent.Name, agent.Team = f.AgentID, f.Name, f.Team
		for _, d := range []*Difference{&agent, &o.All, o.team(f.Team)} {
			d.join(&day)
		}
	}
	if agent.Days == 0 {
		return
	}
	agent.cross()
	for _, d := range []*Difference{&o.All, o.team(agent.Team)} {
		switch agent.Crosses {
		case CrossesUp:
			d.Up++
		case CrossesDown:
			d.Down++
		case CrossesNot:
		}
	}
	o.Agents = append(o.Agents, agent)
}

func in(list []string, one string) bool { return len(list) == 0 || slices.Contains(list, one) }

// DifferenceJSON is a Difference as programs read it.
type DifferenceJSON struct {
	Level            string   `json:"level" doc:"all, team or agent"`
	Team             string   `json:"team"`
	AgentID          string   `json:"agent_id"`
	AgentName        string   `json:"agent_name"`
	Days             int      `json:"days" doc:"agent-days compared"`
	ChangedDays      int      `json:"changed_days" doc:"agent-days that come out otherwise"`
	AdherenceBefore  *float64 `json:"adherence_before"`
	AdherenceAfter   *float64 `json:"adherence_after"`
	ExceptionsBefore int      `json:"exceptions_before"`
	ExceptionsAfter  int      `json:"exceptions_after"`
	LeftOutBefore    int      `json:"left_out_before" doc:"days without an adherence"`
	LeftOutAfter     int      `json:"left_out_after"`
	TargetBefore     *float64 `json:"target_before" doc:"null where the days have several"`
	TargetAfter      *float64 `json:"target_after"`
	Crosses          Crossing `json:"crosses" doc:"up, down, or empty where the target is not crossed"`
	AgentsUp         int      `json:"agents_up" doc:"agents who would reach the target"`
	AgentsDown       int      `json:"agents_down" doc:"agents who would miss it"`
}

// JSON returns the difference as programs read it.
func (d *Difference) JSON() DifferenceJSON {
	return DifferenceJSON{
		Level:            d.Level,
		Team:             d.Team,
		AgentID:          d.AgentID,
		AgentName:        d.Name,
		Days:             d.Days,
		ChangedDays:      d.Changed,
		AdherenceBefore:  d.Before.percent(),
		AdherenceAfter:   d.After.percent(),
		ExceptionsBefore: d.Before.Exceptions,
		ExceptionsAfter:  d.After.Exceptions,
		LeftOutBefore:    d.Before.LeftOut,
		LeftOutAfter:     d.After.LeftOut,
		TargetBefore:     d.Before.target(),
		TargetAfter:      d.After.target(),
		Crosses:          d.Crosses,
		AgentsUp:         d.Up,
		AgentsDown:       d.Down,
	}
}

func (s *Side) percent() *float64 {
	if v, ok := s.Adherence().Value(); ok {
		return &v
	}
	return nil
}

func (s *Side) target() *float64 {
	if s.Days == 0 || s.Several {
		return nil
	}
	return &s.Target
}

// Rows lists the outcome as programs read it: everybody, the teams, then the agents who cross their target, or all.
func (o *Outcome) Rows(allAgents bool) []DifferenceJSON {
	agents := o.Agents
	if !allAgents {
		agents = slices.DeleteFunc(slices.Clone(agents), func(d Difference) bool { return d.Crosses == CrossesNot })
	}
	rows := []DifferenceJSON{o.All.JSON()}
	for _, list := range [][]Difference{o.Teams, agents} {
		for i := range list {
			rows = append(rows, list[i].JSON())
		}
	}
	return rows
}
