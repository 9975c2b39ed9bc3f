package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/adherence"
	"rollcall/adherence/batch"
	"rollcall/cmd/internal/config"
	"rollcall/reports"
	"rollcall/schemas"
	"rollcall/schemas/chstore"
)

// Answers is the store and the judge as package reports sees them: a query about the current schedule and all that is
// known is answered from the stored days; any other is judged afresh.
type Answers struct {
	Store *chstore.Store
	Batch *batch.Batch
	// Now is the instant after which nothing is counted; 0 for that of each question.
	Now schemas.Instant
	// KnownAt, when it is not 0, limits all inputs in place of the query's, without being a parameter of the report.
	KnownAt schemas.Instant
	// Fresh judges also what is stored.
	Fresh bool
	// Done, which may be nil, is called with the progress in agents where days are judged.
	Done func(agents, of int)
	// Covers, which may be nil, leaves out the days of teams and sites, as they were on the day, that a reader may not
	// see.
	Covers func(agent, team, site string) bool
	// Passed, which may be nil, is called with every day that is read, covered or not.
	Passed func(*schemas.DayRow)
}

// NewAnswers makes the reader of reports as of now.
func NewAnswers(c config.Config, s *chstore.Store) (*Answers, error) {
	b, err := NewBatch(c, s)
	return &Answers{Store: s, Batch: b, Now: Now()}, err
}

// knownAt returns the instant that limits the inputs of a query; 0 for none.
func (a *Answers) knownAt(q schemas.Instant) schemas.Instant { return cmp.Or(a.KnownAt, q) }

// asOf returns the instant after which nothing is counted: what was not known yet had not happened either.
func (a *Answers) asOf(q *reports.Query) schemas.Instant {
	now := cmp.Or(a.Now, Now())
	return min(cmp.Or(a.knownAt(q.KnownAt), now), now)
}

// stored says whether the stored days answer the query.
func (a *Answers) stored(q *reports.Query) bool {
	return !a.Fresh && a.knownAt(q.KnownAt) == 0 && q.Against == reports.AgainstCurrent
}

// Days yields the days of the query with their exceptions, in order of day and agent.
func (a *Answers) Days(ctx context.Context, q reports.Query, yield func(*schemas.DayRow) error) error {
	if q.TeamsAs == reports.TeamsNow {
		return a.daysAsTheyAre(ctx, q, yield)
	}
	yield = a.covered(yield)
	if a.stored(&q) {
		return a.Store.DayRows(ctx, a.dayQuery(&q), yield)
	}
	agents := q.Agents
	if len(q.Teams)+len(q.Sites) > 0 {
		known, err := a.roster(ctx, &q)
		if err != nil {
			return err
		}
		if agents = known.Within(q.Agents, q.Teams, q.Sites, q.From, q.To); len(agents) == 0 {
			return nil
		}
	}
	return a.judge(ctx, &q, agents, func(d *schemas.DayRow) error {
		if !among(q.Teams, d.Team) || !among(q.Sites, d.Site) {
			return nil
		}
		return yield(d)
	})
}

func (a *Answers) dayQuery(q *reports.Query) chstore.DayQuery {
	return chstore.DayQuery{
		Selection:  chstore.Selection{Agents: q.Agents},
		From:       q.From,
		To:         q.To,
		Teams:      q.Teams,
		Sites:      q.Sites,
		Against:    batch.Against,
		Exceptions: true,
		Intervals:  q.Intervals,
	}
}

func among(list []string, one string) bool { return len(list) == 0 || slices.Contains(list, one) }

// judge judges the days of the agents, all where none are named.
func (a *Answers) judge(ctx context.Context, q *reports.Query, agents []string,
	yield func(*schemas.DayRow) error) error {
	if len(agents) == 0 {
		agents = nil
	}
	asOf := a.asOf(q)
	return a.Batch.Days(ctx, batch.Request{
		From:    q.From,
		To:      q.To,
		Agents:  agents,
		Against: q.Against,
		KnownAt: a.knownAt(q.KnownAt),
		AsOf:    asOf,
		Version: asOf,
	}, yield, a.Done)
}

// daysAsTheyAre puts every day into the team and site to which its agent belongs at the end of what is known, under the
// name that the agent has then.
func (a *Answers) daysAsTheyAre(ctx context.Context, q reports.Query, yield func(*schemas.DayRow) error) error {
	known, err := a.roster(ctx, &q)
	if err != nil {
		return err
	}
	teams, sites := q.Teams, q.Sites
	if len(teams)+len(sites) > 0 {
		if q.Agents = a.membersNow(known, &q); len(q.Agents) == 0 {
			return nil
		}
	}
	q.TeamsAs, q.Teams, q.Sites = reports.TeamsThen, nil, nil
	at := a.asOf(&q)
	return a.Days(ctx, q, func(d *schemas.DayRow) error {
		if m := known.MemberAt(d.AgentID, at); m != nil {
			d.Name, d.Team, d.Site = m.Name, m.Team, m.Site
		}
		return yield(d)
	})
}

// membersNow lists the agents of the query who belong to its teams and sites now.
func (a *Answers) membersNow(known *adherence.Known, q *reports.Query) (agents []string) {
	at := a.asOf(q)
	for id := range known.Agents {
		m := known.MemberAt(id, at)
		if among(q.Agents, id) && among(q.Teams, m.Team) && among(q.Sites, m.Site) {
			agents = append(agents, id)
		}
	}
	slices.Sort(agents)
	return agents
}

// roster reads who belongs where, as far as the query knows.
func (a *Answers) roster(ctx context.Context, q *reports.Query) (*adherence.Known, error) {
	members, err := a.Store.Memberships(ctx, a.knownAt(q.KnownAt))
	if err != nil {
		return nil, err
	}
	return adherence.Know(schemas.Circumstances{Members: members}, schemas.UTC)
}

// Policies returns the policy versions known at the instant.
func (a *Answers) Policies(ctx context.Context, knownAt schemas.Instant) ([]schemas.PolicyVersion, error) {
	return a.Store.Policies(ctx, a.knownAt(knownAt))
}

// Feeds returns what every feed has said of itself by the instant.
func (a *Answers) Feeds(ctx context.Context, knownAt schemas.Instant) ([]schemas.Feed, error) {
	return a.Store.Feeds(ctx, a.knownAt(knownAt))
}

// JudgedAt returns the instant of the last look at the journal that the stored days come from; for days that are judged
// afresh, the end of what is known.
func (a *Answers) JudgedAt(ctx context.Context, q reports.Query) (schemas.Instant, error) {
	if !a.stored(&q) {
		return a.asOf(&q), nil
	}
	runs, err := a.Store.ComputeRuns(ctx, 1)
	if err != nil || len(runs) == 0 {
		return 0, err
	}
	return runs[0].KnownAt, nil
}

// hasTimeline says whether a workbook shows the timeline of the query's days: where they are judged it costs nothing to
// ask for it, and stored days are counted first.
func (a *Answers) hasTimeline(ctx context.Context, q reports.Query) (bool, error) {
	if !a.stored(&q) || q.TeamsAs == reports.TeamsNow && len(q.Teams)+len(q.Sites) > 0 {
		return true, nil
	}
	n := 0
	err := a.Store.DayHeads(ctx, a.dayQuery(&q), func(*chstore.DayHead) error {
		if n++; n > reports.MostTimelines {
			return chstore.ErrStop
		}
		return nil
	})
	if err != nil && !errors.Is(err, chstore.ErrStop) {
		return false, fmt.Errorf("counting the days from %s to %s: %w", q.From, q.To, err)
	}
	return n <= reports.MostTimelines, nil
}

// covered leaves out what a reader may not see, and reports every day to Passed.
func (a *Answers) covered(yield func(*schemas.DayRow) error) func(*schemas.DayRow) error {
	if a.Covers == nil && a.Passed == nil {
		return yield
	}
	return func(d *schemas.DayRow) error {
		if a.Passed != nil {
			a.Passed(d)
		}
		if a.Covers != nil && !a.Covers(d.AgentID, d.Team, d.Site) {
			return nil
		}
		return yield(d)
	}
}

// Requirements yields the requirements that overlap the interval, of the teams or of all.
func (a *Answers) Requirements(ctx context.Context, teams []string, within schemas.Interval, knownAt schemas.Instant,
	yield func(*schemas.Requirement) error) error {
	return a.Store.Requirements(ctx, chstore.RequirementQuery{Teams: teams, Within: within, KnownAt: a.knownAt(knownAt)},
		yield)
}

// ActivityCodes returns the activity codes known at the instant.
func (a *Answers) ActivityCodes(ctx context.Context, knownAt schemas.Instant) ([]schemas.ActivityCode, error) {
	return a.Store.ActivityCodes(ctx, a.knownAt(knownAt))
}
