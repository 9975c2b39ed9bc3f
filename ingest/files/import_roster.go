package files

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"rollcall/schemas"
)

// roster replaces each agent's memberships from the first `from` of the file on. What is recorded for earlier dates stays:
// a file of today's roster does not take the past away from the teams it happened in (domain.md section 9).
func (m *Importer) roster(ctx context.Context, in Input, opt *Options) (*Report, error) {
	read, report, err := ReadRoster(ctx, in, *opt)
	if err != nil {
		return report, err
	}
	held, err := m.store.Memberships(ctx, 0)
	if err != nil {
		return report, err
	}
	at := m.now()
	row := m.journal(schemas.JournalRoster, in, opt, at, "")
	before := byAgent(held)
	var out []schemas.Membership
	for rows := range perAgent(read) {
		rows = joinedTo(before[rows[0].AgentID], rows)
		changed, ok := changedSpan(before[rows[0].AgentID], rows)
		if !ok {
			report.Unchanged++
			continue
		}
		report.Written++
		warnOfPast(report, before[rows[0].AgentID], rows)
		span(&row, rows[0].AgentID, changed)
		for i := range rows {
			rows[i].RecordedAt = at
		}
		out = append(out, rows...)
	}
	row.Detail = fmt.Sprintf("%d agents changed, %d unchanged", report.Written, report.Unchanged)
	return report, report.write(opt, row, func() error { return m.store.WriteRoster(ctx, row, out) })
}

// perAgent cuts rows that are in order of agent.
func perAgent(rows []schemas.Membership) iter.Seq[[]schemas.Membership] {
	return func(yield func([]schemas.Membership) bool) {
		for begin := 0; begin < len(rows); {
			end := begin + 1
			for end < len(rows) && rows[end].AgentID == rows[begin].AgentID {
				end++
			}
			if !yield(rows[begin:end:end]) {
				return
			}
			begin = end
		}
	}
}

// joinedTo puts what is recorded for dates before the first new row in front of the new rows.
func joinedTo(held, rows []schemas.Membership) []schemas.Membership {
	var out []schemas.Membership
	first := rows[0].From
	for _, h := range held {
		if h.From >= first {
			continue
		}
		if h.To == 0 || h.To > first {
			h.To = first
		}
		out = append(out, h)
	}
	return append(out, rows...)
}

// dated gives what the rows say of the date, without from, to and recorded_at; nothing where no row is in force.
func dated(rows []schemas.Membership, day schemas.Date) schemas.Membership {
	for i := len(rows) - 1; i >= 0; i-- {
		if m := rows[i]; m.From <= day && (m.To == 0 || day < m.To) {
			m.From, m.To, m.RecordedAt = 0, 0, 0
			return m
		}
	}
	return schemas.Membership{}
}

// changedSpan gives the time in which the rows say something else than those before, and whether there is any. A day more
// at either end covers every zone.
func changedSpan(before, after []schemas.Membership) (schemas.Interval, bool) {
	edges := []schemas.Date{0}
	for _, rows := range [][]schemas.Membership{before, after} {
		for i := range rows {
			edges = append(edges, rows[i].From)
			if rows[i].To != 0 {
				edges = append(edges, rows[i].To)
			}
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var v schemas.Interval
	for i, d := range edges {
		if dated(before, d) == dated(after, d) {
			continue
		}
		end := schemas.MaxInstant
		if i+1 < len(edges) {
			end = schemas.UTC.DayStart(edges[i+1] + 1)
		}
		v = hull(v, schemas.Interval{Start: max(schemas.MinInstant, schemas.UTC.DayStart(d-1)), End: end})
	}
	return v, !v.Empty()
}

// warnOfPast tells of a row without a beginning that gives an agent another team or site for all of the past.
func warnOfPast(report *Report, before, rows []schemas.Membership) {
	if len(before) == 0 || rows[0].From != 0 {
		return
	}
	if b := before[len(before)-1]; b.Team != rows[0].Team || b.Site != rows[0].Site {
		report.warn(Problem{Field: "from", Message: fmt.Sprintf(
			"%s moves from team %q to %q for all of the past, because the row has no `from`; write the date of the change to keep the past",
			rows[0].AgentID, b.Team, rows[0].Team)})
	}
}
