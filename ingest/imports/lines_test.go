package imports

import (
	"testing"

	"rollcall/schemas"
)

// TestLinesSayWhatDiffers: a value that is gone is named as none, and an interval of another length but the same heads
// does not read as if nothing changed.
func TestLinesSayWhatDiffers(t *testing.T) {
	start := schemas.UTC.DayStart(schemas.MakeDate(2026, 3, 2))
	for want, c := range map[string]Change{
		"supervisor: Lea → none": {Roster: &RosterChange{Agents: []AgentChange{{AgentID: "ana", Spans: []SpanChange{
			{Change: Changed, Fields: []FieldChange{{"supervisor", "Lea", ""}}}}}}}},
		"4 → 4 (60 → 15 minutes)": {Requirements: &RequirementChange{Intervals: []IntervalChange{{"Billing", start, Changed,
			&RequiredHeads{IntervalS: 3600, Required: 4 * schemas.DecimalOne},
			&RequiredHeads{IntervalS: 900, Required: 4 * schemas.DecimalOne}}}}},
	} {
		if lines := c.Lines(); len(lines) != 1 || lines[0].What != want {
			t.Errorf("got %+v, want %s", lines, want)
		}
	}
}
