package chstore

import (
	"cmp"
	"context"
	"slices"

	"rollcall/schemas"
)

// DayQuery says which judged days to read: those of the selection from From to To, both included, judged against
// Against ("" = current). Teams and Sites, where given, are those of the day itself. KnownAt leaves out what was judged
// with later knowledge.
type DayQuery struct {
	Selection
	From, To     schemas.Date
	Teams, Sites []string
	Against      string
	KnownAt      schemas.Instant
	// Intervals and Exceptions ask for those too; without Intervals a day has no Activities.
	Intervals, Exceptions bool
	// ByAgent asks for the order agent, day, in which the server needs no sort; else it is day, agent.
	ByAgent bool
}

func (q *DayQuery) query(columns string) question {
	conditions := []string{"day BETWEEN toDate32({from:Int32}) AND toDate32({to:Int32})",
		"against = unhex({against:String})"}
	if q.KnownAt != 0 {
		conditions = append(conditions, "known_at <= fromUnixTimestamp64Milli({known_at:Int64}, 'UTC')")
	}
	file := "adherence_days_by_day"
	if q.ByAgent {
		file = "adherence_days_by_agent"
	}
	return q.Selection.query(file, conditions...).put("columns", columns).text("against", cmp.Or(q.Against, "current")).
		knownAt(q.KnownAt).number("from", int64(q.From)).number("to", int64(q.To))
}

// DayHead is what a judged day says as a whole, with the fingerprint of everything that was judged
// ([schemas.AgentDay.Fingerprint]). Before is set when HasBefore is.
type DayHead struct {
	AgentID                            string
	Day                                schemas.Date
	KnownAt, AsOf                      schemas.Instant
	State                              schemas.DayState
	Absent                             bool
	AdherenceReason, ConformanceReason schemas.Reason
	schemas.Sums
	Fingerprint uint64
	HasBefore   bool
	Before      schemas.DayBefore
	Team, Site  string
	// Name is the agent's on the day, Policy the id of the version that the day was judged by; empty for the default
	// rules.
	Name, Policy string
}

// DayHeads returns the days of a query without their insides, in the order agent, day. Teams and sites of the query are
// obeyed.
func (s *Store) DayHeads(ctx context.Context, q DayQuery, yield func(*DayHead) error) error {
	q.ByAgent, q.Intervals, q.Exceptions = true, false, false
	var h DayHead
	return wrap("read heads of agent-days", s.eachDay(ctx, q, func(d *schemas.DayRow, fingerprint uint64) error {
		h = DayHead{
			AgentID:           d.AgentID,
			Day:               d.Day,
			KnownAt:           d.KnownAt,
			AsOf:              d.AsOf,
			State:             d.State,
			Absent:            d.Absent,
			AdherenceReason:   d.AdherenceReason,
			ConformanceReason: d.ConformanceReason,
			Sums:              d.Sums,
			Fingerprint:       fingerprint,
			Team:              d.Team,
			Site:              d.Site,
			Name:              d.Name,
			Policy:            d.Policy,
		}
		if d.Before != nil {
			h.HasBefore, h.Before = true, *d.Before
		}
		return yield(&h)
	}))
}

// DayRows returns the days of a query, each once, in the version with the latest KnownAt that the query allows.
func (s *Store) DayRows(ctx context.Context, q DayQuery, yield func(*schemas.DayRow) error) error {
	return wrap("read agent-days", s.eachDay(ctx, q, func(d *schemas.DayRow, _ uint64) error { return yield(d) }))
}

func (s *Store) eachDay(ctx context.Context, q DayQuery, yield func(*schemas.DayRow, uint64) error) error {
	r := &dayReader{q: q, yield: yield, block: newDayBlock(q.Intervals, q.Exceptions)}
	return s.readColumns(ctx, q.query(r.block.names()), r.block.results(), r.rows)
}

// dayReader turns blocks into days. Rows with one key come with the latest known_at first, and that one counts.
type dayReader struct {
	q     DayQuery
	yield func(*schemas.DayRow, uint64) error
	block *dayBlock
	begun bool
}

func (r *dayReader) rows(rows int) error {
	d := &r.block.row
	for i := range rows {
		agent, day := d.AgentID, d.Day
		r.block.get(d, i)
		if r.begun && d.Day == day && d.AgentID == agent {
			continue
		}
		r.begun = true
		// The team is asked for after the version that counts was found: a day that moved to another team must not come back
		// in its older version.
		if d.deleted || !among(r.q.Teams, d.Team) || !among(r.q.Sites, d.Site) {
			continue
		}
		d.join()
		if err := r.yield(&d.DayRow, d.fingerprint); err != nil {
			return err
		}
	}
	return nil
}

func among(texts []string, t string) bool { return len(texts) == 0 || slices.Contains(texts, t) }

// DayRange returns the first and the last local date with a judged day; ok is false when none has been judged.
func (s *Store) DayRange(ctx context.Context) (first, last schemas.Date, ok bool, err error) {
	type span struct{ first, last schemas.Date }
	rows, err := all(ctx, s, query("day_range").text("against", "current"), func(r *span) []field {
		return []field{{"first", &r.first}, {"last", &r.last}}
	})
	if err != nil || len(rows) == 0 {
		return 0, 0, false, wrap("read the range of judged days", err)
	}
	return rows[0].first, rows[0].last, true, nil
}
