package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rollcall/schemas"
)

// staffingCount adds judged days and requirements into the intervals of a report.
type staffingCount struct {
	query  *StaffingQuery
	made   *Staffing
	grid   []schemas.Interval
	groups map[StaffingPart]*StaffingGroup
	rules  rulebook
	gaps   map[string]int64
	// shrinks says of activity codes whether they count towards shrinkage; a code that is not there does unless it is
	// on-queue work.
	shrinks map[string]bool
	// counted is, by agent, up to where their activities have been counted: a shift that is cut at midnight is listed,
	// whole, on both days.
	counted map[string]schemas.Instant
	shiftOf []int32
	spans   []schemas.Interval
}

func newStaffingCount(q *StaffingQuery, zone schemas.Zone, madeAt schemas.Instant,
	grid []schemas.Interval) *staffingCount {
	return &staffingCount{
		query:   q,
		made:    &Staffing{Query: *q, Zone: zone, MadeAt: madeAt},
		grid:    grid,
		groups:  map[StaffingPart]*StaffingGroup{},
		counted: map[string]schemas.Instant{},
		gaps:    map[string]int64{},
	}
}

// prepare reads what it takes to count a day.
func (c *staffingCount) prepare(ctx context.Context, r StaffingReader) error {
	var err error
	if c.rules, err = loadRules(ctx, r, c.query.KnownAt); err != nil {
		return err
	}
	if c.made.JudgedAt, err = r.JudgedAt(ctx, c.query.Query); err != nil {
		return fmt.Errorf("read when days were judged: %w", err)
	}
	codes, err := r.ActivityCodes(ctx, c.query.KnownAt)
	if err != nil {
		return fmt.Errorf("read activity codes: %w", err)
	}
	c.shrinks = map[string]bool{}
	for _, code := range codes {
		c.shrinks[code.Code] = code.CountsAsShrinkage
	}
	return nil
}

// read reads everything that the report rests on.
func (c *staffingCount) read(ctx context.Context, r StaffingReader) error {
	if err := c.prepare(ctx, r); err != nil {
		return err
	}
	// Shifts begin on the day before, and an agent's day may begin a day earlier or later than that of the report's zone.
	q := c.query.Query
	q.From, q.To, q.Intervals = q.From-2, q.To+1, true
	if err := r.Days(ctx, q, c.day); err != nil {
		return fmt.Errorf("read days: %w", err)
	}
	if !c.query.Requires() {
		return nil
	}
	if err := r.Requirements(ctx, c.query.Teams, c.whole(), c.query.KnownAt, c.require); err != nil {
		return fmt.Errorf("read requirements: %w", err)
	}
	return nil
}

// whole returns the time that the intervals cover.
func (c *staffingCount) whole() schemas.Interval {
	return schemas.Interval{Start: c.grid[0].Start, End: c.grid[len(c.grid)-1].End}
}

// group finds or makes the group of a part.
func (c *staffingCount) group(part StaffingPart) (*StaffingGroup, error) {
	if g, ok := c.groups[part]; ok {
		return g, nil
	}
	if (len(c.groups)+1)*len(c.grid) > mostStaffingIntervals {
		return nil, fmt.Errorf("more than %d intervals; choose fewer days or teams, or longer intervals",
			mostStaffingIntervals)
	}
	g := &StaffingGroup{StaffingPart: part, Intervals: make([]StaffingInterval, len(c.grid))}
	for i := range g.Intervals {
		g.Intervals[i].Interval = c.grid[i]
	}
	c.groups[part] = g
	return g, nil
}

// day adds one judged day.
func (c *staffingCount) day(d *schemas.DayRow) error {
	if !c.touches(d) {
		return nil
	}
	g, err := c.group(c.query.By.part(d.Team, d.Site))
	if err != nil {
		return err
	}
	c.made.Days++
	c.formShifts(d)
	c.plan(g, d)
	for i := range d.Intervals {
		c.done(g, d, &d.Intervals[i])
	}
	for _, e := range d.Exceptions {
		for _, p := range e.Parts {
			switch span := (schemas.Interval{Start: p.Start, End: p.End}); e.Kind {
			case schemas.KindLateStart:
				c.each(g, span, func(v *StaffingInterval, ms int64) { v.LateMS += ms })
			case schemas.KindAbsent:
				c.each(g, span, func(v *StaffingInterval, ms int64) { v.AbsentMS += ms })
			default:
			}
		}
	}
	return nil
}

// touches says whether anything of the day lies in the report's range.
func (c *staffingCount) touches(d *schemas.DayRow) bool {
	whole := c.whole()
	in := func(start, end schemas.Instant) bool { return start < whole.End && end > whole.Start }
	return slices.ContainsFunc(d.Activities, func(a schemas.Activity) bool { return in(a.Start, a.End) }) ||
		slices.ContainsFunc(d.Intervals, func(v schemas.JudgedInterval) bool { return in(v.Start, v.End) })
}

// formShifts finds which of the day's activities belong to a shift, by the shift_gap of its rules.
func (c *staffingCount) formShifts(d *schemas.DayRow) {
	gap, ok := c.gaps[d.Policy]
	if !ok {
		gap = schemas.DefaultPolicy().ShiftGapMS
		if policy, err := schemas.ParsePolicy(c.rules.find(d.Policy).Text); err == nil {
			gap = policy.ShiftGapMS
		}
		c.gaps[d.Policy] = gap
	}
	c.shiftOf, c.spans = schemas.FormShifts(d.Activities, gap, c.shiftOf[:0], c.spans[:0])
}

// plan adds what was scheduled, each activity once.
func (c *staffingCount) plan(g *StaffingGroup, d *schemas.DayRow) {
	upTo := c.counted[d.AgentID]
	for i := range d.Activities {
		a := &d.Activities[i]
		if a.Start < upTo {
			continue
		}
		c.counted[d.AgentID] = a.End
		shrinks, known := c.shrinks[a.Code]
		if !known {
			shrinks = a.Category != schemas.CategoryOnQueueWork
		}
		c.each(g, a.Interval(), func(v *StaffingInterval, ms int64) {
			v.PlannedMS += ms
			if a.Category == schemas.CategoryOnQueueWork {
				v.ScheduledMS += ms
			}
			if shrinks {
				v.PlannedShrinkMS += ms
			}
		})
	}
}

// done adds what was done in one judged interval.
func (c *staffingCount) done(g *StaffingGroup, d *schemas.DayRow, j *schemas.JudgedInterval) {
	scheduled := j.Activity >= 0
	timeOff := scheduled && d.Activities[j.Activity].Category == schemas.CategoryTimeOff
	off := !j.OnQueue && knownOff(j.State)
	inShift := scheduled && c.shiftOf[j.Activity] != schemas.NoShift
	lost := timeOff || inShift && off
	contact := j.OnQueue && (j.State.Routing == schemas.RoutingInteracting ||
		j.State.Routing == schemas.RoutingCommunicating)
	adhered, counted := false, false
	if d.AdherenceReason == schemas.ReasonNone {
		adhered = j.Verdict == schemas.VerdictIn || j.Verdict == schemas.VerdictTolerated
		counted = adhered || j.Verdict == schemas.VerdictOut || j.Verdict == schemas.VerdictOutside
	}
	c.each(g, schemas.Interval{Start: j.Start, End: j.End}, func(v *StaffingInterval, ms int64) {
		add := func(counts bool, to *int64) {
			if counts {
				*to += ms
			}
		}
		add(j.OnQueue, &v.ActualMS)
		add(contact, &v.ContactMS)
		add(lost || inShift && j.OnQueue, &v.PastMS)
		add(lost, &v.LostMS)
		add(scheduled && !timeOff && !off && !j.OnQueue, &v.UnknownMS)
		add(adhered, &v.AdheredMS)
		add(counted, &v.CountedMS)
	})
}

// knownOff says that a state which is not on queue is known not to be: one field decides it, or none is unknown and not
// all are absent.
func knownOff(s schemas.State) bool {
	switch {
	case s.Presence == schemas.PresenceOffline, s.Status > schemas.StatusAvailable,
		s.Routing == schemas.RoutingOffQueue, s.Routing == schemas.RoutingNotResponding:
		return true
	case s.Presence == schemas.PresenceNone && s.Status == schemas.StatusNone && s.Routing == schemas.RoutingNone:
		return false
	}
	return s.Presence != schemas.PresenceUnknown && s.Status != schemas.StatusUnknown &&
		s.Routing != schemas.RoutingUnknown
}

// require adds one requirement.
func (c *staffingCount) require(r *schemas.Requirement) error {
	g, err := c.group(c.query.By.part(r.Team, ""))
	if err != nil {
		return err
	}
	c.each(g, r.Interval(), func(v *StaffingInterval, ms int64) {
		v.HasRequired = true
		v.RequiredMS += int64(r.Required) * ms / int64(schemas.DecimalOne)
		v.NeededMS += r.Needed() * ms
	})
	return nil
}

// each says, for every interval of the group that the span lies in, how much of it does.
func (c *staffingCount) each(g *StaffingGroup, span schemas.Interval, add func(v *StaffingInterval, ms int64)) {
	i, _ := slices.BinarySearchFunc(c.grid, span.Start,
		func(v schemas.Interval, at schemas.Instant) int { return cmp.Compare(v.End, at+1) })
	for ; i < len(c.grid) && c.grid[i].Start < span.End; i++ {
		if ms := min(span.End, c.grid[i].End).Sub(max(span.Start, c.grid[i].Start)); ms > 0 {
			add(&g.Intervals[i], ms)
		}
	}
}

// finish adds the intervals up.
func (c *staffingCount) finish() {
	for _, g := range c.groups {
		c.made.Groups = append(c.made.Groups, *g)
	}
	slices.SortFunc(c.made.Groups,
		func(a, b StaffingGroup) int { return cmp.Or(cmp.Compare(a.Team, b.Team), cmp.Compare(a.Site, b.Site)) })
	c.made.Each(func(g *StaffingGroup, v *StaffingInterval) {
		g.Sum.add(v, c.made.Over(v))
		c.made.Total.add(v, c.made.Over(v))
	})
}
