package imports

import (
	"math"
	"strconv"

	"rollcall/schemas"
)

// HeadMS is an amount of required work: milliseconds of one head. JSON shows head-hours, rounded to two decimals half
// away from zero.
type HeadMS int64

// Hours returns head-hours, rounded to two decimals half away from zero.
func (h HeadMS) Hours() float64 { return math.Round(float64(h)/float64(schemas.HourMS/100)) / 100 }

// MarshalJSON writes head-hours.
func (h HeadMS) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, h.Hours(), 'f', -1, 64), nil
}

// RequirementTally counts intervals and adds up head-hours.
type RequirementTally struct {
	Tally
	// Before and After are what is required in the range.
	Before HeadMS `json:"head_hours_before"`
	After  HeadMS `json:"head_hours_after"`
}

// TeamChange is what happens to one team's requirements.
type TeamChange struct {
	Team      string          `json:"team"`
	From      schemas.Instant `json:"from"`
	To        schemas.Instant `json:"to"`
	IntervalS int64           `json:"interval_s"`
	RequirementTally
}

// RequiredHeads is what one interval requires.
type RequiredHeads struct {
	IntervalS int64           `json:"interval_s"`
	Required  schemas.Decimal `json:"required"`
	Shrinkage schemas.Decimal `json:"shrinkage"`
}

// IntervalChange is what happens to one interval.
type IntervalChange struct {
	Team   string          `json:"team"`
	Start  schemas.Instant `json:"start"`
	Change ChangeKind      `json:"change"`
	Before *RequiredHeads  `json:"before"`
	After  *RequiredHeads  `json:"after"`
}

// RequirementChange is what an import, or the undo of one, does to what is required.
type RequirementChange struct {
	Totals RequirementTally `json:"totals"`
	Teams  []TeamChange     `json:"teams"`
	// Intervals are the first of those that change, at most MaxProblems, in a diff 10,000; Totals counts all.
	Intervals []IntervalChange `json:"intervals"`
}

// requirementDiff compares what is held with what is to be held.
type requirementDiff struct {
	RequirementChange
	// write are the rows that make the difference; most bounds Intervals.
	write []schemas.Requirement
	most  int
}

func newRequirementDiff(most int) *requirementDiff {
	return &requirementDiff{RequirementChange: RequirementChange{Teams: []TeamChange{}, Intervals: []IntervalChange{}},
		most: most}
}

// team compares one team's held and wanted rows, both by start.
func (d *requirementDiff) team(t TeamChange, held, wanted []schemas.Requirement) {
	for len(held) > 0 || len(wanted) > 0 {
		var before, after *schemas.Requirement
		if len(held) > 0 && (len(wanted) == 0 || held[0].Start <= wanted[0].Start) {
			before = &held[0]
			t.Before += HeadMS(before.HeadMS())
		}
		if len(wanted) > 0 && (len(held) == 0 || wanted[0].Start <= held[0].Start) {
			after = &wanted[0]
			t.After += HeadMS(after.HeadMS())
			wanted = wanted[1:]
		}
		if before != nil {
			held = held[1:]
		}
		d.interval(&t, before, after)
	}
	d.Totals.add(&t.Tally)
	d.Totals.Before, d.Totals.After = d.Totals.Before+t.Before, d.Totals.After+t.After
	d.Teams = append(d.Teams, t)
}

// interval counts one interval, of which one side may be nil, and notes the row to write where the two differ.
func (d *requirementDiff) interval(t *TeamChange, before, after *schemas.Requirement) {
	row, change := schemas.Requirement{}, Changed
	switch {
	case before == nil:
		row, change = *after, Added
	case after == nil:
		row, change = *before, Removed
		row.Removed = true
	case *headsOf(before) == *headsOf(after):
		t.Unchanged++
		return
	default:
		row = *after
	}
	t.count(change)
	d.write = append(d.write, row)
	if len(d.Intervals) < d.most {
		d.Intervals = append(d.Intervals, IntervalChange{row.Team, row.Start, change, headsOf(before), headsOf(after)})
	}
}

func headsOf(r *schemas.Requirement) *RequiredHeads {
	if r == nil {
		return nil
	}
	return &RequiredHeads{r.LengthMS / schemas.SecondMS, r.Required, r.Shrinkage}
}
