package batch

import (
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

func (s *Side) add(f *Figure, target float64) {
	s.Several = s.Several || s.Days > 0 && s.Target != target
	s.Days++
	s.Target = target
	s.Exceptions += f.Exceptions
	if p := f.Adherence(); p.Reason == schemas.ReasonNone && p.Den > 0 {
		s.AdheredMS, s.CountedMS = s.AdheredMS+p.Num, s.CountedMS+p.Den
	} else {
		s.LeftOut++
	}
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

func (d *Difference) add(p Pair, targets func(policy string, after bool) float64) {
	d.Days++
	if p.Changed() {
		d.Changed++
	}
	if p.Before != nil {
		d.Before.add(p.Before, targets(p.Before.Policy, false))
	}
	if p.After != nil {
		d.After.add(p.After, targets(p.After.Policy, true))
	}
}

// cross works out whether the target is crossed.
func (d *Difference) cross() {
	was, known := d.Before.meets()
	would, still := d.After.meets()
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
	t := tally{q: &q, before: before, after: after, teams: map[string]*Difference{}}
	t.out.All.Level = "all"
	if err := b.compare(ctx, req, q.Overlay, before, after, t.take, q.Done); err != nil {
		return nil, err
	}
	return t.finish(), nil
}

// tally adds up pairs.
type tally struct {
	q             *WhatIf
	before, after *adherence.Known
	out           Outcome
	teams         map[string]*Difference
}

// target returns the target_percent of a version of the rules.
func (t *tally) target(policy string, after bool) float64 {
	k := t.before
	if after {
		k = t.after
	}
	return k.Rules(policy).TargetPercent
}

// take adds the pairs of one agent.
func (t *tally) take(pairs []Pair) error {
	one := Difference{Level: "agent"}
	for _, p := range pairs {
		f := p.After
		if f == nil {
			f = p.Before
		}
		if !in(t.q.Teams, f.Team) || !in(t.q.Sites, f.Site) || t.q.OnlyChanged && !p.Changed() {
			continue
		}
		one.AgentID, one.Name, one.Team = f.AgentID, f.Name, f.Team
		one.add(p, t.target)
		t.out.All.add(p, t.target)
		t.team(f.Team).add(p, t.target)
	}
	if one.Days == 0 {
		return nil
	}
	one.cross()
	for _, d := range []*Difference{&t.out.All, t.team(one.Team)} {
		switch one.Crosses {
		case CrossesUp:
			d.Up++
		case CrossesDown:
			d.Down++
		case CrossesNot:
		}
	}
	t.out.Agents = append(t.out.Agents, one)
	return nil
}

func in(list []string, one string) bool { return len(list) == 0 || slices.Contains(list, one) }

func (t *tally) team(name string) *Difference {
	d, ok := t.teams[name]
	if !ok {
		d = &Difference{Level: "team", Team: name}
		t.teams[name] = d
	}
	return d
}

func (t *tally) finish() *Outcome {
	t.out.All.cross()
	for _, d := range t.teams {
		d.cross()
		t.out.Teams = append(t.out.Teams, *d)
	}
	slices.SortFunc(t.out.Teams, byName)
	slices.SortFunc(t.out.Agents, byName)
	return &t.out
}

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
