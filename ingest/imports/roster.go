package imports

import (
	"context"
	"fmt"
	"slices"

	"rollcall/ingest/files"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// roster replaces each agent's memberships from the first `from` of the file on. What is recorded for earlier dates
// stays: a file of today's roster does not take the past away from the teams it happened in (RULES.md section 9).
func (m *Ledger) roster(ctx context.Context, in files.Input, opt *Options) (*Result, error) {
	read, found, err := files.ReadRoster(ctx, in, opt.Options)
	r := resultOf(found, opt)
	if err != nil {
		return r, err
	}
	return r, m.compared(ctx, schemas.JournalRoster, in, opt, r, func(ctx context.Context, w *writing) error {
		return m.compareRoster(ctx, read, r, w)
	})
}

// compareRoster finds the agents whose memberships change, and prepares the write of their rows.
func (m *Ledger) compareRoster(ctx context.Context, read []schemas.Membership, r *Result, w *writing) error {
	held, err := m.store.Memberships(ctx, 0)
	if err != nil {
		return err
	}
	before, named := schemas.MembershipsByAgent(held), map[string]bool{}
	c := newRosterChange()
	var out []schemas.Membership
	for rows := range runs(read, sameAgent) {
		agent := rows[0].AgentID
		named[agent] = true
		rows = joinedTo(before[agent], rows)
		if !c.compare(agent, before[agent], rows) {
			continue
		}
		warnOfPast(r, before[agent], rows)
		out = append(out, recordedAt(rows, w.at)...)
	}
	c.missing(held, named, w.at)
	files.WarnOfSupervisors(r.Report, read, held)
	if err := m.judgedAgain(ctx, c); err != nil {
		return err
	}
	r.Written, r.Unchanged, r.Roster = len(c.Agents), c.Totals.Unchanged, c
	w.row.Detail = c.sentence()
	m.writeRoster(ctx, w, c, out)
	return nil
}

// writeRoster prepares the write of the rows of agents that change.
func (m *Ledger) writeRoster(ctx context.Context, w *writing, c *RosterChange, rows []schemas.Membership) {
	for i := range c.Agents {
		w.row.Touch(c.Agents[i].AgentID, c.Agents[i].touched)
	}
	w.counts(&c.Totals.Tally)
	m.recorded(ctx, w, func() error { return m.store.WriteRoster(ctx, w.row, rows) })
}

// recordedAt returns the rows as they become known at the instant.
func recordedAt(rows []schemas.Membership, at schemas.Instant) []schemas.Membership {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].RecordedAt = at
	}
	return rows
}

func sameAgent(a, b *schemas.Membership) bool { return a.AgentID == b.AgentID }

// sentence is the journal's detail.
func (c *RosterChange) sentence() string {
	t := &c.Totals
	return fmt.Sprintf("%d agents added, %d changed, %d removed, %d unchanged; %d moved, %d ended",
		t.Added, t.Changed, t.Removed, t.Unchanged, t.Moved, t.Ended)
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
		c.Totals.Days++
		if h.State != schemas.DayProvisional {
			a.FinalDays++
			c.Totals.FinalDays++
		}
		return nil
	})
	if err != nil {
		return err
	}
	sources, err := m.store.AgentSources(ctx, 0)
	for _, s := range sources {
		if a := place[s.AgentID]; a != nil && a.Change == Added && !a.Joins {
			a.Joins = true
			c.Totals.Joins++
		}
	}
	return err
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

// warnOfPast warns of a row without a beginning that moves an agent to another team or site for all of the past.
func warnOfPast(r *Result, before, rows []schemas.Membership) {
	if len(before) == 0 || rows[0].From != 0 {
		return
	}
	if b := before[len(before)-1]; b.Team != rows[0].Team || b.Site != rows[0].Site {
		r.Warn(files.Problem{Field: "from",
			Message: fmt.Sprintf("%s moves from team %q to %q for all of the past, because the row has no `from`",
				rows[0].AgentID, b.Team, rows[0].Team), Remedy: "write the date of the change to keep the past"})
	}
}

func (m *Ledger) diffRoster(ctx context.Context, d *Diff) error {
	was, is, err := bothSides(ctx, &d.Import, m.store.Memberships)
	d.Roster = CompareRosters(was, is)
	return err
}

func (m *Ledger) undoRoster(ctx context.Context, u *undoing) error {
	was, made, err := bothSides(ctx, &u.Undoes, m.rosterByAgent)
	if err != nil {
		return err
	}
	now, err := m.rosterByAgent(ctx, 0)
	if err != nil {
		return err
	}
	u.Roster = newRosterChange()
	var out []schemas.Membership
	for _, agent := range idsOf(was, made) {
		if compareAgent(agent, was[agent], made[agent]) == nil {
			continue
		}
		if since := known(now[agent]); since != known(made[agent]) {
			u.leave(agent, nil, since)
			continue
		}
		u.Restored++
		u.Roster.compare(agent, now[agent], was[agent])
		back := was[agent]
		if len(back) == 0 { // in no roster before
			back = []schemas.Membership{{AgentID: agent, Removed: true}}
		}
		out = append(out, recordedAt(back, u.at)...)
	}
	m.writeRoster(ctx, u.writing, u.Roster, out)
	return m.judgedAgain(ctx, u.Roster)
}

// rosterByAgent reads the roster as it was known at an instant.
func (m *Ledger) rosterByAgent(ctx context.Context, knownAt schemas.Instant) (map[string][]schemas.Membership, error) {
	rows, err := m.store.Memberships(ctx, knownAt)
	return schemas.MembershipsByAgent(rows), err
}

// known returns when an agent's rows became known, 0 when there are none.
func known(rows []schemas.Membership) schemas.Instant {
	if len(rows) == 0 {
		return 0
	}
	return rows[0].RecordedAt
}
