package files

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Columns of a roster, by their place in the kind's table.
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
	var read []rosterRow
	report, err := readOnce(ctx, Roster, in, &opt, func(t *table) func() {
		z, near := newZones(nil, &opt), &rows.Suggester{Known: schemas.ZoneNames()}
		return func() {
			if r := rosterOf(t, z, near); !t.bad {
				read = append(read, r)
			}
		}
	})
	if err != nil {
		return nil, report, err
	}
	return datedRows(read, report), report, nil
}

func rosterOf(t *table, z *zones, near *rows.Suggester) rosterRow {
	r := rosterRow{Membership: schemas.Membership{
		AgentID:    t.id(rosterAgent),
		Name:       t.free(rosterName),
		Email:      t.free(rosterEmail),
		Team:       t.free(rosterTeam),
		Site:       t.free(rosterSite),
		TimeZone:   t.text(rosterZone),
		Supervisor: t.free(rosterSupervisor),
	}}
	r.line, r.column = t.place(rosterAgent)
	if r.TimeZone != "" {
		if _, err := z.load(r.TimeZone); err != nil {
			message, hint := err.Error(), near.Hint(r.TimeZone)
			if hint != "" {
				message = fmt.Sprintf("time zone %.60q is not known", r.TimeZone)
			}
			t.problem(rosterZone, hint, "%s", message)
		}
	}
	r.From, _ = t.dateText(rosterFrom)
	r.To, _ = t.dateText(rosterTo)
	if r.To != 0 && r.To <= r.From {
		t.problem(rosterTo, "`to` is the first date on which the row no longer holds", "%s is not after from, %s", r.To,
			r.From)
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
				"the row overlaps that of line %d (%s from %s)", rows[last].line, r.AgentID, before.From),
				Remedy: "end one with `to` where the other begins"})
		default:
			if before.To == 0 {
				before.To = r.From
			}
			out, last = append(out, r.Membership), i
		}
	}
	return out
}

// WarnOfSupervisors adds a warning for each supervisor of the file who is no agent, where others are, or where an agent
// is spelled nearly so. Supervisors of other rosters do not matter: the column grants nothing.
func WarnOfSupervisors(report *Report, read, held []schemas.Membership) {
	var s rows.Suggester
	known := map[string]bool{}
	for _, list := range [][]schemas.Membership{held, read} {
		for i := range list {
			for _, name := range []string{list[i].AgentID, list[i].Name, list[i].Email} {
				if name != "" && !known[name] {
					known[name] = true
					s.Known = append(s.Known, name)
				}
			}
		}
	}
	someKnown := slices.ContainsFunc(read,
		func(m schemas.Membership) bool { return m.Supervisor != "" && known[m.Supervisor] })
	warned := map[string]bool{"": true}
	for i := range read {
		name := read[i].Supervisor
		if warned[name] || known[name] {
			continue
		}
		warned[name] = true
		if hint := s.Hint(name); someKnown || hint != "" {
			report.Warn(Problem{Field: "supervisor",
				Message: fmt.Sprintf("%.60q, supervisor of %s, is no agent of the roster", name,
					read[i].AgentID), Remedy: hint})
		}
	}
}
