package files

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"rollcall/schemas"
)

// Columns of a schedule.
const (
	scheduleAgent = iota
	scheduleActivity
	scheduleStart
	scheduleEnd
	scheduleCategory
	scheduleShift
	schedulePaid
	scheduleDescription
	scheduleZone
	scheduleDate
	scheduleStartTime
	scheduleEndTime
)

// Known is what the store knows already, against which rows are checked.
type Known struct {
	// Members is the roster. Nil means that any agent is allowed and has no zone of its own.
	Members []schemas.Membership
	// Codes are the activity codes.
	Codes []schemas.ActivityCode
}

// placed is an activity with the column of its start; its line is in the activity.
type placed struct {
	schemas.Activity
	column int32
}

// agentRows are the activities that a file gives one agent.
type agentRows struct {
	id   string
	rows []placed
}

// SchedulePlan is what a schedule file says: for each agent that it names, all shifts that start on the local dates From
// to To, both included.
type SchedulePlan struct {
	From, To schemas.Date
	// Activities counts those of all agents.
	Activities int
	agents     []agentPlan
}

// agentPlan is one agent's part, with the dates on which something is scheduled, in order.
type agentPlan struct {
	id   string
	days []schemas.ScheduleDay
}

// Days gives a day for every agent, in byte order, and every date of the range; a date on which nothing starts is
// Removed. A day is good until the next one. Revision and RecordedAt are not set.
func (p *SchedulePlan) Days() iter.Seq[*schemas.ScheduleDay] {
	return func(yield func(*schemas.ScheduleDay) bool) {
		for i := range p.agents {
			a := &p.agents[i]
			next := 0
			for d := p.From; d <= p.To; d++ {
				day := &schemas.ScheduleDay{AgentID: a.id, Day: d, Removed: true}
				if next < len(a.days) && a.days[next].Day == d {
					day = &a.days[next]
					next++
				}
				if !yield(day) {
					return
				}
			}
		}
	}
}

// ReadSchedule reads activities and puts them under the local dates on which their shifts start (domain.md section 4), in
// the zone of the agent's roster row in force. Time off in no shift is under the date on which it starts.
func ReadSchedule(ctx context.Context, in Input, opt Options, known Known) (*SchedulePlan, *Report, error) {
	s := newScheduleReader(&opt, known)
	report, err := readOnce(ctx, Schedule, in, &opt, func(t *table) func() {
		s.table = t
		return s.row
	})
	if err != nil {
		return nil, report, err
	}
	return s.plan(report), report, nil
}

// scheduleReader gathers the rows of a schedule by agent.
type scheduleReader struct {
	*table
	opt    *Options
	zones  *zones
	codes  map[string]schemas.ActivityCode
	anyone bool
	agents map[string]*agentRows
	last   *agentRows
	people suggester
	kinds  suggester
	warned map[string]bool
}

func newScheduleReader(opt *Options, known Known) *scheduleReader {
	s := &scheduleReader{opt: opt, zones: newZones(known.Members, opt), codes: map[string]schemas.ActivityCode{},
		anyone: known.Members == nil, agents: map[string]*agentRows{}, last: &agentRows{}, warned: map[string]bool{}}
	for id := range s.zones.members {
		s.people.known = append(s.people.known, id)
	}
	slices.Sort(s.people.known)
	for _, c := range known.Codes {
		s.codes[c.Code] = c
		s.kinds.known = append(s.kinds.known, c.Code)
	}
	return s
}

func (s *scheduleReader) row() {
	agent := s.agentID()
	a := placed{Activity: schemas.Activity{Code: s.id(scheduleActivity), Shift: s.free(scheduleShift),
		Description: s.free(scheduleDescription), Line: s.rec.line}}
	s.kind(&a.Activity)
	s.times(agent, &a)
	if s.bad {
		return
	}
	if s.last.id != agent {
		if s.last = s.agents[agent]; s.last == nil {
			s.last = &agentRows{id: agent}
			s.agents[agent] = s.last
		}
	}
	s.last.rows = append(s.last.rows, a)
}

// agentID reads the agent, who must be in the roster.
func (s *scheduleReader) agentID() string {
	id := s.id(scheduleAgent)
	if s.bad || s.anyone || id == s.last.id || len(s.zones.members[id]) > 0 {
		return id
	}
	m := fmt.Sprintf("%.60q is not in the roster%s", id, s.people.hint(id))
	if len(s.zones.members) == 0 {
		m = fmt.Sprintf("%.60q is not in the roster, which is empty; import the roster first", id)
	}
	s.problem(scheduleAgent, m)
	return id
}

// kind finds category and pay: of the row, else of the activity code.
func (s *scheduleReader) kind(a *schemas.Activity) {
	known, isKnown := s.codes[a.Code]
	text := s.text(scheduleCategory)
	switch {
	case text != "":
		a.Category = s.readCategory(scheduleCategory)
		if isKnown && known.Category != a.Category && !s.warned[a.Code] && !s.bad {
			s.warned[a.Code] = true
			s.warn(scheduleCategory, fmt.Sprintf("%q is %s among the activity codes, but %s here; the file is believed", a.Code,
				known.Category, a.Category))
		}
	case isKnown:
		a.Category = known.Category
	case a.Code != "":
		s.problem(scheduleActivity, fmt.Sprintf("the activity code %.60q is not known, so its category is not either; import it "+
			"(import activities) or add a category column%s", a.Code, s.kinds.hint(a.Code)))
	}
	paid := paidByDefault(a.Category)
	if isKnown {
		paid = known.Paid
	}
	a.Paid = s.choice(schedulePaid, paid)
}

// times reads start and end, as two instants or as a date and two times of day.
func (s *scheduleReader) times(agent string, a *placed) {
	zone := s.text(scheduleZone)
	startColumn, endColumn := scheduleStart, scheduleEnd
	var ok bool
	if s.at[scheduleStart] >= 0 && s.at[scheduleEnd] >= 0 {
		var startOK, endOK bool
		a.Start, startOK = s.instant(scheduleStart, s.zones, zone, agent)
		a.End, endOK = s.instant(scheduleEnd, s.zones, zone, agent)
		ok = startOK && endOK
	} else {
		startColumn, endColumn = scheduleStartTime, scheduleEndTime
		a.Start, a.End, ok = s.clockTimes(agent, zone)
	}
	a.column = int32(s.placed(startColumn, "").Column) //nolint:gosec // a record is short
	if ok {
		s.checkLength(endColumn, &a.Activity)
	}
}

// clockTimes reads date, start_time and end_time; an end that is not after the start is on the next day.
func (s *scheduleReader) clockTimes(agent, zone string) (start, end schemas.Instant, ok bool) {
	day, dayOK := s.dateText(scheduleDate)
	if !dayOK && !s.bad {
		s.problem(scheduleDate, "is missing; write year-month-day, such as 2026-03-02")
	}
	from, fromOK := s.timeText(scheduleStartTime)
	to, toOK := s.timeText(scheduleEndTime)
	if !dayOK || !fromOK || !toOK {
		return 0, 0, false
	}
	if to <= from {
		to += schemas.DayMS
	}
	start, ok1 := s.localTime(scheduleStartTime, zone, agent, day, from)
	end, ok2 := s.localTime(scheduleEndTime, zone, agent, day, to)
	return start, end, ok1 && ok2
}

// localTime resolves a time that may lie on the next date.
func (s *scheduleReader) localTime(c int, zone, agent string, day schemas.Date, ms int64) (schemas.Instant, bool) {
	return s.local(c, s.zones, zone, agent, day+schemas.Date(ms/schemas.DayMS), ms%schemas.DayMS) //nolint:gosec // at most two days
}

// Limits of one activity.
const (
	longestWork = 24 * schemas.HourMS
	longestRest = 400 * schemas.DayMS
)

func (s *scheduleReader) checkLength(c int, a *schemas.Activity) {
	longest := longestWork
	if a.Category == schemas.CategoryTimeOff || a.Category == schemas.CategoryUnavailable {
		longest = longestRest
	}
	switch {
	case a.Start < schemas.MinInstant || a.End >= schemas.MaxInstant:
		s.problem(c, fmt.Sprintf("%s is out of range; it must lie between %s and %s", a.End, schemas.MinInstant, schemas.MaxInstant))
	case a.End <= a.Start:
		s.problem(c, fmt.Sprintf("%s is not after the start, %s; exchange them, or write the next day", a.End, a.Start))
	case a.End.Sub(a.Start) > longest:
		s.problem(c, fmt.Sprintf("the activity lasts %d hours; at most %d are allowed: is the date right?",
			a.End.Sub(a.Start)/schemas.HourMS, longest/schemas.HourMS))
	}
}

// plan puts what was read under its days.
func (s *scheduleReader) plan(report *Report) *SchedulePlan {
	p := &SchedulePlan{From: s.opt.From, To: s.opt.To}
	ids := make([]string, 0, len(s.agents))
	for id := range s.agents {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var d dayMaking
	d.zones, d.report = s.zones, report
	for _, id := range ids {
		rows := d.standTogether(s.agents[id])
		delete(s.agents, id)
		rows = d.date(id, rows)
		if s.opt.From != 0 {
			rows = d.inside(rows, s.opt.From, s.opt.To)
		}
		p.add(d.days(id, rows), s.opt.From == 0)
	}
	return p
}

// add takes an agent's days; widen lets the range follow them.
func (p *SchedulePlan) add(a agentPlan, widen bool) {
	for i := range a.days {
		d := a.days[i].Day
		p.Activities += len(a.days[i].Activities)
		if widen {
			if p.From == 0 || d < p.From {
				p.From = d
			}
			p.To = max(p.To, d)
		}
	}
	p.agents = append(p.agents, a)
}

// dayMaking forms shifts and days, one agent after the other.
type dayMaking struct {
	zones  *zones
	report *Report
	acts   []schemas.Activity
	of     []int32
	spans  []schemas.Interval
	dates  []schemas.Date // of each row
}

// defaultShiftGapMS is the policy's default shift_gap (domain.md section 1).
const defaultShiftGapMS = 2 * schemas.HourMS

// standTogether sorts the rows and leaves out those that repeat or overlap an earlier one.
func (d *dayMaking) standTogether(a *agentRows) []placed {
	slices.SortStableFunc(a.rows, func(x, y placed) int {
		return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(x.End, y.End), cmp.Compare(x.Line, y.Line))
	})
	kept := a.rows[:0]
	for i := range a.rows {
		r := &a.rows[i]
		n := len(kept)
		switch {
		case n > 0 && same(&kept[n-1].Activity, &r.Activity):
			d.report.repeat()
		case n > 0 && r.Start < kept[n-1].End:
			b := &kept[n-1]
			d.report.reject(r.problem(fmt.Sprintf(
				"%q of %s from %s to %s overlaps %q of line %d, which lasts until %s; end one before the other starts",
				r.Code, a.id, r.Start, r.End, b.Code, b.Line, b.End)))
		default:
			kept = append(kept, *r)
		}
	}
	return kept
}

// same says whether two activities differ in nothing but their line.
func same(a, b *schemas.Activity) bool {
	x := *b
	x.Line = a.Line
	return *a == x
}

// longestShift is what the judge provides context for (adherence.LongestShiftMS).
const longestShift = 3 * schemas.DayMS

// date finds the local date of each row. Time off in no shift that lasts longer than 24 h is divided at local midnight,
// because it belongs to the dates that it covers and each of them is replaced for itself (domain.md section 4). Rows of a
// shift that is too long are left out.
func (d *dayMaking) date(agent string, rows []placed) []placed {
	d.acts, d.dates = d.acts[:0], d.dates[:0]
	for i := range rows {
		d.acts = append(d.acts, rows[i].Activity)
	}
	d.of, d.spans = schemas.FormShifts(d.acts, defaultShiftGapMS, d.of[:0], d.spans[:0])
	out := make([]placed, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		switch n := d.of[i]; {
		case n != schemas.NoShift && d.spans[n].MS() > longestShift:
			d.report.reject(r.problem(fmt.Sprintf("its shift (%q) lasts from %s to %s; a shift has at most %d hours: are ids used twice?",
				r.Shift, d.spans[n].Start, d.spans[n].End, longestShift/schemas.HourMS)))
		case n != schemas.NoShift:
			out, d.dates = append(out, *r), append(d.dates, d.localDate(agent, d.spans[n].Start))
		case r.End.Sub(r.Start) > longestWork:
			out = d.divide(agent, r, out)
		default:
			out, d.dates = append(out, *r), append(d.dates, d.localDate(agent, r.Start))
		}
	}
	return out
}

// divide appends the parts of a long rest, one for each local date.
func (d *dayMaking) divide(agent string, r *placed, out []placed) []placed {
	for start := r.Start; start < r.End; {
		day := d.localDate(agent, start)
		part := *r
		part.Start, part.End = start, r.End
		if zone, err := d.zones.ofAgent(agent, day); err == nil {
			part.End = min(r.End, max(zone.DayStart(day+1), start+1))
		}
		out, d.dates = append(out, part), append(d.dates, day)
		start = part.End
	}
	return out
}

func (p *placed) problem(message string) Problem {
	return Problem{Line: p.Line, Column: int(p.column), Field: "start", Message: message}
}

// localDate gives the date at the instant in the zone of the roster row in force then. A zone that the store holds but
// nobody knows cannot be: rosters are checked; such an agent's dates are UTC.
func (d *dayMaking) localDate(agent string, at schemas.Instant) schemas.Date {
	day := schemas.UTC.Date(at)
	for range 2 { // the second time with the row of the local date
		if zone, err := d.zones.ofAgent(agent, day); err == nil {
			day = zone.Date(at)
		}
	}
	return day
}

// inside leaves out the rows of shifts that start outside the range. Of a divided rest the parts inside stay.
func (d *dayMaking) inside(rows []placed, from, to schemas.Date) []placed {
	kept, dates := rows[:0], d.dates[:0]
	for begin := 0; begin < len(rows); {
		end, in := begin, len(kept)
		line := rows[begin].Line
		first := rows[begin]
		for ; end < len(rows) && rows[end].Line == line; end++ {
			if day := d.dates[end]; from <= day && day <= to {
				kept, dates = append(kept, rows[end]), append(dates, day)
			}
		}
		switch in = len(kept) - in; {
		case in == 0:
			d.report.reject(first.problem(fmt.Sprintf("its shift starts on %s, outside of %s to %s; leave it out or widen --from and --to",
				d.dates[begin], from, to)))
		case in < end-begin:
			d.report.warn(first.problem(fmt.Sprintf("reaches out of %s to %s; only the dates inside are replaced", from, to)))
		}
		begin = end
	}
	d.dates = dates
	return kept
}

// days makes one ScheduleDay for each date that has rows, all over one slice of activities.
func (d *dayMaking) days(agent string, rows []placed) agentPlan {
	acts := make([]schemas.Activity, len(rows))
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(d.dates[a], d.dates[b]) })
	p := agentPlan{id: agent}
	begin := 0
	for i, r := range order {
		acts[i] = rows[r].Activity
		if i+1 == len(order) || d.dates[order[i+1]] != d.dates[r] {
			p.days = append(p.days, schemas.ScheduleDay{AgentID: agent, Day: d.dates[r], Activities: acts[begin : i+1 : i+1]})
			begin = i + 1
		}
	}
	return p
}
