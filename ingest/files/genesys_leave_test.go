package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/schemas"
)

// exported is a file of Genesys Cloud from testdata.
func exported(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "genesys", name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// marked is a search result of a unit in New York with nothing but markers of one agent.
func marked(agent string, markers ...string) []byte {
	return []byte(`{"agentSchedules":[{"user":{"id":"` + agent +
		`"},"shifts":[],"fullDayTimeOffMarkers":[{"activityCodeId":"5",` +
		strings.Join(markers, `},{"activityCodeId":"5",`) + `}]}],"businessUnitTimeZone":"America/New_York",` +
		`"publishedSchedules":[{"weekDate":"2026-10-26","weekCount":2}]}`)
}

// TestGenesysLeave: time off on a date lasts as long as it says, inside the bounds of its offsets, in the middle of
// them where there is room, on one date of the agent's if it can.
func TestGenesysLeave(t *testing.T) {
	known := Known{Members: []schemas.Membership{
		{AgentID: "lucy", TimeZone: "Australia/Lord_Howe"},
		{AgentID: "sam", TimeZone: "America/Los_Angeles"},
		{AgentID: "jun", TimeZone: "Asia/Manila"},
	}}
	const ordinary, long = `"businessUnitDate":"2026-10-27"`, `"businessUnitDate":"2026-11-01"`
	const eight = `,"lengthMinutes":480`
	for _, c := range []struct {
		name, agent string
		markers     []string
		want        string
	}{
		{"an ordinary day", "sam", []string{ordinary + eight}, "sam 2026-10-27: 5 time_off 12:00–20:00"},
		{"a day of 25 hours", "sam", []string{long + eight}, "sam 2026-11-01: 5 time_off 12:30–20:30"},
		{"no length is all of it", "sam", []string{long},
			"sam 2026-10-31: 5 time_off 04:00–07:00\nsam 2026-11-01: 5 time_off 07:00–05:00"},
		{"24 hours end with a date of 25", "sam", []string{long + `,"endOffsetMinutes":1440`},
			"sam 2026-10-31: 5 time_off 04:00–07:00\nsam 2026-11-01: 5 time_off 07:00–05:00"},
		{"offsets from the start", "sam", []string{ordinary + eight + `,"startOffsetMinutes":540,"endOffsetMinutes":1020`},
			"sam 2026-10-27: 5 time_off 13:00–21:00"},
		{"an offset from the end", "sam", []string{ordinary + `,"startOffsetMinutes":180,"endOffsetMinutes":-60`},
			"sam 2026-10-27: 5 time_off 07:00–03:00"},
		{"longer than its bounds", "sam",
			[]string{ordinary + `,"lengthMinutes":600,"startOffsetMinutes":540,"endOffsetMinutes":1020`},
			"sam 2026-10-27: 5 time_off 13:00–21:00"},
		{"the other side of the world", "jun", []string{ordinary + eight}, "jun 2026-10-27: 5 time_off 08:00–16:00"},
		{"no room on one date", "lucy", []string{ordinary + `,"lengthMinutes":1200`},
			"lucy 2026-10-27: 5 time_off 06:00–13:00\nlucy 2026-10-28: 5 time_off 13:00–02:00"},
		{"two on one date", "sam", []string{ordinary + `,"lengthMinutes":240`, ordinary + `,"lengthMinutes":180`},
			"sam 2026-10-27: 5 time_off 11:00–14:00 · 5 time_off 14:00–18:00"},
	} {
		got, _, report := planned(t, marked(c.agent, c.markers...), Options{}, known)
		if got != c.want || report.ProblemCount+report.WarningCount > 0 {
			t.Errorf("%s:\n%s\nwant\n%s\n%s %v", c.name, got, c.want, problems(report), report.Warnings)
		}
	}
	for offsets, want := range map[string]string{
		`"startOffsetMinutes":600,"endOffsetMinutes":540`: "the offsets leave nothing of 2026-10-27",
		`"endOffsetMinutes":1441`:                         "the offsets leave nothing of 2026-10-27",
		`"startOffsetMinutes":-1`:                         "the offsets leave nothing of 2026-10-27",
		`"lengthMinutes":-480`:                            "is -480; write how long the time off is",
	} {
		if _, _, report := planned(t, marked("sam", ordinary+","+offsets), Options{}, known); report.Rejected != 1 ||
			!strings.Contains(problems(report), want) {
			t.Errorf("%s is taken: %v", offsets, report.Problems)
		}
	}
	got, plan, report := planned(t, marked("sam", ordinary+`,"lengthMinutes":0`), Options{}, known)
	if got != "" || len(plan.agents) != 1 || report.WarningCount != 1 ||
		!strings.Contains(report.Warnings[0].String(),
			"the time off of sam on 2026-10-27 lasts 0 minutes, so none is counted") {
		t.Errorf("no time off at all: %s %v", got, report.Warnings)
	}
}

// TestGenesysLeaveGivesWay: shifts go before time off on their date; what they leave no room for is told.
func TestGenesysLeaveGivesWay(t *testing.T) {
	shift := func(start string, minutes string) []byte {
		return []byte(`{"businessUnitTimeZone":"Europe/London","agentSchedules":[{"userId":"u1","shifts":[{"activities":[` +
			`{"activityCodeId":"0","startDate":"` + start + `","lengthMinutes":` + minutes + `}]}],"fullDayTimeOffMarkers":[` +
			`{"businessUnitDate":"2026-03-24","lengthMinutes":480,"activityCodeId":"5"}]}]}`)
	}
	for _, c := range []struct{ name, start, minutes, want, warning string }{
		{"in the morning", "2026-03-24T06:00:00Z", "480",
			"u1 2026-03-24: 0 on_queue_work 06:00–14:00 paid [2026-03-24T06:00:00Z] · 5 time_off 14:00–22:00", ""},
		{"at noon", "2026-03-24T07:00:00Z", "600",
			"u1 2026-03-24: 5 time_off 00:00–07:00 · 0 on_queue_work 07:00–17:00 paid [2026-03-24T07:00:00Z] · " +
				"5 time_off 17:00–18:00", ""},
		{"nearly all day", "2026-03-24T01:00:00Z", "1260",
			"u1 2026-03-24: 5 time_off 00:00–01:00 · 0 on_queue_work 01:00–22:00 paid [2026-03-24T01:00:00Z] · " +
				"5 time_off 22:00–00:00",
			`"5" of u1 on 2026-03-24 counts 180 minutes and not 480, because shifts or other time off take the rest of ` +
				`the date`},
	} {
		got, _, report := planned(t, shift(c.start, c.minutes), Options{LongestMS: schemas.DayMS}, london)
		if got != c.want || report.ProblemCount > 0 || report.WarningCount != min(1, len(c.warning)) ||
			c.warning != "" && !strings.Contains(report.Warnings[0].String(), c.warning) {
			t.Errorf("%s:\n%s\nwant\n%s\n%s %v", c.name, got, c.want, problems(report), report.Warnings)
		}
	}
}

// TestGenesysLeaveFromTheField: the files in which a day of leave counted 24 hours, or was refused on the day of a
// clock change.
func TestGenesysLeaveFromTheField(t *testing.T) {
	const ines = "11111111-aaaa-4aaa-8aaa-000000000001"
	known := Known{Members: []schemas.Membership{{AgentID: ines, TimeZone: "Europe/London"}},
		Codes: []schemas.ActivityCode{{Code: "1", Category: schemas.CategoryBreak},
			{Code: "b7c1de02-0000-4000-8000-00000000c0de", Category: schemas.CategoryTraining}}}
	for n := range 3 {
		known.Members = append(known.Members, schemas.Membership{
			AgentID: ines[:len(ines)-1] + string(rune('2'+n)), TimeZone: "Europe/London"})
	}
	got, _, report := planned(t, exported(t, "schedule-search.json"), Options{}, known)
	if !strings.Contains(got, ines+" 2026-03-04: 5 time_off 08:00–16:00 paid\n") || report.ProblemCount > 0 ||
		report.WarningCount != 1 || report.Warnings[0].String() != `week.json:8:3: result.agentSchedules[0].shifts[1]: `+
		`the shift ("sh-empty", from "2026-03-03T09:00:00Z") has no activities, so nothing of it is scheduled; was the `+
		`schedule exported completely?` {
		t.Errorf("a search result: %s\n%s %v", got, problems(report), report.Warnings)
	}
	got, _, report = planned(t, exported(t, "schedule-import-clock-change.json"), Options{}, known)
	if want := ines + " 2026-03-28: 0 on_queue_work 22:00–00:30 paid [2026-03-28T22:00:00Z] · 1 break 00:30–01:30 paid " +
		`"night break" [2026-03-28T22:00:00Z] · 0 on_queue_work 01:30–02:00 paid [2026-03-28T22:00:00Z] · 0 on_queue_work ` +
		"02:00–06:00 paid [2026-03-28T22:00:00Z]\n" + ines + " 2026-03-29: 5 time_off 07:30–15:30 paid"; got != want ||
		report.ProblemCount+report.WarningCount > 0 {
		t.Errorf("an import body: %s\nwant %s\n%s %v", got, want, problems(report), report.Warnings)
	}
	got, _, report = planned(t, exported(t, "markers-clock-change.json"), Options{}, known)
	if want := ines + " 2026-03-27: 5 time_off 08:00–16:00 paid\n" + ines + " 2026-03-28: 5 time_off 09:00–17:00 paid\n" +
		ines + " 2026-03-29: 5 time_off 07:30–15:30 paid"; got != want || report.ProblemCount+report.WarningCount > 0 {
		t.Errorf("markers: %s\nwant %s\n%s %v", got, want, problems(report), report.Warnings)
	}
}
