package imports

import (
	"strings"
	"testing"

	"rollcall/ingest/files"
	"rollcall/schemas"
)

// TestAPartialImportCutsNoShift: a day of which a row is rejected stays as it is, whatever is wrong with the row; the
// agent's other days, and other agents, are replaced.
func TestAPartialImportCutsNoShift(t *testing.T) {
	const head = "agent_id,activity,start,end,category\n"
	const before = head + "ana,A,2026-03-02T09:00Z,2026-03-02T17:00Z,meal\nana,A,2026-03-03T09:00Z,2026-03-03T12:00Z," +
		"meal\n" +
		"ana,B,2026-03-03T12:00Z,2026-03-03T17:00Z,meal\nana,A,2026-03-04T22:00Z,2026-03-05T06:00Z,meal\nbo,A," +
		"2026-03-02T09:00Z,2026-03-02T17:00Z,meal\n"
	const monday, night, bo = "ana,C,2026-03-02T09:00Z,2026-03-02T17:00Z,meal\n",
		"ana,C,2026-03-04T22:00Z,2026-03-05T06:00Z,meal\n", "bo,C,2026-03-02T09:00Z,2026-03-02T17:00Z,meal\n"
	const tuesday = "ana,C,2026-03-03T09:00Z,2026-03-03T12:00Z,meal\n"
	const heldTuesday, heldNight = "2026-03-03 A 09:00–12:00 B 12:00–17:00", "2026-03-04 A 22:00–06:00"
	c, week := newCentre(t), schemas.MakeDate(2026, 3, 2)
	c.imports(files.Roster, "agent_id,time_zone\nana,UTC\nbo,UTC\n", Options{})
	for name, s := range map[string]struct{ rows, ana, bo, said string }{
		"a category that is none": {monday + tuesday + "ana,X,2026-03-03T12:00Z,2026-03-03T17:00Z,mael\n" + night + bo,
			"2026-03-02 C 09:00–17:00; " + heldTuesday + "; 2026-03-04 C 22:00–06:00", "C",
			"ana keeps what is scheduled on 2026-03-03, because"},
		"a length of zero": {monday + tuesday + "ana,X,2026-03-03T12:00Z,2026-03-03T12:00Z,meal\n" + bo +
			"ana,C,2026-03-05T20:00Z,2026-03-05T21:00Z,meal\n",
			"2026-03-02 C 09:00–17:00; " + heldTuesday + "; 2026-03-05 C 20:00–21:00", "C", "on 2026-03-03, because"},
		"an overlap": {monday + tuesday + "ana,X,2026-03-03T11:00Z,2026-03-03T17:00Z,meal\n" + night + bo,
			"2026-03-02 C 09:00–17:00; " + heldTuesday + "; 2026-03-04 C 22:00–06:00", "C", "on 2026-03-03, because"},
		"the end of a night": {monday +
			"ana,C,2026-03-03T09:00Z,2026-03-03T17:00Z,meal\nana,C,2026-03-04T22:00Z,2026-03-05T01:00Z,meal\nana,X," +
			"2026-03-05T01:00Z,2026-03-05T06:00Z,mael\n" + bo,
			"2026-03-02 C 09:00–17:00; 2026-03-03 C 09:00–17:00; " + heldNight, "C", "on 2026-03-04, because"},
		"a date that cannot be read": {monday + "ana,C,2026-03-33T09:00Z,2026-03-03T17:00Z,meal\n" + night + bo,
			"2026-03-02 A 09:00–17:00; " + heldTuesday + "; " + heldNight, "C", "ana keeps what is scheduled on all dates"},
		"a row cut off": {bo + monday + tuesday + "ana,C,2026-03-03T12:0",
			"2026-03-02 A 09:00–17:00; " + heldTuesday + "; " + heldNight, "C", "ana keeps what is scheduled on all dates"},
		"only bad rows": {"ana,C,2026-03-02T09:00Z,x,meal\n" + bo, "2026-03-02 A 09:00–17:00; " + heldTuesday + "; " +
			heldNight, "C", ""},
		"an agent that is not known": {monday + "zed,C,2026-03-03T09:00Z,2026-03-03T17:00Z,meal\n" + tuesday + night + bo,
			"2026-03-02 C 09:00–17:00; 2026-03-03 C 09:00–12:00; 2026-03-04 C 22:00–06:00", "C", ""},
	} {
		c.imports(files.Schedule, before, Options{Options: files.Options{From: week, To: week + 6}})
		dry := c.run(files.Schedule, files.BytesInput("f.csv", []byte(head+s.rows)),
			Options{Options: files.Options{AllowPartial: true}, DryRun: true})
		r := c.run(files.Schedule, files.BytesInput("f.csv", []byte(head+s.rows)), partial)
		if r.Refused || r.Rejected == 0 || dry.Written != r.Written {
			t.Errorf("%s: %d rejected, %d written, %d would be: %s", name, r.Rejected, r.Written, dry.Written, problems(r))
		}
		if got := c.scheduled("ana"); got != s.ana {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, s.ana)
		}
		if got := c.scheduled("bo"); got != "2026-03-02 "+s.bo+" 09:00–17:00" {
			t.Errorf("%s: bo has %s", name, got)
		}
		var said []string
		for _, w := range r.Warnings {
			said = append(said, w.Text())
		}
		if !strings.Contains(strings.Join(said, "\n"), s.said) {
			t.Errorf("%s: warned %q", name, said)
		}
	}
}
