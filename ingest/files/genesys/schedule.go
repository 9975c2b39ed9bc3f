package genesys

import (
	"strconv"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Columns of schedules; the agent comes first, as everywhere.
const (
	cellAgent = iota
	cellActivity
	cellStart
	cellEnd
	cellKind // the category, which only a profile knows
	cellShift
	cellIsPaid
	cellDescription
)

// Times are those of a row of a schedule: an activity with start and length, or a marker of time off on a whole date of
// the business unit.
type Times struct {
	// Marker says that the row is time off on a whole date; Free that its agent has nothing scheduled.
	Marker, Free bool
	Start        schemas.Instant
	// HasStart says that Start, or the Date of a marker, is there.
	HasStart bool
	Date     schemas.Date
	// Minutes is the length.
	Minutes    int64
	HasMinutes bool
	// From and To are the offsets of a marker in minutes.
	From, To       int64
	hasFrom, hasTo bool
}

// schedules are published schedules: the result of a search, or the body of a schedule import.
func schedules() *layout {
	return &layout{
		kind: Schedules,
		list: "agentSchedules",
		columns: []column{{"agent_id", "/user.id"}, {"activity", "activityCodeId"}, {"start", "startDate"},
			{"end", "lengthMinutes"}, {"category", "activityCodeId"}, {"shift", "id"}, {"paid", "paid"},
			{"description", "description"}},
		members: map[string]member{
			"activityCodeId":     text(cellActivity),
			"startDate":          (*File).readStart,
			"businessUnitDate":   (*File).readDate,
			"lengthMinutes":      (*File).readLength,
			"startOffsetMinutes": func(f *File, r *row) error { return f.offset(r, "startOffsetMinutes", &r.From, &r.hasFrom) },
			"endOffsetMinutes":   func(f *File, r *row) error { return f.offset(r, "endOffsetMinutes", &r.To, &r.hasTo) },
			"description":        text(cellDescription),
			"paid":               choice(cellIsPaid),
		},
		read: (*File).readAgentSchedule,
	}
}

// BuiltInCodes are the activity codes of Genesys Cloud that mean the same everywhere, for those who have not imported
// them.
func BuiltInCodes() []schemas.ActivityCode {
	return []schemas.ActivityCode{
		{Code: "0", Category: schemas.CategoryOnQueueWork, Paid: true},
		{Code: "5", Category: schemas.CategoryTimeOff, CountsAsShrinkage: true},
	}
}

// readAgentSchedule reads one agent with shifts and markers. An agent without any is one row, so that what was
// scheduled before is replaced by nothing.
func (f *File) readAgentSchedule() error {
	return f.agent("user and shifts", func(agent *row, key []byte) error {
		switch string(key) {
		case "user":
			return f.object(agent, "/user", func(key []byte) error {
				if string(key) == "id" {
					return f.cell(agent, cellAgent)
				}
				return f.text.Skip()
			})
		case "userId":
			return f.cell(agent, cellAgent)
		case "shifts":
			return f.list("shifts", -1, f.readShift)
		case "fullDayTimeOffMarkers":
			return f.each("fullDayTimeOffMarkers", -1, func(r *row) error {
				r.Marker = true
				return f.fields(r)
			})
		}
		return f.text.Skip()
	})
}

// readShift reads a shift. What joins its activities is the instant at which it starts, not its id: Genesys Cloud makes
// new ids whenever a schedule is copied, and the import body has none. A shift without activities is told, because
// nothing of it is scheduled.
func (f *File) readShift(n int) error {
	before := len(f.rows)
	f.text.Peek()
	shift := row{spot: f.text.Place(), shift: int32(n)} //nolint:gosec // fewer than bytes of a line
	err := f.object(&shift, "", func(key []byte) error {
		switch string(key) {
		case "activities":
			return f.each("activities", n, f.fields)
		case "startDate":
			return f.textIfAny(&shift, cellStart)
		case "id":
			return f.textIfAny(&shift, cellShift)
		}
		return f.text.Skip()
	})
	if err == nil && len(shift.problems) > 0 {
		if r := f.add("", n, 0); r != nil {
			r.problems = shift.problems
		}
	}
	if err == nil && len(f.rows) == before {
		f.warn(&shift, "was the schedule exported completely?",
			"the shift (%.60q, from %.40q) has no activities, so nothing of it is scheduled",
			f.textOf(shift.cells[cellShift]), f.textOf(shift.cells[cellStart]))
	}
	f.joinShift(f.rows[before:])
	return err
}

// joinShift names the shift of the rows by the instant at which the first of them starts.
func (f *File) joinShift(of []row) {
	first := -1
	for i := range of {
		if of[i].HasStart && (first < 0 || of[i].Start < of[first].Start) {
			first = i
		}
	}
	if first < 0 {
		return
	}
	id := f.put(of[first].Start.Time().AppendFormat(nil, "2006-01-02T15:04:05Z07:00"), rows.Place{})
	for i := range of {
		of[i].cells[cellShift] = id
	}
}

// startText reads the text of the start; false where it is not there, or wrong and reported.
func (f *File) startText(r *row) (text []byte, ok bool, err error) {
	problems := len(r.problems)
	err = f.cell(r, cellStart)
	start := r.cells[cellStart]
	return f.textOf(start), err == nil && len(r.problems) == problems && start.spot.Line > 0, err
}

// readStart reads the instant of startDate, which markers do not have.
func (f *File) readStart(r *row) error {
	if r.Marker {
		return f.text.Skip()
	}
	text, ok, err := f.startText(r)
	if !ok {
		return err
	}
	at := r.cells[cellStart].spot
	switch wall, ok := rows.ParseWallTime(text); {
	case !ok:
		wrong := rows.NotAnInstant(text)
		f.problem(r, at, "startDate", wrong.Remedy, "%s", wrong.Message)
	case !wall.HasOffset:
		f.problem(r, at, "startDate", "write an instant in UTC, such as "+string(text)+"Z", "%q has no offset", text)
	default:
		r.Start, r.HasStart = wall.Instant(), true
	}
	return nil
}

// readDate reads the businessUnitDate of a marker.
func (f *File) readDate(r *row) error {
	if !r.Marker {
		return f.text.Skip()
	}
	text, ok, err := f.startText(r)
	if !ok {
		return err
	}
	d, ok := rows.ParseDate(text)
	if r.Date, r.HasStart = d, ok && len(text) == 10; !r.HasStart {
		f.problem(r, r.cells[cellStart].spot, "businessUnitDate", "write year-month-day, such as 2026-03-02",
			"%.40q is not a date", text)
	}
	return nil
}

// Bounds of a length: more minutes are surely none.
const (
	maxDays    = 400
	maxMinutes = maxDays * schemas.DayMS / schemas.MinuteMS
)

func (f *File) readLength(r *row) error {
	if f.text.Peek() != 'n' {
		r.cells[cellEnd].spot = f.text.Place()
	}
	return f.minutes(r, "lengthMinutes", &r.Minutes, &r.HasMinutes)
}

// offset reads where the time of a marker begins or ends; activities have none.
func (f *File) offset(r *row, key string, into *int64, has *bool) error {
	if !r.Marker {
		return f.text.Skip()
	}
	return f.minutes(r, key, into, has)
}

// minutes reads a whole number of minutes.
func (f *File) minutes(r *row, key string, into *int64, has *bool) error {
	c := f.text.Peek()
	at := f.text.Place()
	switch {
	case c == 'n':
		return f.text.Skip()
	case *has:
		f.problem(r, at, key, "leave one of them out", "the key comes twice")
		return f.text.Skip()
	case c == '"':
		b, err := f.text.Text()
		if err == nil {
			f.problem(r, at, key, "write the number without quotes", "is the text %.40q", b)
		}
		return err
	case c != '-' && (c < '0' || c > '9'):
		f.problem(r, at, key, "write a number of minutes", "is %s", f.text.Kind())
		return f.text.Skip()
	}
	b, err := f.text.Word()
	if err != nil {
		return err
	}
	n, ok := wholeNumber(b)
	switch {
	case !ok:
		f.problem(r, at, key, "", "%.40s is no whole number of minutes", b)
	case n > maxMinutes || n < -maxMinutes:
		f.problem(r, at, key, "is it milliseconds?", "%.40s minutes are more than %d days", b, maxDays)
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
