package files

import (
	"fmt"

	"rollcall/ingest/files/rows"
	"rollcall/schemas"
)

// Missing says what intervals need that a file of requirements leaves out between its first and its last one.
type Missing string

// What can be said of them. Empty refuses a gap of up to an hour, which is likely a mistake, and lets nothing be
// required in a longer one, such as a night.
const (
	MissingZero  Missing = "zero"  // no heads
	MissingSame  Missing = "same"  // as many as the interval before them
	MissingError Missing = "error" // the file is refused, however long they are
)

// mostMissing is the longest time that is filled between two rows: what is longer is rather a mistyped date.
const mostMissing = 31 * schemas.DayMS

// ParseMissing reads zero, same or error.
func ParseMissing(text string) (Missing, error) {
	switch m := Missing(text); m {
	case MissingZero, MissingSame, MissingError:
		return m, nil
	}
	return "", fmt.Errorf("%q is none of zero, same, error", text)
}

// gap is the time between two rows of a team for which the file has none.
func (t *TeamRequirements) gap(before, after *requirementRow) schemas.Interval {
	return schemas.Interval{Start: before.Start.Add(t.LengthMS), End: after.Start}
}

// refuses reports the gap before a row if it may not be there.
func (m Missing) refuses(t *TeamRequirements, before, after *requirementRow, report *Report) bool {
	apart := after.Start.Sub(before.Start)
	remedy := "write the rows between them, or say with --missing what is needed: zero heads, or the same as before"
	switch gap := t.gap(before, after); {
	case gap.Empty():
		return false
	case m == MissingError:
	case m != "" && apart <= mostMissing, m == "" && apart > schemas.HourMS:
		return false
	case m != "":
		remedy = "see whether the date is right; a gap of more than 31 days is not filled"
	}
	report.reject(after.problem(remedy, "%s follows %s after line %d, but the intervals of %s last %d minutes",
		after.Start, minutesOrDays(apart), before.line, t.Team, t.LengthMS/schemas.MinuteMS))
	return true
}

// minutesOrDays words a distance.
func minutesOrDays(ms int64) string {
	if days := ms / schemas.DayMS; days > 1 {
		return fmt.Sprintf("%d days", days)
	}
	return fmt.Sprintf("%d minutes", ms/schemas.MinuteMS)
}

// fill appends what the intervals of a gap require, if anything, and returns how many they are.
func (m Missing) fill(t *TeamRequirements, gap schemas.Interval, like schemas.Requirement) (n int) {
	for at := gap.Start; at < gap.End; at = at.Add(t.LengthMS) {
		n++
		if m == MissingZero {
			like.Required, like.Shrinkage = 0, 0
		}
		if m != "" {
			like.Start, like.LengthMS = at, t.LengthMS
			t.Rows = append(t.Rows, like)
		}
	}
	return n
}

// warnOfMissing says what the intervals that the file leaves out of a team are taken to need.
func (m Missing) warnOfMissing(t *TeamRequirements, n int, first *requirementRow, report *Report) {
	if n == 0 {
		return
	}
	meaning, remedy := "are left without a requirement", "if they need heads, say how many with --missing"
	switch m {
	case MissingZero:
		meaning, remedy = "need 0 heads", ""
	case MissingSame:
		meaning, remedy = "need as many heads as the one before them", ""
	default:
	}
	report.Warn(rows.Problem{Line: first.line, Column: first.column, Field: "start", Remedy: remedy,
		Message: fmt.Sprintf("intervals of %s that the file leaves out %s: %d, the first of them before this line", t.Team,
			meaning, n)})
}
