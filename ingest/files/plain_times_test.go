package files

import (
	"strings"
	"testing"

	"rollcall/schemas"
)

// TestTimesAsPeopleWriteThem: what is clear is read, whatever it looks like; AM or PM on one side counts for both where
// only one reading makes sense; what may be two things is refused with both.
func TestTimesAsPeopleWriteThem(t *testing.T) {
	const grid = "kind: schedule\nagent: name\ndates: [YYYY-MM-DD]\ncolumns: {agent_id: Agent}\n" +
		"grid: {activity: Phones}\nactivities: {Phones: on_queue_work}\n"
	for cell, want := range map[string]string{
		"09:00-17:30":             "02T09:00 2026-11-02T17:30",
		"9:00 AM - 5:30 PM":       "02T09:00 2026-11-02T17:30",
		"9:00 a.m. - 5:30 p.m.":   "02T09:00 2026-11-02T17:30",
		"09.00-17.30":             "02T09:00 2026-11-02T17:30",
		"09h00-17h30":             "02T09:00 2026-11-02T17:30",
		"9am-5":                   "02T09:00 2026-11-02T17:00",
		"3-9pm":                   "02T15:00 2026-11-02T21:00",
		"1pm-9":                   "02T13:00 2026-11-02T21:00",
		"22:00-06:00":             "02T22:00 2026-11-03T06:00",
		"22-6":                    "02T22:00 2026-11-03T06:00",
		"18:00-25:30":             "02T18:00 2026-11-03T01:30",
		"16:00-24:00":             "02T16:00 2026-11-03T00:00",
		"9-5":                     "it may be 09:00-05:00 (20 h) or 09:00-17:00 (8 h)",
		"7-3.30":                  "it may be 07:00-03:30 (20.5 h) or 07:00-15:30 (8.5 h)",
		"00:00-00:00":             "lasts 24 h or not at all, and a shift lasts 14 h at most",
		"06:00-21:00":             "lasts 15 h, and a shift lasts 14 h at most; correct its times; if they are right, allow",
		"06:00-21:00 and allowed": "02T06:00 2026-11-02T21:00",
	} {
		opt := Options{Profile: ours(t, grid)}
		if at, allowed := strings.CutSuffix(cell, " and allowed"); allowed {
			cell, opt.LongestMS = at, 16*schemas.HourMS
		}
		lines, report := read(t, Schedule, []byte("Agent,2026-11-02\nAna Ortiz,\""+cell+"\"\n"), opt, Known{Members: crew})
		got := strings.ReplaceAll(strings.Join(lines, "\n"), ":00Z", "") + problems(report)
		if !strings.Contains(got, want) || (report.ProblemCount > 0) != strings.Contains(want, " h") {
			t.Errorf("%s: got\n%s\nwant\n%s", cell, got, want)
		}
	}
}
