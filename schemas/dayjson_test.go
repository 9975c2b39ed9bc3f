package schemas_test

import (
	"encoding/json"
	"testing"

	"rollcall/schemas"
)

// The figures are those of the worked day (RULES.md section 13); the nulls those of a day without a schedule.
func TestADayAsProgramsReadIt(t *testing.T) {
	day, err := schemas.ParseDate("2026-03-02")
	if err != nil {
		t.Fatal(err)
	}
	ana := schemas.AgentDay{AgentID: "ana", Day: day, Sums: schemas.Sums{
		ScheduledMS:            10_800_000,
		InMS:                   6_300_000,
		OutMS:                  4_500_000,
		ConformanceScheduledMS: 5_400_000,
		ConformanceActualMS:    6_300_000,
		ToleratedMS:            0,
	}, Exceptions: make([]schemas.Exception, 2)}
	none := schemas.AgentDay{AgentID: "ana", Day: day, Sums: schemas.Sums{UnscheduledOnQueueMS: 1250},
		AdherenceReason: schemas.ReasonNoSchedule, ConformanceReason: schemas.ReasonNothingScheduledOnQueue}
	for _, c := range []struct {
		day  schemas.AgentDay
		want string
	}{
		{ana, `{"day":"2026-03-02","adherence_percent":58.33,"adherence_reason":null,"conformance_percent":116.67,` +
			`"conformance_reason":null,"coverage_percent":100,"scheduled_s":10800,"in_s":6300,"tolerated_s":0,"out_s":4500,` +
			`"neutral_s":0,"ignored_s":0,"unknown_s":0,"outside_s":0,"unscheduled_on_queue_s":0,` +
			`"conformance_scheduled_s":5400,` +
			`"conformance_actual_s":6300,"exception_count":2}`},
		{none, `{"day":"2026-03-02","adherence_percent":null,"adherence_reason":"no_schedule","conformance_percent":null,` +
			`"conformance_reason":"nothing_scheduled_on_queue","coverage_percent":null,"scheduled_s":0,"in_s":0,` +
			`"tolerated_s":0,` +
			`"out_s":0,"neutral_s":0,"ignored_s":0,"unknown_s":0,"outside_s":0,"unscheduled_on_queue_s":1.25,` +
			`"conformance_scheduled_s":0,"conformance_actual_s":0,"exception_count":0}`},
	} {
		if got, err := json.Marshal(c.day.JSON()); err != nil || string(got) != c.want {
			t.Errorf("got  %s, %v\nwant %s", got, err, c.want)
		}
	}
}
