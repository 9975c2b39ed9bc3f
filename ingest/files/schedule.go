package files

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rollcall/adherence"
	"rollcall/ingest/files/rows"
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
	// Policies are the rules of judging, of which the shift_gap decides which rows are one shift.
	Policies []schemas.PolicyVersion
}

// agentRows are the activities that a file has for one agent.
type agentRows struct {
	id   string
	rows []scheduleRow
	// free are dates on which the file says that nothing is scheduled.
	free []schemas.Date
}

// ReadSchedule reads activities and puts them under the local dates on which their shifts start (RULES.md section 4),
// in the zone of the agent's roster row in force. Time off in no shift is under the date on which it starts.
func ReadSchedule(ctx context.Context, in Input, opt Options, known Known) (*SchedulePlan, *Report, error) {
	opt.roster = known.Members
	s, err := newScheduleReader(&opt, known)
	if err != nil {
		return nil, nil, err
	}
	report, err := readOnce(ctx, Schedule, in, &opt, func(t *table) func() {
		s.table = t
		t.unread = s.unread
		s.fromGenesys()
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
	known  *adherence.Known
	zones  *zones
	codes  map[string]schemas.ActivityCode
	anyone bool
	agents map[string]*agentRows
	last   *agentRows
	shared *texts
	people rows.Suggester
	kinds  rows.Suggester
	warned map[string]bool
	// unknowns are the agents and activities that were reported as not known.
	unknowns map[unknownText]bool
	// marker says that the present row is a marker of Genesys Cloud.
	marker bool
	// cut says that the present row ends at midnight.
	cut bool
	// left are the days that a partial import leaves alone, by agent; spoilNext says that those of the next row are among
	// them.
	left      map[string]*leftDays
	spoilNext bool
	// dates counts the rows by date, off has the line of each date on which the file says that somebody is free; far are
	// those dates that are far from the others, farFrom.
	dates   dateCounts
	off     map[schemas.Date]int
	far     map[schemas.Date]bool
	farFrom string
}

func newScheduleReader(opt *Options, known Known) (*scheduleReader, error) {
	zone := schemas.UTC
	var err error
	if opt.StandardZone != "" {
		if zone, err = schemas.LoadZone(opt.StandardZone); err != nil {
			return nil, err
		}
	}
	judge, err := adherence.Know(schemas.Circumstances{Members: known.Members, Policies: known.Policies}, zone)
	s := &scheduleReader{
		opt:    opt,
		known:  judge,
		zones:  newZones(known.Members, opt),
		codes:  map[string]schemas.ActivityCode{},
		anyone: known.Members == nil,
		agents: map[string]*agentRows{},
		last:   &agentRows{},
		warned: map[string]bool{},
		shared: newTexts(),
		left:   map[string]*leftDays{},
		dates:  dateCounts{},
		off:    map[schemas.Date]int{},
	}
	s.people.Known = slices.Sorted(maps.Keys(s.zones.members))
	for _, c := range known.Codes {
		s.codes[c.Code] = c
		s.kinds.Known = append(s.kinds.Known, c.Code)
	}
	return s, err
}

func (s *scheduleReader) row() {
	s.marker, s.cut = false, false
	agent := s.agentID()
	if s.genesys != nil && s.genesys.Times().Free {
		s.rowsOf(agent)
		return
	}
	if s.rec.Free {
		s.nothing(agent)
		return
	}
	a := schemas.Activity{Code: s.id(scheduleActivity), Shift: s.free(scheduleShift),
		Description: s.free(scheduleDescription),
		Line:        s.rec.Line}
	s.kind(&a)
	column := s.times(agent, &a)
	if s.bad || s.spoilNext {
		s.spoil(agent, &a)
		s.spoilNext = false
	}
	if s.bad {
		return
	}
	packed := s.shared.pack(&a, column)
	packed.cut = s.cut
	if s.marker && !s.mark(agent, &packed) {
		return
	}
	s.dates[schemas.UTC.Date(a.Start)]++
	rows := s.rowsOf(agent)
	rows.rows = append(rows.rows, packed)
}

// rowsOf returns the rows of an agent, of whom the file so says something.
func (s *scheduleReader) rowsOf(agent string) *agentRows {
	if s.last.id != agent && !s.bad {
		if s.last = s.agents[agent]; s.last == nil {
			s.last = &agentRows{id: agent}
			s.agents[agent] = s.last
		}
	}
	return s.last
}

// agentID reads the agent, who must be in the roster.
func (s *scheduleReader) agentID() string {
	id := s.id(scheduleAgent)
	if s.bad || s.anyone || id == s.last.id || len(s.zones.members[id]) > 0 {
		return id
	}
	if len(s.zones.members) == 0 {
		s.unknown(scheduleAgent, id, "import the roster first", "%.60q is not in the roster, which is empty", id)
	} else {
		s.unknown(scheduleAgent, id, s.people.Hint(id), "%.60q is not in the roster", id)
	}
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
			s.warn(scheduleCategory, "the file is believed", "%q is %s among the activity codes, but %s here", a.Code,
				known.Category, a.Category)
		}
	case isKnown:
		a.Category = known.Category
	case a.Code != "":
		s.unknown(scheduleActivity, a.Code,
			rows.Remedies("import it (import activities) or add a category column", s.kinds.Hint(a.Code)),
			"the activity code %.60q is not known, so its category is not either", a.Code)
	}
	paid := paidByDefault(a.Category)
	if isKnown {
		paid = known.Paid
	}
	a.Paid = s.choice(schedulePaid, paid)
}

// times reads start and end, as two instants or as a date and two times of day, and returns the column of the start.
func (s *scheduleReader) times(agent string, a *schemas.Activity) int {
	if s.genesys != nil {
		return s.genesysTimes(agent, a)
	}
	zone := s.text(scheduleZone)
	startColumn, endColumn := scheduleStart, scheduleEnd
	var ok bool
	if s.at[scheduleStart] >= 0 && s.at[scheduleEnd] >= 0 {
		var startOK, endOK bool
		a.Start, startOK = s.instant(scheduleStart, s.zones, zone, agent)
		a.End, endOK = s.instantAfter(scheduleEnd, s.zones, zone, agent, a.Start)
		ok = startOK && endOK
	} else {
		startColumn, endColumn = scheduleStartTime, scheduleEndTime
		a.Start, a.End, ok = s.clockTimes(agent, zone)
	}
	if ok {
		s.checkLength(endColumn, a)
	}
	_, column := s.place(startColumn)
	return column
}

// clockTimes reads date, start_time and end_time; an end that is not after the start is on the next day.
func (s *scheduleReader) clockTimes(agent, zone string) (start, end schemas.Instant, ok bool) {
	day, dayOK := s.date(scheduleDate)
	first, fromOK := s.clock(scheduleStartTime)
	lasts, isLength := rows.ParseLength(s.bytes(scheduleEndTime))
	last, toOK := rows.Clock{}, isLength
	if !isLength {
		last, toOK = s.clock(scheduleEndTime)
	}
	if !dayOK || !fromOK || !toOK {
		return 0, 0, false
	}
	if isLength {
		start, ok = s.localTime(scheduleStartTime, zone, agent, day, first.MS)
		return start, start.Add(lasts), ok
	}
	from, to, wrong := rows.Span(first, last)
	if wrong != nil {
		s.problem(scheduleEndTime, wrong.Remedy, "%s to %s is not clear: %s", s.bytes(scheduleStartTime),
			s.bytes(scheduleEndTime), wrong.Message)
		return 0, 0, false
	}
	s.cut = to == schemas.DayMS && s.opt.profile().Joins
	start, ok1 := s.localTime(scheduleStartTime, zone, agent, day, from)
	end, ok2 := s.localTime(scheduleEndTime, zone, agent, day, to)
	return start, end, ok1 && ok2
}

// localTime resolves a time that may lie on the next date.
func (s *scheduleReader) localTime(c int, zone, agent string, day schemas.Date, ms int64) (schemas.Instant, bool) {
	//nolint:gosec // at most two days
	return s.local(c, s.zones, zone, agent, day+schemas.Date(ms/schemas.DayMS), ms%schemas.DayMS)
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
		s.problem(c, fmt.Sprintf("it must lie between %s and %s", schemas.MinInstant, schemas.MaxInstant),
			"%s is out of range", a.End)
	case a.End <= a.Start:
		s.problem(c, "exchange them, or write the next day", "%s is not after the start, %s", a.End, a.Start)
	case a.End.Sub(a.Start) > longest:
		s.problem(c, fmt.Sprintf("at most %d are allowed: is the date right?", longest/schemas.HourMS),
			"the activity lasts %d hours", a.End.Sub(a.Start)/schemas.HourMS)
	}
}
