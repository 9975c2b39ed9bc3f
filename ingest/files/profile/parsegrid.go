package profile

import (
	"slices"

	"rollcall/schemas"
)

// grid reads how a grid is laid out, and what its cells may hold.
func (r *parser) grid(n *schemas.Node) {
	g := &gridRule{cells: map[string]gridCell{}}
	r.p.grid = g
	if !r.keys(n, key{"activity", r.text(&g.activity)}, key{"inside", r.text(&g.inside)}, key{"week", r.text(&g.week)},
		key{"date", r.text(&g.date)}, key{"cell", r.text(&g.cell)}, key{"pairs", r.items(r.gridPair)},
		key{"cells", r.each(r.gridCell)}, key{"breaks", r.items(func(n *schemas.Node) { r.gridBreak(&g.breaks, nil, n) })}) {
		return
	}
	if !r.p.schedules() && r.p.layout.Kind != "" {
		r.wrong(n, "is only possible for schedules")
	}
	if g.activity == "" {
		r.wrong(n, "needs the activity of time ranges without a name, such as activity: Phones")
	}
	if (g.date == "") != (g.cell == "") {
		r.wrong(n, "needs both date and cell, where a row has one cell, or neither, where its columns are days")
	}
	r.p.Cuts = r.p.Cuts || g.cuts()
}

// cuts says that the cells hold breaks with times of their own.
func (g *gridRule) cuts() bool {
	return g.inside != "" || slices.ContainsFunc(g.pairs, func(p gridPair) bool { return p.activity != "" })
}

// gridPair reads how the columns for start and end are called.
func (r *parser) gridPair(n *schemas.Node) {
	var p gridPair
	if r.keys(n, key{"start", r.text(&p.start)}, key{"end", r.text(&p.end)}, key{"activity", r.text(&p.activity)}) &&
		p.start == p.end && p.start != "" {
		r.wrong(n, "needs different words for start and end, which stand beside the day: {start: From, end: To}")
	}
	r.p.grid.pairs = append(r.p.grid.pairs, p)
}

// gridCell reads what a word means: nothing, times, times with an activity, or all that there is to it.
func (r *parser) gridCell(word string, n *schemas.Node) {
	var c gridCell
	times := func(t *schemas.Node) {
		v, ok := timeRange(r.scalar(t), r.p.literal)
		if c.start, c.end = v.start, v.end; !ok || v.name != "" || v.wrong != nil {
			r.wrong(t, "%q is no time range; write something like 09:00-17:00", t.Text)
		}
	}
	if n.Kind != schemas.NodeMap {
		v, ok := timeRange(r.scalar(n), r.p.literal)
		c = gridCell{activity: v.name, start: v.start, end: v.end, nothing: n.Text == "nothing"}
		if c.activity == "" {
			c.activity = r.p.grid.activity
		}
		if (!ok || v.wrong != nil) && !c.nothing {
			r.wrong(n, `must be nothing, times such as "09:00-17:00", or {activity: …, times: "09:00-17:00"}`)
		}
	} else if r.keys(n, key{"activity", r.text(&c.activity)}, key{"times", times},
		key{"breaks", r.items(func(n *schemas.Node) { r.gridBreak(&c.breaks, &c, n) })}); c.activity == "" {
		r.wrong(n, "needs an activity")
	}
	r.p.grid.cells[folded(word)] = c
}

// gridBreak reads a break: so long after the beginning of a shift or, in the shift of a word, at times of its own.
func (r *parser) gridBreak(into *[]gridBreak, in *gridCell, n *schemas.Node) {
	var b gridBreak
	keys := []key{{"after", parsed(r, &b.after, parseLength)}, {"lasts", parsed(r, &b.lasts, parseLength)},
		{"activity", r.text(&b.activity)}, {"in_shifts_from", parsed(r, &b.shifts, parseLength)}}
	if in != nil && n.Get("times") != nil {
		keys = []key{{"activity", r.text(&b.activity)}, {"times", func(t *schemas.Node) {
			start, end, ok := timesOf(r.scalar(t))
			b.after, b.lasts = (start-in.start+schemas.DayMS)%schemas.DayMS, end-start
			if !ok || b.after+b.lasts > in.end-in.start {
				r.wrong(t, "%q does not lie within the times of the word", t.Text)
			}
		}}}
	}
	if !r.keys(n, keys...) {
		return
	}
	for _, needed := range []string{"after", "lasts"} {
		if n.Get(needed) == nil && n.Get("times") == nil {
			r.wrong(n, "needs %s, such as 2h or 15m", needed)
		}
	}
	if b.activity == "" {
		r.wrong(n, "needs an activity, such as Break")
	}
	*into = append(*into, b)
}
