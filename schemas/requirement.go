package schemas

import "fmt"

// Requirement is how many heads of a team must be on queue in one interval (RULES.md section 8).
type Requirement struct {
	Team  string  `json:"team"`
	Start Instant `json:"start" ch:"start_at"`
	// LengthMS is the length of the interval: 15, 30 or 60 minutes.
	LengthMS int64 `json:"length_ms"`
	// Required are the heads on queue, before shrinkage.
	Required Decimal `json:"required"`
	// Shrinkage is the share of scheduled time that is lost to other things, from 0 to less than 1; 0 when nobody said
	// one.
	Shrinkage  Decimal `json:"shrinkage"`
	RecordedAt Instant `json:"recorded_at"`
	// Revision is the id of the import that wrote the row.
	Revision string `json:"revision"`
	// Removed marks a tombstone: since its revision nothing is required at this start.
	Removed bool `json:"removed,omitempty"`
}

// RequirementLengths are the lengths that an interval may have, in milliseconds.
var RequirementLengths = [...]int64{15 * MinuteMS, 30 * MinuteMS, 60 * MinuteMS}

// Interval returns the time that the requirement is for.
func (r *Requirement) Interval() Interval { return Interval{r.Start, r.Start.Add(r.LengthMS)} }

// HeadMS returns the required time on queue in the interval, in milliseconds of one head, rounded down.
func (r *Requirement) HeadMS() int64 { return int64(r.Required) * r.LengthMS / int64(DecimalOne) }

// Needed returns the heads that must be scheduled so that the required ones are left under the shrinkage: required / (1
// - shrinkage), rounded up (RULES.md section 8).
func (r *Requirement) Needed() int64 {
	left := DecimalOne - r.Shrinkage
	return int64((r.Required + left - 1) / left)
}

// Check reports what is wrong with the requirement: a team that is no id, a length that is none of RequirementLengths,
// heads below 0, a shrinkage outside [0, 1). Nil when nothing is.
func (r *Requirement) Check() *FieldError {
	switch e := CheckID("team", r.Team); {
	case e != nil:
		return e
	case r.LengthMS != RequirementLengths[0] && r.LengthMS != RequirementLengths[1] && r.LengthMS != RequirementLengths[2]:
		return &FieldError{"start",
			fmt.Sprintf("intervals of %d minutes are not possible; they last 15, 30 or 60", r.LengthMS/MinuteMS)}
	case r.Required < 0 || r.Required > maxDecimal:
		return &FieldError{"required", fmt.Sprintf("%s heads are not possible; write 0 to one million", r.Required)}
	case r.Shrinkage < 0 || r.Shrinkage >= DecimalOne:
		return &FieldError{"shrinkage",
			fmt.Sprintf("%s is not a share; write 0 or more and less than 1, such as 0.3", r.Shrinkage)}
	}
	return nil
}
