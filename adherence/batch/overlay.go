package batch

import (
	"cmp"
	"context"
	"slices"

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

// laid holds the schedule of an overlay by agent.
type laid struct {
	agents []string
	days   map[string][]schemas.ScheduleDay
}

func (o *Overlay) laid() *laid {
	if o == nil || len(o.Schedule) == 0 {
		return nil
	}
	l := &laid{days: map[string][]schemas.ScheduleDay{}}
	for i := range o.Schedule {
		d := &o.Schedule[i]
		if _, known := l.days[d.AgentID]; !known {
			l.agents = append(l.agents, d.AgentID)
		}
		l.days[d.AgentID] = append(l.days[d.AgentID], *d)
	}
	slices.Sort(l.agents)
	return l
}

// read names, in byte order, the agents of the selection whose schedule the overlay changes.
func (l *laid) read(sel chstore.Selection) func(func(string, []struct{}) error) error {
	return func(yield func(string, []struct{}) error) error {
		if l == nil {
			return nil
		}
		for _, a := range l.agents {
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

// lay puts the stored activities of an agent, each with the date under which it is stored, and those of the overlay
// together.
func (l *laid) lay(agent string, stored []schemas.Activity, on []schemas.Date,
	out []schemas.Activity) []schemas.Activity {
	days := l.days[agent]
	for i := range stored {
		if !slices.ContainsFunc(days, func(d schemas.ScheduleDay) bool { return d.Day == on[i] }) {
			out = append(out, stored[i])
		}
	}
	for i := range days {
		if !days[i].Removed {
			out = append(out, days[i].Activities...)
		}
	}
	schemas.SortActivities(out)
	return out
}

// Figure is what an agent-day came out as, without its nested lists.
type Figure struct {
	// AgentDay has no activities, intervals and exceptions here.
	schemas.AgentDay
	// Name, Team and Site are those of the roster row in force on the day.
	Name, Team, Site string
	// Policy is the id of the version of the rules; "" for the default rules.
	Policy string
	// Exceptions counts them.
	Exceptions int
	// Fingerprint covers everything that was judged, intervals included.
	Fingerprint uint64
}

// Pair is one agent-day as it is and as it would be with an overlay. One side is nil where the day exists on the other
// only.
type Pair struct{ Before, After *Figure }

// Changed reports whether anything at all of the day differs.
func (p Pair) Changed() bool {
	return p.Before == nil || p.After == nil || p.Before.Fingerprint != p.After.Fingerprint
}

// figures is the Sink of one side of a comparison: it keeps one agent at a time.
type figures struct{ list []Figure }

// Append keeps the figure of a day.
func (f *figures) Append(d *schemas.DayRow) error {
	one := Figure{
		AgentDay:    d.AgentDay,
		Name:        d.Name,
		Team:        d.Team,
		Site:        d.Site,
		Policy:      d.Policy,
		Exceptions:  len(d.Exceptions),
		Fingerprint: d.Fingerprint(),
	}
	one.Activities, one.Intervals, one.AgentDay.Exceptions = nil, nil, nil
	f.list = append(f.list, one)
	return nil
}

// Delete has nothing to do: a comparison looks at no stored results.
func (*figures) Delete(string, schemas.Date, schemas.Instant) error { return nil }

// Close has nothing to do.
func (*figures) Close() error { return nil }

// twin is the other side of a comparison: a worker that judges each agent again with the overlay, from the same reading
// of facts and schedules, so that nothing but the overlay can make a difference.
type twin struct {
	worker *worker
	before *figures
	after  *figures
	yield  func([]Pair) error
	pairs  []Pair
}

// judge judges the agent again and returns the pairs.
func (t *twin) judge(agent string, base *worker) error {
	t.worker.facts, t.worker.activities = base.facts, base.activities
	if l := t.worker.laid; l != nil {
		t.worker.activities = l.lay(agent, base.stored, base.storedOn, t.worker.spare[:0])
		t.worker.spare = t.worker.activities
	}
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
func paired(before, after []Figure, out []Pair) []Pair {
	for len(before)+len(after) > 0 {
		var p Pair
		order := 0
		switch {
		case len(before) == 0:
			order = 1
		case len(after) == 0:
			order = -1
		default:
			order = cmp.Compare(before[0].Day, after[0].Day)
		}
		if order <= 0 {
			p.Before, before = &before[0], before[1:]
		}
		if order >= 0 {
			p.After, after = &after[0], after[1:]
		}
		out = append(out, p)
	}
	return out
}

// Compare judges the days of the request as they are and with the overlay, from one reading of the facts, and yields
// the pairs of one agent at a time, valid during the call; calls come one after the other, agents in no order. Nothing
// is written, and memory holds no more than an agent of each worker. done may be nil.
func (b *Batch) Compare(ctx context.Context, req Request, overlay *Overlay, yield func([]Pair) error,
	done func(agents, of int)) error {
	req.Overlay, req.Fresh = nil, true
	before, after, err := b.bothSides(ctx, req, overlay)
	if err != nil {
		return err
	}
	return b.compare(ctx, req, overlay, before, after, yield, done)
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

func (b *Batch) compare(ctx context.Context, req Request, overlay *Overlay, before, after *adherence.Known,
	yield func([]Pair) error, done func(agents, of int)) error {
	chunks, total, err := b.chunks(ctx, req)
	if err != nil || len(chunks) == 0 {
		return err
	}
	chunks = shared(chunks, b.cfg.Workers)
	oneAtATime := make(chan struct{}, 1)
	_, err = b.workers(ctx, chunks, total, done, func() *worker {
		t := &twin{before: &figures{}, after: &figures{}}
		t.yield = func(p []Pair) error {
			oneAtATime <- struct{}{}
			defer func() { <-oneAtATime }()
			return yield(p)
		}
		w := newWorker(b, before, req, t.before)
		with := req
		with.Overlay = overlay
		t.worker = newWorker(b, after, with, t.after)
		t.worker.names, t.worker.rules = w.names, after.Compile(w.names)
		w.window.Start, w.window.End = min(w.window.Start, t.worker.window.Start), max(w.window.End, t.worker.window.End)
		w.twin, w.laidRead = t, t.worker.laid
		return w
	})
	return err
}
