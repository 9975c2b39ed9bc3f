package batch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// errRunning says that another Compute of this process has not ended yet.
var errRunning = errors.New(
	"a compute run is under way; its result will include what is dirty now or leave it for the next run")

// ErrErasing says that somebody is being erased, so that what would be read of them may be half of it.
var ErrErasing = errors.New("an agent is being erased; what is dirty waits for the next run")

// Run describes one Compute to the store and to people.
type Run struct {
	ID string
	// Now is the instant of the run: what is recorded by then is known, and nothing after it is counted.
	Now schemas.Instant
	// Done, which may be nil, is called with the progress in agents.
	Done func(agents, of int)
}

// Compute judges exactly what is dirty: what the journal names since the last run, as far as each write reaches, and
// the time by which the clock has moved since (a day under way grows, a no-show has no fact to announce it). It then
// marks the journal rows as consumed. Nothing dirty makes a zero Summary. While an agent is erased it is ErrErasing,
// and what was judged meanwhile stays dirty.
func (b *Batch) Compute(ctx context.Context, run Run, open func() Sink) (Summary, error) {
	if !b.running.TryLock() {
		return Summary{}, errRunning
	}
	defer b.running.Unlock()
	if err := b.undisturbed(ctx); err != nil {
		return Summary{}, err
	}
	known, err := b.know(ctx, schemas.Interval{Start: run.Now, End: run.Now + 1}, 0, nil)
	if err != nil {
		return Summary{}, err
	}
	d, ids, err := b.dirtyTime(ctx, known, run.Now)
	if err != nil {
		return Summary{}, err
	}
	var sum Summary
	for _, req := range d.requests(known, run.Now) {
		if req.From = max(req.From, b.oldest(run.Now)); req.From > req.To {
			continue
		}
		part, err := b.Judge(ctx, req, open, run.Done)
		sum.add(part)
		if err != nil {
			return sum, fmt.Errorf("judging %s to %s: %w", req.From, req.To, err)
		}
	}
	record := chstore.ComputeRun{
		ID:        run.ID,
		StartedAt: run.Now,
		KnownAt:   run.Now,
		AsOf:      run.Now,
		EndedAt:   run.Now,
		Days:      sum.Written + sum.Deleted,
	}
	if record.Detail, err = seenText(known); err != nil {
		return sum, err
	}
	if err := b.undisturbed(ctx); err != nil {
		return sum, err
	}
	if err := b.store.Consume(ctx, record, ids); err != nil {
		return sum, fmt.Errorf("marking what was judged: %w", err)
	}
	return sum, nil
}

// undisturbed is ErrErasing while somebody is being erased.
func (b *Batch) undisturbed(ctx context.Context) error {
	erasing, err := b.store.Erasing(ctx)
	if err == nil && erasing {
		err = ErrErasing
	}
	return err
}

// oldest returns the first day that results are stored of.
func (b *Batch) oldest(now schemas.Instant) schemas.Date {
	if b.cfg.KeepDays == 0 {
		return schemas.UTC.Date(0)
	}
	return schemas.UTC.Date(now) - schemas.Date(b.cfg.KeepDays) //nolint:gosec // days, a few thousand
}

// bulk is from how many touched stretches of time on facts are not looked at one by one.
const bulk = 5000

// dirtyTime is the time that has to be judged again: of single agents, and of everybody.
type dirtyTime struct {
	agents   map[string][]schemas.Interval
	everyone []schemas.Interval
	// force says that names, teams or rules may have changed, so that equal figures are written all the same.
	force bool
}

// dirtyTime reads the journal and the clock.
func (b *Batch) dirtyTime(ctx context.Context, known *adherence.Known, now schemas.Instant) (*dirtyTime, []string,
	error) {
	d := &dirtyTime{agents: map[string][]schemas.Interval{}}
	reach := known.Reach()
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
		d.add(row, reach.ShiftGapMS)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading the journal: %w", err)
	}
	if err := b.reachOfFacts(ctx, d, changed, known, reach); err != nil {
		return nil, nil, err
	}
	runs, err := b.store.ComputeRuns(ctx, 1)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the last compute run: %w", err)
	}
	var last chstore.ComputeRun
	if len(runs) > 0 {
		last = runs[0]
	}
	if last.AsOf != 0 && last.AsOf < now {
		d.everyone = append(d.everyone, schemas.Interval{Start: last.AsOf, End: now})
	}
	before, err := seenBy(last)
	if err != nil {
		return nil, nil, fmt.Errorf("reading what compute run %s had seen: %w", last.ID, err)
	}
	settled, err := b.settled(ctx, known, before)
	if err != nil {
		return nil, nil, fmt.Errorf("reading which days are stored: %w", err)
	}
	d.everyone = append(d.everyone, settled...)
	d.addStatements(known, before, reach, now)
	return d, ids, nil
}

// seen is what a run leaves to the next one: how far each feed was complete.
type seen struct {
	Complete map[string]schemas.Instant `json:"complete_up_to"`
}

func seenText(known *adherence.Known) (string, error) {
	s := seen{map[string]schemas.Instant{}}
	for f := range known.Feeds {
		s.Complete[f.Source] = f.CompleteUpTo
	}
	text, err := json.Marshal(s)
	return string(text), err
}

// seenBy reads what a run has left; nothing before the first.
func seenBy(run chstore.ComputeRun) (s seen, err error) {
	if run.Detail != "" {
		err = json.Unmarshal([]byte(run.Detail), &s)
	}
	return s, err
}

// addStatements adds, for each feed that has moved how far it is complete from S to T, the time in which the silence of
// its agents is or was believed for it: [min(S, T) + the shortest carry_forward - shift_gap, max(S, T) + the longest
// carry_forward + shift_gap), up to now (RULES.md section 10). A feed that keeps up with the clock adds none.
func (d *dirtyTime) addStatements(known *adherence.Known, before seen, r adherence.Reach, now schemas.Instant) {
	for f := range known.Feeds {
		s, t := before.Complete[f.Source], f.CompleteUpTo
		if s == t {
			continue
		}
		agents, first := known.ReportedBy(f.Source)
		if s == 0 {
			s = first
		}
		v := schemas.Interval{Start: min(s, t).Add(r.ShortestCarryMS - r.ShiftGapMS),
			End: min(now, max(s, t).Add(r.LongestCarryMS+r.ShiftGapMS))}
		if v.Empty() {
			continue
		}
		for _, agent := range agents {
			d.agents[agent] = append(d.agents[agent], v)
		}
	}
}

// settled returns the time whose stored days may have become final since the last run: a feed that is complete up to T,
// and was up to S before, settles the days that end between S - settle and T - settle.
func (b *Batch) settled(ctx context.Context, known *adherence.Known, before seen) ([]schemas.Interval, error) {
	first, _, stored, err := b.store.DayRange(ctx)
	if err != nil || !stored {
		return nil, err
	}
	var out []schemas.Interval
	for f := range known.Feeds {
		old := max(before.Complete[f.Source], schemas.UTC.DayStart(first))
		if f.CompleteUpTo > old {
			out = append(out, schemas.Interval{Start: old.Add(-b.cfg.SettleMS), End: f.CompleteUpTo.Add(-b.cfg.SettleMS)})
		}
	}
	return out, nil
}

// add takes a journal row other than facts: its ranges, and what lies within shift_gap of them.
func (d *dirtyTime) add(row *schemas.JournalRow, gap int64) {
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

// reachOfFacts adds, for each changed fact, [at - shift_gap, the next fact of the field by the same source, or as long
// as it may matter, + shift_gap) (RULES.md section 10). After a bulk of facts, such as a first import, reading
// each again would cost more than judging what the bulk could reach at most: days that come out as they were are not
// written in any case.
func (b *Batch) reachOfFacts(ctx context.Context, d *dirtyTime, changed []chstore.AgentRange, known *adherence.Known,
	r adherence.Reach) error {
	if len(changed) == 0 {
		return nil
	}
	gap, carry := r.ShiftGapMS, r.LongestCarryMS
	var farthest schemas.Feed // the feed that is complete the farthest
	for f := range known.Feeds {
		if f.CompleteUpTo > farthest.CompleteUpTo {
			farthest = f
		}
	}
	if len(changed) > bulk {
		for _, c := range changed {
			d.agents[c.AgentID] = append(d.agents[c.AgentID], schemas.Interval{Start: c.Start.Add(-gap),
				End: known.MattersUntil(c.End, farthest.Source, carry).Add(gap)})
		}
		return nil
	}
	horizon := carry
	for _, c := range changed {
		horizon = max(horizon, known.MattersUntil(c.Start, farthest.Source, carry).Sub(c.Start))
	}
	err := b.store.NextFacts(ctx, changed, horizon+gap, func(agent string, spans []chstore.FactSpan) error {
		list := d.agents[agent]
		for _, s := range spans {
			end := known.MattersUntil(s.At, s.Source, carry)
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

// cluster is a range of dates with the agents who need it; no agents means everybody.
type cluster struct {
	dates
	agents []string
}

// requests turns dirty time into as few requests as possible, none of which judges a day twice: for everybody, where
// the journal says so or at least half of the roster needs it, and for single agents what is left.
func (d *dirtyTime) requests(known *adherence.Known, now schemas.Instant) []Request {
	last := schemas.UTC.Date(now.Add(14 * schemas.HourMS))
	shift := schemas.Date(1) // how many dates of a shift lie before or after one of its dates at most
	if known.Reach().Midnight {
		shift = schemas.Date(schemas.LongestShiftMS / schemas.DayMS) //nolint:gosec // 3
	}
	var everyone []dates
	for _, v := range schemas.Union(d.everyone) {
		everyone = append(everyone,
			dates{schemas.UTC.Date(v.Start.Add(-12*schemas.HourMS)) - shift,
				min(last, schemas.UTC.Date(v.End.Add(14*schemas.HourMS))+shift-1)})
	}
	single := d.single(known, shift, last)
	for _, c := range gather(single) {
		if 2*len(c.agents) >= known.Size() {
			everyone = append(everyone, c.dates)
		}
	}
	everyone = joined(everyone)
	var all []cluster
	for _, r := range everyone {
		all = append(all, cluster{dates: r})
	}
	for agent, rs := range single {
		single[agent] = without(rs, everyone)
	}
	var out []Request
	for _, c := range append(all, gather(single)...) {
		out = append(out, Request{
			From:    c.from,
			To:      c.to,
			Agents:  c.agents,
			AsOf:    now,
			Version: now,
			Force:   d.force,
		})
	}
	return out
}

// single returns the dates that each agent needs: those of the dirty time in the agent's zone, and on either side those
// of a shift that reaches over midnight.
func (d *dirtyTime) single(known *adherence.Known, shift, last schemas.Date) map[string][]dates {
	out := map[string][]dates{}
	var zones []adherence.ZoneSpan
	for agent, list := range d.agents {
		zones = known.Zones(agent, zones[:0])
		z := zones[len(zones)-1].Zone
		for _, v := range schemas.Union(list) {
			out[agent] = append(out[agent], dates{z.Date(v.Start) - shift, min(last, z.Date(v.End)+shift)})
		}
	}
	return out
}

// gather joins the dates of all agents that overlap or touch, and lists for each range the agents who need any of it.
func gather(single map[string][]dates) []cluster {
	var flat []dates
	for _, rs := range single {
		flat = append(flat, rs...)
	}
	var out []cluster
	for _, c := range joined(flat) {
		var agents []string
		for agent, rs := range single {
			if slices.ContainsFunc(rs, func(r dates) bool { return r.from <= r.to && c.from <= r.from && r.to <= c.to }) {
				agents = append(agents, agent)
			}
		}
		out = append(out, cluster{c, agents})
	}
	return out
}

// without takes ranges that are in order and do not touch away from others.
func without(in, taken []dates) (out []dates) {
	for _, r := range in {
		for _, t := range taken {
			if t.to < r.from || r.to < t.from {
				continue
			}
			if r.from < t.from {
				out = append(out, dates{r.from, t.from - 1})
			}
			r.from = t.to + 1
		}
		if r.from <= r.to {
			out = append(out, r)
		}
	}
	return out
}

// joined sorts ranges, joins those that overlap or touch and drops empty ones.
func joined(in []dates) []dates {
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
