package batch

import (
	"context"
	"errors"
	"fmt"
	"iter"

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
	names  *schemas.Names
	rules  map[string]*adherence.Rules
	window schemas.Interval // of facts, schedules and gaps: the requested dates with their context
	carry  int64

	heads      []chstore.DayHead
	activities []schemas.Activity
	facts      []schemas.Fact
	gaps       []schemas.Gap
	zones      []adherence.ZoneSpan
	stretches  []adherence.Stretch
	days       []schemas.AgentDay
	row        schemas.DayRow

	// laid is the schedule of the overlay, nil without; laidRead that of the twin too, whose agents are walked.
	laid, laidRead *laid
	// stored are the activities of the store with the dates under which they lie there, before the overlay.
	stored   []schemas.Activity
	storedOn []schemas.Date
	spare    []schemas.Activity
	twin     *twin // judges every agent again; nil but in a comparison
	// published is what was published of the agent; without use where the current schedule is judged.
	published plan
}

func newWorker(b *Batch, known *adherence.Known, req Request, sink Sink) *worker {
	w := &worker{
		batch: b,
		known: known,
		req:   req,
		sink:  sink,
		names: &schemas.Names{},
		laid:  req.Overlay.laid(),
	}
	w.laidRead = w.laid
	w.rules = known.Compile(w.names)
	_, carry, before, after := known.Reach()
	w.carry = carry
	// A local date begins and ends up to a day away from the UTC date of the same name.
	w.window = schemas.Interval{
		Start: schemas.Instant(int64(req.From)*schemas.DayMS - schemas.DayMS - before),
		End:   schemas.Instant(int64(req.To+1)*schemas.DayMS + schemas.DayMS + after),
	}
	return w
}

// agentItems is what one stream holds of one agent. The items are valid until the stream moves on.
type agentItems[T any] struct {
	agent string
	items []T
}

// stream is a reading by agent that can be taken one agent at a time.
type stream[T any] struct {
	next func() (agentItems[T], error, bool)
	stop func()
	head agentItems[T]
	more bool
}

func open[T any](read func(yield func(agent string, items []T) error) error) (*stream[T], error) {
	next, stop := iter.Pull2(func(yield func(agentItems[T], error) bool) {
		err := read(func(agent string, items []T) error {
			if !yield(agentItems[T]{agent, items}, nil) {
				return chstore.ErrStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, chstore.ErrStop) {
			yield(agentItems[T]{}, err)
		}
	})
	s := &stream[T]{next: next, stop: stop}
	return s, s.advance()
}

func (s *stream[T]) advance() error {
	var err error
	s.head, err, s.more = s.next()
	return err
}

// take returns what the stream holds of the agent; the stream must not have passed it. The caller copies before
// advance.
func (s *stream[T]) take(agent string, copyOut func([]T)) error {
	for s.more && s.head.agent == agent {
		copyOut(s.head.items)
		if err := s.advance(); err != nil {
			return err
		}
	}
	return nil
}

// chunk judges one key range: it walks the facts, the schedules and the stored results of its agents side by side.
func (w *worker) chunk(ctx context.Context, sel chstore.Selection) (Summary, error) {
	w.sum = Summary{}
	store := w.batch.store
	facts, err := open(func(yield func(string, []schemas.Fact) error) error {
		return store.Facts(ctx, chstore.FactQuery{Selection: sel, Start: w.window.Start, End: min(w.window.End, w.req.AsOf+1),
			KnownAt: w.req.KnownAt, Names: w.names}, yield)
	})
	defer facts.stop()
	if err != nil {
		return w.sum, fmt.Errorf("reading the facts: %w", err)
	}
	days, err := open(func(yield func(string, []schemas.ScheduleDay) error) error {
		return store.ScheduleDays(ctx, chstore.ScheduleQuery{Selection: sel, From: schemas.UTC.Date(w.window.Start),
			To: schemas.UTC.Date(w.window.End), KnownAt: w.req.KnownAt, AllRevisions: w.req.Against == AgainstPublished}, yield)
	})
	defer days.stop()
	if err != nil {
		return w.sum, fmt.Errorf("reading the schedules: %w", err)
	}
	heads, err := open(w.readHeads(ctx, sel))
	defer heads.stop()
	if err != nil {
		return w.sum, fmt.Errorf("reading the stored days: %w", err)
	}
	laidAgents, err := open(w.laidRead.read(sel))
	defer laidAgents.stop()
	if err != nil {
		return w.sum, err
	}
	for {
		agent, more := lowest(facts, days, heads, laidAgents)
		if !more {
			return w.sum, nil
		}
		if err := w.gather(agent, facts, days, heads); err != nil {
			return w.sum, err
		}
		if err := laidAgents.take(agent, func([]struct{}) {}); err != nil {
			return w.sum, err
		}
		if err := w.agent(agent); err != nil {
			return w.sum, fmt.Errorf("agent %q: %w", agent, err)
		}
		if w.twin != nil {
			if err := w.twin.judge(agent, w); err != nil {
				return w.sum, fmt.Errorf("agent %q: %w", agent, err)
			}
		}
	}
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
			return yield(h.AgentID, one)
		})
	}
}

// peek returns the agent that the stream holds next.
func (s *stream[T]) peek() (string, bool) { return s.head.agent, s.more }

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
	heads *stream[chstore.DayHead]) error {
	w.facts, w.stored, w.storedOn, w.heads = w.facts[:0], w.stored[:0], w.storedOn[:0], w.heads[:0]
	w.published.late = w.published.late[:0]
	err := errors.Join(
		facts.take(agent, func(f []schemas.Fact) { w.facts = append(w.facts, f...) }),
		days.take(agent, w.schedule),
		heads.take(agent, func(h []chstore.DayHead) { w.heads = append(w.heads, h...) }))
	if err != nil {
		return fmt.Errorf("reading on after agent %q: %w", agent, err)
	}
	if w.laid == nil && w.laidRead == nil {
		w.activities = w.stored
		schemas.SortActivities(w.activities)
		return nil
	}
	l := w.laid
	if l == nil {
		l = &laid{}
	}
	w.activities = l.lay(agent, w.stored, w.storedOn, w.spare[:0])
	w.spare = w.activities
	return nil
}

// schedule copies the activities of the schedule that is judged against.
func (w *worker) schedule(days []schemas.ScheduleDay) {
	if w.req.Against == AgainstPublished {
		w.published.publish(days)
		w.stored, w.storedOn = append(w.stored, w.published.activities...), append(w.storedOn, w.published.on...)
		return
	}
	for i := range days {
		w.stored = append(w.stored, days[i].Activities...)
		for range days[i].Activities {
			w.storedOn = append(w.storedOn, days[i].Day)
		}
	}
}

// agent judges the requested dates of one agent, stretch by stretch.
func (w *worker) agent(agent string) error {
	w.sum.Agents++
	w.zones = w.known.Zones(agent, w.zones[:0])
	w.gaps = w.known.Gaps(agent, w.gaps[:0])
	input := adherence.Input{
		AgentID:     agent,
		Zones:       w.zones,
		AsOf:        w.req.AsOf,
		Activities:  w.activities,
		Facts:       w.facts,
		Gaps:        w.gaps,
		Corrections: w.known.Corrections(agent),
		Declared:    w.known.Declared(agent),
		NamedBefore: w.known.FirstNamed(agent),
	}
	w.stretches = w.known.Stretches(agent, w.req.From, w.req.To, w.stretches[:0])
	head := 0
	for _, s := range w.stretches {
		id := ""
		if s.Policy != nil {
			id = s.Policy.ID
		}
		input.Rules, input.From, input.To = w.rules[id], s.From, s.To
		var err error
		if w.days, err = w.judge.Days(&input, w.days[:0]); err != nil {
			return err
		}
		w.days = addLate(w.days, w.published.late, agent, s.From, s.To, w.req.AsOf)
		if head, err = w.settle(agent, s, id, head); err != nil {
			return err
		}
	}
	return nil
}

// settle returns the judged days of one stretch to the sink and deletes stored days that have ceased to exist. heads
// counts how many stored days have been dealt with.
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
	if old != nil && w.keep(old) {
		w.sum.Unchanged++
		return nil
	}
	w.sum.Written++
	return w.sink.Append(&w.row)
}

// keep carries the history of the stored day over to the new row: a final day stays final, or is restated with what it
// said before. It says whether the stored row can stay as it is.
func (w *worker) keep(old *chstore.DayHead) bool {
	same := old.Fingerprint == w.row.Fingerprint()
	if old.State == schemas.DayFinal || old.State == schemas.DayRestated {
		w.row.State = old.State
		if old.HasBefore {
			w.row.Before = &old.Before
		}
		if !same {
			w.sum.Restated++
			w.row.State = schemas.DayRestated
			w.row.Before = &schemas.DayBefore{Sums: old.Sums, AdherenceReason: old.AdherenceReason, Absent: old.Absent,
				KnownAt: old.KnownAt}
		}
	}
	return same && old.State == w.row.State && !w.req.Force
}

// extent covers the local date and every shift of the day.
func extent(d *schemas.AgentDay, zone schemas.Zone) schemas.Interval {
	v := zone.Day(d.Day)
	for i := range d.Activities {
		v.Start, v.End = min(v.Start, d.Activities[i].Start), max(v.End, d.Activities[i].End)
	}
	return v
}
