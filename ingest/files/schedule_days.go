package files

import (
	"cmp"
	"fmt"
	"slices"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// plan puts what was read under its days.
func (s *scheduleReader) plan(report *Report) *SchedulePlan {
	p := &SchedulePlan{From: s.opt.From, To: s.opt.To, texts: s.shared, left: s.left, partial: s.opt.AllowPartial}
	ids := make([]string, 0, len(s.agents))
	for id := range s.agents {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if s.opt.From == 0 {
		p.From, p.To = s.freeFrom, s.freeTo
	}
	d := dayMaking{zones: s.zones, report: report, texts: s.shared}
	for _, id := range ids {
		if s.genesys != nil {
			s.agents[id].rows, d.rejected = d.insert(s.agents[id].rows), map[scheduleRow]bool{}
		}
		d.spoiled = d.spoiled[:0]
		rows := d.standTogether(s.agents[id])
		delete(s.agents, id)
		rows = d.date(id, d.rejoin(rows))
		if s.opt.From != 0 {
			spoiled := len(d.spoiled)
			rows = d.inside(rows, s.opt.From, s.opt.To)
			d.spoiled = d.spoiled[:spoiled] // what lies outside spoils nothing inside
		}
		slices.SortStableFunc(rows, func(a, b scheduleRow) int { return cmp.Compare(a.day, b.day) })
		for i := range d.spoiled {
			s.spoilLike(id, d.spoiled[i])
		}
		if s.left[id] != nil && s.opt.From == 0 { // the range is that of the file, whatever of it is left out
			p.widen(rows)
		}
		rows = d.leave(id, rows, s.left[id])
		p.add(agentPlan{id, slices.Clone(rows)}, s.opt.From == 0)
	}
	return p
}

// add takes an agent's rows; widen lets the range follow them.
func (p *SchedulePlan) add(a agentPlan, widen bool) {
	p.Activities += len(a.rows)
	if widen {
		p.widen(a.rows)
	}
	p.agents = append(p.agents, a)
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
	zones  *zones
	report *Report
	texts  *texts
	acts   []schemas.Activity
	of     []int32
	spans  []schemas.Interval
	rows   []scheduleRow
	lasts  []int32 // the last row of each shift
	// zoneSpans are the zones of the agent spansOf.
	zoneSpans []zoneSpan
	spansOf   string
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
	kept := a.rows[:0]
	for i := range a.rows {
		r := &a.rows[i]
		n := len(kept)
		switch {
		case n > 0 && sameRow(kept[n-1], *r):
			d.repeats(r, &kept[n-1])
		case n > 0 && r.start < kept[n-1].end:
			d.overlaps(a.id, r, &kept[n-1])
		default:
			kept = append(kept, *r)
		}
	}
	return kept
}

// date finds the local date of each row. Time off in no shift that lasts longer than 24 h is divided at local midnight,
// because it belongs to the dates that it covers and each of them is replaced for itself (RULES.md section 4). Rows of
// a shift that is too long are left out. The result is good until the next call.
func (d *dayMaking) date(agent string, rows []scheduleRow) []scheduleRow {
	d.acts, d.rows = d.acts[:0], d.rows[:0]
	for i := range rows {
		d.acts = append(d.acts, d.texts.unpack(&rows[i]))
	}
	d.of, d.spans = schemas.FormShifts(d.acts, schemas.DefaultShiftGapMS, d.of[:0], d.spans[:0])
	d.gaps(agent, rows, d.of)
	for i := range rows {
		r := rows[i]
		switch n := d.of[i]; {
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

// zoneSpan is from when on an agent's dates are those of a zone.
type zoneSpan struct {
	start schemas.Instant
	zone  schemas.Zone
}

// zoneAt returns the zone of the agent's dates at the instant. A zone that the store holds but is not known cannot be:
// rosters are checked; such an agent's dates are UTC.
func (d *dayMaking) zoneAt(agent string, at schemas.Instant) schemas.Zone {
	if d.spansOf != agent || len(d.zoneSpans) == 0 {
		d.spansOf, d.zoneSpans = agent, d.zones.spans(agent, d.zoneSpans[:0])
	}
	i := len(d.zoneSpans) - 1
	for i > 0 && d.zoneSpans[i].start > at {
		i--
	}
	return d.zoneSpans[i].zone
}

// spans returns the zones of the agent's roster rows, in order, appended to out.
func (z *zones) spans(agent string, out []zoneSpan) []zoneSpan {
	for i := range z.members[agent] {
		day := z.members[agent][i].From
		zone, err := z.ofAgent(agent, day)
		if err != nil {
			zone = schemas.UTC
		}
		start := zone.DayStart(day)
		if n := len(out); n > 0 && (out[n-1].zone == zone || out[n-1].start >= start) {
			continue
		}
		out = append(out, zoneSpan{start, zone})
	}
	if len(out) == 0 {
		zone, err := z.ofAgent(agent, 0)
		if err != nil {
			zone = schemas.UTC
		}
		out = append(out, zoneSpan{0, zone})
	}
	return out
}

// inside leaves out the rows of shifts that start outside the range. Of a divided rest the parts inside stay.
func (d *dayMaking) inside(rows []scheduleRow, from, to schemas.Date) []scheduleRow {
	kept := rows[:0]
	for begin := 0; begin < len(rows); {
		end, in := begin, len(kept)
		first := rows[begin]
		for ; end < len(rows) && rows[end].line == first.line && rows[end].column == first.column; end++ {
			if day := rows[end].day; from <= day && day <= to {
				kept = append(kept, rows[end])
			}
		}
		switch in = len(kept) - in; {
		case in == 0:
			d.reject(&first, "leave it out or widen --from and --to", "its shift starts on %s, outside of %s to %s", first.day,
				from, to)
		case in < end-begin && !first.marker:
			d.report.Warn(first.problem("only the dates inside are replaced", "reaches out of %s to %s", from, to))
		}
		begin = end
	}
	return kept
}
