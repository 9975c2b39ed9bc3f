package simulate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"rollcall/schemas"
)

// Written counts the rows of each file, without headers.
type Written struct {
	Roster, Activities, Schedule, Status, Gaps, Truth int
}

// Write makes up the centre and writes roster.csv, activities.csv, schedule.csv, status.csv, gaps.csv and truth.csv
// into the configuration's folder, replacing what is there. An error names the file, or says that ctx
// ended; the folder then holds files that are not complete.
func Write(ctx context.Context, cfg Config) (Written, error) {
	if cfg.Dir == "" {
		return Written{}, errors.New("simulate: no folder is given; name one to write the files into")
	}
	centre, err := NewCentre(cfg)
	if err != nil {
		return Written{}, err
	}
	return centre.write(ctx)
}

// writer holds the six files and what lies between plan and file.
type writer struct {
	*planner
	roster, activities, schedule, status, gapRows, truth *table
	order                                                *chance
	late                                                 []lateRow
	days                                                 int
}

// lateRow is a row that reaches the file late: when the writer has come to agent-day number due.
type lateRow struct {
	agent string
	row   row
	due   int
}

func (c *Centre) write(ctx context.Context) (Written, error) {
	if err := os.MkdirAll(c.cfg.Dir, 0o750); err != nil {
		return Written{}, fmt.Errorf("simulate: %w", err)
	}
	in := func(name, header string) *table { return create(filepath.Join(c.cfg.Dir, name), header) }
	w := &writer{
		planner:    newPlanner(c),
		order:      newChance(),
		roster:     in("roster.csv", "agent_id,name,email,team,site,time_zone,supervisor,from,to"),
		activities: in("activities.csv", "code,category,paid,counts_as_shrinkage"),
		schedule:   in("schedule.csv", "agent_id,activity,start,end,category,shift,paid,description"),
		status:     in("status.csv", "agent_id,at,presence,status,routing,secondary,note"),
		gapRows:    in("gaps.csv", "source,from,to,agent_id"),
		truth: in("truth.csv",
			"agent_id,day,scheduled_s,in_s,out_s,adherence_percent,conformance_percent,exception_count"),
	}
	err := w.all(ctx)
	for _, t := range []*table{w.roster, w.activities, w.schedule, w.status, w.gapRows, w.truth} {
		err = errors.Join(err, t.close())
	}
	if err != nil {
		return Written{}, fmt.Errorf("simulate: write files: %w", err)
	}
	return Written{w.roster.rows, w.activities.rows, w.schedule.rows, w.status.rows, w.gapRows.rows, w.truth.rows}, nil
}

func (w *writer) all(ctx context.Context) error {
	for i := range w.centre.agents {
		w.member(&w.centre.agents[i])
	}
	for i := range codes {
		c := &codes[i]
		w.activities.put(c.name, c.category.String(), fmt.Sprint(c.paid), fmt.Sprint(c.shrinkage))
	}
	w.feedGapRows()
	for date := w.centre.cfg.first(); date <= w.centre.cfg.Until; date++ {
		for i := range w.centre.agents {
			if i%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			w.plan(i, date)
			w.day()
		}
	}
	w.releaseLate(true)
	return nil
}

// member writes the agent's rows of the roster: one, or two for who changes team.
func (w *writer) member(a *agent) {
	row := func(team int, from, to string) {
		t := &w.centre.teams[team]
		w.roster.put(a.id, a.name, a.mail, t.name, t.site, a.zone.Name(), t.supervisor, from, to)
	}
	if a.moved == 0 {
		row(a.team, a.joined.String(), "")
		return
	}
	row(a.team, a.joined.String(), a.moved.String())
	row(a.movedTo, a.moved.String(), "")
}

// feedGapRows writes the gaps of the whole feed.
func (w *writer) feedGapRows() {
	for utc := w.centre.cfg.first() - 1; utc <= w.centre.cfg.Until+1; utc++ {
		if v, ok := w.centre.feedGap(w.draw, utc); ok {
			w.gapRow(v, "")
		}
	}
}

func (w *writer) gapRow(v schemas.Interval, agent string) {
	if w.centre.cfg.happened(v.End) {
		w.gapRows.put(w.centre.cfg.Source, v.Start.String(), v.End.String(), agent)
	}
}

// day writes what the planner has made of one agent-day.
func (w *writer) day() {
	shift := w.shiftID(w.centre)
	for i := range w.blocks {
		w.activity(&w.blocks[i], shift)
	}
	for i := range w.gaps {
		if w.gaps[i].own {
			w.gapRow(w.gaps[i].Interval, w.agent.id)
		}
	}
	if w.over() {
		w.answerRow()
	}
	w.changes()
	w.days++
	w.releaseLate(false)
}

func (w *writer) activity(b *block, shift string) {
	c := &codes[b.code]
	w.schedule.put(w.agent.id, c.name, b.Start.String(), b.End.String(), c.category.String(), shift,
		strconv.FormatBool(c.paid), c.description)
}

func (w *writer) answerRow() {
	if a := w.answer(); a.listed() {
		w.truth.put(w.agent.id, w.date.String(), seconds(a.scheduled), seconds(a.in), seconds(a.out),
			percent(a.adherence()), percent(a.conformance()), strconv.Itoa(a.exceptions))
	}
}

// changes writes the status rows as feeds deliver them: mostly in order, some swapped, some twice, some late.
func (w *writer) changes() {
	w.order.seed(w.centre.cfg.Seed, streamOrder, uint64(w.number), uint64(w.date)) //nolint:gosec // both are positive
	for i := range w.rows {
		switch n := w.order.IntN(1000); {
		case n < 8 && i+1 < len(w.rows):
			w.rows[i], w.rows[i+1] = w.rows[i+1], w.rows[i]
		case n < 12:
			w.late = append(w.late, lateRow{w.agent.id, w.rows[i], w.days + w.order.between(1, 400)})
			continue
		case n < 16:
			w.late = append(w.late, lateRow{w.agent.id, w.rows[i], w.days + w.order.between(0, 50)})
		}
		w.change(w.agent.id, &w.rows[i])
	}
}

func (w *writer) change(agent string, r *row) {
	if w.centre.cfg.happened(r.at) {
		w.status.put(agent, r.at.String(), r.presence.String(), r.status.String(), r.routing.String(), r.secondary, r.note)
	}
}

// releaseLate writes the late rows that are due, or all.
func (w *writer) releaseLate(all bool) {
	w.late = slices.DeleteFunc(w.late, func(l lateRow) bool {
		due := all || l.due <= w.days
		if due {
			w.change(l.agent, &l.row)
		}
		return due
	})
}
