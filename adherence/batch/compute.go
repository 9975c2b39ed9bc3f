package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// ErrRunning says that another Compute of this process has not ended yet.
var ErrRunning = errors.New("a compute run is under way; its result will include what is dirty now or leave it for the next run")

// Run describes one Compute to the store and to people.
type Run struct {
	ID string
	// Now is the instant of the run: what is recorded by then is known, and nothing after it is counted.
	Now schemas.Instant
	// Done, which may be nil, is told of progress in agents.
	Done func(agents, of int)
}

// Compute judges exactly what is dirty: what the journal names since the last run, as far as each write reaches, and the
// time by which the clock has moved since (a day under way grows, a no-show has no fact to announce it). It then marks
// the journal rows as consumed. Nothing dirty gives a zero Summary.
func (b *Batch) Compute(ctx context.Context, run Run, open func() Sink) (Summary, error) {
	if !b.running.TryLock() {
		return Summary{}, ErrRunning
	}
	defer b.running.Unlock()
	known, err := b.know(ctx, schemas.Interval{Start: run.Now, End: run.Now + 1}, 0)
	if err != nil {
		return Summary{}, err
	}
	d, ids, err := b.dirt(ctx, known, run.Now)
	if err != nil {
		return Summary{}, err
	}
	var sum Summary
	for _, req := range d.requests(known, run.Now) {
		part, err := b.Judge(ctx, req, open, run.Done)
		sum.add(part)
		if err != nil {
			return sum, fmt.Errorf("judging %s to %s: %w", req.From, req.To, err)
		}
	}
	record := chstore.ComputeRun{ID: run.ID, StartedAt: run.Now, KnownAt: run.Now, AsOf: run.Now, EndedAt: run.Now, Days: sum.Written + sum.Deleted}
	if err := b.store.Consume(ctx, record, ids); err != nil {
		return sum, fmt.Errorf("marking what was judged: %w", err)
	}
	return sum, nil
}

// dirt is the time that has to be judged again: of single agents, and of everybody.
type dirt struct {
	agents   map[string][]schemas.Interval
	everyone []schemas.Interval
	// force says that names, teams or rules may have changed, so that equal figures are written all the same.
	force bool
}

// dirt reads the journal and the clock.
func (b *Batch) dirt(ctx context.Context, known *adherence.Known, now schemas.Instant) (*dirt, []string, error) {
	d := &dirt{agents: map[string][]schemas.Interval{}}
	gap, carry, _, _ := known.Reach()
	var ids []string
	var changed []chstore.AgentRange
	err := b.store.PendingJournal(ctx, func(row *schemas.JournalRow) error {
		ids = append(ids, row.ID)
		if row.Kind == schemas.JournalChanges && len(row.Agents) > 0 {
			for i, a := range row.Agents {
				changed = append(changed, chstore.AgentRange{AgentID: a, Interval: row.Ranges[i]})
			}
			return nil
		}
		d.add(row, gap)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading the journal: %w", err)
	}
	if err := b.reachOfFacts(ctx, d, changed, gap, carry); err != nil {
		return nil, nil, err
	}
	runs, err := b.store.ComputeRuns(ctx, 1)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the last compute run: %w", err)
	}
	if len(runs) > 0 && runs[0].AsOf < now {
		d.everyone = append(d.everyone, schemas.Interval{Start: runs[0].AsOf, End: now})
	}
	return d, ids, nil
}

// add takes a journal row other than facts: its ranges, and what lies within shift_gap of them.
func (d *dirt) add(row *schemas.JournalRow, gap int64) {
	switch row.Kind {
	case schemas.JournalRoster, schemas.JournalPolicy, schemas.JournalActivities:
		d.force = true
	default:
	}
	wide := func(v schemas.Interval) schemas.Interval {
		return schemas.Interval{Start: v.Start.Add(-gap), End: v.End.Add(gap)}
	}
	if len(row.Agents) == 0 {
		d.everyone = append(d.everyone, wide(row.Range))
		return
	}
	for i, a := range row.Agents {
		v := row.Range
		if i < len(row.Ranges) {
			v = row.Ranges[i]
		}
		d.agents[a] = append(d.agents[a], wide(v))
	}
}

// reachOfFacts adds, for each changed fact, [at - shift_gap, next fact of the field or at + carry_forward + shift_gap)
// (domain.md section 10).
func (b *Batch) reachOfFacts(ctx context.Context, d *dirt, changed []chstore.AgentRange, gap, carry int64) error {
	if len(changed) == 0 {
		return nil
	}
	err := b.store.NextFacts(ctx, changed, carry+gap, func(agent string, spans []chstore.FactSpan) error {
		list := d.agents[agent]
		for _, s := range spans {
			end := s.At.Add(carry)
			if s.Next != 0 {
				end = s.Next
			}
			v := schemas.Interval{Start: s.At.Add(-gap), End: end.Add(gap)}
			if n := len(list); n > 0 && list[n-1].Start <= v.Start && v.Start <= list[n-1].End {
				list[n-1].End = max(list[n-1].End, v.End)
				continue
			}
			list = append(list, v)
		}
		d.agents[agent] = list
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading how far new facts reach: %w", err)
	}
	return nil
}

// dates is a range of local dates, both included.
type dates struct{ from, to schemas.Date }

// requests turns dirty time into as few requests as possible: one for everybody, and one for each cluster of dates that
// single agents need besides.
func (d *dirt) requests(known *adherence.Known, now schemas.Instant) []Request {
	last := schemas.UTC.Date(now.Add(14 * schemas.HourMS))
	var all []dates
	for _, v := range schemas.Union(d.everyone) {
		all = append(all, dates{schemas.UTC.Date(v.Start.Add(-12*schemas.HourMS)) - 1, min(last, schemas.UTC.Date(v.End.Add(14*schemas.HourMS)))})
	}
	var out []Request
	base := Request{AsOf: now, Version: now, Force: d.force}
	all = clusters(all)
	for _, c := range all {
		out = append(out, base.with(c, nil))
	}
	single := map[string][]dates{}
	var zones []adherence.ZoneSpan
	for agent, list := range d.agents {
		zones = known.Zones(agent, zones[:0])
		z := zones[len(zones)-1].Zone
		for _, v := range schemas.Union(list) {
			r := dates{z.Date(v.Start) - 1, min(last, z.Date(v.End)+1)}
			if r.from <= r.to && !covered(all, r) {
				single[agent] = append(single[agent], r)
			}
		}
	}
	return append(out, singles(base, single)...)
}

// singles gives the requests for single agents: agents whose dates lie close together share one.
func singles(base Request, single map[string][]dates) (out []Request) {
	var flat []dates
	for _, rs := range single {
		flat = append(flat, rs...)
	}
	for _, c := range clusters(flat) {
		var agents []string
		for agent, rs := range single {
			if slices.ContainsFunc(rs, func(r dates) bool { return c.from <= r.from && r.to <= c.to }) {
				agents = append(agents, agent)
			}
		}
		out = append(out, base.with(c, agents))
	}
	return out
}

func (r Request) with(c dates, agents []string) Request {
	r.From, r.To, r.Agents = c.from, c.to, agents
	return r
}

func covered(all []dates, r dates) bool {
	return slices.ContainsFunc(all, func(a dates) bool { return a.from <= r.from && r.to <= a.to })
}

// clusters joins ranges that overlap or touch and drops empty ones.
func clusters(in []dates) []dates {
	slices.SortFunc(in, func(a, b dates) int { return cmp.Compare(a.from, b.from) })
	var out []dates
	for _, r := range in {
		if r.from > r.to {
			continue
		}
		if n := len(out); n > 0 && r.from <= out[n-1].to+1 {
			out[n-1].to = max(out[n-1].to, r.to)
			continue
		}
		out = append(out, r)
	}
	return out
}
