package chstore

import (
	"cmp"
	"context"

	"github.com/ClickHouse/ch-go/proto"

	"rollcall/schemas"
)

// DayQuery says which judged days to read: those of the selection from From to To, both included, judged against Against ("" =
// current). Teams and Sites, where given, are those of the day itself. KnownAt leaves out what was judged with later knowledge.
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
	conditions := []string{"day BETWEEN toDate32({from:Int32}) AND toDate32({to:Int32})", "against = unhex({against:String})"}
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
	// Name is the agent's on the day, Policy the id of the version that the day was judged by; empty for the default rules.
	Name, Policy string
}

// DayHeads gives the days of a query without their insides, in the order agent, day. Teams and sites of the query are obeyed.
func (s *Store) DayHeads(ctx context.Context, q DayQuery, yield func(*DayHead) error) error {
	q.ByAgent, q.Intervals, q.Exceptions = true, false, false
	var h DayHead
	return wrap("read heads of agent-days", s.eachDay(ctx, q, func(d *schemas.DayRow, fingerprint uint64) error {
		h = DayHead{AgentID: d.AgentID, Day: d.Day, KnownAt: d.KnownAt, AsOf: d.AsOf, State: d.State, Absent: d.Absent,
			AdherenceReason: d.AdherenceReason, ConformanceReason: d.ConformanceReason, Sums: d.Sums, Fingerprint: fingerprint,
			Team: d.Team, Site: d.Site, Name: d.Name, Policy: d.Policy}
		if d.Before != nil {
			h.HasBefore, h.Before = true, *d.Before
		}
		return yield(&h)
	}))
}

// DayRows gives the days of a query, each once, in the version with the latest KnownAt that the query allows.
func (s *Store) DayRows(ctx context.Context, q DayQuery, yield func(*schemas.DayRow) error) error {
	return wrap("read agent-days", s.eachDay(ctx, q, func(d *schemas.DayRow, _ uint64) error { return yield(d) }))
}

func (s *Store) eachDay(ctx context.Context, q DayQuery, yield func(*schemas.DayRow, uint64) error) error {
	r := newDayReader(q, yield)
	return s.readColumns(ctx, q.query(r.columns()), r.results(), r.rows)
}

// dayReader turns blocks into days. Rows with one key come with the latest known_at first, and that one counts.
type dayReader struct {
	q     DayQuery
	yield func(*schemas.DayRow, uint64) error

	agent, name                                    proto.ColStr
	day                                            days
	policy, team, site, zone                       *fewTextsRead
	known, computed, asOf, beforeKnown             instants
	deleted, absent, beforeAbsent                  flags
	state, adherenceReason, conformance, beforeWhy words
	lengths                                        [11]proto.ColInt64
	fingerprint                                    proto.ColUInt64
	before                                         *list[*proto.ColInt64]
	activities                                     activityListsRead
	intervals                                      intervalLists
	exceptions                                     exceptionLists
	parts                                          partLists

	last    dayKey
	begun   bool
	row     schemas.DayRow
	allPart []schemas.Part
}

type dayKey struct {
	agent string
	day   schemas.Date
}

func newDayReader(q DayQuery, yield func(*schemas.DayRow, uint64) error) *dayReader {
	share := &sharing{}
	r := &dayReader{q: q, yield: yield, policy: newFewTextsRead(share), team: newFewTextsRead(share), site: newFewTextsRead(share),
		zone: newFewTextsRead(share), before: newList(&proto.ColInt64{}), activities: newActivityListsRead(share),
		intervals: newIntervalListsRead(share), exceptions: newExceptionListsRead(share), parts: newPartListsRead(share)}
	r.state.of, r.adherenceReason.of, r.conformance.of, r.beforeWhy.of = typeDayState, typeReason, typeReason, typeReason
	return r
}

func (r *dayReader) results() proto.Results {
	out := proto.Results{
		{Name: "agent_id", Data: &r.agent}, {Name: "agent_name", Data: &r.name}, {Name: "day", Data: &r.day},
		{Name: "policy", Data: r.policy}, {Name: "team", Data: r.team}, {Name: "site", Data: r.site},
		{Name: "time_zone", Data: r.zone}, {Name: "known_at", Data: &r.known}, {Name: "computed_at", Data: &r.computed},
		{Name: "as_of", Data: &r.asOf}, {Name: "before_known_at", Data: &r.beforeKnown}, {Name: "deleted", Data: &r.deleted},
		{Name: "absent", Data: &r.absent}, {Name: "before_absent", Data: &r.beforeAbsent}, {Name: "state", Data: &r.state},
		{Name: "adherence_reason", Data: &r.adherenceReason}, {Name: "conformance_reason", Data: &r.conformance},
		{Name: "before_adherence_reason", Data: &r.beforeWhy}, {Name: "fingerprint", Data: &r.fingerprint},
		{Name: "before_ms", Data: r.before},
	}
	for i := range r.lengths {
		out = append(out, proto.ResultColumn{Name: lengthNames[i], Data: &r.lengths[i]})
	}
	if r.q.Intervals {
		out = append(append(out, r.activities.results()...), r.intervals.results()...)
	}
	if r.q.Exceptions {
		out = append(append(out, r.exceptions.results()...), r.parts.results()...)
	}
	return out
}

// columns lists the columns of results for the text of the query.
func (r *dayReader) columns() string {
	names := ""
	for i, c := range r.results() {
		if i > 0 {
			names += ", "
		}
		names += c.Name
	}
	return names
}

func (r *dayReader) rows(rows int) error {
	for i := range rows {
		agent, day := r.agent.RowBytes(i), r.day.at(i)
		if r.begun && r.last.day == day && r.last.agent == string(agent) {
			continue
		}
		if r.last.agent != string(agent) {
			r.last.agent = string(agent)
		}
		r.begun, r.last.day = true, day
		if r.deleted.at(i) || !r.wanted(i) {
			continue
		}
		r.read(i)
		if err := r.yield(&r.row, r.fingerprint[i]); err != nil {
			return err
		}
	}
	return nil
}

// wanted tells whether the day belongs to a team and a site of the query. That is asked after the version that counts was
// found: a day that moved to another team must not come back in its older version.
func (r *dayReader) wanted(i int) bool {
	return among(r.q.Teams, r.team.text(i)) && among(r.q.Sites, r.site.text(i))
}

func among(texts []string, t string) bool {
	if len(texts) == 0 {
		return true
	}
	for _, v := range texts {
		if v == t {
			return true
		}
	}
	return false
}

func (r *dayReader) read(i int) {
	d := &r.row
	*d = schemas.DayRow{
		AgentDay: schemas.AgentDay{
			AgentID: r.last.agent, Day: r.last.day, Absent: r.absent.at(i), AdherenceReason: schemas.Reason(r.adherenceReason.at(i)),
			ConformanceReason: schemas.Reason(r.conformance.at(i)), Activities: d.Activities[:0], Intervals: d.Intervals[:0],
			Exceptions: d.Exceptions[:0],
		},
		Name: r.name.Row(i), Team: r.team.text(i), Site: r.site.text(i), TimeZone: r.zone.text(i),
		State: schemas.DayState(r.state.at(i)), Policy: r.policy.text(i), KnownAt: r.known.at(i), ComputedAt: r.computed.at(i),
		AsOf: r.asOf.at(i),
	}
	for k, v := range d.Lengths() {
		*v = r.lengths[k][i]
	}
	r.readBefore(i)
	if r.q.Intervals {
		d.Activities = r.activities.read(i, d.Activities)
		d.Intervals = r.intervals.read(i, d.Intervals)
	}
	if r.q.Exceptions {
		r.allPart = r.parts.read(i, r.allPart[:0])
		d.Exceptions = r.exceptions.read(i, r.allPart, d.Exceptions)
	}
}

func (r *dayReader) readBefore(i int) {
	from, to := r.before.bounds(i)
	if to-from != len(r.lengths) {
		return
	}
	b := &schemas.DayBefore{KnownAt: r.beforeKnown.at(i), Absent: r.beforeAbsent.at(i),
		AdherenceReason: schemas.Reason(r.beforeWhy.at(i))}
	for k, v := range b.Lengths() {
		*v = r.before.data.Row(from + k)
	}
	r.row.Before = b
}
