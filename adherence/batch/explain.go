package batch

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"rollcall/adherence"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// ErrNoDay says that an agent has no day to explain: nothing was scheduled and they were not on queue.
var ErrNoDay = errors.New("there is no such day")

// FactStore is what explaining reads besides what Store reads (satisfied by chstore.Store).
type FactStore interface {
	CircumstancesOf(ctx context.Context, agent string, within schemas.Interval) (schemas.Circumstances, error)
	Changes(ctx context.Context, q chstore.FactQuery, yield func(*schemas.Change) error) error
	ScheduleDays(ctx context.Context, q chstore.ScheduleQuery, yield func(agent string, days []schemas.ScheduleDay) error) error
	Revisions(ctx context.Context, knownAt schemas.Instant) ([]schemas.Revision, error)
	DayRows(ctx context.Context, q chstore.DayQuery, yield func(*schemas.DayRow) error) error
}

// explaining gathers what one explanation needs.
type explaining struct {
	agent     string
	day       schemas.Date
	knownAt   schemas.Instant
	known     *adherence.Known
	member    *schemas.Membership
	policy    *schemas.PolicyVersion
	zone      schemas.Zone
	changes   []schemas.Change
	revisions map[string]schemas.Revision
	// origins tells which revision an activity came from, by its start.
	origins map[schemas.Instant]string
	input   adherence.Input
	why     *adherence.Explanation
	stored  *schemas.DayRow
	// storedPrint is the fingerprint of the stored day.
	storedPrint uint64
}

// Explain judges one day of one agent as it is now, says of every stretch why it was judged so and by which facts,
// schedule, policy and correction, and compares the figures with the stored ones. asOf is now. ErrNoDay marks a day that
// does not exist.
func (b *Batch) Explain(ctx context.Context, s FactStore, agent string, day schemas.Date, asOf schemas.Instant) (*Explained, error) {
	return b.ExplainKnown(ctx, s, agent, day, asOf, 0)
}

// ExplainKnown is Explain by what was recorded by knownAt; 0 for everything. The stored figure is the present one all the
// same.
func (b *Batch) ExplainKnown(ctx context.Context, s FactStore, agent string, day schemas.Date, asOf, knownAt schemas.Instant) (*Explained, error) {
	x := explaining{agent: agent, day: day, knownAt: knownAt, origins: map[schemas.Instant]string{}, revisions: map[string]schemas.Revision{}}
	if knownAt != 0 {
		asOf = min(asOf, knownAt)
	}
	c, err := b.concerning(ctx, s, agent, Request{From: day, To: day}.span(), knownAt)
	if err != nil {
		return nil, err
	}
	if x.known, err = adherence.Know(c, b.cfg.Zone); err != nil {
		return nil, err
	}
	names := &schemas.Names{}
	if err := x.read(ctx, s, names, asOf); err != nil {
		return nil, fmt.Errorf("explaining %s of %q: %w", day, agent, err)
	}
	x.prepare(names, asOf)
	var j adherence.Judge
	var ok bool
	if x.why, ok, err = j.Explain(&x.input, day); err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s of %q: %w: nothing was scheduled and the agent was not on queue", day, agent, ErrNoDay)
	}
	return x.explained(b.cfg.SettleMS), nil
}

// concerning reads what concerns the agent besides facts and schedules. Of the past, that of everybody is read.
func (b *Batch) concerning(ctx context.Context, s FactStore, agent string, within schemas.Interval, knownAt schemas.Instant) (schemas.Circumstances, error) {
	if knownAt != 0 {
		return b.store.Circumstances(ctx, within, knownAt)
	}
	return s.CircumstancesOf(ctx, agent, within)
}

// read reads facts with their keys, schedules with their revisions, and the stored day, all at the same time.
func (x *explaining) read(ctx context.Context, s FactStore, names *schemas.Names, asOf schemas.Instant) error {
	_, _, before, after := x.known.Reach()
	window := schemas.Interval{Start: schemas.Instant(int64(x.day)*schemas.DayMS - schemas.DayMS - before),
		End: schemas.Instant(int64(x.day+1)*schemas.DayMS + schemas.DayMS + after)}
	one := chstore.Selection{Agents: []string{x.agent}}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return s.Changes(ctx, chstore.FactQuery{Selection: one, Start: window.Start, End: min(window.End, asOf+1), KnownAt: x.knownAt}, func(c *schemas.Change) error {
			x.changes = append(x.changes, *c)
			x.input.Facts = append(x.input.Facts, schemas.Fact{At: c.At, Presence: c.Presence, Status: c.Status, Routing: c.Routing, Secondary: names.ID(c.Secondary)})
			return nil
		})
	})
	group.Go(func() error {
		q := chstore.ScheduleQuery{Selection: one, From: schemas.UTC.Date(window.Start), To: schemas.UTC.Date(window.End), KnownAt: x.knownAt}
		return s.ScheduleDays(ctx, q, func(_ string, days []schemas.ScheduleDay) error {
			for i := range days {
				x.schedule(&days[i])
			}
			return nil
		})
	})
	group.Go(func() error {
		revisions, err := s.Revisions(ctx, x.knownAt)
		for i := range revisions {
			x.revisions[revisions[i].ID] = revisions[i]
		}
		return err
	})
	group.Go(func() error {
		q := chstore.DayQuery{Selection: one, From: x.day, To: x.day, Against: Against, Intervals: true, Exceptions: true}
		return s.DayRows(ctx, q, func(d *schemas.DayRow) error {
			row := *d
			x.stored, x.storedPrint = &row, d.Fingerprint()
			return nil
		})
	})
	err := group.Wait()
	schemas.SortActivities(x.input.Activities)
	return err
}

// schedule takes the activities of a day and remembers which revision they came from.
func (x *explaining) schedule(d *schemas.ScheduleDay) {
	for _, a := range d.Activities {
		x.origins[a.Start] = d.Revision
		x.input.Activities = append(x.input.Activities, a)
	}
}

// prepare fills the judge's input.
func (x *explaining) prepare(names *schemas.Names, asOf schemas.Instant) {
	x.member = x.known.Member(x.agent, x.day)
	x.policy = x.known.Policy(x.member, x.day)
	x.zone = x.known.Zone(x.member)
	in := &x.input
	in.AgentID, in.Zones, in.AsOf, in.Gaps = x.agent, x.known.Zones(x.agent, nil), asOf, x.known.Gaps(x.agent, nil)
	in.Corrections, in.Declared, in.NamedBefore = x.known.Corrections(x.agent), x.known.Declared(x.agent), x.known.FirstNamed(x.agent)
	in.Rules = adherence.Compile(x.known.Rules(x.policyID()), names)
}

func (x *explaining) policyID() string {
	if x.policy == nil {
		return ""
	}
	return x.policy.ID
}
