package files

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Columns of requirements.
const (
	requirementTeam = iota
	requirementStart
	requirementRequired
	requirementShrinkage
	requirementZone
	requirementDate
	requirementTime
)

// requirementRow is a requirement with its place in the file.
type requirementRow struct {
	schemas.Requirement
	// wallMS is how far the local clock is ahead of UTC at the start.
	wallMS       int64
	line, column int // of start
}

// TeamRequirements is what a file requires of one team: within Range, these intervals and no others.
type TeamRequirements struct {
	Team string
	// LengthMS is that of every interval.
	LengthMS int64
	Range    schemas.Interval
	Rows     []schemas.Requirement
}

// ReadRequirements reads the heads that teams need, by team and start. The length of a team's intervals is the distance
// between its rows. Range is from the first start to the last end or, with Options.From and To, those local dates. Of
// known, the roster is used: for the names of teams, and for zones of local times where all of a team's agents share
// one. What intervals need that lie between rows, Options.Missing says; how many they are is a warning.
func ReadRequirements(ctx context.Context, in Input, opt Options, known Known) ([]TeamRequirements, *Report, error) {
	q := &requirementReader{opt: &opt, zones: newZones(nil, &opt), teams: rosterTeams(known.Members),
		anyone: known.Members == nil,
		rows:   map[string][]requirementRow{}}
	q.names.Known = slices.Sorted(maps.Keys(q.teams))
	report, err := readOnce(ctx, Requirements, in, &opt, func(t *table) func() {
		q.table = t
		return q.row
	})
	if err != nil {
		return nil, report, err
	}
	return q.plan(report), report, nil
}

// rosterTeams groups the roster's rows by team.
func rosterTeams(members []schemas.Membership) map[string][]schemas.Membership {
	out := map[string][]schemas.Membership{}
	for _, m := range members {
		if m.Team != "" {
			out[m.Team] = append(out[m.Team], m)
		}
	}
	return out
}

// requirementReader gathers the rows by team.
type requirementReader struct {
	*table
	opt    *Options
	zones  *zones
	teams  map[string][]schemas.Membership
	anyone bool
	names  rows.Suggester
	rows   map[string][]requirementRow
	// zoned are the zones of the team and date that were asked for last.
	zoned struct {
		team  string
		day   schemas.Date
		zones []string
	}
}

func (q *requirementReader) row() {
	r := requirementRow{Requirement: schemas.Requirement{Team: q.team()}}
	q.start(&r)
	r.Required = q.heads()
	r.Shrinkage = q.share()
	if !q.bad {
		q.rows[r.Team] = append(q.rows[r.Team], r)
	}
}

// team reads the team, which must be one of the roster.
func (q *requirementReader) team() string {
	name := q.id(requirementTeam)
	if q.bad || q.anyone || len(q.teams[name]) > 0 {
		return name
	}
	if len(q.teams) == 0 {
		q.problem(requirementTeam, "import the roster first", "no agent of the roster is in a team %.60q, or in any", name)
	} else {
		q.problem(requirementTeam, q.names.Hint(name), "no agent of the roster is in a team %.60q", name)
	}
	return name
}

// start reads the beginning of the interval, which lies on a quarter of an hour of the local clock.
func (q *requirementReader) start(r *requirementRow) {
	column, clock, ok := q.wall()
	r.line, r.column = q.place(column)
	if !ok {
		return
	}
	zone := q.text(requirementZone)
	if zone == "" {
		zone = q.zoneOf(r.Team, clock.Day)
	}
	if zone == "" && !clock.HasOffset && len(q.zoned.zones) > 1 {
		q.problem(column, "write an offset (2026-03-02T09:00:00Z), a time_zone column, or give --time-zone",
			"is a local time (%s), but agents of %s work in %s", q.bytes(column), r.Team, strings.Join(q.zoned.zones, " and "))
		return
	}
	if r.Start, ok = q.resolve(column, clock, q.zones, cmp.Or(zone, q.opt.StandardZone), ""); !ok {
		return
	}
	r.wallMS = int64(clock.Day)*schemas.DayMS + clock.MS - int64(r.Start)
	if z, err := q.zones.load(zone); err == nil && clock.HasOffset {
		_, seconds := r.Start.Time().In(z.Location()).Zone()
		r.wallMS = int64(seconds) * schemas.SecondMS
	}
	if off := int64(r.Start.Add(r.wallMS)) % (15 * schemas.MinuteMS); off != 0 {
		q.problem(column, fmt.Sprintf("intervals start at :00, :15, :30 or :45, such as %s", r.Start.Add(-off)),
			"%s is on no quarter of an hour", r.Start)
	}
}

// wall reads the beginning as the file has it, in one column or as a date and a time.
func (q *requirementReader) wall() (column int, clock rows.WallTime, ok bool) {
	if q.at[requirementStart] >= 0 {
		clock, ok = q.wallTime(requirementStart)
		return requirementStart, clock, ok
	}
	day, dayOK := q.date(requirementDate)
	ms, timeOK := q.timeText(requirementTime)
	//nolint:gosec // 24:00 at most
	clock.Day, clock.MS = day+schemas.Date(ms/schemas.DayMS), ms%schemas.DayMS
	return requirementTime, clock, dayOK && timeOK
}

// zoneOf returns the zone that all of the team's agents share, else --time-zone; "" where there is none.
func (q *requirementReader) zoneOf(team string, day schemas.Date) string {
	if q.zoned.team != team || q.zoned.day != day {
		q.zoned.team, q.zoned.day = team, day
		q.zoned.zones = zonesOn(q.teams[team], day)
	}
	if len(q.zoned.zones) == 1 {
		return q.zoned.zones[0]
	}
	return q.opt.TimeZone
}

// zonesOn returns the zones of the roster rows in force on the date, or of all rows where none is.
func zonesOn(rows []schemas.Membership, day schemas.Date) []string {
	var now, ever []string
	for i := range rows {
		m := &rows[i]
		if m.TimeZone == "" {
			continue
		}
		ever = append(ever, m.TimeZone)
		if m.From <= day && (m.To == 0 || day < m.To) {
			now = append(now, m.TimeZone)
		}
	}
	if len(now) == 0 {
		now = ever
	}
	slices.Sort(now)
	return slices.Compact(now)
}

// heads reads the required heads.
func (q *requirementReader) heads() schemas.Decimal {
	b := q.bytes(requirementRequired)
	v, ok := q.decimal(requirementRequired, b)
	switch {
	case len(b) == 0:
		q.problem(requirementRequired, "write the heads that are needed, such as 12.5, or 0", "is missing")
	case ok && v < 0:
		q.problem(requirementRequired, "write 0 or more", "%s heads are fewer than none", v)
	}
	return v
}

// share reads the shrinkage: 0.3 or 30%.
func (q *requirementReader) share() schemas.Decimal {
	b := q.bytes(requirementShrinkage)
	number, percent := bytes.CutSuffix(b, []byte("%"))
	v, ok := q.decimal(requirementShrinkage, bytes.TrimSpace(number))
	if percent {
		v /= 100
	}
	switch {
	case !ok:
	case !percent && v >= schemas.DecimalOne && v < 100*schemas.DecimalOne:
		q.problem(requirementShrinkage, fmt.Sprintf("write %s or %s%%", v/100, v), "%s is no share of 1", v)
	case v < 0 || v >= schemas.DecimalOne:
		q.problem(requirementShrinkage, "write 0 or more and less than 1, such as 0.3 or 30%", "%.40q is not possible", b)
	}
	return v
}

// decimal reads the number of column c; false where the column is empty, or wrong and reported.
func (q *requirementReader) decimal(c int, number []byte) (v schemas.Decimal, ok bool) {
	if len(q.bytes(c)) == 0 {
		return 0, false
	}
	v, err := schemas.ParseDecimal(withPoint(number))
	if err != nil {
		q.problem(c, "", "%s", err.Error())
	}
	return v, err == nil
}

// withPoint lets a lone decimal comma be a point ("12,5"). Three digits after it could be thousands, and stay an error.
func withPoint(b []byte) string {
	s := string(b)
	if i := strings.IndexByte(s, ','); i >= 0 && !strings.Contains(s, ".") && len(s)-i-1 != 3 {
		return strings.Replace(s, ",", ".", 1)
	}
	return s
}

// plan puts the rows of each team in order and finds the length of its intervals.
func (q *requirementReader) plan(report *Report) []TeamRequirements {
	var out []TeamRequirements
	teams := slices.Sorted(maps.Keys(q.rows))
	common := q.commonLength(teams)
	for _, team := range teams {
		rows := standApart(q.rows[team], report)
		t := TeamRequirements{Team: team, LengthMS: spacing(rows)}
		if t.LengthMS == 0 && len(rows) == 1 {
			t.LengthMS = common
		}
		if !slices.Contains(schemas.RequirementLengths[:], t.LengthMS) {
			noLength(team, rows, t.LengthMS, report)
			continue
		}
		if q.opt.From != 0 {
			t.Range = q.scope(team)
		}
		t.take(rows, q.opt.Missing, report)
		if q.opt.From == 0 && len(t.Rows) > 0 {
			t.Range = schemas.Interval{Start: t.Rows[0].Start, End: t.Rows[len(t.Rows)-1].Interval().End}
		}
		out = append(out, t)
	}
	return out
}

// take adds the rows that fit, and what is said of the intervals between them.
func (t *TeamRequirements) take(rows []requirementRow, missing Missing, report *Report) {
	var first, before *requirementRow // before is nil behind a rejected row, of whose time nothing is known
	n := 0
	for i := range rows {
		if !t.fits(rows, i, missing, report) {
			before = nil
			continue
		}
		if before != nil {
			if gap := t.gap(before, &rows[i]); !gap.Empty() {
				first = cmp.Or(first, &rows[i])
				n += missing.fill(t, gap, before.Requirement)
			}
		}
		before = &rows[i]
		rows[i].LengthMS = t.LengthMS
		t.Rows = append(t.Rows, rows[i].Requirement)
	}
	missing.warnOfMissing(t, n, first, report)
}

// commonLength returns the length of the other teams' intervals if it is one, for a team of a single row.
func (q *requirementReader) commonLength(teams []string) int64 {
	common := int64(0)
	for _, team := range teams {
		rows := slices.Clone(q.rows[team])
		slices.SortFunc(rows, func(a, b requirementRow) int { return cmp.Compare(a.Start, b.Start) })
		n := spacing(rows)
		if n == 0 {
			continue
		}
		if common != 0 && common != n {
			return 0
		}
		common = n
	}
	return common
}

// spacing returns the shortest distance between two starts, 0 when there are no two.
func spacing(rows []requirementRow) int64 {
	shortest := int64(0)
	for i := 1; i < len(rows); i++ {
		if d := rows[i].Start.Sub(rows[i-1].Start); d > 0 && (shortest == 0 || d < shortest) {
			shortest = d
		}
	}
	return shortest
}

// standApart sorts a team's rows by start and takes out those that repeat or contradict an earlier one.
func standApart(rows []requirementRow, report *Report) []requirementRow {
	slices.SortStableFunc(rows, func(a, b requirementRow) int { return cmp.Compare(a.Start, b.Start) })
	out := rows[:0]
	for i := range rows {
		r := &rows[i]
		switch last := len(out) - 1; {
		case last < 0 || out[last].Start != r.Start:
			out = append(out, *r)
		case out[last].Requirement == r.Requirement:
			report.repeat()
		default:
			report.reject(r.problem("leave one of them out", "the interval at %s of %s comes in line %d already, with %s heads",
				r.Start, r.Team, out[last].line, out[last].Required))
		}
	}
	return out
}

func (r *requirementRow) problem(remedy, format string, args ...any) rows.Problem {
	return rows.Problem{Line: r.line, Column: r.column, Field: "start", Message: fmt.Sprintf(format, args...),
		Remedy: remedy}
}

// noLength rejects the rows of a team whose distances are no length of an interval.
func noLength(team string, rows []requirementRow, lengthMS int64, report *Report) {
	p := rows[0].problem("give the one after it too", "%s has a single interval, which does not tell how long it is", team)
	switch {
	case lengthMS > schemas.HourMS:
		p = rows[0].problem("write a row for every interval of 15, 30 or 60 minutes",
			"no two intervals of %s follow each other within an hour, so that nothing tells how long they are", team)
	case lengthMS > 0:
		p = rows[0].problem("they last 15, 30 or 60 minutes", "intervals of %s are %d minutes apart", team,
			lengthMS/schemas.MinuteMS)
	}
	report.reject(p) // one sentence says it for all
	report.Accepted -= len(rows) - 1
	report.Rejected += len(rows) - 1
}

// fits checks a row against the length of its team's intervals, its neighbour and the range.
func (t *TeamRequirements) fits(rows []requirementRow, i int, missing Missing, report *Report) bool {
	r := &rows[i]
	length := t.LengthMS / schemas.MinuteMS
	if off := int64(r.Start.Add(r.wallMS)) % t.LengthMS; off != 0 {
		report.reject(r.problem(fmt.Sprintf("start at %s or %s", r.Start.Add(-off), r.Start.Add(t.LengthMS-off)),
			"%s is on no %d minutes of the local clock, which are the length of the intervals of %s", r.Start, length, t.Team))
		return false
	}
	if i > 0 && missing.refuses(t, &rows[i-1], r, report) {
		return false
	}
	if !t.Range.Empty() && (r.Start < t.Range.Start || r.Start.Add(t.LengthMS) > t.Range.End) {
		report.reject(r.problem("widen them or leave the row out", "%s lies outside --from and --to, %s", r.Start, t.Range))
		return false
	}
	return true
}

// scope returns the local dates From to To in the team's zone.
func (q *requirementReader) scope(team string) schemas.Interval {
	zone := schemas.UTC
	if name := cmp.Or(q.zoneOf(team, q.opt.From), q.opt.StandardZone); name != "" {
		if z, err := q.zones.load(name); err == nil {
			zone = z
		}
	}
	return schemas.Interval{Start: zone.DayStart(q.opt.From), End: zone.DayStart(q.opt.To + 1)}
}

// Fits reports a problem where the team's range would cut an interval that the store holds, and says whether it does
// not.
func (t *TeamRequirements) Fits(held []schemas.Requirement, report *Report) bool {
	i := slices.IndexFunc(held, func(h schemas.Requirement) bool {
		return h.Start < t.Range.Start || h.Interval().End > t.Range.End
	})
	if i < 0 {
		return true
	}
	h := &held[i]
	report.problem(Problem{Field: "start", Message: fmt.Sprintf(
		"the rows of %s, %s, would cut the interval from %s to %s that is required now", t.Team, t.Range, h.Start,
		h.Interval().End),
		Remedy: "begin and end where it does"})
	return false
}
