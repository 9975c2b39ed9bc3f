package batch

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// worker judges one key range of agents after the other. It owns the memory that this takes.
type worker struct {
	batch *Batch
	known *adherence.Known
	req   Request
	sink  Sink
	sum   Summary

	judge  adherence.Judge
	input  adherence.Input // of one agent; its lists are memory to use again
	names  *schemas.FactNames
	aside  []aside
	rules  map[string]*adherence.Rules
	window schemas.Interval // of facts, schedules and gaps: the requested dates with their context
	carry  int64

	heads     []chstore.DayHead
	stored    []planned // the schedule of the store, before the overlay
	stretches []adherence.Stretch
	days      []schemas.AgentDay
	row       schemas.DayRow

	// overlaid is the schedule of the overlay, overlaidAgents whose schedules it or the twin's changes.
	overlaid       map[string][]schemas.ScheduleDay
	overlaidAgents []string
	twin           *twin // judges every agent again; nil but in a comparison
	// late are the agent's days that were not published when they began; none where the current schedule is judged.
	late []lateDay
}

// planned is a scheduled activity with the date under which it is stored, and the instant at which that was recorded.
type planned struct {
	schemas.Activity
	on       schemas.Date
	recorded schemas.Instant
}

func newWorker(b *Batch, known *adherence.Known, req Request, sink Sink) *worker {
	reach, names := known.Reach(), &schemas.FactNames{}
	w := &worker{
		batch:    b,
		known:    known,
		req:      req,
		sink:     sink,
		names:    names,
		rules:    known.Compile(&names.Secondaries),
		carry:    reach.LongestCarryMS,
		overlaid: req.Overlay.overlaid(),
		window:   window(req.From, req.To, reach),
	}
	w.overlaidAgents = slices.Sorted(maps.Keys(w.overlaid))
	return w
}

// window returns the time of the dates in any zone, with the context that the rules need: a local date begins and ends
// up to a day away from the UTC date of the same name.
func window(from, to schemas.Date, reach adherence.Reach) schemas.Interval {
	return schemas.Interval{Start: schemas.Instant(int64(from-1)*schemas.DayMS - reach.BeforeMS),
		End: schemas.Instant(int64(to+2)*schemas.DayMS + reach.AfterMS)}
}

// stream is a reading by agent, in byte order, that can be taken one agent at a time. agent and items are what it holds
// next, valid until it moves on; more is false when it has ended, by err if that is set.
type stream[T any] struct {
	next  func() (string, []T, bool)
	stop  func()
	agent string
	items []T
	more  bool
	err   error
}

// open begins to read; what says what, for the error.
func open[T any](what string, read func(yield func(agent string, items []T) error) error) *stream[T] {
	s := &stream[T]{}
	s.next, s.stop = iter.Pull2(func(yield func(string, []T) bool) {
		err := read(func(agent string, items []T) error {
			if !yield(agent, items) {
				return chstore.ErrStop
			}
			return nil
		})
		if err != nil {
			s.err = fmt.Errorf("reading the %s: %w", what, err)
		}
	})
	s.agent, s.items, s.more = s.next()
	return s
}

// take hands over what the stream holds of the agent; the stream must not have passed it. The items are copied before
// the stream moves on.
func (s *stream[T]) take(agent string, copyOut func([]T)) {
	for s.more && s.agent == agent {
		copyOut(s.items)
		s.agent, s.items, s.more = s.next()
	}
}

// chunk judges one key range: it walks the facts, the schedules and the stored results of its agents side by side.
func (w *worker) chunk(ctx context.Context, sel chstore.Selection) (Summary, error) {
	w.sum = Summary{}
	store := w.batch.store
	facts := open("facts", func(yield func(string, []schemas.Fact) error) error {
		return store.Facts(ctx, chstore.FactQuery{Selection: sel, Start: w.window.Start, End: min(w.window.End, w.req.AsOf+1),
			KnownAt: w.req.KnownAt, Names: w.names}, yield)
	})
	defer facts.stop()
	days := open("schedules", func(yield func(string, []schemas.ScheduleDay) error) error {
		return store.ScheduleDays(ctx, chstore.ScheduleQuery{Selection: sel, From: schemas.UTC.Date(w.window.Start),
			To: schemas.UTC.Date(w.window.End), KnownAt: w.req.KnownAt, AllRevisions: w.req.Against == AgainstPublished}, yield)
	})
	defer days.stop()
	heads := open("stored days", w.readHeads(ctx, sel))
	defer heads.stop()
	overlaid := open("overlay", readAgents(w.overlaidAgents, sel))
	defer overlaid.stop()
	for {
		agent, more := lowest(facts, days, heads, overlaid)
		if more {
			w.gather(agent, facts, days, heads)
			overlaid.take(agent, func([]struct{}) {})
		}
		err := cmp.Or(facts.err, days.err, heads.err)
		switch {
		case err != nil:
		case !more:
			err = w.judgeAside(ctx)
		case w.needsOlder(agent):
			err = w.putAside(ctx, agent)
		default:
			err = w.whole(agent)
		}
		if err != nil || !more {
			return w.sum, err
		}
	}
}

// whole judges an agent of whom everything is at hand, and the twin after it.
func (w *worker) whole(agent string) error {
	err := w.agent(agent)
	if err == nil && w.twin != nil {
		err = w.twin.judge(agent, w)
	}
	if err != nil {
		return fmt.Errorf("agent %q: %w", agent, err)
	}
	return nil
}

// readHeads reads what is stored of the requested days, one agent at a time; nothing for a fresh judgement.
func (w *worker) readHeads(ctx context.Context,
	sel chstore.Selection) func(func(string, []chstore.DayHead) error) error {
	return func(yield func(string, []chstore.DayHead) error) error {
		if w.req.Fresh {
			return nil
		}
		q := chstore.DayQuery{Selection: sel, From: w.req.From, To: w.req.To, Against: Against}
		one := make([]chstore.DayHead, 1)
		return w.batch.store.DayHeads(ctx, q, func(h *chstore.DayHead) error {
			one[0] = *h
			one[0].Overruled = slices.Clone(h.Overruled)
			return yield(h.AgentID, one)
		})
	}
}

// aside is what was read of an agent who waits for older facts.
type aside struct {
	agent  string
	facts  []schemas.Fact
	stored []planned
	heads  []chstore.DayHead
	late   []lateDay
}

// mostAside is how many agents wait for older facts at the same time; a month of each takes some 30 kB.
const mostAside = 500

// needsOlder reports whether facts from before the window may still hold. Long ago somebody was offline: without a
// schedule that counts for nothing.
func (w *worker) needsOlder(agent string) bool {
	return (len(w.input.Activities) > 0 || w.twin != nil) &&
		w.known.Missing(agent, w.input.Facts, w.window.Start, w.carry, w.names)
}

// putAside holds what was read of an agent until older facts are looked up, for many agents at once.
func (w *worker) putAside(ctx context.Context, agent string) error {
	w.aside = append(w.aside, aside{agent, slices.Clone(w.input.Facts), slices.Clone(w.stored), slices.Clone(w.heads),
		slices.Clone(w.late)})
	if len(w.aside) < mostAside {
		return nil
	}
	return w.judgeAside(ctx)
}

// judgeAside judges the agents who wait, with their older facts before those of the window.
func (w *worker) judgeAside(ctx context.Context) error {
	if len(w.aside) == 0 {
		return nil
	}
	q := chstore.FactQuery{Start: w.window.Start, KnownAt: w.req.KnownAt}
	for i := range w.aside {
		q.Agents = append(q.Agents, w.aside[i].agent)
	}
	older := map[string][]schemas.Fact{}
	err := w.batch.store.OlderChanges(ctx, q, func(c *schemas.Change) error {
		older[c.AgentID] = append(older[c.AgentID], c.Fact(w.names))
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading older facts: %w", err)
	}
	for i := range w.aside {
		x := &w.aside[i]
		w.input.Facts = append(append(w.input.Facts[:0], older[x.agent]...), x.facts...)
		w.stored, w.heads, w.late = x.stored, x.heads, x.late
		w.plan(x.agent, w.stored)
		if err := w.whole(x.agent); err != nil {
			return err
		}
	}
	clear(w.aside)
	w.aside = w.aside[:0]
	return nil
}

// peek returns the agent that the stream holds next.
func (s *stream[T]) peek() (string, bool) { return s.agent, s.more }

// lowest returns the first agent, in byte order, that any of the streams holds; false when all have ended.
func lowest(streams ...interface{ peek() (string, bool) }) (low string, found bool) {
	for _, s := range streams {
		if a, more := s.peek(); more && (!found || a < low) {
			low, found = a, true
		}
	}
	return low, found
}

// gather copies what the three streams hold of one agent.
func (w *worker) gather(agent string, facts *stream[schemas.Fact], days *stream[schemas.ScheduleDay],
	heads *stream[chstore.DayHead]) {
	w.input.Facts, w.stored, w.heads, w.late = w.input.Facts[:0], w.stored[:0], w.heads[:0], w.late[:0]
	facts.take(agent, func(f []schemas.Fact) { w.input.Facts = append(w.input.Facts, f...) })
	days.take(agent, w.schedule)
	heads.take(agent, func(h []chstore.DayHead) { w.heads = append(w.heads, h...) })
	w.plan(agent, w.stored)
}

// schedule copies the activities of the schedule that is judged against.
func (w *worker) schedule(days []schemas.ScheduleDay) {
	if w.req.Against == AgainstPublished {
		w.stored, w.late = publish(days, w.stored, w.late)
		return
	}
	for i := range days {
		w.stored = addPlanned(w.stored, &days[i])
	}
}

func addPlanned(out []planned, d *schemas.ScheduleDay) []planned {
	for _, a := range d.Activities {
		out = append(out, planned{a, d.Day, d.RecordedAt})
	}
	return out
}

// plan puts the stored activities of an agent and those of the overlay together, for the judge.
func (w *worker) plan(agent string, stored []planned) {
	days, acts := w.overlaid[agent], w.input.Activities[:0]
	for i := range stored {
		if !slices.ContainsFunc(days, func(d schemas.ScheduleDay) bool { return d.Day == stored[i].on }) {
			acts = append(acts, stored[i].Activity)
		}
	}
	for i := range days {
		if !days[i].Removed {
			acts = append(acts, days[i].Activities...)
		}
	}
	schemas.SortActivities(acts)
	w.input.Activities = acts
}

// agent judges the requested dates of one agent, stretch by stretch.
func (w *worker) agent(agent string) error {
	w.sum.Agents++
	w.known.Describe(agent, w.names, &w.input)
	w.input.AsOf = w.req.AsOf
	w.stretches = w.known.Stretches(agent, w.req.From, w.req.To, w.stretches[:0])
	head := 0
	for _, s := range w.stretches {
		id := ""
		if s.Policy != nil {
			id = s.Policy.ID
		}
		w.input.Rules, w.input.From, w.input.To = w.rules[id], s.From, s.To
		var err error
		if w.days, err = w.judge.Days(&w.input, w.days[:0]); err != nil {
			return err
		}
		w.days = addLate(w.days, w.late, agent, s.From, s.To, w.req.AsOf)
		if head, err = w.settle(agent, s, id, head); err != nil {
			return err
		}
	}
	return nil
}

// settle hands the judged days of one stretch to the sink and deletes stored days that have ceased to exist. heads
// counts the stored days that have been dealt with.
func (w *worker) settle(agent string, s adherence.Stretch, policy string, heads int) (int, error) {
	for i := range w.days {
		d := &w.days[i]
		w.sum.Days++
		var old *chstore.DayHead
		for heads < len(w.heads) && w.heads[heads].Day <= d.Day {
			if w.heads[heads].Day == d.Day {
				old = &w.heads[heads]
			} else if err := w.remove(agent, w.heads[heads].Day); err != nil {
				return heads, err
			}
			heads++
		}
		if err := w.deliver(d, s, policy, old); err != nil {
			return heads, err
		}
	}
	for ; heads < len(w.heads) && w.heads[heads].Day <= s.To; heads++ {
		if err := w.remove(agent, w.heads[heads].Day); err != nil {
			return heads, err
		}
	}
	return heads, nil
}

func (w *worker) remove(agent string, day schemas.Date) error {
	w.sum.Deleted++
	return w.sink.Delete(agent, day, w.req.Version)
}

// deliver fills the row of a judged day and hands it to the sink, unless the same is stored already.
func (w *worker) deliver(d *schemas.AgentDay, s adherence.Stretch, policy string, old *chstore.DayHead) error {
	w.row = schemas.DayRow{AgentDay: *d, Policy: policy, KnownAt: w.req.Version, ComputedAt: w.req.Version,
		AsOf: w.req.AsOf}
	zone := w.known.Zone(s.Member)
	if m := s.Member; m != nil {
		w.row.Name, w.row.Team, w.row.Site = m.Name, m.Team, m.Site
	}
	w.row.TimeZone = zone.Name()
	w.row.State = schemas.DayProvisional
	if end := extent(d, zone); w.known.CompleteUpTo(d.AgentID, end, w.carry) >= end.End.Add(w.batch.cfg.SettleMS) {
		w.row.State = schemas.DayFinal
	}
	if old != nil && w.stays(old) {
		w.sum.Unchanged++
		return nil
	}
	w.sum.Written++
	return w.sink.Append(&w.row)
}

// stays carries the history of the stored day over to the new row: a final day stays final, or is restated with what it
// said before. It reports whether the stored row can stay as it is.
func (w *worker) stays(old *chstore.DayHead) bool {
	same := old.Fingerprint == w.row.Fingerprint()
	if old.State == schemas.DayFinal || old.State == schemas.DayRestated {
		w.row.State = old.State
		w.row.Before = old.Before
		if !same {
			w.sum.Restated++
			w.row.State = schemas.DayRestated
			w.row.Before = &schemas.DayBefore{Sums: old.Sums, AdherenceReason: old.AdherenceReason, Absent: old.Absent,
				KnownAt: old.KnownAt}
		}
	}
	return same && old.State == w.row.State && slices.Equal(old.Overruled, w.row.Overruled) && !w.req.Force
}

// extent covers the local date and every shift of the day.
func extent(d *schemas.AgentDay, zone schemas.Zone) schemas.Interval {
	v := zone.Day(d.Day)
	for i := range d.Activities {
		v.Start, v.End = min(v.Start, d.Activities[i].Start), max(v.End, d.Activities[i].End)
	}
	return v
}
