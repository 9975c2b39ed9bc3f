package imports

import (
	"context"
	"fmt"
	"iter"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// roster replaces each agent's memberships from the first `from` of the file on. What is recorded for earlier dates
// stays: a file of today's roster does not take the past away from the teams it happened in (RULES.md section 9).
func (m *Ledger) roster(ctx context.Context, in files.Input, opt *files.Options) (report *Result, err error) {
	read, found, err := files.ReadRoster(ctx, in, *opt)
	report = resultOf(found, opt)
	if err != nil {
		return report, err
	}
	return report, m.alone(ctx, schemas.JournalRoster, opt.DryRun, opt.Waiting, func(ctx context.Context) error {
		return m.rosterAlone(ctx, in, opt, read, report)
	})
}

func (m *Ledger) rosterAlone(ctx context.Context, in files.Input, opt *files.Options, read []schemas.Membership,
	report *Result) error {
	held, err := m.store.Memberships(ctx, 0)
	if err != nil {
		return err
	}
	led, err := m.turn(ctx, schemas.JournalRoster, opt)
	if err != nil {
		return err
	}
	before, named := schemas.MembershipsByAgent(held), map[string]bool{}
	c := &RosterChange{Agents: []AgentChange{}, NotInFile: []string{}}
	var out []schemas.Membership
	for rows := range perAgent(read) {
		agent := rows[0].AgentID
		named[agent] = true
		rows = joinedTo(before[agent], rows)
		a := change(agent, before[agent], rows)
		if a == nil {
			c.Totals.Unchanged++
			continue
		}
		warnOfPast(report, before[agent], rows)
		c.add(a)
		for i := range rows {
			rows[i].RecordedAt = led.at
		}
		out = append(out, rows...)
	}
	c.missing(held, named, led.at)
	files.WarnOfSupervisors(report.Report, read, held)
	if err := m.judgedAgain(ctx, c); err != nil {
		return err
	}
	report.Written, report.Unchanged, report.Roster, report.BaseRevision = len(c.Agents), c.Totals.Unchanged, c, led.base
	return m.enterRoster(ctx, in, opt, led, report, out)
}

// enterRoster writes the rows of the agents that change.
func (m *Ledger) enterRoster(ctx context.Context, in files.Input, opt *files.Options, led *turn, report *Result,
	rows []schemas.Membership) error {
	c := report.Roster
	row := m.journal(schemas.JournalRoster, in, opt, led.at, c.sentence())
	c.spans(&row)
	made := led.entry(&row, report)
	made.Added, made.Changed, made.Removed = c.Totals.Added, c.Totals.Changed, c.Totals.Removed
	return report.enter(opt, row, made, func() error {
		if err := m.store.WriteImport(ctx, made); err != nil {
			return err
		}
		return m.store.WriteRoster(ctx, row, rows)
	})
}

// sentence is the journal's detail.
func (c *RosterChange) sentence() string {
	t := &c.Totals
	return fmt.Sprintf("%d agents added, %d changed, %d removed, %d unchanged; %d moved, %d ended", t.Added, t.Changed,
		t.Removed, t.Unchanged,
		t.Moved, t.Ended)
}

// spans notes in the journal row whose time may have changed.
func (c *RosterChange) spans(row *schemas.JournalRow) {
	for i := range c.Agents {
		span(row, c.Agents[i].AgentID, c.Agents[i].touched)
	}
}

// missing lists who has a membership at the instant and is not named.
func (c *RosterChange) missing(held []schemas.Membership, named map[string]bool, at schemas.Instant) {
	today := schemas.UTC.Date(at)
	for i := range held {
		if h := &held[i]; !named[h.AgentID] && h.From <= today && (h.To == 0 || today < h.To) {
			if c.NotInFileCount++; c.NotInFileCount <= files.MaxProblems {
				c.NotInFile = append(c.NotInFile, h.AgentID)
			}
		}
	}
}

// judgedAgain counts the judged days that the changes touch, and finds agents of whom the store has facts already.
func (m *Ledger) judgedAgain(ctx context.Context, c *RosterChange) error {
	if len(c.Agents) == 0 {
		return nil
	}
	place := map[string]*AgentChange{}
	q := chstore.DayQuery{ByAgent: true, From: schemas.UTC.Date(schemas.MinInstant),
		To: schemas.UTC.Date(schemas.MaxInstant)}
	for i := range c.Agents {
		place[c.Agents[i].AgentID] = &c.Agents[i]
		q.Agents = append(q.Agents, c.Agents[i].AgentID)
	}
	err := m.store.DayHeads(ctx, q, func(h *chstore.DayHead) error {
		a := place[h.AgentID]
		if a == nil || !schemas.UTC.Day(h.Day).Overlaps(a.touched) {
			return nil
		}
		a.Days++
		if h.State != schemas.DayProvisional {
			a.FinalDays++
		}
		return nil
	})
	if err != nil {
		return err
	}
	sources, err := m.store.AgentSources(ctx, 0)
	if err != nil {
		return err
	}
	for _, s := range sources {
		if a := place[s.AgentID]; a != nil && a.Change == Added {
			a.Joins = true
		}
	}
	for i := range c.Agents {
		a := &c.Agents[i]
		c.Totals.Days, c.Totals.FinalDays = c.Totals.Days+a.Days, c.Totals.FinalDays+a.FinalDays
		if a.Joins {
			c.Totals.Joins++
		}
	}
	return nil
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

// dated returns what the rows say of the date, without from, to and recorded_at; nothing where no row is in force.
func dated(rows []schemas.Membership, day schemas.Date) schemas.Membership {
	m, _ := schemas.MembershipOn(rows, day)
	m.From, m.To, m.RecordedAt = 0, 0, 0
	return m
}

// changedSpan returns the time in which the rows say something else than those before, and whether there is any. A day
// more at either end covers every zone.
func changedSpan(before, after []schemas.Membership) (schemas.Interval, bool) {
	edges := edgesOf(before, after)
	var v schemas.Interval
	for i, d := range edges {
		if dated(before, d) == dated(after, d) {
			continue
		}
		end := schemas.MaxInstant
		if i+1 < len(edges) {
			end = schemas.UTC.DayStart(edges[i+1] + 1)
		}
		v = v.Hull(schemas.Interval{Start: max(schemas.MinInstant, schemas.UTC.DayStart(d-1)), End: end})
	}
	return v, !v.Empty()
}

// warnOfPast warns of a row without a beginning that gives an agent another team or site for all of the past.
func warnOfPast(report *Result, before, rows []schemas.Membership) {
	if len(before) == 0 || rows[0].From != 0 {
		return
	}
	if b := before[len(before)-1]; b.Team != rows[0].Team || b.Site != rows[0].Site {
		report.Warn(files.Problem{Field: "from",
			Message: fmt.Sprintf("%s moves from team %q to %q for all of the past, because the row has no `from`",
				rows[0].AgentID, b.Team, rows[0].Team), Remedy: "write the date of the change to keep the past"})
	}
}
