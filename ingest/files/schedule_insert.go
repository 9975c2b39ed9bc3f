package files

import (
	"cmp"
	"slices"

	"rollcall/schemas"
)

// openRow is a row of a shift that is not over yet: what is left of it begins at rest.
type openRow struct {
	scheduleRow
	rest schemas.Instant
}

// insertion cuts the rows of one agent so that they tile their shifts (an inserted break cuts the work block it
// lies in), and markers so that they give way to shifts.
type insertion struct {
	report *Report
	open   []openRow
	out    []scheduleRow
}

// insert returns the rows with what lies inside another row of the same shift cut out of it. Rows that overlap
// otherwise stay as they are, for the check of overlaps.
func (d *dayMaking) insert(agent string, rows []scheduleRow) []scheduleRow {
	slices.SortStableFunc(rows, func(a, b scheduleRow) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	n := insertion{report: d.report, out: make([]scheduleRow, 0, len(rows))}
	markers := false
	for _, r := range rows {
		if markers = markers || r.marker; !r.marker {
			n.add(r)
		}
	}
	n.close(schemas.MaxInstant)
	if markers {
		d.markers(agent, &n, rows)
	}
	return n.out
}

func (n *insertion) add(r scheduleRow) {
	n.close(r.start)
	if len(n.open) == 0 {
		n.open = append(n.open, openRow{r, r.start})
		return
	}
	switch top := &n.open[len(n.open)-1]; {
	case sameRow(top.scheduleRow, r):
		n.report.repeat()
	case r.shift == top.shift && r.end <= top.end && (r.start > top.start || r.end < top.end):
		n.put(top.scheduleRow, top.rest, r.start)
		top.rest = r.end
		n.open = append(n.open, openRow{r, r.start})
	default:
		n.out = append(n.out, r)
	}
}

// close ends the open rows that end by then.
func (n *insertion) close(by schemas.Instant) {
	for len(n.open) > 0 {
		top := n.open[len(n.open)-1]
		if top.end > by {
			return
		}
		n.put(top.scheduleRow, top.rest, top.end)
		n.open = n.open[:len(n.open)-1]
	}
}

// put adds the part of a row from start to end.
func (n *insertion) put(r scheduleRow, start, end schemas.Instant) {
	if start < end {
		r.start, r.end = start, end
		n.out = append(n.out, r)
	}
}

// markers places the agent's markers. Each gives way to shifts and to the markers before it.
func (d *dayMaking) markers(agent string, n *insertion, rows []scheduleRow) {
	taken := n.shifts()
	var before scheduleRow
	for _, r := range rows {
		if !r.marker {
			continue
		}
		if sameRow(before, r) && before.day == r.day {
			n.report.repeat()
			continue
		}
		before = r
		free := without(r.interval(), taken)
		wants := r.interval().MS()
		if r.most > 0 {
			wants = min(wants, int64(r.most)*schemas.MinuteMS)
		}
		if own := clipped(free, d.zoneAt(agent, r.start).Day(r.day)); total(own) >= wants {
			free = own // so that it lies on one date of the agent's
		}
		left := wants
		for _, v := range around(free, wants, r.interval()) {
			v.End = min(v.End, v.Start.Add(left))
			left -= v.MS()
			n.put(r, v.Start, v.End)
			taken = append(taken, v)
		}
		taken = schemas.Union(taken)
		if left > 0 && (r.most > 0 || left == wants) {
			n.report.Warn(r.problem("the schedule goes before time off on a date",
				"%q of %s on %s counts %d minutes and not %d, because shifts or other time off take the rest of the date",
				d.texts.list[r.code], agent, r.day, (wants-left)/schemas.MinuteMS, wants/schemas.MinuteMS))
		}
	}
}

// around returns where time off of that length is placed in what is free: in the middle of the bounds, or as near to it
// as one stretch holds all of it, so that it lies in the day and not in the night; else wherever there is room.
func around(free []schemas.Interval, ms int64, bounds schemas.Interval) []schemas.Interval {
	middle := bounds.Start.Add((bounds.MS() - ms) / 2)
	var best schemas.Interval
	nearest := int64(-1)
	for _, v := range free {
		at := max(v.Start, min(middle, v.End.Add(-ms)))
		if away := max(at.Sub(middle), middle.Sub(at)); v.MS() >= ms && (nearest < 0 || away < nearest) {
			best, nearest = schemas.Interval{Start: at, End: at.Add(ms)}, away
		}
	}
	if nearest < 0 {
		return free
	}
	return []schemas.Interval{best}
}

// without returns what is left of the interval beside those that are taken, which are in order.
func without(v schemas.Interval, taken []schemas.Interval) (free []schemas.Interval) {
	for _, t := range taken {
		if gap := v.Clip(schemas.Interval{Start: v.Start, End: t.Start}); !gap.Empty() {
			free = append(free, gap)
		}
		v.Start = max(v.Start, t.End)
	}
	if !v.Empty() {
		free = append(free, v)
	}
	return free
}

// clipped returns the parts of the stretches that lie inside.
func clipped(list []schemas.Interval, inside schemas.Interval) (out []schemas.Interval) {
	for _, v := range list {
		if v = v.Clip(inside); !v.Empty() {
			out = append(out, v)
		}
	}
	return out
}

// total adds the lengths up, in milliseconds.
func total(list []schemas.Interval) (ms int64) {
	for _, v := range list {
		ms += v.MS()
	}
	return ms
}

// shifts are the spans of the agent's shifts, in order.
func (n *insertion) shifts() []schemas.Interval {
	spans := map[uint32]schemas.Interval{}
	for i := range n.out {
		spans[n.out[i].shift] = spans[n.out[i].shift].Hull(n.out[i].interval())
	}
	all := make([]schemas.Interval, 0, len(spans))
	for _, v := range spans {
		all = append(all, v)
	}
	return schemas.Union(all)
}
