package batch

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	OlderChanges(ctx context.Context, q chstore.FactQuery, yield func(*schemas.Change) error) error
	ScheduleDays(ctx context.Context, q chstore.ScheduleQuery,
		yield func(agent string, days []schemas.ScheduleDay) error) error
	Revisions(ctx context.Context, knownAt schemas.Instant) ([]schemas.Revision, error)
	DayRows(ctx context.Context, q chstore.DayQuery, yield func(*schemas.DayRow) error) error
}

// Explanation is one judged day of one agent with everything that made its figures.
type Explanation struct {
	// Explanation has the judged day and its steps; the facts of a step are indexes of Changes.
	*adherence.Explanation
	// Member is the roster row in force, nil for an agent of no roster; Zone is that of the agent.
	Member *schemas.Membership
	Zone   schemas.Zone
	// Policy is the version of the rules in force, nil for the default rules.
	Policy *schemas.PolicyVersion
	// AsOf is the instant after which nothing was counted.
	AsOf    schemas.Instant
	Changes []schemas.Change
	// CompleteUpTo has, for each feed of the agent, how far it is complete; nil where it never said.
	CompleteUpTo map[string]*schemas.Instant
	// Stored is the figure that lists and reports show, nil when the day was never stored; Agrees says that it is the
	// same, Note says what to do when it is not.
	Stored *schemas.DayRow
	Agrees bool
	Note   string
	// Origins are the revisions that the activities came from, by their start.
	Origins map[schemas.Instant]schemas.Revision
}

// AddsUp reports whether the steps add up to the figures of the day, to the millisecond.
func (e *Explanation) AddsUp() bool { return e.Sums == e.Day.Sums }

// Revision returns the import that an activity of the day came from.
func (e *Explanation) Revision(a *schemas.Activity) schemas.Revision { return e.Origins[a.Start] }

// policyID returns the id of the version of the rules, empty for the default rules.
func (e *Explanation) policyID() string {
	if e.Policy == nil {
		return ""
	}
	return e.Policy.ID
}

// explaining gathers what one explanation needs.
type explaining struct {
	Explanation
	day     schemas.Date
	knownAt schemas.Instant
	known   *adherence.Known
	input   adherence.Input
	// storedPrint is the fingerprint of the stored day.
	storedPrint uint64
}

// Explain judges one day of one agent, says of every stretch why it was judged so and by which facts, schedule, policy
// and correction, and compares the figures with the stored ones. It does so by what was recorded by knownAt, 0 for
// everything; the stored figure is the present one all the same. asOf is now. ErrNoDay marks a day that does not exist.
func (b *Batch) Explain(ctx context.Context, s FactStore, agent string, day schemas.Date, asOf,
	knownAt schemas.Instant) (*Explanation, error) {
	if knownAt != 0 {
		asOf = min(asOf, knownAt)
	}
	x := explaining{day: day, knownAt: knownAt}
	x.AsOf, x.input.AgentID, x.input.AsOf = asOf, agent, asOf
	x.Origins = map[schemas.Instant]schemas.Revision{}
	c, err := b.concerning(ctx, s, agent, Request{From: day, To: day}.span(), knownAt)
	if err != nil {
		return nil, err
	}
	if x.known, err = adherence.Know(c, b.cfg.Zone); err != nil {
		return nil, err
	}
	names := &schemas.FactNames{}
	if err := x.read(ctx, s, names); err != nil {
		return nil, fmt.Errorf("explaining %s of %q: %w", day, agent, err)
	}
	x.prepare(names)
	var j adherence.Judge
	var ok bool
	if x.Explanation.Explanation, ok, err = j.Explain(&x.input, day); err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s of %q: %w: nothing was scheduled and the agent was not on queue", day, agent, ErrNoDay)
	}
	x.compare()
	return &x.Explanation, nil
}

// concerning reads what concerns the agent besides facts and schedules. Of the past, that of everybody is read.
func (b *Batch) concerning(ctx context.Context, s FactStore, agent string, within schemas.Interval,
	knownAt schemas.Instant) (schemas.Circumstances, error) {
	if knownAt != 0 {
		return b.store.Circumstances(ctx, within, knownAt)
	}
	return s.CircumstancesOf(ctx, agent, within)
}

// read reads facts with their keys, schedules with their revisions, and the stored day, all at the same time.
func (x *explaining) read(ctx context.Context, s FactStore, names *schemas.FactNames) error {
	window := window(x.day, x.day, x.known.Reach())
	one := chstore.Selection{Agents: []string{x.input.AgentID}}
	var revisions []schemas.Revision
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		q := chstore.FactQuery{Selection: one, Start: window.Start, End: min(window.End, x.AsOf+1), KnownAt: x.knownAt}
		take := func(c *schemas.Change) error {
			x.Changes = append(x.Changes, *c)
			x.input.Facts = append(x.input.Facts, c.Fact(names))
			return nil
		}
		if err := s.OlderChanges(ctx, q, take); err != nil {
			return err
		}
		return s.Changes(ctx, q, take)
	})
	group.Go(func() error {
		q := chstore.ScheduleQuery{Selection: one, From: schemas.UTC.Date(window.Start), To: schemas.UTC.Date(window.End),
			KnownAt: x.knownAt}
		return s.ScheduleDays(ctx, q, x.schedule)
	})
	group.Go(func() (err error) {
		revisions, err = s.Revisions(ctx, x.knownAt)
		return err
	})
	group.Go(func() error {
		q := chstore.DayQuery{
			Selection:  one,
			From:       x.day,
			To:         x.day,
			Against:    Against,
			Intervals:  true,
			Exceptions: true,
		}
		return s.DayRows(ctx, q, func(d *schemas.DayRow) error {
			row := *d
			x.Stored, x.storedPrint = &row, d.Fingerprint()
			return nil
		})
	})
	err := group.Wait()
	schemas.SortActivities(x.input.Activities)
	for start, origin := range x.Origins {
		if i := slices.IndexFunc(revisions, func(r schemas.Revision) bool { return r.ID == origin.ID }); i >= 0 {
			x.Origins[start] = revisions[i]
		}
	}
	return err
}

// schedule takes the activities of some days and notes the revisions that they came from, by their ids alone.
func (x *explaining) schedule(_ string, days []schemas.ScheduleDay) error {
	for i := range days {
		x.input.Activities = append(x.input.Activities, days[i].Activities...)
		for _, a := range days[i].Activities {
			x.Origins[a.Start] = schemas.Revision{ID: days[i].Revision}
		}
	}
	return nil
}

// prepare looks up what is in force on the day and fills the judge's input.
func (x *explaining) prepare(names *schemas.FactNames) {
	agent := x.input.AgentID
	x.Member = x.known.Member(agent, x.day)
	x.Policy = x.known.Policy(x.Member, x.day)
	x.Zone = x.known.Zone(x.Member)
	x.CompleteUpTo = x.known.CompleteByFeed(agent)
	x.known.Describe(agent, names, &x.input)
	x.input.Rules = adherence.Compile(x.known.Rules(x.policyID()), &names.Secondaries)
}

// compare holds the stored figure against the explained one.
func (x *explaining) compare() {
	if x.Stored == nil {
		x.Note = "nothing is stored of this day yet; `rollcall compute` stores it"
		return
	}
	agrees := x.storedPrint == x.Day.Fingerprint() && x.Stored.Sums == x.Day.Sums
	switch {
	case x.knownAt != 0 && !agrees:
		x.Note = fmt.Sprintf("this is what was known at %s; the stored figure is by what was known at %s", x.knownAt,
			x.Stored.KnownAt)
	case !agrees:
		x.Note = fmt.Sprintf("the stored figure is older: it was judged at %s by what was known then, up to %s; "+
			"`rollcall compute` judges it again", x.Stored.ComputedAt, x.Stored.AsOf)
	default:
		x.Agrees = true
	}
}
