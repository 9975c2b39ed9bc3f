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

func (q *DayQuery) query(columns string) statement {
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

// DayHead is what a judged day says as a whole, without its insides, with the fingerprint of everything that was judged
// ([schemas.AgentDay.Fingerprint]).
type DayHead struct {
	schemas.DayRow
	Fingerprint uint64
}

// DayHeads returns the days of a query without their insides, in the order agent, day. Teams and sites of the query are
// obeyed.
func (s *Store) DayHeads(ctx context.Context, q DayQuery, yield func(*DayHead) error) error {
	q.ByAgent, q.Intervals, q.Exceptions = true, false, false
	return s.eachDay(ctx, "read heads of agent-days", q, yield)
}

// DayRows returns the days of a query, each once, in the version with the latest KnownAt that the query allows.
func (s *Store) DayRows(ctx context.Context, q DayQuery, yield func(*schemas.DayRow) error) error {
	return s.eachDay(ctx, "read agent-days", q, func(d *DayHead) error { return yield(&d.DayRow) })
}

func (s *Store) eachDay(ctx context.Context, doing string, q DayQuery, yield func(*DayHead) error) error {
	r := &dayReader{q: q, yield: yield, block: newDayBlock(q.Intervals, q.Exceptions)}
	return wrap(doing, s.readColumns(ctx, q.query(r.block.names()), r.block.results(), r.rows))
}

// dayReader turns blocks into days. Rows with one key come with the latest known_at first, and that one counts.
type dayReader struct {
	q     DayQuery
	yield func(*DayHead) error
	block *dayBlock

	// agent and day are those of the last row, once begun.
	agent string
	day   schemas.Date
	begun bool
}

func (r *dayReader) rows(rows int) error { return r.block.each(rows, &r.block.buffer, r.take) }

func (r *dayReader) take(d *storedDay) error {
	if r.begun && d.Day == r.day && d.AgentID == r.agent {
		return nil
	}
	r.begun, r.agent, r.day = true, d.AgentID, d.Day
	// The team is asked for after the version that counts was found: a day that moved to another team must not come back
	// in its older version.
	if d.deleted || !among(r.q.Teams, d.Team) || !among(r.q.Sites, d.Site) {
		return nil
	}
	d.join()
	return r.yield(&d.DayHead)
}

func among(texts []string, t string) bool { return len(texts) == 0 || slices.Contains(texts, t) }

// DayRange returns the first and the last local date with a judged day; ok is false when none has been judged.
func (s *Store) DayRange(ctx context.Context) (first, last schemas.Date, ok bool, err error) {
	type span struct{ First, Last schemas.Date }
	q := query("day_range").text("against", "current")
	rows, err := all(ctx, s, "read the range of judged days", q, fieldsOf[span])
	if err != nil || len(rows) == 0 {
		return 0, 0, false, err
	}
	return rows[0].First, rows[0].Last, true, nil
}

// Overruled returns, by source, how many changes did not count on the judged days from one on, and of how many agents.
func (s *Store) Overruled(ctx context.Context, from schemas.Date) ([]schemas.OverruledSource, error) {
	return all(ctx, s, "read what did not count", query("overruled").number("from", int64(from)),
		fieldsOf[schemas.OverruledSource])
}
