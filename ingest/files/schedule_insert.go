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
func (d *dayMaking) insert(rows []scheduleRow) []scheduleRow {
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
		n.markers(rows)
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

// markers adds of each marker what no shift covers.
func (n *insertion) markers(rows []scheduleRow) {
	shifts := n.shifts()
	var before scheduleRow
	for _, r := range rows {
		if !r.marker {
			continue
		}
		if sameRow(before, r) {
			n.report.repeat()
			continue
		}
		before = r
		at := r.start
		for _, v := range shifts {
			if v.End <= at || v.Start >= r.end {
				continue
			}
			n.put(r, at, v.Start)
			at = v.End
		}
		n.put(r, at, r.end)
	}
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
