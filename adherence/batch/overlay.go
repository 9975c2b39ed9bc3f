package batch

import (
	"context"
	"slices"
	"sync"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// Overlay is what a judgement supposes besides what is stored: policies of a what-if, corrections of a dry run,
// schedules of an import's preview. Nothing of it is written. It is read-only while a judgement goes on.
type Overlay struct {
	// Policies take the place of every stored version of the same scope from their From on, the later ones included.
	Policies []schemas.PolicyVersion
	// Corrections go after the stored ones, so that they win where they overlap. One with the id of a stored correction
	// takes its place; without an effect it takes the stored one back.
	Corrections []schemas.Correction
	// Schedule replaces whole agent-days, in any order; Removed ones are taken away.
	Schedule []schemas.ScheduleDay
}

// apply returns the circumstances with the overlay in them. It changes no slice of c.
func (o *Overlay) apply(c schemas.Circumstances) schemas.Circumstances {
	if o == nil {
		return c
	}
	c.Policies = slices.DeleteFunc(slices.Clone(c.Policies), func(p schemas.PolicyVersion) bool {
		return slices.ContainsFunc(o.Policies, func(q schemas.PolicyVersion) bool {
			return p.Team == q.Team && p.Site == q.Site && p.From >= q.From
		})
	})
	c.Policies = append(c.Policies, o.Policies...)
	c.Corrections = slices.DeleteFunc(slices.Clone(c.Corrections), func(x schemas.Correction) bool {
		return slices.ContainsFunc(o.Corrections, func(y schemas.Correction) bool { return y.ID != "" && y.ID == x.ID })
	})
	for _, x := range o.Corrections {
		if x.Effect != schemas.EffectNone {
			c.Corrections = append(c.Corrections, x)
		}
	}
	return c
}

// overlaid returns the schedule of an overlay by agent.
func (o *Overlay) overlaid() map[string][]schemas.ScheduleDay {
	if o == nil {
		return nil
	}
	days := map[string][]schemas.ScheduleDay{}
	for _, d := range o.Schedule {
		days[d.AgentID] = append(days[d.AgentID], d)
	}
	return days
}

// readAgents names those of the agents, which are in byte order, whom the selection holds.
func readAgents(agents []string, sel chstore.Selection) func(func(string, []struct{}) error) error {
	return func(yield func(string, []struct{}) error) error {
		for _, a := range agents {
			if !selects(&sel, a) {
				continue
			}
			if err := yield(a, nil); err != nil {
				return err
			}
		}
		return nil
	}
}

// selects reports whether the selection holds the agent; its list is sorted.
func selects(sel *chstore.Selection, agent string) bool {
	if len(sel.Agents) > 0 {
		_, found := slices.BinarySearch(sel.Agents, agent)
		return found
	}
	return agent >= sel.FromAgent && (sel.ToAgent == "" || agent < sel.ToAgent)
}

// figure is what an agent-day came out as, without its nested lists.
type figure struct {
	// DayRow has none of its lists here.
	schemas.DayRow
	ExceptionCount int
	// Fingerprint covers everything that was judged, intervals included.
	Fingerprint uint64
}

// pair is one agent-day as it is and as it would be with an overlay. One side is nil where the day exists on the other
// only.
type pair struct{ Before, After *figure }

// Changed reports whether anything at all of the day differs.
func (p pair) Changed() bool {
	return p.Before == nil || p.After == nil || p.Before.Fingerprint != p.After.Fingerprint
}

// figures is the Sink of one side of a comparison: it holds one agent at a time.
type figures struct {
	apart
	list []figure
}

// Append notes the figure of a day.
func (f *figures) Append(d *schemas.DayRow) error {
	one := figure{*d, len(d.Exceptions), d.Fingerprint()}
	one.Activities, one.Intervals, one.Exceptions, one.Overruled = nil, nil, nil, nil
	f.list = append(f.list, one)
	return nil
}

// apart is part of a Sink of days that are not stored: there is nothing to delete, and nothing to end.
type apart struct{}

// Delete has nothing to do.
func (apart) Delete(string, schemas.Date, schemas.Instant) error { return nil }

// Close has nothing to do.
func (apart) Close() error { return nil }

// twin is the other side of a comparison: a worker that judges each agent again with the overlay, from the same reading
// of facts and schedules, so that nothing but the overlay can make a difference.
type twin struct {
	worker *worker
	before *figures
	after  *figures
	yield  func([]pair) error
	pairs  []pair
}

// judge judges the agent again and returns the pairs.
func (t *twin) judge(agent string, base *worker) error {
	t.worker.input.Facts = base.input.Facts
	t.worker.plan(agent, base.stored)
	if err := t.worker.agent(agent); err != nil {
		return err
	}
	t.pairs = paired(t.before.list, t.after.list, t.pairs[:0])
	t.before.list, t.after.list = t.before.list[:0], t.after.list[:0]
	if len(t.pairs) == 0 {
		return nil
	}
	return t.yield(t.pairs)
}

// paired puts the days of one agent beside each other.
func paired(before, after []figure, out []pair) []pair {
	for len(before)+len(after) > 0 {
		var p pair
		if len(after) == 0 || len(before) > 0 && before[0].Day <= after[0].Day {
			p.Before, before = &before[0], before[1:]
		}
		if p.Before == nil || len(after) > 0 && after[0].Day == p.Before.Day {
			p.After, after = &after[0], after[1:]
		}
		out = append(out, p)
	}
	return out
}

// bothSides reads once what is known besides facts and schedules, and returns it as it is and with the overlay.
func (b *Batch) bothSides(ctx context.Context, req Request, overlay *Overlay) (before, after *adherence.Known,
	err error) {
	c, err := b.store.Circumstances(ctx, req.span(), req.KnownAt)
	if err != nil {
		return nil, nil, err
	}
	if before, err = adherence.Know(c, b.cfg.Zone); err != nil {
		return nil, nil, err
	}
	after, err = adherence.Know(overlay.apply(c), b.cfg.Zone)
	return before, after, err
}

// fewAgents is up to how many agents are not worth a second worker.
const fewAgents = 64

// shared cuts a single list of agents into as many as there are workers, so that each of them has something to do.
func shared(chunks []chstore.Selection, workers int) []chstore.Selection {
	if len(chunks) != 1 || len(chunks[0].Agents) <= fewAgents {
		return chunks
	}
	all := chunks[0].Agents
	chunks = nil
	for part := range slices.Chunk(all, (len(all)+workers-1)/workers) {
		chunks = append(chunks, chstore.Selection{Agents: part})
	}
	return chunks
}

// compare judges the days of the request as they are and with the overlay, from one reading of the facts, and yields
// the pairs of one agent at a time, valid during the call; calls come one after the other, agents in no order. Nothing
// is written, and memory holds no more than an agent of each worker. done may be nil.
func (b *Batch) compare(ctx context.Context, req Request, overlay *Overlay, before, after *adherence.Known,
	yield func([]pair) error, done func(agents, of int)) error {
	with := req
	with.Overlay = overlay
	chunks, total, err := b.chunks(ctx, with)
	if err != nil || len(chunks) == 0 {
		return err
	}
	var mu sync.Mutex
	oneAtATime := func(p []pair) error {
		mu.Lock()
		defer mu.Unlock()
		return yield(p)
	}
	_, err = b.workers(ctx, shared(chunks, b.cfg.Workers), total, done, func() *worker {
		t := &twin{before: &figures{}, after: &figures{}, yield: oneAtATime}
		w := newWorker(b, before, req, t.before)
		t.worker = newWorker(b, after, with, t.after)
		t.worker.names, t.worker.rules = w.names, after.Compile(&w.names.Secondaries)
		w.window = w.window.Hull(t.worker.window)
		w.twin, w.overlaidAgents = t, t.worker.overlaidAgents
		return w
	})
	return err
}
