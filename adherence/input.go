package adherence

import (
	"errors"
	"fmt"
	"math"

	"rollcall/schemas"
)

// ZoneSpan says which zone an agent works in from Start on, until the next span (the roster row in force). The first
// span of an Input also holds for all time before it.
type ZoneSpan struct {
	Start schemas.Instant
	Zone  schemas.Zone
}

// Named holds the first instant at which any fact of the agent named presence, status and routing; 0 is never.
type Named [3]schemas.Instant

// The dates that ask for every day that there is.
const (
	FirstDate schemas.Date = math.MinInt32
	LastDate  schemas.Date = math.MaxInt32
)

// Input is everything that the judge needs to know of one agent for a range of local dates. The judge reads the slices
// and never changes them. Rules.Context says how much context around the dates is needed.
type Input struct {
	// AgentID is copied into the days.
	AgentID string
	// Zones has at least one span, in order of Start.
	Zones []ZoneSpan
	// AsOf is the instant after which no fact exists and nothing is counted (RULES.md section 3).
	AsOf schemas.Instant
	// Rules are the policy in force on the wanted days.
	Rules *Rules
	// Activities of the agent, sorted by start, not overlapping, with context around the wanted days.
	Activities []schemas.Activity
	// Facts of the agent in the order of RULES.md section 3, one per key, with context before the wanted days. Facts
	// after AsOf are allowed and have no effect.
	Facts []schemas.Fact
	// Sources are those that Fact.Source numbers: that of a fact is Sources[Fact.Source]. Without any, nothing is known of
	// the sources.
	Sources []Source
	// Gaps of the feeds that supply the agent, in any order, those taken back left out. Fields 0 means all three.
	Gaps []schemas.Gap
	// Corrections in force, in the order in which they were recorded: where two overlap, the later one decides.
	Corrections []schemas.Correction
	// Declared are the fields that are never absent: a feed declared them or, in a case, a line names them.
	Declared schemas.Fields
	// NamedBefore is about facts before the first of Facts, for fields that are not Declared. A field is absent on a day
	// up to whose end (that of its date and of its shifts) no fact of the agent named it.
	NamedBefore Named
	// From and To are the first and the last local date wanted; FirstDate and LastDate for all there are.
	From, To schemas.Date
}

// Judge judges agents one after the other and owns the memory that this takes. The zero value is ready. It is not safe
// for concurrent use: give every goroutine its own.
type Judge struct {
	in    *Input
	rules *Rules
	win   schemas.Interval
	cal   calendars

	// Section 3: the actual timeline.
	spans         []span
	edges         []gapEdge
	sweep         sweep
	tracks        tracks
	named         Named
	presentAlways code
	presentVaries bool

	// Section 4: the scheduled timeline.
	shiftOf   []int32
	shifts    []schemas.Interval
	shiftDays []schemas.Date
	acts      []scheduled
	plots     []plot
	ended     endedShifts

	// Section 5: verdicts, runs, exceptions.
	corrected   []correctedSpan
	correctedAt []schemas.Instant
	contact     contact
	atoms       []atom
	open        run
	runs        []run

	// Section 6: the days. slots[0] stands for all days that are not wanted, slots[1+i] for the date lo+i.
	slots []slot
	// shiftAbsence is, under day: midnight, what decides whether the agent was absent from each shift.
	shiftAbsence []absence
	lo           schemas.Date
	intervals    dayList[schemas.JudgedInterval]
	exceptions   dayList[schemas.Exception]
	overruled    dayList[schemas.Overruled]
	parts        []schemas.Part
	activities   []schemas.Activity
}

// Days judges the agent and appends its days From..To that exist to out, in order: every day with scheduled time, and
// every day with on-queue time and no schedule (RULES.md section 6, "Days listed"). The nested slices of the days point
// into the Judge and into in.Activities: they hold until the next call; to hold them longer, copy them. Activities
// that overlap or end before they start, facts out of order, empty gaps and corrections are errors that name them.
func (j *Judge) Days(in *Input, out []schemas.AgentDay) ([]schemas.AgentDay, error) {
	j.in = nil
	if err := in.check(); err != nil {
		return out, fmt.Errorf("judge agent %q: %w", in.AgentID, err)
	}
	j.in, j.rules = in, in.Rules
	j.formShifts()
	j.window()
	if j.win.Empty() {
		return out, nil
	}
	j.nameFields()
	j.layTimeline()
	j.layCorrections()
	j.layPlots()
	j.judge()
	j.add()
	return j.list(out), nil
}

// check refuses input that would be judged wrongly.
func (in *Input) check() error {
	switch {
	case in.Rules == nil:
		return errors.New("no rules are given; compile a policy")
	case len(in.Zones) == 0:
		return errors.New("no zone is given; name the zone of the agent")
	}
	if err := schemas.CheckActivities(in.Activities); err != nil {
		return err
	}
	for i := range in.Activities {
		if c := in.Activities[i].Category; c == schemas.CategoryNone || c >= schemas.CategoryUnscheduled {
			return fmt.Errorf("activity %q from %s has category %q, which cannot be scheduled", in.Activities[i].Code,
				in.Activities[i].Start, c)
		}
	}
	for i := 1; i < len(in.Facts); i++ {
		if in.Facts[i].At < in.Facts[i-1].At {
			return fmt.Errorf("fact at %s comes after the one at %s; sort them", in.Facts[i].At, in.Facts[i-1].At)
		}
	}
	if err := in.checkRange(); err != nil {
		return err
	}
	return in.checkStretches()
}

// checkRange refuses instants that no date can be worked out for. Facts and activities are in order, so the first and
// the last speak for all.
func (in *Input) checkRange() error {
	first, last := schemas.MinInstant, in.AsOf
	if n := len(in.Facts); n > 0 {
		first, last = min(first, in.Facts[0].At), max(last, in.Facts[n-1].At)
	}
	if n := len(in.Activities); n > 0 {
		first, last = min(first, in.Activities[0].Start), max(last, in.Activities[n-1].End)
	}
	if first < schemas.MinInstant || last > schemas.MaxInstant {
		return fmt.Errorf("something lies at %s or %s; instants must lie between %s and %s", first, last, schemas.MinInstant,
			schemas.MaxInstant)
	}
	return nil
}

func (in *Input) checkStretches() error {
	for _, g := range in.Gaps {
		if g.End <= g.Start {
			return fmt.Errorf("gap from %s ends at %s, not after its start", g.Start, g.End)
		}
	}
	for _, c := range in.Corrections {
		if c.End <= c.Start {
			return fmt.Errorf("correction from %s ends at %s, not after its start", c.Start, c.End)
		}
		if c.Effect != schemas.EffectNeutral && c.Effect != schemas.EffectIn {
			return fmt.Errorf("correction from %s has no effect; write neutral or in", c.Start)
		}
	}
	for i := 1; i < len(in.Zones); i++ {
		if in.Zones[i].Start <= in.Zones[i-1].Start {
			return fmt.Errorf("zone span from %s does not start after the one before", in.Zones[i].Start)
		}
	}
	return nil
}
