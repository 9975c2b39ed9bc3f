package files

import (
	"fmt"
	"strconv"

	"rollcall/schemas"
)

// genesysTimes are the times of a row of a schedule: an activity with start and length, or a marker of time off on a
// whole date of the business unit.
type genesysTimes struct {
	sort       genesysRowSort
	start      schemas.Instant
	hasStart   bool
	date       schemas.Date
	minutes    int64 // lengthMinutes
	hasMinutes bool
	// from and to are the offsets of a marker in minutes.
	from, to       int64
	hasFrom, hasTo bool
}

// genesysRowSort tells what a row of a schedule is.
type genesysRowSort uint8

// The sorts of rows.
const (
	genesysActivity genesysRowSort = iota
	genesysMarker                  // time off on a whole date
	genesysNothing                 // an agent with nothing scheduled
)

// genesysSchedules are published schedules: the result of a search, or the body of a schedule import.
func genesysSchedules() *genesysLayout {
	return &genesysLayout{kind: Schedule, list: "agentSchedules", read: (*genesysFile).readAgentSchedule, keys: map[int]string{
		scheduleAgent: "/user.id", scheduleActivity: "activityCodeId", scheduleStart: "startDate", scheduleEnd: "lengthMinutes",
		scheduleCategory: "activityCodeId", scheduleShift: "id", schedulePaid: "paid", scheduleDescription: "description"}}
}

// readAgentSchedule reads one agent with shifts and markers. An agent without any is one row, so that what was scheduled
// before is replaced by nothing.
func (g *genesysFile) readAgentSchedule() error {
	g.text.peek()
	begin := g.text.spot()
	if g.text.peek() != '{' {
		if row := g.add("", -1, 0); row != nil {
			g.problem(row, begin, "", fmt.Sprintf("is %s; an object with user and shifts is wanted", g.text.kind()))
		}
		return g.text.skip()
	}
	var agent genesysRow // holds what is told of the agent
	agent.shift = -1
	err := g.text.members(func(key []byte, _ spot) error {
		switch string(key) {
		case "user":
			return g.object(&agent, "/user", func(key []byte) error {
				if string(key) == "id" {
					return g.cell(&agent, scheduleAgent, false)
				}
				return g.text.skip()
			})
		case "userId":
			return g.cell(&agent, scheduleAgent, false)
		case "shifts":
			return g.list("shifts", -1, g.readShift)
		case "fullDayTimeOffMarkers":
			return g.list("fullDayTimeOffMarkers", -1, g.readMarker)
		}
		return g.text.skip()
	})
	if err != nil {
		return err
	}
	if len(g.rows) == 0 {
		g.rows = append(g.rows, genesysRow{spot: begin, shift: -1, genesysTimes: genesysTimes{sort: genesysNothing}})
	}
	g.rows[0].problems = append(g.rows[0].problems, agent.problems...)
	for i := range g.rows {
		g.rows[i].cells[scheduleAgent] = agent.cells[scheduleAgent]
	}
	return nil
}

// readShift reads a shift. What joins its activities is the instant at which it starts, not its id: Genesys Cloud gives
// out new ids whenever a schedule is copied, and the import body has none.
func (g *genesysFile) readShift(n int) error {
	before := len(g.rows)
	whole := genesysRow{shift: int32(n)} //nolint:gosec // fewer than bytes of a line
	err := g.object(&whole, "", func(key []byte) error {
		if string(key) != "activities" {
			return g.text.skip()
		}
		return g.list("activities", n, func(i int) error {
			row := g.add("activities", n, i)
			if row == nil {
				return g.text.skip()
			}
			return g.readActivity(row)
		})
	})
	if err == nil && len(whole.problems) > 0 {
		if row := g.add("", n, 0); row != nil {
			row.problems = whole.problems
		}
	}
	var first *genesysRow
	for i := before; i < len(g.rows); i++ {
		if r := &g.rows[i]; r.hasStart && (first == nil || r.start < first.start) {
			first = r
		}
	}
	if first != nil {
		id := g.keep(first.start.Time().AppendFormat(nil, "2006-01-02T15:04:05Z07:00"), spot{})
		for i := before; i < len(g.rows); i++ {
			g.rows[i].cells[scheduleShift] = id
		}
	}
	return err
}

func (g *genesysFile) readActivity(row *genesysRow) error {
	return g.object(row, "", func(key []byte) error {
		switch string(key) {
		case "activityCodeId":
			return g.cell(row, scheduleActivity, false)
		case "startDate":
			return g.readStart(row)
		case "lengthMinutes":
			return g.readMinutes(row, "lengthMinutes", &row.minutes, &row.hasMinutes)
		case "description":
			return g.cell(row, scheduleDescription, false)
		case "paid":
			return g.cell(row, schedulePaid, true)
		}
		return g.text.skip()
	})
}

func (g *genesysFile) readMarker(i int) error {
	row := g.add("fullDayTimeOffMarkers", -1, i)
	if row == nil {
		return g.text.skip()
	}
	row.sort = genesysMarker
	return g.object(row, "", func(key []byte) error {
		switch string(key) {
		case "activityCodeId":
			return g.cell(row, scheduleActivity, false)
		case "businessUnitDate":
			return g.readMarkerDate(row)
		case "lengthMinutes":
			return g.readMinutes(row, "lengthMinutes", &row.minutes, &row.hasMinutes)
		case "startOffsetMinutes":
			return g.readMinutes(row, "startOffsetMinutes", &row.from, &row.hasFrom)
		case "endOffsetMinutes":
			return g.readMinutes(row, "endOffsetMinutes", &row.to, &row.hasTo)
		case "description":
			return g.cell(row, scheduleDescription, false)
		case "paid":
			return g.cell(row, schedulePaid, true)
		}
		return g.text.skip()
	})
}

// readStart reads the instant of startDate.
func (g *genesysFile) readStart(row *genesysRow) error {
	problems := len(row.problems)
	err := g.cell(row, scheduleStart, false)
	c := &row.cells[scheduleStart]
	if err != nil || len(row.problems) > problems || c.spot.line == 0 {
		return err
	}
	text := g.room[c.from:c.to]
	clock, ok := readClock(text)
	switch {
	case !ok:
		g.problem(row, c.spot, "startDate", notAnInstant(text))
	case !clock.hasZone:
		g.problem(row, c.spot, "startDate", fmt.Sprintf("%q has no offset; write an instant in UTC, such as %sZ", text, text))
	default:
		row.start, row.hasStart = clock.instant(), true
	}
	return nil
}

// readMarkerDate reads businessUnitDate.
func (g *genesysFile) readMarkerDate(row *genesysRow) error {
	problems := len(row.problems)
	err := g.cell(row, scheduleStart, false)
	c := &row.cells[scheduleStart]
	if err != nil || len(row.problems) > problems || c.spot.line == 0 {
		return err
	}
	text := g.room[c.from:c.to]
	d, ok := readDate(text)
	if row.date, row.hasStart = d, ok && len(text) == 10; !row.hasStart {
		g.problem(row, c.spot, "businessUnitDate", fmt.Sprintf("%.40q is not a date; write year-month-day, such as 2026-03-02", text))
	}
	return nil
}

// maxMinutes is the longest length that is taken for one, in minutes.
const maxMinutes = longestRest / schemas.MinuteMS

// readMinutes reads a whole number of minutes.
func (g *genesysFile) readMinutes(row *genesysRow, key string, into *int64, has *bool) error {
	c := g.text.peek()
	at := g.text.spot()
	switch {
	case c == 'n':
		return g.text.skip()
	case *has:
		g.problem(row, at, key, "the key comes twice; leave one of them out")
		return g.text.skip()
	case c == '"':
		b, err := g.text.text()
		if err == nil {
			g.problem(row, at, key, fmt.Sprintf("is the text %.40q; write the number without quotes", b))
		}
		return err
	case c != '-' && (c < '0' || c > '9'):
		g.problem(row, at, key, fmt.Sprintf("is %s; write a number of minutes", g.text.kind()))
		return g.text.skip()
	}
	b, err := g.text.word()
	if err != nil {
		return err
	}
	if key == "lengthMinutes" {
		row.cells[scheduleEnd] = genesysCell{spot: at}
	}
	n, ok := wholeNumber(b)
	switch {
	case !ok:
		g.problem(row, at, key, fmt.Sprintf("%.40s is no whole number of minutes", b))
	case n > maxMinutes || n < -maxMinutes:
		g.problem(row, at, key, fmt.Sprintf("%.40s minutes are more than %d days; is it milliseconds?", b, longestRest/schemas.DayMS))
	default:
		*into, *has = n, true
	}
	return nil
}

// wholeNumber reads a JSON number that is whole, also one written as 15.0 or 1e2. A very large one is cut to what is
// surely too large.
func wholeNumber(b []byte) (int64, bool) {
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(string(b), 64)
	switch {
	case f > 1e15 || f < -1e15:
		return int64(max(-1e15, min(f, 1e15))), true
	case err != nil || f != float64(int64(f)):
		return 0, false
	}
	return int64(f), true
}

// genesysTimes gives the activity its times and tells the column of its start.
func (s *scheduleReader) genesysTimes(agent string, a *schemas.Activity) int {
	row := &s.genesys.rows[s.genesys.at]
	has := row.hasStart && (row.hasMinutes || row.sort == genesysMarker)
	if !row.hasStart {
		s.missing(scheduleStart, row)
	}
	if !row.hasMinutes && row.sort == genesysActivity {
		s.problem(scheduleEnd, "is missing; write the length in minutes")
	}
	switch {
	case !has:
	case row.sort == genesysMarker:
		s.markerTimes(agent, row, a)
	case row.minutes <= 0:
		s.problem(scheduleEnd, fmt.Sprintf("is %d; an activity lasts at least a minute", row.minutes))
	default:
		a.Start, a.End = row.start, row.start.Add(row.minutes*schemas.MinuteMS)
		s.checkLength(scheduleEnd, a)
	}
	return s.column(scheduleStart)
}

func (s *scheduleReader) missing(c int, row *genesysRow) {
	if row.sort == genesysMarker {
		s.problem(c, "is missing; write the date of the time off (businessUnitDate)")
		return
	}
	s.problem(c, "is missing; write an instant such as 2026-03-02T09:00:00Z")
}

// markerTimes gives a marker its times: the whole date in the business unit's zone, or what the offsets leave of it. A
// start offset counts from the beginning of the date. So does an end offset above 0; one of 0 or less counts from the end.
func (s *scheduleReader) markerTimes(agent string, row *genesysRow, a *schemas.Activity) {
	name, err := s.zones.nameFor(s.genesys.survey.zone, agent, row.date)
	var zone schemas.Zone
	if err == nil {
		zone, err = s.zones.load(name)
	}
	if err != nil {
		s.problem(scheduleStart, fmt.Sprintf("is a date in the business unit's zone, which the file does not name (businessUnitTimeZone); "+
			"give --time-zone: %s", err))
		return
	}
	day := zone.Day(row.date)
	a.Start, a.End, s.marker = day.Start.Add(row.from*schemas.MinuteMS), day.End, true
	if row.to > 0 {
		a.End = day.Start
	}
	a.End = a.End.Add(row.to * schemas.MinuteMS)
	if a.End <= a.Start || a.Start < day.Start || a.End > day.End {
		s.problem(scheduleStart, fmt.Sprintf("the offsets leave nothing of %s in %s, or reach out of it (startOffsetMinutes %d, endOffsetMinutes %d)",
			row.date, zone.Name(), row.from, row.to))
	}
}

// builtInCodes are the activity codes of Genesys Cloud that mean the same everywhere, for whoever has not imported them.
func builtInCodes() []schemas.ActivityCode {
	return []schemas.ActivityCode{
		{Code: "0", Category: schemas.CategoryOnQueueWork, Paid: true},
		{Code: "5", Category: schemas.CategoryTimeOff, CountsAsShrinkage: true},
	}
}

// fromGenesys makes the reader ready for a file of Genesys Cloud, if it is one.
func (s *scheduleReader) fromGenesys() {
	g, ok := s.src.(*genesysFile)
	if !ok {
		return
	}
	s.genesys = g
	for _, c := range builtInCodes() {
		if _, known := s.codes[c.Code]; !known {
			s.codes[c.Code] = c
		}
	}
	switch weeks := g.survey.published; {
	case s.opt.From != 0 || len(weeks) == 0:
	case len(weeks) == 1:
		s.opt.From, s.opt.To = schemas.UTC.Date(weeks[0].Start), schemas.UTC.Date(weeks[0].End)-1
	default:
		s.report.whole(0, 0, "publishedSchedules", fmt.Sprintf("%s to %s is not published, between weeks that are; what is scheduled then would be "+
			"lost: give --from and --to, or search for the weeks before and after it apart", schemas.UTC.Date(weeks[0].End), schemas.UTC.Date(weeks[1].Start)-1))
	}
}
