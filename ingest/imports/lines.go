package imports

import (
	"cmp"
	"fmt"
	"strings"

	"rollcall/schemas"
)

// Line is one thing that a change does, as people read it: to an agent's roster row on some dates, to an interval, to
// a code.
type Line struct {
	// Subject is the agent, team or code; Name the agent's name, Team the team that it concerns.
	Subject, Name, Team string
	Change              ChangeKind
	// From up to and without To are the dates of a roster row, of which both may be open; Start is that of an interval.
	From, To *schemas.Date
	Start    *schemas.Instant
	What     string
}

// Lines says line by line what changes of a roster, of requirements, as far as they are listed, or of codes.
func (c *Change) Lines() []Line {
	var out []Line
	switch {
	case c.Roster != nil:
		for i := range c.Roster.Agents {
			a := &c.Roster.Agents[i]
			for _, s := range a.Spans {
				out = append(out, Line{
					Subject: a.AgentID,
					Name:    a.Name,
					Team:    s.Team,
					Change:  a.Change,
					From:    s.From,
					To:      s.To,
					What:    s.text(),
				})
			}
		}
	case c.Requirements != nil:
		for i := range c.Requirements.Intervals {
			v := &c.Requirements.Intervals[i]
			out = append(out, Line{Subject: v.Team, Team: v.Team, Change: v.Change, Start: &v.Start, What: v.text()})
		}
	case c.Codes != nil:
		for _, x := range c.Codes.Codes {
			out = append(out, Line{Subject: x.Code, Change: x.Change, What: fieldsText(x.Fields)})
		}
	}
	return out
}

func (s *SpanChange) text() string {
	team := cmp.Or(strings.Trim(s.Team+", "+s.Site, ", "), "no team")
	switch s.Change {
	case Added:
		return "added to " + team
	case Removed:
		return "leaves " + team
	case Changed:
	}
	return fieldsText(s.Fields)
}

func fieldsText(fields []FieldChange) string {
	var out []string
	for _, f := range fields {
		if f.Before != "" {
			f.After = f.Before + " → " + cmp.Or(f.After, "none")
		}
		out = append(out, f.Field+": "+f.After)
	}
	return strings.Join(out, ", ")
}

func (v *IntervalChange) text() string {
	text := v.Before.text() + " → " + v.After.text()
	if v.Before != nil && v.After != nil && v.Before.IntervalS != v.After.IntervalS {
		text += fmt.Sprintf(" (%d → %d minutes)", v.Before.IntervalS/60, v.After.IntervalS/60)
	}
	return text
}

func (h *RequiredHeads) text() string {
	switch {
	case h == nil:
		return "none"
	case h.Shrinkage == 0:
		return h.Required.String()
	}
	return fmt.Sprintf("%s (shrinkage %s)", h.Required, h.Shrinkage)
}
