package adherence_test

import (
	"fmt"
	"testing"

	"rollcall/schemas"
)

// workedDay is the worked day (RULES.md section 13).
const workedDay = `
	plan 09:00-10:30 on_queue_work s1 Phones
	plan 10:30-11:00 break s1 Break
	plan 11:00-12:00 meeting s1 Huddle
	fact 08:58 available/off_queue/off_queue
	fact 09:00 available/available/idle
	fact 10:45 away/break/off_queue
	fact 12:00 offline/off_queue/off_queue
`

func TestWorkedDay(t *testing.T) {
	plays(t, []struct{ rule, text string }{
		{"the default policy", workedDay + `
			day 2026-03-02 scheduled_s=10800 in_s=6300 out_s=4500 tolerated_s=0 adherence_percent=58.33 conformance_percent=116.67 coverage_percent=100 exception_count=2
			exc 10:30-10:45 late_change positive
			exc 11:00-12:00 late_change neutral`},
		{"off_queue_equivalent forgives the break that went on", workedDay + `
			policy {"off_queue_equivalent":true}
			day 2026-03-02 adherence_percent=91.67 exception_count=1
			exc 10:30-10:45 late_change positive`},
		{"a threshold of 20 min tolerates the first exception", workedDay + `
			policy {"exception_threshold":"20m"}
			day 2026-03-02 adherence_percent=66.67 tolerated_s=900
			exc 11:00-12:00 late_change neutral`},
		{"a late fact: in the meeting from 11:05", workedDay + `
			fact 11:05 -/meeting/-
			day 2026-03-02 out_s=1200 adherence_percent=88.89
			exc 10:30-10:45 late_change positive
			exc 11:00-11:05 late_change neutral`},
		{"live at 10:40: out since 10:30", workedDay + `
			now 10:40
			day 2026-03-02 out_s=600 in_s=5400
			exc 10:30-10:40 late_change positive`},
	})
}

func TestWorkedDayIsExplainedToTheSecond(t *testing.T) {
	want := []string{
		"08:58 09:00 -1 /available/off_queue/off_queue false",
		"09:00 10:30 0 in/available/available/idle true",
		"10:30 10:45 1 out/available/available/idle true",
		"10:45 11:00 1 in/away/break/off_queue false",
		"11:00 12:00 2 out/away/break/off_queue false",
		"12:00 14:00 -1 /offline/off_queue/off_queue false",
	}
	days := judgeScene(t, workedDay)
	if len(days) != 1 || len(days[0].Activities) != 3 || days[0].Activities[2].Code != "Huddle" {
		t.Fatalf("days %+v", days)
	}
	var got []string
	for _, v := range days[0].Intervals {
		got = append(got, fmt.Sprintf("%s %s %d %s/%s/%s/%s %t", clock(v.Start), clock(v.End), v.Activity, v.Verdict,
			v.State.Presence, v.State.Status, v.State.Routing, v.OnQueue))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func clock(at schemas.Instant) string { return at.Time().Format("15:04") }
