package files

import (
	"strings"
	"testing"

	"rollcall/ingest/files/profile"
	"rollcall/schemas"
)

// warnings returns a report's warnings as a command prints them.
func warnings(r *Report) string {
	var lines []string
	for _, p := range r.Warnings {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// TestGapsAndRepeatsAreOnlyWarnings: time for which a shift says nothing, and rows that come twice, are reported and
// taken.
func TestGapsAndRepeatsAreOnlyWarnings(t *testing.T) {
	head := "agent_id,activity,start,end,category,shift\n"
	for _, c := range []struct{ name, rows, want string }{
		{"a gap without ids", "ana,A,2026-03-02T09:00:00Z,2026-03-02T12:00:00Z,on_queue_work,\n" +
			"ana,B,2026-03-02T12:30:00Z,2026-03-02T17:00:00Z,meeting,\n",
			`f.csv:3:7: start: nothing is scheduled for ana from 2026-03-02T12:00:00Z to 2026-03-02T12:30:00Z, inside a ` +
				`shift, between "A" of line 2 and "B"; is a row missing?`},
		{"two shifts a day", "ana,A,2026-03-02T09:00:00Z,2026-03-02T12:00:00Z,on_queue_work,\n" +
			"ana,B,2026-03-02T14:00:00.001Z,2026-03-02T17:00:00Z,on_queue_work,\n", ""},
		{"a gap of five hours under one id",
			"ana,A,2026-03-02T14:00:00Z,2026-03-02T17:00:00Z,on_queue_work,s\n" +
				"ana,A,2026-03-02T06:00:00Z,2026-03-02T09:00:00Z,on_queue_work,s\n",
			`f.csv:2:7: start: nothing is scheduled for ana from 2026-03-02T09:00:00Z to 2026-03-02T14:00:00Z, inside a ` +
				`shift, between "A" of line 3 and "A"; is a row missing?`},
		{"time off closes it", "ana,A,2026-03-02T09:00:00Z,2026-03-02T12:00:00Z,on_queue_work,\n" +
			"ana,L,2026-03-02T12:00:00Z,2026-03-02T12:30:00Z,time_off,\n" +
			"ana,A,2026-03-02T12:30:00Z,2026-03-02T17:00:00Z,on_queue_work,\n", ""},
		{"between shifts that interleave",
			"ana,A,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,on_queue_work,s\n" +
				"ana,B,2026-03-02T10:00:00Z,2026-03-02T11:00:00Z,on_queue_work,t\n" +
				"ana,A,2026-03-02T11:00:00Z,2026-03-02T12:00:00Z,on_queue_work,s\n",
			`f.csv:4:7: start: nothing is scheduled for ana from 2026-03-02T10:00:00Z to 2026-03-02T11:00:00Z, inside a ` +
				`shift, between "A" of line 2 and "A"; is a row missing?`},
		{"twice", "ana,A,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,on_queue_work,\n" +
			"bo,A,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,on_queue_work,\n" +
			"ana,A,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,on_queue_work,\n",
			"f.csv:4:7: start: the row says what line 2 said; it counts once"},
	} {
		_, report := read(t, Schedule, []byte(head+c.rows), Options{}, Known{Members: leedsAndHalifax})
		if got := warnings(report); got != c.want || report.ProblemCount > 0 {
			t.Errorf("%s:\ngot  %s\nwant %s\n%s", c.name, got, c.want, problems(report))
		}
	}
}

// TestDayAndMonthInDoubt: a profile whose pattern may be the wrong one is found out by the dates of the file.
func TestDayAndMonthInDoubt(t *testing.T) {
	head := "agent_id,activity,date,start_time,end_time,category\n"
	row := func(dates ...string) string {
		s := head
		for _, d := range dates {
			s += "ana,A," + d + ",09:00,10:00,on_queue_work\n"
		}
		return s
	}
	for _, c := range []struct{ name, pattern, text, want string }{
		{"one day", "DD/MM/YYYY", row("03/04/2026"),
			`f.csv:2: date: every date of the file can be read with day and month exchanged too: "03/04/2026" is 2026-04-03 ` +
				`as the profile has it (DD/MM/YYYY), but may be meant as 2026-03-04`},
		{"the same either way", "DD/MM/YYYY", row("03/03/2026"), ""},
		{"a week that is a week", "DD/MM/YYYY", row("02/03/2026", "03/03/2026", "04/03/2026"), ""},
		{"a week read as months", "DD/MM/YYYY", row("03/02/2026", "03/03/2026", "03/04/2026"),
			`f.csv:2: date: the dates of the file lie between 2026-02-03 and 2026-04-03 as the profile has them (DD/MM/YYYY), ` +
				`but with day and month exchanged between 2026-03-02 and 2026-03-04; is the pattern right?`},
		{"a day after the 12th", "mmddyyyy", row("03132026", "03042026"), ""},
		{"two days of two months", "mmddyyyy", row("03042026", "04032026"),
			`f.csv:2: date: every date of the file can be read with day and month exchanged too: "03042026" is 2026-03-04 as ` +
				`the profile has it (mmddyyyy), but may be meant as 2026-04-03`},
		{"one of several patterns", "[DD/MM/YYYY, DD-MM-YYYY]", row("03/04/2026"),
			`f.csv:2: date: every date of the file can be read with day and month exchanged too: "03/04/2026" is 2026-04-03 ` +
				`as the profile has it (DD/MM/YYYY, DD-MM-YYYY), but may be meant as 2026-03-04`},
		{"one pattern is in no doubt", "[DD/MM/YYYY, YYYY-MM-DD]", row("03/04/2026"), ""},
		{"year first", "YYYY-DD-MM", row("2026-03-04"), ""},
	} {
		profile, err := profile.Parse("p.yaml",
			[]byte("kind: schedule\ndates: "+c.pattern+
				"\ncolumns: {agent_id: agent_id, activity: activity, date: date, start_time: start_time, end_time: end_time, "+
				"category: category}\n"), LayoutOf)
		if err != nil {
			t.Fatal(err)
		}
		_, report := read(t, Schedule, []byte(c.text), Options{Profile: profile}, Known{Members: leedsAndHalifax})
		if got := warnings(report); got != c.want || report.ProblemCount > 0 {
			t.Errorf("%s:\ngot  %s\nwant %s\n%s", c.name, got, c.want, problems(report))
		}
	}
}

// TestGenesysWithAProfile: a profile says whom the ids of users mean, what codes are called, and the zone of days off.
func TestGenesysWithAProfile(t *testing.T) {
	profile, err := profile.Parse("p.yaml",
		[]byte("kind: schedule\ncolumns: {agent_id: id, activity: code, start: start, end: end}\ntime_zone: "+
			"America/Halifax\nagent: {key: external_id, ids: {u1: ana, u2: bo}}\nactivities:\n  \"0\": {code: Phones, "+
			"category: on_queue_work}\n  brk: {code: Tea, category: break}\n  coach: {code: Coaching, category: training}\n"),
		LayoutOf)
	if err != nil {
		t.Fatal(err)
	}
	got, plan, report := planned(t, []byte(importBody), Options{Profile: profile}, Known{Members: leedsAndHalifax})
	if report.ProblemCount > 0 || len(plan.agents) != 2 ||
		!strings.Contains(got, "ana 2026-03-23: Phones on_queue_work 09:00–11:00 paid [2026-03-23T09:00:00Z] · Tea break "+
			"11:00–11:15") ||
		!strings.Contains(got, "ana 2026-03-29: 5 time_off 11:00–19:00 paid") {
		t.Errorf("got\n%s\n%s", got, problems(report))
	}
	if _, _, report = planned(t, []byte(strings.Replace(importBody, `"u1"`, `"u7"`, 1)), Options{Profile: profile},
		Known{Members: leedsAndHalifax}); report.Rejected != 6 ||
		!strings.Contains(problems(report), `agentSchedules[0].user.id: "u7" is none of the external ids of the profile`) {
		t.Errorf("%d rejected: %s", report.Rejected, problems(report))
	}
}

// TestGenesysActivitiesOfAProfile: what a profile says of pay, and of activities that are passed over, holds for a file
// of Genesys Cloud too.
func TestGenesysActivitiesOfAProfile(t *testing.T) {
	profile, err := profile.Parse("p.yaml",
		[]byte("kind: schedule\ncolumns: {agent_id: id, activity: code, start: start, end: end}\n"+
			"activities:\n  brk: {category: break, paid: true}\n  coach: {ignore: true}\n"), LayoutOf)
	if err != nil {
		t.Fatal(err)
	}
	got, _, report := planned(t, []byte(searchResult), Options{Profile: profile}, london)
	if report.ProblemCount > 0 || !strings.Contains(got, "brk break 11:00–11:15 paid") ||
		strings.Contains(got, "coach") {
		t.Errorf("got\n%s\n%s", got, problems(report))
	}
}

// TestShiftsAreFormedByThePolicy: rows without an id are one shift when the pause between them is no longer than the
// shift_gap of the agent's policy on that date.
func TestShiftsAreFormedByThePolicy(t *testing.T) {
	members := []schemas.Membership{{AgentID: "ana", Team: "Split"}, {AgentID: "bo", Team: "Straight"}}
	policies := []schemas.PolicyVersion{
		{ID: "old", Team: "Split", Rules: "shift_gap: 1h"},
		{ID: "split", Team: "Split", From: schemas.MakeDate(2026, 3, 1), Rules: "shift_gap: 5h"},
	}
	text := "agent_id,activity,start,end,category\n"
	for _, agent := range []string{"ana", "bo"} {
		text += agent + ",A,2026-03-02T18:00Z,2026-03-02T22:00Z,meal\n" +
			agent + ",A,2026-03-03T02:00Z,2026-03-03T06:00Z,meal\n"
	}
	got, report := read(t, Schedule, []byte(text), Options{}, Known{Members: members, Policies: policies})
	want := "ana 2026-03-02 removed false · A meal 2026-03-02T18:00:00Z 2026-03-02T22:00:00Z" +
		" · A meal 2026-03-03T02:00:00Z 2026-03-03T06:00:00Z\nana 2026-03-03 removed true\n" +
		"bo 2026-03-02 removed false · A meal 2026-03-02T18:00:00Z 2026-03-02T22:00:00Z\n" +
		"bo 2026-03-03 removed false · A meal 2026-03-03T02:00:00Z 2026-03-03T06:00:00Z"
	if strings.Join(got, "\n") != want || report.ProblemCount > 0 {
		t.Errorf("got\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), want, problems(report))
	}
}

// TestClockChangeWeeks: a week of shifts by the wall clock, in the week in which the clock is changed, in three zones:
// each shift lies under its date, is as long as it truly was, and times that do not exist or come twice are reported
// with what would be right.
func TestClockChangeWeeks(t *testing.T) {
	members := []schemas.Membership{{AgentID: "london", TimeZone: "Europe/London"},
		{AgentID: "york", TimeZone: "America/New_York"}, {AgentID: "howe", TimeZone: "Australia/Lord_Howe"}}
	for _, c := range []struct {
		agent, day string
		minutes    int64 // of the night of 22:00 to 06:00 that begins on the day
		bad, want  string
	}{
		{"london", "2026-03-28", 420, "2026-03-29 01:30",
			"2026-03-29 01:30 does not exist in Europe/London; the clock change skips it: the next local time is " +
				"2026-03-29T02:00:00+01:00"},
		{"london", "2026-10-24", 540, "2026-10-25 01:30",
			"2026-10-25 01:30 comes twice in Europe/London; the clock change gives it twice: write 2026-10-25T01:30:00+01:00 " +
				"or 2026-10-25T01:30:00Z"},
		{"york", "2026-03-07", 420, "2026-03-08 02:00",
			"2026-03-08 02:00 does not exist in America/New_York; the clock change skips it: the next local time is " +
				"2026-03-08T03:00:00-04:00"},
		{"york", "2026-10-31", 540, "2026-11-01 01:59",
			"2026-11-01 01:59 comes twice in America/New_York; the clock change gives it twice: write " +
				"2026-11-01T01:59:00-04:00 or 2026-11-01T01:59:00-05:00"},
		{"howe", "2026-10-03", 450, "2026-10-04 02:15",
			"2026-10-04 02:15 does not exist in Australia/Lord_Howe; the clock change skips it: the next local time is " +
				"2026-10-04T02:30:00+11:00"},
		{"howe", "2026-04-04", 510, "2026-04-05 01:45",
			"2026-04-05 01:45 comes twice in Australia/Lord_Howe; the clock change gives it twice: write " +
				"2026-04-05T01:45:00+11:00 or 2026-04-05T01:45:00+10:30"},
	} {
		first, err := schemas.ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		text := "agent_id,activity,date,start_time,end_time,category\n"
		for d := first - 3; d <= first+3; d++ {
			text += c.agent + ",Phones," + d.String() + ",22:00,06:00,on_queue_work\n"
		}
		plan, report, err := ReadSchedule(background, BytesInput("f.csv", []byte(text)), Options{}, Known{Members: members})
		if err != nil || report.ProblemCount+report.WarningCount > 0 || report.Accepted != 7 {
			t.Fatal(err, problems(report), warnings(report))
		}
		for d := range plan.days {
			minutes := int64(480)
			if d.Day == first {
				minutes = c.minutes
			}
			if len(d.Activities) != 1 || d.Activities[0].End.Sub(d.Activities[0].Start) != minutes*schemas.MinuteMS {
				t.Errorf("%s %s: %v, want a night of %d minutes", c.agent, d.Day, d.Activities, minutes)
			}
		}
		text = "agent_id,activity,start,end,category\n" + c.agent + ",Phones," + c.bad + "," + (first + 1).String() +
			" 06:00,on_queue_work\n"
		_, report = read(t, Schedule, []byte(text), Options{}, Known{Members: members})
		if got := problems(report); !strings.HasSuffix(got, ": start: "+c.want) {
			t.Errorf("%s %s:\ngot  %s\nwant %s", c.agent, c.bad, got, c.want)
		}
		// The fix that is suggested is taken.
		fix := c.want[strings.LastIndexAny(c.want, " ")+1:]
		_, report = read(t, Schedule, []byte(strings.Replace(text, c.bad, fix, 1)), Options{}, Known{Members: members})
		if report.ProblemCount > 0 {
			t.Errorf("%s is suggested and refused: %s", fix, problems(report))
		}
	}
}

// TestTheMoverIsScheduledInBothZones: the agent of RULES.md section 9 who moves team and zone in the middle of the
// month: local times of a date are those of the zone in force then, and so are the dates of shifts.
func TestTheMoverIsScheduledInBothZones(t *testing.T) {
	move := schemas.MakeDate(2026, 3, 16)
	members := []schemas.Membership{{AgentID: "mo", Team: "Billing", TimeZone: "Europe/London", To: move},
		{AgentID: "mo", Team: "Sales", TimeZone: "Australia/Lord_Howe", From: move}}
	text := "agent_id,activity,date,start_time,end_time,category\n" +
		"mo,Phones,2026-03-15,09:00,17:00,on_queue_work\nmo,Phones,2026-03-16,09:00,17:00,on_queue_work\n" +
		"mo,Phones,2026-03-17,00:30,08:00,on_queue_work\n"
	got, report := read(t, Schedule, []byte(text), Options{}, Known{Members: members})
	want := "mo 2026-03-15 removed false · Phones on_queue_work 2026-03-15T09:00:00Z 2026-03-15T17:00:00Z\n" +
		"mo 2026-03-16 removed false · Phones on_queue_work 2026-03-15T22:00:00Z 2026-03-16T06:00:00Z\n" +
		"mo 2026-03-17 removed false · Phones on_queue_work 2026-03-16T13:30:00Z 2026-03-16T21:00:00Z"
	if strings.Join(got, "\n") != want || report.ProblemCount > 0 {
		t.Errorf("got\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), want, problems(report))
	}
	instants := "agent_id,activity,start,end,category\n" +
		"mo,Phones,2026-03-15T09:00:00Z,2026-03-15T17:00:00Z,on_queue_work\n" +
		"mo,Phones,2026-03-15T22:00:00Z,2026-03-16T06:00:00Z,on_queue_work\n" +
		"mo,Phones,2026-03-16T13:30:00Z,2026-03-16T21:00:00Z,on_queue_work\n"
	if same, report := read(t, Schedule, []byte(instants), Options{}, Known{Members: members}); strings.Join(same,
		"\n") != want {
		t.Errorf("the same as instants:\n%s\nwant\n%s\n%s", strings.Join(same, "\n"), want, problems(report))
	}
}

// TestOneForgottenAgentHidesNothing: of thousands of rows of an agent who is not in the roster one is listed, all are
// counted and rejected, and what else is wrong is listed too.
func TestOneForgottenAgentHidesNothing(t *testing.T) {
	var b strings.Builder
	b.WriteString("agent_id,activity,start,end,category\n")
	for range 5000 {
		b.WriteString("zoe,A,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,meal\n")
	}
	b.WriteString("ana,A,2026-03-02T09:00:00Z,2026-03-02T09:00:00Z,meal\n")
	_, report := read(t, Schedule, []byte(b.String()), Options{}, Known{Members: leedsAndHalifax})
	if len(report.Problems) != 2 || report.ProblemCount != 5001 || report.Rejected != 5001 ||
		report.Problems[1].Line != 5002 {
		t.Errorf("%d listed of %d, %d rejected: %s", len(report.Problems), report.ProblemCount, report.Rejected,
			problems(report))
	}
}
