package files

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// Columns of a roster, by their place in Kind.columns.
const (
	rosterAgent = iota
	rosterName
	rosterEmail
	rosterTeam
	rosterSite
	rosterZone
	rosterSupervisor
	rosterFrom
	rosterTo
)

// rosterRow is a membership with its place in the file.
type rosterRow struct {
	schemas.Membership
	line, column int // of agent_id
}

// ReadRoster reads dated memberships, by agent and from. A row without `from` holds from the beginning of time; one
// without `to` holds until the agent's next row begins, if there is one. Rows of an agent that overlap are problems.
// RecordedAt is not set.
func ReadRoster(ctx context.Context, in Input, opt Options) ([]schemas.Membership, *Report, error) {
	var rows []rosterRow
	report, err := readOnce(ctx, Roster, in, &opt, func(t *table) func() {
		z, near := newZones(nil, &opt), &suggester{known: schemas.ZoneNames()}
		return func() {
			if r := rosterOf(t, z, near); !t.bad {
				rows = append(rows, r)
			}
		}
	})
	if err != nil {
		return nil, report, err
	}
	return datedRows(rows, report), report, nil
}

func rosterOf(t *table, z *zones, near *suggester) rosterRow {
	r := rosterRow{Membership: schemas.Membership{AgentID: t.id(rosterAgent), Name: t.free(rosterName), Email: t.free(rosterEmail),
		Team: t.free(rosterTeam), Site: t.free(rosterSite), TimeZone: t.text(rosterZone), Supervisor: t.free(rosterSupervisor)}}
	p := t.placed(rosterAgent, "")
	r.line, r.column = p.Line, p.Column
	if r.TimeZone != "" {
		if _, err := z.load(r.TimeZone); err != nil {
			message := err.Error()
			if hint := near.hint(r.TimeZone); hint != "" {
				message = fmt.Sprintf("time zone %.60q is not known%s", r.TimeZone, hint)
			}
			t.problem(rosterZone, message)
		}
	}
	r.From, _ = t.dateText(rosterFrom)
	r.To, _ = t.dateText(rosterTo)
	if r.To != 0 && r.To <= r.From {
		t.problem(rosterTo, fmt.Sprintf("%s is not after from, %s; `to` is the first date on which the row no longer holds", r.To, r.From))
	}
	return r
}

// datedRows puts the rows in order, ends open rows where the next begins, and leaves out repeated and overlapping ones.
func datedRows(rows []rosterRow, report *Report) []schemas.Membership {
	slices.SortStableFunc(rows, func(a, b rosterRow) int {
		return cmp.Or(cmp.Compare(a.AgentID, b.AgentID), cmp.Compare(a.From, b.From))
	})
	var out []schemas.Membership
	last := 0
	for i := range rows {
		r := &rows[i]
		if len(out) == 0 || out[len(out)-1].AgentID != r.AgentID {
			out, last = append(out, r.Membership), i
			continue
		}
		before := &out[len(out)-1]
		switch {
		case rows[last].Membership == r.Membership:
			report.repeat()
		case before.From == r.From || before.To > r.From:
			report.reject(Problem{Line: r.line, Column: r.column, Field: "agent_id", Message: fmt.Sprintf(
				"the row overlaps that of line %d (%s from %s); end one with `to` where the other begins", rows[last].line, r.AgentID, before.From)})
		default:
			if before.To == 0 {
				before.To = r.From
			}
			out, last = append(out, r.Membership), i
		}
	}
	return out
}

// WarnOfSupervisors adds a warning for each supervisor of the file who is no agent, where others are, or where an agent is
// spelled nearly so. Supervisors of other rosters do not matter: the column grants nothing.
func WarnOfSupervisors(report *Report, read, held []schemas.Membership) {
	var s suggester
	known := map[string]bool{}
	for _, rows := range [][]schemas.Membership{held, read} {
		for i := range rows {
			for _, name := range []string{rows[i].AgentID, rows[i].Name, rows[i].Email} {
				if name != "" && !known[name] {
					known[name] = true
					s.known = append(s.known, name)
				}
			}
		}
	}
	someKnown := slices.ContainsFunc(read, func(m schemas.Membership) bool { return m.Supervisor != "" && known[m.Supervisor] })
	warned := map[string]bool{"": true}
	for i := range read {
		name := read[i].Supervisor
		if warned[name] || known[name] {
			continue
		}
		warned[name] = true
		if hint := s.hint(name); someKnown || hint != "" {
			report.Warn(Problem{Field: "supervisor", Message: fmt.Sprintf("%.60q, supervisor of %s, is no agent of the roster%s", name,
				read[i].AgentID, hint)})
		}
	}
}
