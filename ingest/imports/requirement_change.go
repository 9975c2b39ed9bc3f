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
func (h HeadMS) Hours() float64 {
	const unit = schemas.HourMS / 100
	n := math.Floor(math.Abs(float64(h))/float64(unit) + 0.5)
	return math.Copysign(n/100, float64(h))
}

// MarshalJSON writes head-hours.
func (h HeadMS) MarshalJSON() ([]byte, error) {
	return []byte(strconv.FormatFloat(h.Hours()+0, 'f', -1, 64)), nil
}

// RequirementTally counts intervals and adds up head-hours.
type RequirementTally struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Removed   int `json:"removed"`
	Unchanged int `json:"unchanged"`
	// Before and After are what is required in the range.
	Before HeadMS `json:"head_hours_before"`
	After  HeadMS `json:"head_hours_after"`
}

func (t *RequirementTally) add(o *RequirementTally) {
	t.Added, t.Changed, t.Removed, t.Unchanged = t.Added+o.Added, t.Changed+o.Changed, t.Removed+o.Removed, t.Unchanged+
		o.Unchanged
	t.Before, t.After = t.Before+o.Before, t.After+o.After
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

// ChangeKind is what happens to one thing.
type ChangeKind string

// The changes of an import.
const (
	Added   ChangeKind = "added"
	Changed ChangeKind = "changed"
	Removed ChangeKind = "removed"
)

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

// team compares one team's held and wanted rows, both by start.
func (d *requirementDiff) team(t TeamChange, held, wanted []schemas.Requirement) {
	for len(held) > 0 || len(wanted) > 0 {
		switch {
		case len(wanted) == 0 || len(held) > 0 && held[0].Start < wanted[0].Start:
			gone := held[0]
			gone.Removed = true
			t.Removed++
			t.Before += HeadMS(held[0].HeadMS())
			d.differ(Removed, &gone, &held[0], nil)
			held = held[1:]
		case len(held) == 0 || wanted[0].Start < held[0].Start:
			t.Added++
			t.After += HeadMS(wanted[0].HeadMS())
			d.differ(Added, &wanted[0], nil, &wanted[0])
			wanted = wanted[1:]
		default:
			h, w := &held[0], &wanted[0]
			t.Before, t.After = t.Before+HeadMS(h.HeadMS()), t.After+HeadMS(w.HeadMS())
			if h.LengthMS == w.LengthMS && h.Required == w.Required && h.Shrinkage == w.Shrinkage {
				t.Unchanged++
			} else {
				t.Changed++
				d.differ(Changed, w, h, w)
			}
			held, wanted = held[1:], wanted[1:]
		}
	}
	d.Totals.add(&t.RequirementTally)
	d.Teams = append(d.Teams, t)
}

// differ notes a row to write and shows the change.
func (d *requirementDiff) differ(c ChangeKind, row, before, after *schemas.Requirement) {
	d.write = append(d.write, *row)
	if len(d.Intervals) < d.most {
		d.Intervals = append(d.Intervals,
			IntervalChange{Team: row.Team, Start: row.Start, Change: c, Before: headsOf(before), After: headsOf(after)})
	}
}

func headsOf(r *schemas.Requirement) *RequiredHeads {
	if r == nil {
		return nil
	}
	return &RequiredHeads{r.LengthMS / schemas.SecondMS, r.Required, r.Shrinkage}
}

func newRequirementDiff(most int) *requirementDiff {
	return &requirementDiff{RequirementChange: RequirementChange{Teams: []TeamChange{}, Intervals: []IntervalChange{}},
		most: most}
}
