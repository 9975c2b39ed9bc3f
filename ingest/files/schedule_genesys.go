package files

import (
	"cmp"
	"fmt"
	"math"

	"rollcall/ingest/files/genesys"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// fromGenesys makes the reader ready for a file of Genesys Cloud, if it is one.
func (s *scheduleReader) fromGenesys() {
	if s.genesys == nil {
		return
	}
	for _, c := range genesys.BuiltInCodes() {
		if _, known := s.codes[c.Code]; !known {
			s.codes[c.Code] = c
		}
	}
	switch weeks := s.genesys.Published(); {
	case s.opt.From != 0 || len(weeks) == 0:
	case len(weeks) == 1:
		s.opt.From, s.opt.To = schemas.UTC.Date(weeks[0].Start), schemas.UTC.Date(weeks[0].End)-1
	default:
		s.report.unfit(rows.Problem{Field: "publishedSchedules",
			Message: fmt.Sprintf("%s to %s is not published, between weeks that are",
				schemas.UTC.Date(weeks[0].End), schemas.UTC.Date(weeks[1].Start)-1),
			Remedy: "what is scheduled then would be lost: give --from and --to, or search for the weeks before and after it " +
				"apart"})
	}
}

// genesysTimes sets the activity's times and returns the column of its start.
func (s *scheduleReader) genesysTimes(agent string, a *schemas.Activity) int {
	r := s.genesys.Times()
	switch {
	case !r.HasStart && r.Marker:
		s.problem(scheduleStart, "write the date of the time off (businessUnitDate)", "is missing")
	case !r.HasStart:
		s.missingInstant(scheduleStart)
	}
	switch {
	case r.Marker && r.HasStart:
		s.markerTimes(agent, r, a)
	case r.Marker:
	case !r.HasMinutes:
		s.problem(scheduleEnd, "write the length in minutes", "is missing")
	case !r.HasStart:
	case r.Minutes <= 0:
		s.problem(scheduleEnd, "an activity lasts at least a minute", "is %d", r.Minutes)
	default:
		a.Start, a.End = r.Start, r.Start.Add(r.Minutes*schemas.MinuteMS)
		s.checkLength(scheduleEnd, a)
	}
	_, column := s.place(scheduleStart)
	return column
}

// markerTimes sets the bounds of a marker: the whole date in the business unit's zone, or what the offsets leave of it.
// A start offset counts from the beginning of the date. So does an end offset above 0; one of 0 or less counts from the
// end. 24 hours are the end of the date also where a clock change makes it shorter or longer.
func (s *scheduleReader) markerTimes(agent string, r *genesys.Times, a *schemas.Activity) {
	name, err := s.zones.nameFor(cmp.Or(s.genesys.TimeZone(), s.opt.profile().TimeZone), agent, r.Date)
	var zone schemas.Zone
	if err == nil {
		zone, err = s.zones.load(name)
	}
	if err != nil {
		s.problem(scheduleStart, fmt.Sprintf("give --time-zone: %s", err),
			"is a date in the business unit's zone, which the file does not name (businessUnitTimeZone)")
		return
	}
	day := zone.Day(r.Date)
	const minutes = schemas.DayMS / schemas.MinuteMS
	a.Start, a.End, s.marker = day.Start.Add(r.From*schemas.MinuteMS), day.End, true
	switch {
	case r.To <= 0:
		a.End = a.End.Add(r.To * schemas.MinuteMS)
	case r.To < minutes:
		a.End = min(a.End, day.Start.Add(r.To*schemas.MinuteMS))
	case r.To > max(minutes, day.MS()/schemas.MinuteMS):
		a.End = day.Start
	}
	switch {
	case a.End <= a.Start || a.Start < day.Start:
		s.problem(scheduleStart, "",
			"the offsets leave nothing of %s in %s, or reach out of it (startOffsetMinutes %d, endOffsetMinutes %d)",
			r.Date, zone.Name(), r.From, r.To)
	case r.Minutes < 0:
		s.problem(scheduleEnd, "write how long the time off is", "is %d", r.Minutes)
	}
}

// mark makes the row time off on a date; false where that has no length, so that nothing is scheduled on the date.
func (s *scheduleReader) mark(agent string, row *scheduleRow) bool {
	t := s.genesys.Times()
	if t.HasMinutes && t.Minutes == 0 {
		s.warn(scheduleEnd, "is its length missing?", "the time off of %s on %s lasts 0 minutes, so none is counted", agent,
			t.Date)
		s.freeOn(agent, t.Date)
		return false
	}
	row.marker, row.day, row.most = true, t.Date, uint16(min(t.Minutes, math.MaxUint16)) //nolint:gosec // bounded
	return true
}
