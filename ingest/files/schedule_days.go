package files

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"rollcall/adherence"
	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// plan puts what was read under its days.
func (s *scheduleReader) plan(report *Report) *SchedulePlan {
	p := &SchedulePlan{From: s.opt.From, To: s.opt.To, texts: s.shared, left: s.left, partial: s.opt.AllowPartial}
	if s.opt.From == 0 {
		s.far, s.farFrom = s.dates.apart()
		p.From, p.To = s.freeDates()
	}
	d := dayMaking{known: s.known, report: report, texts: s.shared, longest: s.opt.longest()}
	for _, id := range slices.Sorted(maps.Keys(s.agents)) {
		if s.genesys != nil || s.opt.profile().Cuts {
			s.agents[id].rows, d.rejected = d.insert(id, s.agents[id].rows), map[scheduleRow]bool{}
		}
		d.spoiled = d.spoiled[:0]
		s.rejectFar(s.agents[id])
		free := s.agents[id].free
		rows := d.standTogether(s.agents[id])
		delete(s.agents, id)
		rows = d.date(id, d.rejoin(rows))
		if s.opt.From != 0 {
			spoiled := len(d.spoiled)
			rows = d.inside(rows, s.opt.From, s.opt.To)
			d.spoiled = d.spoiled[:spoiled] // what lies outside spoils nothing inside
		}
		slices.SortStableFunc(rows, func(a, b scheduleRow) int { return cmp.Compare(a.day, b.day) })
		s.outsiders(id, rows)
		for i := range d.spoiled {
			s.spoilLike(id, d.spoiled[i])
		}
		if s.left[id] != nil && s.opt.From == 0 { // the range is that of the file, whatever of it is left out
			p.widen(rows)
		}
		rows = d.leave(id, rows, s.left[id])
		if s.opt.From == 0 {
			p.widen(rows)
		}
		p.Activities += len(rows)
		p.agents = append(p.agents, agentRows{id, slices.Clone(rows), free})
	}
	return p
}

// widen lets the range hold the days of the rows, which are in order.
func (p *SchedulePlan) widen(rows []scheduleRow) {
	n := len(rows)
	if n == 0 {
		return
	}
	if first := rows[0].day; p.From == 0 || first < p.From {
		p.From = first
	}
	p.To = max(p.To, rows[n-1].day)
}

// dayMaking forms shifts and days, one agent after the other.
type dayMaking struct {
	known  *adherence.Known
	report *Report
	texts  *texts
	// longest is how long a shift may be, in milliseconds.
	longest int64
	gapMS   int64 // the longest between two rows of a shift without an id, for the agent
	acts    []schemas.Activity
	of      []int32
	spans   []schemas.Interval
	rows    []scheduleRow
	lasts   []int32 // the last row of each shift
	// zones are those of the agent zonesOf.
	zones   []adherence.ZoneSpan
	zonesOf string
	// rejected are the rows of the agent that were rejected in one of their parts; nil where rows have none.
	rejected map[scheduleRow]bool
	// spoiled are rows of the agent that were rejected beside other rows.
	spoiled []scheduleRow
}

// sameRow says whether two rows differ in nothing but where they stand.
func sameRow(a, b scheduleRow) bool {
	b.line, b.column, b.day = a.line, a.column, a.day
	return a == b
}

// standTogether sorts the rows and leaves out those that repeat or overlap an earlier one.
func (d *dayMaking) standTogether(a *agentRows) []scheduleRow {
	slices.SortStableFunc(a.rows, func(x, y scheduleRow) int {
		return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.end, y.end), cmp.Compare(x.line, y.line))
	})
	out := a.rows[:0]
	for i := range a.rows {
		r := &a.rows[i]
		n := len(out)
		switch {
		case n > 0 && sameRow(out[n-1], *r):
			d.report.repeat()
			d.report.Warn(r.problem("it counts once", "the row says what %s said", r.at(&out[n-1])))
		case n > 0 && r.start < out[n-1].end:
			before := &out[n-1]
			d.reject(r, "end one before the other starts", "%q of %s from %s to %s overlaps %q of %s, which lasts until %s",
				d.texts.list[r.code], a.id, r.start, r.end, d.texts.list[before.code], r.at(before), before.end)
		default:
			out = append(out, *r)
		}
	}
	return out
}

// date finds the local date of each row. Time off in no shift that lasts longer than 24 h is divided at local midnight,
// because it belongs to the dates that it covers and each of them is replaced for itself (RULES.md section 4). Rows of
// a shift that is too long are left out. The result is good until the next call.
func (d *dayMaking) date(agent string, rows []scheduleRow) []scheduleRow {
	d.acts, d.rows = d.acts[:0], d.rows[:0]
	if len(rows) > 0 {
		d.gapMS = d.shiftGap(agent, rows)
	}
	for i := range rows {
		d.acts = append(d.acts, d.texts.unpack(&rows[i]))
	}
	d.of, d.spans = schemas.FormShifts(d.acts, d.gapMS, d.of[:0], d.spans[:0])
	d.gaps(agent, rows, d.of)
	for i := range rows {
		r := rows[i]
		switch n := d.of[i]; {
		case n != schemas.NoShift && d.spans[n].MS() > d.longest && d.spans[n].MS() <= schemas.LongestShiftMS:
			d.rejectLong(agent, &r, d.spans[n], i > 0 && slices.Contains(d.of[:i], n))
		case n != schemas.NoShift && d.spans[n].MS() > schemas.LongestShiftMS:
			d.reject(&r, fmt.Sprintf("a shift has at most %d hours: are ids used twice?", schemas.LongestShiftMS/schemas.HourMS),
				"its shift (%q) lasts from %s to %s", d.texts.list[r.shift], d.spans[n].Start, d.spans[n].End)
		case n != schemas.NoShift:
			r.day = d.localDate(agent, d.spans[n].Start)
			d.rows = append(d.rows, r)
		case r.interval().MS() > longestWork || r.marker:
			d.divide(agent, r)
		default:
			r.day = d.localDate(agent, r.start)
			d.rows = append(d.rows, r)
		}
	}
	return d.rows
}

// divide appends the parts of a long rest, one for each local date.
func (d *dayMaking) divide(agent string, r scheduleRow) {
	for start := r.start; start < r.end; {
		part := r
		part.start, part.day = start, d.localDate(agent, start)
		part.end = min(r.end, max(d.zoneAt(agent, start).DayStart(part.day+1), start+1))
		d.rows = append(d.rows, part)
		start = part.end
	}
}

func (r *scheduleRow) problem(remedy, format string, args ...any) rows.Problem {
	return rows.Problem{Line: int(r.line), Column: int(r.column), Field: "start", Message: fmt.Sprintf(format, args...),
		Remedy: remedy}
}

// localDate returns the agent's date at the instant, as the judge does: in the zone of the last roster row that has
// begun, by its own midnight. So on the day of a move between zones the first hours there belong to the new zone's
// date.
func (d *dayMaking) localDate(agent string, at schemas.Instant) schemas.Date {
	return d.zoneAt(agent, at).Date(at)
}

// zoneAt returns the zone of the agent's dates at the instant.
func (d *dayMaking) zoneAt(agent string, at schemas.Instant) schemas.Zone {
	if d.zonesOf != agent || len(d.zones) == 0 {
		d.zonesOf, d.zones = agent, d.known.Zones(agent, d.zones[:0])
	}
	i := len(d.zones) - 1
	for i > 0 && d.zones[i].Start > at {
		i--
	}
	return d.zones[i].Zone
}

// shiftGap returns the shift_gap of the agent's policy on the date on which the first of the rows starts.
func (d *dayMaking) shiftGap(agent string, rows []scheduleRow) int64 {
	id, day := "", d.localDate(agent, rows[0].start)
	if p := d.known.Policy(d.known.Member(agent, day), day); p != nil {
		id = p.ID
	}
	return d.known.Rules(id).ShiftGapMS
}

// inside leaves out the rows of shifts that start outside the range. Of a divided rest the parts inside stay.
func (d *dayMaking) inside(rows []scheduleRow, from, to schemas.Date) []scheduleRow {
	out := rows[:0]
	for begin := 0; begin < len(rows); {
		end, in := begin, len(out)
		first := rows[begin]
		for ; end < len(rows) && rows[end].line == first.line && rows[end].column == first.column; end++ {
			if day := rows[end].day; from <= day && day <= to {
				out = append(out, rows[end])
			}
		}
		switch in = len(out) - in; {
		case in == 0:
			d.reject(&first, "leave it out or widen --from and --to", "its shift starts on %s, outside of %s to %s", first.day,
				from, to)
		case in < end-begin && !first.marker:
			d.report.Warn(first.problem("only the dates inside are replaced", "reaches out of %s to %s", from, to))
		}
		begin = end
	}
	return out
}
